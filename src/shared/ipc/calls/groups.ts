/** Calls and events about consumer groups and the workbench's own consumers. */
import type { GroupSummary } from '../../model/groups'
import { nothing } from './atoms'

export const groupsArguments = {
  'groups.list': nothing,
} as const

export interface GroupsResults {
  'groups.list': readonly GroupSummary[]
}

export interface GroupsEvents {
  /** All groups, while somebody looks. */
  'groups.changed': readonly GroupSummary[]
}

export const groupsEventNames = ['groups.changed'] as const satisfies readonly (keyof GroupsEvents)[]
