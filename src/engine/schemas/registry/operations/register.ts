/**
 * Registration and look-up of a schema under a subject (registry-and-coordination section 1.4). Pure: what has to be written is decided
 * from what is known.
 *
 * The same schema keeps its id in a context, whatever the subject; a new one gets the highest id that was ever seen there plus one.
 */
import { assert } from '../../../../shared/lang/assert'
import { incompatible, invalidSchema, notPermitted } from '../errors'
import { guidOf } from '../identity'
import type { Metadata, SchemaContent, StoredSchema } from '../model'
import type { RegistryRecord } from '../records'
import type { RegistryState } from '../state'
import { contextOf, requireValidSubject } from '../subject-name'
import { incompatibilityMessages } from './check-compatibility'
import { aliased, liveVersions } from './lookup'
import { type Decision, nextId, nextVersion, type OperationContext } from './operation'
import { prepareSchema, type SchemaRequest, withInherited } from './prepare'
import { effectiveConfig, effectiveMode, requireWritable } from './scopes'

export interface RegisterOptions {
  readonly normalize: boolean
  /** Without asking whether it is compatible. */
  readonly force: boolean
}

export interface Registered {
  readonly schema: StoredSchema
  /** False: it was there, and nothing was written. */
  readonly isNew: boolean
}

export function register(
  { state, schemas }: OperationContext,
  givenSubject: string,
  request: SchemaRequest,
  { normalize, force }: RegisterOptions,
): Decision<Registered> {
  const subject = aliased(state, givenSubject)
  requireValidSubject(subject)
  const isImport = requireRegistrable(state, subject, request)
  const config = effectiveConfig(state, subject)
  const isNew = request.id < 0 && config.validateNewSchemas !== false
  const prepared = prepareSchema(state, schemas, subject, request, { normalize, isNew, config })
  const live = liveVersions(state, subject)
  const content = withInherited(prepared.content, live.at(-1), config)
  const guid = guidOf(content)
  const existing = sameAmong(live, content, guid)
  if (
    existing !== undefined &&
    (request.id < 0 || (existing.id === request.id && [0, existing.version].includes(request.version)))
  )
    return { records: [], answer: () => ({ schema: existing, isNew: false }) }
  if (!isImport && !force) {
    const question = { parsed: prepared.parsed, metadata: content.metadata, versions: live, config }
    const messages = incompatibilityMessages(question, state, schemas)
    if (messages.length > 0) throw incompatible(subject, messages)
  }
  const context = contextOf(subject)
  const version = versionFor(state, request, nextVersion(state, subject), isImport, subject)
  const id = idFor(state, context, request, content, guid) ?? nextId(state, context)
  return {
    records: [
      ...(state.hasContext(context) ? [] : [{ kind: 'context', context, value: {} } satisfies RegistryRecord]),
      schemaRecord(subject, version, id, content, false),
      ...(isImport ? [] : replaced(state, subject, id)),
    ],
    answer: (after) => ({ schema: present(after.version(subject, version)), isNew: true }),
    hasTakenEffect: (after) => {
      const stored = after.version(subject, version)
      return stored?.id === id && stored.guid === guid && stored.type === content.type && !stored.isDeleted
    },
  }
}

/** Answers whether ids and versions are the importer's to choose. */
function requireRegistrable(state: RegistryState, subject: string, request: SchemaRequest): boolean {
  requireWritable(state, subject)
  const mode = effectiveMode(state, subject)
  if (request.id >= 0) {
    if (mode !== 'IMPORT' && mode !== 'FORWARD') throw notPermitted(`Subject ${subject} is not in import mode`)
    return true
  }
  if (mode !== 'READWRITE') throw notPermitted(`Subject ${subject} is not in read-write mode`)
  return false
}

/** One that differs in nothing but the version that its metadata may name is the same, too. */
function sameAmong(live: readonly StoredSchema[], content: SchemaContent, guid: string): StoredSchema | undefined {
  const bareGuid = guidWithoutVersion(content, guid)
  return (
    live.findLast((schema) => schema.guid === guid && schema.type === content.type) ??
    live.findLast((schema) => schema.type === content.type && guidWithoutVersion(schema, schema.guid) === bareGuid)
  )
}

