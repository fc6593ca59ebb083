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
}

export interface Decision<T> {
  /**
   * Written in this order, in one batch, so all of them or none, unless they are more than brokers take in one: then what is there of them at any time
   * has to make sense, and deciding anew has to give the rest. Empty: there is nothing to write.
   */
  readonly records: readonly RegistryRecord[]
  /** Called when they have been read back, or at once where there are none. */
  answer(state: RegistryState): T
  /** False: a record of a registry that is none of ours came first, and the operation is to be decided anew. Absent: it does not matter. */
  hasTakenEffect?(state: RegistryState): boolean
}

export type Operation<T> = (context: OperationContext) => Decision<T>

export function nextId(state: RegistryState, context: string): number {
  return within(state.maxId(context) + 1, `Context '${context}' has no id left`)
}

export function nextVersion(state: RegistryState, subject: string): number {
  return within((state.versions(subject).at(-1)?.version ?? 0) + 1, `Subject '${subject}' has no version left`)
}

/** Java's int. An importer may have chosen the last one; a record with one more would be read by nobody, ourselves included. */
const numberMax = 0x7fffffff

function within(number: number, problem: string): number {
  if (number > numberMax) throw notPermitted(`${problem}: ${numberMax}, the highest there can be, was given already`)
  return number
}
