/**
 * What the registry knows: the records of its topic, replayed in order. Pure: `replay` is the only thing that changes it, every
 * registry that has read the same records knows the same, and operations (operations/) only read it.
 *
 * Rule of ids: an id names one schema in its context. A record that binds an id to another schema than the first one is ignored, so of two
 * registries that give the same id at once, the one whose record comes first in the log has given it, and the other finds out by reading.
 */
import { schemaTypes } from '../formats'
import { guidOf } from './identity'
import type { Association, ConfigValue, Mode, StoredSchema } from './model'
import type { RegistryRecord, SchemaValue } from './records'
import { contextOf, defaultContext, inContextOf, matchesPrefix, normalSubject } from './subject-name'

/** A schema under its id, and where it stands: keys as placeOf() makes them. Of `schema` only the content counts: schemasOf() says which stand, and how. */
export interface IdEntry {
  readonly schema: StoredSchema
  readonly places: ReadonlySet<string>
}

interface MutableIdEntry {
  schema: StoredSchema
  places: Set<string>
}

class ContextState {
  /** A context that was deleted stays, unlisted: what was given in it is not given again, should it come back. */
  isListed = true
  /** The highest that was ever seen, also of schemas that are gone. */
  maxId = 0
  readonly byId = new Map<number, MutableIdEntry>()
  /** By type and GUID; more than one id only after an import. */
  readonly idsByIdentity = new Map<string, number[]>()
}

const emptyVersions: readonly StoredSchema[] = []

export class RegistryState {
  private readonly contexts = new Map<string, ContextState>([[defaultContext, new ContextState()]])
  private readonly bySubject = new Map<string, StoredSchema[]>()
  private readonly configs = new Map<string | null, ConfigValue>()
  private readonly modes = new Map<string | null, Mode>()
  private readonly referrers = new Map<string, Set<string>>()
  private readonly associationsByGuid = new Map<string, Association>()
  private sortedSubjects: readonly string[] | null = null

  /** Answers whether the record has changed anything; false for one that the rule of ids refuses. */
  replay(record: RegistryRecord, timestampMs: number): boolean {
    switch (record.kind) {
      case 'schema':
        return record.value === null
          ? this.removeSchema(normalSubject(record.subject), record.version)
          : this.putSchema(normalSubject(record.subject), record.value, timestampMs)
      case 'config':
        return setOrRemove(this.configs, scopeOf(record.subject), record.value)
      case 'mode':
        return setOrRemove(this.modes, scopeOf(record.subject), record.value?.mode ?? null)
      case 'delete-subject':
        return record.value !== null && this.softDelete(normalSubject(record.subject), record.value.version)
      case 'clear-subject':
        return record.value !== null && this.clear(record.subject)
      case 'context':
        return this.replayContext(record.context, record.value !== null)
      case 'association':
        return setOrRemove(this.associationsByGuid, record.guid, record.value)
      case 'noop':
        for (const [context, id] of Object.entries(record.value?.maxIds ?? {})) this.rememberMaxId(context, id)
        return false
    }
  }

  /** Of one subject, ascending, softly deleted ones included. */
  versions(subject: string): readonly StoredSchema[] {
    return this.bySubject.get(subject) ?? emptyVersions
  }

  version(subject: string, version: number): StoredSchema | undefined {
    return this.versions(subject).find((schema) => schema.version === version)
  }

  /** All, sorted by code unit; the list stays the same object until a subject comes or goes. */
  subjects(): readonly string[] {
    this.sortedSubjects ??= [...this.bySubject.keys()].sort()
    return this.sortedSubjects
  }

  subjectCount(): number {
    return this.bySubject.size
  }

  /** Sorted; the default context is always there. */
  contextNames(): string[] {
    return [...this.contexts].flatMap(([name, { isListed }]) => (isListed ? [name] : [])).sort()
  }

  /** Those that were deleted, too: what ids were given in them is still known. */
  knownContexts(): string[] {
    return [...this.contexts.keys()]
  }

