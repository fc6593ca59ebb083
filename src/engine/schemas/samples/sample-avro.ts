/**
 * A message of an Avro schema, with values as its field's name and logical type suggest. Made in tagged form and then sent through the codec, which
 * gives it the form that messages are shown in and proves that it can be written. Recursion ends at the branches that end soonest.
 */

import type { ReferencedTexts } from '../format'
import { avroDecoder } from '../serde/avro/avro-decoder'
import { avroEncoder } from '../serde/avro/avro-encoder'
import { AvroReader } from '../serde/avro/avro-reader'
import { type AvroRecord, type AvroType, branchTag, readAvroType, simpleName } from '../serde/avro/avro-type'
import { dateText, timestampText, timeText } from '../serde/avro/civil-time'
import { fractionDigits, type LogicalType } from '../serde/avro/logical-type'
import { decimalText } from '../serde/decimal-text'
import { JsonNumber, type JsonValue, parseJson } from '../serde/json-value'
import { isEpochName, numberByName, textByName } from './field-meaning'
import { SampleError, sampleDepthMax, valuesMax } from './sample-limits'
import { SampleRandom } from './sample-random'

/** A function from seed and number to message. Throws AvroSchemaError for what is no schema, SampleError where no message can be. */
export function avroSampler(text: string, references: ReferencedTexts): (seed: number, index: number) => JsonValue {
  const type = readAvroType(text, references)
  const heights = recordHeights(type)
  if (height(type, heights) === Number.POSITIVE_INFINITY)
    throw new SampleError(`${branchTag(type)} holds itself without end: no message can be of it`)
  const encode = avroEncoder(type)
  const decode = avroDecoder(type, type)
  return (seed, index) => {
    const value = new AvroSample(new SampleRandom(seed, index), heights).value(type, '', '', 0)
    return parseJson(decode(new AvroReader(encode(value))))
  }
}

class AvroSample {
  private values = 0

  constructor(
    private readonly random: SampleRandom,
    private readonly heights: ReadonlyMap<AvroRecord, number>,
  ) {}

  value(type: AvroType, name: string, parent: string, depth: number): JsonValue {
    this.values++
    const { random } = this
    const isLate = depth >= sampleDepthMax || this.values > valuesMax
    switch (type.kind) {
      case 'record':
        return new Map(
          type.fields.map((field) => [field.name, this.value(field.type, field.name, simpleName(type.name), depth + 1)]),
        )
      case 'union':
        return this.union(type.branches, name, parent, depth, isLate)
      case 'array': {
        const count = isLate ? 0 : random.between(1, 3)
        return Array.from({ length: count }, () => this.value(type.items, name, parent, depth + 1))
      }
      case 'map': {
        const count = isLate ? 0 : random.between(1, 2)
        const keys = Array.from({ length: count }, () => random.faker.lorem.word())
        return new Map(keys.map((key) => [key, this.value(type.values, name, parent, depth + 1)]))
      }
      case 'enum':
        if (type.symbols.length === 0) throw new SampleError(`enum ${type.name} has no symbols: no message can be of it`)
        return random.pick(type.symbols)
      case 'null':
        return null
      case 'boolean':
        return random.chance(0.5)
      default:
        return type.logical === null ? this.plain(type, name, parent) : this.logical(type.logical, name)
    }
  }

  /** Tagged, so that no two branches are mixed up on the way into the codec. */
  private union(branches: readonly AvroType[], name: string, parent: string, depth: number, isLate: boolean): JsonValue {
    const finite = branches.filter((branch) => height(branch, this.heights) < Number.POSITIVE_INFINITY)
    const values = finite.filter(({ kind }) => kind !== 'null')
    let branch: AvroType
    if (isLate) branch = finite.reduce((best, next) => (height(next, this.heights) < height(best, this.heights) ? next : best))
    else
      branch =
        values.length === 0 || (values.length < finite.length && this.random.chance(0.15)) ? finite[0]! : this.random.pick(values)
    if (branch.kind === 'null' || (values.length === 0 && branches.some(({ kind }) => kind === 'null'))) return null
    return new Map([[branchTag(branch), this.value(branch, name, parent, depth + 1)]])
  }

