import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ErrorCode } from '../errors'
import type { AnyApi } from '../schema'
import type { FieldDeclaration, Fields } from '../schema/fields'
import { parseVersions, type Versions } from '../schema/versions'
import { ALL_APIS } from './index'

/** Kafka's own definitions, which lie beside the repository on some machines and are no part of it. */
const REFERENCE = resolve('../shared/reference/kafka-protocol')
const hasReference = existsSync(REFERENCE)
if (!hasReference)
  console.info('skipped: message declarations are not held against Kafka, its definitions are not on this machine')

interface KafkaField {
  readonly name: string
  readonly type: string
  readonly versions: Versions
  readonly nullableVersions?: Versions
  readonly taggedVersions?: Versions
  readonly tag?: number
  readonly default?: string | number | null
  readonly ignorable?: boolean
  readonly fields?: readonly KafkaField[]
}

interface KafkaMessage {
  readonly apiKey: number
  readonly validVersions: Versions
  readonly flexibleVersions: Versions
  readonly fields: readonly KafkaField[]
  readonly commonStructs?: readonly { readonly name: string; readonly fields: readonly KafkaField[] }[]
}

function load(name: string): KafkaMessage {
  const text = readFileSync(join(REFERENCE, 'messages', `${name}.json`), 'utf8')
  return JSON.parse(text.replace(/^\s*\/\/.*$/gm, '')) as KafkaMessage
}

/** A field in words, the same from either side, so that a difference reads as one. */
type Described = Record<string, unknown>

/** Up to the highest version that Kafka's definitions know. */
function describeOurs(fields: Fields, highest: number): Described[] {
  const known = Object.entries(fields).filter(([, { versions }]) => parseVersions(versions).lowest <= highest)
  return known.map(([name, field]) => ({
    name,
    type: typeOf(field),
    versions: field.versions,
    nullable: field.options.nullable ?? null,
    default: field.options.default === undefined ? undefined : String(field.options.default),
    ignorable: field.options.ignorable ?? false,
    tag: field.options.tag ?? null,
    tagged: field.options.tagged ?? null,
    fields: typeof field.element === 'object' && field.element !== null ? describeOurs(field.element, highest) : null,
  }))
}

function typeOf(field: FieldDeclaration): string {
  const plain = (type: string) => (type === 'int64n' ? 'int64' : type)
  if (field.type !== 'array') return plain(field.type)
  return typeof field.element === 'string' ? `[]${plain(field.element)}` : '[]struct'
}

const SCALARS = /^(\[\])?(bool|u?int\d+|float64|string|bytes|records|uuid)$/

function describeKafkas(message: KafkaMessage, fields: readonly KafkaField[], api: AnyApi): Described[] {
  return fields
    .filter(({ versions }) => {
      const { lowest, highest } = parseVersions(versions)
      return lowest <= api.maxVersion && highest >= api.minVersion
    })
    .map((field) => {
      const isScalar = SCALARS.test(field.type)
      const nested = field.fields ?? message.commonStructs?.find(({ name }) => name === field.type.replace('[]', ''))?.fields
      return {
        name: `${field.name[0]?.toLowerCase()}${field.name.slice(1)}`,
        type: isScalar ? field.type : field.type.startsWith('[]') ? '[]struct' : 'struct',
        versions: field.versions,
        nullable: field.nullableVersions ?? null,
        default: field.default === undefined ? undefined : normalized(field.default),
        ignorable: field.ignorable ?? false,
        tag: field.tag ?? null,
        tagged: field.taggedVersions ?? null,
        fields: isScalar ? null : describeKafkas(message, nested ?? [], api),
      }
    })
}

function normalized(value: string | number | null): string {
  return typeof value === 'string' && value.startsWith('0x') ? String(Number(value)) : String(value)
}

/** Versions of Kafka 4 that came after the definitions. Of most the fields are those of the version before, what is new is how they are meant (KIP-890). */
const SINCE_REFERENCE: ReadonlyMap<number, number> = new Map([
  [0, 12],
  [15, 6],
  [27, 2],
  [28, 5],
  [45, 1],
])

describe.skipIf(!hasReference).each(ALL_APIS)('$name', (api) => {
  it.each(['request', 'response'] as const)('declares its %s as Kafka does, in the versions that we serve', (direction) => {
    const message = load(`${api.name}${direction === 'request' ? 'Request' : 'Response'}`)
    const flexible = parseVersions(message.flexibleVersions)
    const valid = parseVersions(message.validVersions)
    expect(api.key).toBe(message.apiKey)
    expect(api.flexibleFrom).toBe(flexible.lowest)
    expect(api.minVersion).toBeGreaterThanOrEqual(valid.lowest)
    expect(api.maxVersion).toBeLessThanOrEqual(SINCE_REFERENCE.get(api.key) ?? valid.highest)
    expect(describeOurs(api[direction].fields, valid.highest)).toEqual(describeKafkas(message, message.fields, api))
  })
})

describe.skipIf(!hasReference)('the error table', () => {
  it('has every error of Kafka, and no other', () => {
    const lines = readFileSync(join(REFERENCE, 'error-codes.tsv'), 'utf8').trim().split('\n').slice(1)
    const theirs = lines.map((line) => line.split('\t')).map(([code, name]) => [name, Number(code)])
    expect(Object.entries(ErrorCode).sort()).toEqual(theirs.sort())
  })
})

describe('the list of APIs', () => {
  it('has each key once', () => {
    expect(new Set(ALL_APIS.map(({ key }) => key)).size).toBe(ALL_APIS.length)
  })

  it('advertises Produce from 0 and everything else from the first version served', () => {
    const lies = ALL_APIS.filter(({ advertisedMinVersion, minVersion }) => advertisedMinVersion !== minVersion)
    expect(lies.map(({ name, advertisedMinVersion }) => ({ name, advertisedMinVersion }))).toEqual([
      { name: 'Produce', advertisedMinVersion: 0 },
    ])
  })
})