  hasContext(context: string): boolean {
    return this.contexts.get(context)?.isListed === true
  }

  byId(context: string, id: number): IdEntry | undefined {
    return this.contexts.get(context)?.byId.get(id)
  }

  /** Ids of the schema in the context, the one it had first at the head. */
  idsOf(context: string, type: StoredSchema['type'], guid: string): readonly number[] {
    return this.contexts.get(context)?.idsByIdentity.get(identityKey(type, guid)) ?? []
  }

  byGuid(context: string, guid: string): IdEntry | undefined {
    const [id] = this.idsOfGuid(context, guid)
    return id === undefined ? undefined : this.byId(context, id)
  }

  /** Of whichever type: two types with one text are possible, if unlikely. */
  idsOfGuid(context: string, guid: string): readonly number[] {
    return schemaTypes.flatMap((type) => this.idsOf(context, type, guid))
  }

  maxId(context: string): number {
    return this.contexts.get(context)?.maxId ?? 0
  }

  /** The schemas of an id, wherever they stand. */
  schemasOf(entry: IdEntry): StoredSchema[] {
    return [...entry.places].map((place) => this.schemaAt(place)).filter((schema) => schema !== undefined)
  }

  /** Schemas that refer to this version, softly deleted ones included. */
  referrersOf(subject: string, version: number): StoredSchema[] {
    const places = this.referrers.get(placeOf(subject, version)) ?? []
    return [...places].map((place) => this.schemaAt(place)).filter((schema) => schema !== undefined)
  }

  /** What is said for exactly this subject, context (`:.ctx:`) or, with null, globally. */
  config(scope: string | null): ConfigValue | undefined {
    return this.configs.get(scope)
  }

  mode(scope: string | null): Mode | undefined {
    return this.modes.get(scope)
  }

  associations(): Iterable<Association> {
    return this.associationsByGuid.values()
  }

  association(guid: string): Association | undefined {
    return this.associationsByGuid.get(guid)
  }

  private putSchema(subject: string, value: SchemaValue, timestampMs: number): boolean {
    const { version, id, schemaType: type, schema: text, references, metadata, ruleSet, deleted: isDeleted } = value
    const guid = guidOf({ text, references, metadata, ruleSet })
    const context = this.contextState(contextOf(subject))
    const place = placeOf(subject, version)
    const bound = context.byId.get(id)
    if (bound !== undefined && !isSame(bound.schema, type, guid) && !(bound.places.size === 1 && bound.places.has(place)))
      return false
    this.removeSchema(subject, version)
    const stored: StoredSchema = { subject, version, id, guid, type, text, references, metadata, ruleSet, isDeleted, timestampMs }
    insertVersion(this.versionsOf(subject), stored)
    context.isListed = true
    this.raiseMaxId(context, id)
    const entry = context.byId.get(id)
    if (entry === undefined) {
      context.byId.set(id, { schema: stored, places: new Set([place]) })
      const key = identityKey(type, guid)
      context.idsByIdentity.set(key, [...(context.idsByIdentity.get(key) ?? []), id])
    } else entry.places.add(place)
    for (const reference of references) {
      const target = placeOf(inContextOf(subject, reference.subject), reference.version)
      const places = this.referrers.get(target)
      if (places === undefined) this.referrers.set(target, new Set([place]))
      else places.add(place)
    }
    return true
  }

  private removeSchema(subject: string, version: number): boolean {
    const versions = this.bySubject.get(subject)
    const index = versions?.findIndex((schema) => schema.version === version) ?? -1
    const removed = versions?.[index]
    if (versions === undefined || removed === undefined) return false
    versions.splice(index, 1)
    if (versions.length === 0) {
      this.bySubject.delete(subject)
      this.sortedSubjects = null
    }
    const place = placeOf(subject, version)
    for (const reference of removed.references) {
      const target = placeOf(inContextOf(subject, reference.subject), reference.version)
      const places = this.referrers.get(target)
      places?.delete(place)
      if (places?.size === 0) this.referrers.delete(target)
    }
    this.unbind(contextOf(subject), removed, place)
    return true
  }