  private plain(type: AvroType, name: string, parent: string): JsonValue {
    const { random } = this
    switch (type.kind) {
      case 'string':
        return textByName(name, parent, random) ?? random.faker.lorem.words({ min: 1, max: 3 })
      case 'bytes':
        return random.bytes(8).toString('latin1')
      case 'fixed':
        return random.bytes(type.size).toString('latin1')
      case 'int':
      case 'long': {
        if (isEpochName(name))
          return new JsonNumber(
            String(type.kind === 'int' ? random.epochSeconds() : random.epochSeconds() * 1000 + random.between(0, 999)),
          )
        const meaning = numberByName(name) ?? { min: 0, max: 1_000 }
        return new JsonNumber(String(random.between(meaning.min, meaning.max)))
      }
      default: {
        const { min, max, digits } = numberByName(name) ?? { min: 0, max: 100, digits: 2 }
        const power = 10 ** digits
        return new JsonNumber(decimalText(BigInt(random.between(min * power, max * power)), digits))
      }
    }
  }

  private logical(logical: LogicalType, name: string): JsonValue {
    const { random } = this
    switch (logical.name) {
      case 'decimal': {
        const { min, max } = numberByName(name) ?? { min: 1, max: 1_000 }
        const power = 10n ** BigInt(logical.scale)
        const most = 10n ** BigInt(logical.precision) - 1n
        const top = BigInt(Math.ceil(max)) * power > most ? most : BigInt(Math.ceil(max)) * power
        const low = BigInt(Math.ceil(min)) * power
        return new JsonNumber(decimalText(random.bigBetween(low > top || low < -most ? 0n : low, top), logical.scale))
      }
      case 'uuid':
        return random.uuid()
      case 'date': {
        const isBirth = /birth|born|dob/i.test(name)
        return dateText(isBirth ? random.between(-9_000, 12_000) : Math.floor(random.epochSeconds() / 86_400))
      }
      case 'duration':
        return `P${random.between(0, 12)}M${random.between(0, 30)}DT${random.between(0, 86_399)}.000S`
      case 'time-millis':
      case 'time-micros': {
        const digits = fractionDigits(logical.name)
        return timeText(random.bigBetween(0n, 86_400n * 10n ** BigInt(digits) - 1n), digits)!
      }
      default: {
        const digits = fractionDigits(logical.name)
        const units = BigInt(random.epochSeconds()) * 10n ** BigInt(digits) + random.bigBetween(0n, 10n ** BigInt(digits) - 1n)
        return timestampText(units, digits, logical.name.startsWith('local-'))
      }
    }
  }
}

/** How many levels a value has at the least; infinite for what must hold itself. */
function height(type: AvroType, heights: ReadonlyMap<AvroRecord, number>): number {
  switch (type.kind) {
    case 'record':
      return heights.get(type) ?? Number.POSITIVE_INFINITY
    case 'union':
      return type.branches.reduce((least, branch) => Math.min(least, height(branch, heights)), Number.POSITIVE_INFINITY)
    case 'array':
    case 'map':
      return 1
    default:
      return 0
  }
}

/** Worked out until nothing gets lower: a record's height rests on its fields', and they may rest on its own. */
function recordHeights(root: AvroType): ReadonlyMap<AvroRecord, number> {
  const records = new Set<AvroRecord>()
  collect(root, records)
  const heights = new Map<AvroRecord, number>()
  for (let isChanged = true; isChanged; ) {
    isChanged = false
    for (const record of records) {
      const now = record.fields.reduce((most, field) => Math.max(most, 1 + height(field.type, heights)), 0)
      if (now < (heights.get(record) ?? Number.POSITIVE_INFINITY)) {
        heights.set(record, now)
        isChanged = true
      }
    }
  }
  return heights
}

function collect(type: AvroType, records: Set<AvroRecord>): void {
  if (type.kind === 'array') collect(type.items, records)
  else if (type.kind === 'map') collect(type.values, records)
  else if (type.kind === 'union') for (const branch of type.branches) collect(branch, records)
  else if (type.kind === 'record' && !records.has(type)) {
    records.add(type)
    for (const field of type.fields) collect(field.type, records)
  }
}