/** `guid` is its own: made anew only where a version is named, since every version of the subject is asked. */
function guidWithoutVersion(content: SchemaContent, guid: string): string {
  const bare = withoutVersion(content)
  return bare === content ? guid : guidOf(bare)
}

const versionProperty = 'confluent:version'

function withoutVersion(content: SchemaContent): SchemaContent {
  const properties = content.metadata?.properties
  if (properties === undefined || !Object.hasOwn(properties, versionProperty)) return content
  const { [versionProperty]: _version, ...others } = properties
  const { properties: _properties, ...rest } = content.metadata as Metadata
  const metadata: Metadata = Object.keys(others).length === 0 ? rest : { ...rest, properties: others }
  return { ...content, metadata: Object.keys(metadata).length === 0 ? null : metadata }
}

function versionFor(state: RegistryState, request: SchemaRequest, next: number, isImport: boolean, subject: string): number {
  if (request.version <= 0) return next
  if (!isImport && request.version !== next)
    throw invalidSchema(
      `Version is not one more than previous version: ${request.version} for subject '${subject}', and ${next} is next`,
    )
  const taken = state.version(subject, request.version)
  if (taken !== undefined && !taken.isDeleted && taken.id !== request.id)
    throw notPermitted(`Overwrite version ${request.version} of subject ${subject}, which has id ${taken.id}, is not permitted.`)
  return request.version
}

/** Undefined: a new one is to be given. */
function idFor(
  state: RegistryState,
  context: string,
  request: SchemaRequest,
  content: SchemaContent,
  guid: string,
): number | undefined {
  if (request.id < 0) return state.idsOf(context, content.type, guid)[0]
  const bound = state.byId(context, request.id)?.schema
  if (bound !== undefined && (bound.guid !== guid || bound.type !== content.type))
    throw notPermitted(`Overwrite new schema with id ${request.id} is not permitted.`)
  return request.id
}

/** Softly deleted versions of the same schema give way to the new one, unless somebody refers to them. */
function replaced(state: RegistryState, subject: string, id: number): RegistryRecord[] {
  return state
    .versions(subject)
    .filter((schema) => schema.isDeleted && schema.id === id && state.referrersOf(subject, schema.version).length === 0)
    .map(({ version }) => ({ kind: 'schema', subject, version, value: null }))
}

export function schemaRecord(
  subject: string,
  version: number,
  id: number,
  { type, text, references, metadata, ruleSet }: SchemaContent,
  deleted: boolean,
): RegistryRecord {
  const value = { subject, version, id, schemaType: type, references, metadata, ruleSet, schema: text, deleted }
  return { kind: 'schema', subject, version, value }
}

/** The version of a subject with this schema, or undefined. What is not said of metadata and rules is not compared. */
export function findSame(
  { state, schemas }: Pick<OperationContext, 'state' | 'schemas'>,
  subject: string,
  request: SchemaRequest,
  options: { readonly normalize: boolean; readonly withDeleted: boolean },
): StoredSchema | undefined {
  const config = effectiveConfig(state, subject)
  const { content } = prepareSchema(state, schemas, subject, request, { normalize: options.normalize, isNew: false, config })
  const shown = options.withDeleted ? state.versions(subject) : liveVersions(state, subject)
  return (
    sameAmong(shown, content, guidOf(content)) ??
    (content.metadata !== null && content.ruleSet !== null
      ? undefined
      : shown.findLast((schema) => {
          const asked = {
            ...content,
            metadata: content.metadata ?? schema.metadata,
            ruleSet: content.ruleSet ?? schema.ruleSet,
          }
          return schema.type === content.type && schema.guid === guidOf(asked)
        }))
  )
}

function present(schema: StoredSchema | undefined): StoredSchema {
  assert(schema !== undefined, 'a schema whose record was read back is there')
  return schema
}
