/**
 * The ACLs of the cluster: kept in the coordination service where Kafka keeps them, and in the memory of every broker, which follows the changes of
 * all. Any broker changes them; a change is written with the version that was read, together with its announcement. What they mean is
 * security/acl's to know; who may change them is the authorizer's.
 */
import { failureName, type MultiOp, type SteadyCoordination } from '../controller/coordination-port'
import type { Logger } from '../platform'
import {
  type AccessControlEntry,
  type AclBinding,
  type AclFilter,
  isSameEntry,
  matches,
  type ResourcePattern,
} from '../security/acl/acl'
import {
  ACL_CHANGE_PREFIX,
  ACL_STORES,
  aclPath,
  decodeAclChange,
  decodeAcls,
  encodeAclChange,
  encodeAcls,
  RESOURCE_TYPES,
  storeOf,
  typePath,
} from '../security/acl/acl-format'
import { AclTable } from '../security/acl/acl-table'
import { ChangeFeed } from './change-feed'

const WRITE_ATTEMPTS_MAX = 10
/** Announcements may be followed by a session that has not yet seen what they announce; reading again costs little. */
const UNTIL_SEEN = ['BADVERSION', 'NODEEXISTS', 'NONODE'] as const

export interface AclStoreOptions {
  readonly logger: Logger
  /** Of the present session; throws where there is none. */
  coordination(): SteadyCoordination
}

export class AclStore {
  readonly table = new AclTable()
  private readonly feeds: readonly ChangeFeed[]

  constructor(private readonly options: AclStoreOptions) {
    const { logger, coordination } = options
    this.feeds = ACL_STORES.map(
      (store) =>
        new ChangeFeed({
          path: store.changesPath,
          logger,
          coordination,
          onChange: async (data) => {
            const pattern = decodeAclChange(store, data)
            if (pattern !== null) await this.reload(pattern)
          },
        }),
    )
  }

  /** Reads everything and begins to follow changes. Called once for each coordination session. */
  async load(): Promise<void> {
    const coordination = this.options.coordination()
    for (const [index, store] of ACL_STORES.entries()) {
      await coordination.ensurePath(store.changesPath)
      await this.feeds[index]?.follow()
      for (const resourceType of RESOURCE_TYPES) {
        const path = typePath(store, resourceType)
        await coordination.ensurePath(path)
        const names = new Set(await coordination.getChildren(path))
        const { patternType } = store
        for (const known of this.table.bindings(resourceType)) if (known.patternType === patternType) names.add(known.name)
        await Promise.all([...names].map((name) => this.reload({ resourceType, patternType, name })))
      }
    }
  }

  /** One after the other, so that two of one resource in one request both count. Rejects where the coordination service cannot be written. */
  async add(bindings: readonly AclBinding[]): Promise<void> {
    for (const binding of bindings) {
      await this.change(binding, (entries) =>
        entries.some((entry) => isSameEntry(entry, binding)) ? entries : [...entries, entryOf(binding)],
      )
    }
  }

  /** Removes what matches, and answers it. */
  async remove(filter: AclFilter): Promise<AclBinding[]> {
    const found = [...this.table.bindings()].filter((binding) => matches(filter, binding))
    const patterns = new Map(found.map((binding) => [aclPath(binding), binding]))
    const removed: AclBinding[] = []
    for (const { resourceType, patternType, name } of patterns.values()) {
      const pattern = { resourceType, patternType, name }
      let gone: AclBinding[] = []
      await this.change(pattern, (entries) => {
        const isMeant = (entry: AccessControlEntry) => matches(filter, { ...pattern, ...entry })
        gone = entries.filter(isMeant).map((entry) => ({ ...pattern, ...entry }))
        return gone.length === 0 ? entries : entries.filter((entry) => !isMeant(entry))
      })
      removed.push(...gone)
    }
    return removed
  }

  find(filter: AclFilter): AclBinding[] {
    return [...this.table.bindings()].filter((binding) => matches(filter, binding))
  }

  private async reload(pattern: ResourcePattern): Promise<void> {
    const found = await this.options.coordination().getData(aclPath(pattern))
    this.table.set(pattern, found === null ? [] : decodeAcls(found.data))
  }

  /** `alter` runs again where another writer came first; where it answers what it was given, nothing is written. */
  private async change(
    pattern: ResourcePattern,
    alter: (entries: readonly AccessControlEntry[]) => readonly AccessControlEntry[],
  ): Promise<void> {
    const coordination = this.options.coordination()
    const path = aclPath(pattern)
    for (let attempt = 0; attempt < WRITE_ATTEMPTS_MAX; attempt++) {
      const found = await coordination.getData(path)
      const before = found === null ? [] : decodeAcls(found.data)
      const after = alter(before)
      if (after === before) return
      try {
        await coordination.multi([...writesOf(path, found?.stat.version ?? null, after), announcementOf(pattern)])
      } catch (error) {
        if ((UNTIL_SEEN as readonly (string | null)[]).includes(failureName(error))) continue
        throw error
      }
      // Others hear of it; this broker must know before it answers.
      await this.reload(pattern)
      await Promise.all(this.feeds.map((feed) => feed.clearOld()))
      return
    }
    throw new Error(`the ACLs of ${path} keep being changed by others`)
  }
}

/** As in Kafka a resource without ACLs has no znode. */
function writesOf(path: string, version: number | null, entries: readonly AccessControlEntry[]): MultiOp[] {
  if (entries.length === 0) return version === null ? [] : [{ type: 'delete', path, version }]
  const data = encodeAcls(entries)
  return [version === null ? { type: 'create', path, data } : { type: 'setData', path, data, version }]
}

function announcementOf(pattern: ResourcePattern): MultiOp {
  const { changesPath } = storeOf(pattern.patternType)
  return { type: 'create', path: `${changesPath}/${ACL_CHANGE_PREFIX}`, data: encodeAclChange(pattern), sequential: true }
}

function entryOf({ principal, host, operation, permission }: AclBinding): AccessControlEntry {
  return { principal, host, operation, permission }
}