  private unbind(contextName: string, { id, type, guid }: StoredSchema, place: string): void {
    const context = this.contextState(contextName)
    const entry = context.byId.get(id)
    if (entry === undefined) return
    entry.places.delete(place)
    const [next] = entry.places
    const left = next === undefined ? undefined : this.schemaAt(next)
    if (left !== undefined) {
      entry.schema = left
      return
    }
    context.byId.delete(id)
    const key = identityKey(type, guid)
    const ids = (context.idsByIdentity.get(key) ?? []).filter((other) => other !== id)
    if (ids.length === 0) context.idsByIdentity.delete(key)
    else context.idsByIdentity.set(key, ids)
  }

  private softDelete(subject: string, upToVersion: number): boolean {
    const versions = this.bySubject.get(subject) ?? []
    let hasChanged = false
    for (const [index, schema] of versions.entries()) {
      if (schema.version > upToVersion || schema.isDeleted) continue
      versions[index] = { ...schema, isDeleted: true }
      hasChanged = true
    }
    return hasChanged
  }

  /** What is softly deleted under a subject, under a context, or anywhere (null), is gone. */
  private clear(scope: string | null): boolean {
    const wanted = scope === null ? null : normalSubject(scope)
    const subjects =
      wanted === null
        ? [...this.bySubject.keys()]
        : wanted.endsWith(':') && wanted.startsWith(':.')
          ? [...this.bySubject.keys()].filter((subject) => matchesPrefix(subject, wanted))
          : [wanted]
    let hasChanged = false
    for (const subject of subjects)
      for (const schema of [...this.versions(subject)])
        if (schema.isDeleted) hasChanged = this.removeSchema(subject, schema.version) || hasChanged
    return hasChanged
  }

  private replayContext(context: string, isThere: boolean): boolean {
    const wasThere = this.hasContext(context)
    const known = this.contextState(context)
    known.isListed = isThere || known.byId.size > 0 || context === defaultContext
    return wasThere !== known.isListed
  }

  /** Of a context, too, that is gone and of whose records compaction has left nothing: it does not come back by this. */
  private rememberMaxId(name: string, id: number): void {
    const isKnown = this.contexts.has(name)
    const context = this.contextState(name)
    if (!isKnown) context.isListed = false
    this.raiseMaxId(context, id)
  }

  private contextState(name: string): ContextState {
    let context = this.contexts.get(name)
    if (context === undefined) {
      context = new ContextState()
      this.contexts.set(name, context)
    }
    return context
  }

  private versionsOf(subject: string): StoredSchema[] {
    let versions = this.bySubject.get(subject)
    if (versions === undefined) {
      versions = []
      this.bySubject.set(subject, versions)
      this.sortedSubjects = null
    }
    return versions
  }

  private raiseMaxId(context: ContextState, id: number): void {
    if (id > context.maxId) context.maxId = id
  }

  private schemaAt(place: string): StoredSchema | undefined {
    const separator = place.lastIndexOf('\n')
    return this.version(place.slice(0, separator), Number(place.slice(separator + 1)))
  }
}

/** No subject has a line break in it: they are control characters. */
function placeOf(subject: string, version: number): string {
  return `${subject}\n${version}`
}

function identityKey(type: string, guid: string): string {
  return `${type} ${guid}`
}

function isSame(schema: StoredSchema, type: string, guid: string): boolean {
  return schema.type === type && schema.guid === guid
}

function scopeOf(subject: string | null): string | null {
  // The default context written out is the global setting.
  return subject === null || subject === ':.:' ? null : normalSubject(subject)
}

function insertVersion(versions: StoredSchema[], schema: StoredSchema): void {
  let index = versions.length
  while (index > 0 && (versions[index - 1]?.version ?? 0) > schema.version) index--
  versions.splice(index, 0, schema)
}

function setOrRemove<K, V>(map: Map<K, V>, key: K, value: V | null): boolean {
  if (value === null) return map.delete(key)
  map.set(key, value)
  return true
}
