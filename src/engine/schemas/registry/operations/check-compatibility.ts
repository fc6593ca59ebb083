/**
 * Whether a new schema goes with versions that are there, under a level, and the sentences that say why not, as Confluent's registry
 * writes them (registry-and-coordination section 2.0). What is compatible the formats decide.
 */

import { assert } from '../../../../shared/lang/assert'
import type { Incompatibility, SchemaType } from '../../format'
import { RegistryError } from '../errors'
import type { CompatibilityLevel, ConfigValue, Metadata, StoredSchema } from '../model'
import type { ParsedSchema, ParsedSchemas } from '../parsed-schemas'
import type { RegistryState } from '../state'

const oldSchemaBytesMax = 10_240

export interface CompatibilityQuestion {
  readonly parsed: ParsedSchema
  readonly metadata: Metadata | null
  /** Ascending. Of those the level says which are compared. */
  readonly versions: readonly StoredSchema[]
  readonly config: ConfigValue & { readonly compatibilityLevel: CompatibilityLevel }
}

/** Empty: compatible. Else of the first version, newest first, that it does not go with. */
export function incompatibilityMessages(
  { parsed, metadata, versions, config }: CompatibilityQuestion,
  state: RegistryState,
  schemas: ParsedSchemas,
): string[] {
  const { compatibilityLevel: level, compatibilityGroup: group } = config
  if (level === 'NONE') return []
  const groupOf = (of: Metadata | null) => (group === undefined ? undefined : of?.properties?.[group])
  const comparable = versions.filter((version) => groupOf(version.metadata) === groupOf(metadata)).reverse()
  for (const version of level.endsWith('_TRANSITIVE') ? comparable : comparable.slice(0, 1)) {
    const differences = differencesTo(version, parsed, config, state, schemas)
    if (differences.length > 0) return [...differences, ...aboutVersion(version, config)]
  }
  return []
}

function differencesTo(
  version: StoredSchema,
  { format, schema }: ParsedSchema,
  { compatibilityLevel: level, compatibilityPolicy: policy }: CompatibilityQuestion['config'],
  state: RegistryState,
  schemas: ParsedSchemas,
): string[] {
  if (version.type !== format.type) return ['Incompatible because of different schema type']
  const old = storedSchema(version, state, schemas)
  assert(old.format === format, 'one format a type')
  const strictness = policy === 'LENIENT' ? 'LENIENT' : 'STRICT'
  const isBackward = level.startsWith('BACKWARD') || level.startsWith('FULL')
  const isForward = level.startsWith('FORWARD') || level.startsWith('FULL')
  const differences = [
    ...(isBackward ? format.incompatibilities(schema, old.schema, strictness).map(withReader('new')) : []),
    ...(isForward ? format.incompatibilities(old.schema, schema, strictness).map(withReader('old')) : []),
  ]
  return [...new Set(differences.map((difference) => inRegistryWords(difference, format.type)))]
}

/** What cannot be parsed any more, since something it refers to is gone, is the other version's fault, and said so. */
function storedSchema(version: StoredSchema, state: RegistryState, schemas: ParsedSchemas): ParsedSchema {
  try {
    return schemas.stored(state, version)
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error
    throw new RegistryError(
      error.errorCode,
      `Version ${version.version} of '${version.subject}', which is registered, cannot be read: ${error.message}`,
      { cause: error },
    )
  }
}

/** The formats leave open which of the two is the reader. */
function withReader(reader: 'new' | 'old'): (difference: Incompatibility) => Incompatibility {
  const writer = reader === 'new' ? 'old' : 'new'
  return (difference) => ({ ...difference, description: difference.description.replace('%s', reader).replace('%s', writer) })
}

/** Not JSON, and in JSON Schema's the quotes do not match: the way it is, and what others parse. */
function inRegistryWords({ type, description, additionalInfo }: Incompatibility, of: SchemaType): string {
  switch (of) {
    case 'AVRO':
      return `{errorType:'${type}', description:'${description}', additionalInfo:'${additionalInfo ?? ''}'}`
    case 'JSON':
      return `{errorType:"${type}", description:"${description}'}`
    case 'PROTOBUF':
      return `{errorType:"${type}", description:"${description}"}`
  }
}

function aboutVersion(version: StoredSchema, config: CompatibilityQuestion['config']): string[] {
  const text = version.text.length > oldSchemaBytesMax ? `${version.text.slice(0, oldSchemaBytesMax)}...` : version.text
  return [
    `{oldSchemaVersion: ${version.version}}`,
    `{oldSchema: '${text}'}`,
    `{validateFields: '${config.validateFields ?? false}', compatibility: '${config.compatibilityLevel}'}`,
  ]
}
