/**
 * What an operation of the registry is: a rule from what is known and what is asked to the records that have to be written, and the answer
 * once they have been read back. Coordinators of Kafka work so: nothing changes but by replay, so a write that fails has not happened.
 */
import { notPermitted } from '../errors'
import type { ParsedSchemas } from '../parsed-schemas'
import type { RegistryRecord } from '../records'
import type { RegistryState } from '../state'

export interface OperationContext {
  readonly state: RegistryState
  readonly schemas: ParsedSchemas
  readonly reservations: Reservations
}

export interface Decision<T> {
  /** Written in one batch, so all of them or none; empty: there is nothing to write. */
  readonly records: readonly RegistryRecord[]
  /** Called when they have been read back, or at once where there are none. */
  answer(state: RegistryState): T
  /** False: another registry's record came first, and the operation is to be decided anew. Absent: nobody can come between. */
  hasTakenEffect?(state: RegistryState): boolean
  /** Nobody can say whether the records are in the log: what they name is not to be given to anybody else. */
  inDoubt?(): void
}

export type Operation<T> = (context: OperationContext) => Decision<T>

/**
 * Ids and versions of records whose fate is unknown: they were sent, and nothing has shown that they are not in the log, or will not come
 * late out of a broker that stood still. They are never given to another schema in this registry's life.
 */
export class Reservations {
  private readonly ids = new Map<string, number>()
  private readonly versions = new Map<string, number>()

  keep(context: string, id: number, subject: string, version: number): void {
    this.ids.set(context, Math.max(id, this.ids.get(context) ?? 0))
    this.versions.set(subject, Math.max(version, this.versions.get(subject) ?? 0))
  }

  nextId(state: RegistryState, context: string): number {
    return within(Math.max(state.maxId(context), this.ids.get(context) ?? 0) + 1, `Context '${context}' has no id left`)
  }

  nextVersion(state: RegistryState, subject: string): number {
    const versions = state.versions(subject)
    const next = Math.max(versions[versions.length - 1]?.version ?? 0, this.versions.get(subject) ?? 0) + 1
    return within(next, `Subject '${subject}' has no version left`)
  }
}

/** Java's int. An importer may have chosen the last one; a record with one more would be read by nobody, ourselves included. */
const numberMax = 0x7fffffff

function within(number: number, problem: string): number {
  if (number > numberMax) throw notPermitted(`${problem}: ${numberMax}, the highest there can be, was given already`)
  return number
}
