/**
 * The quotas that were set, kept in the coordination service where Kafka keeps them (/config/users, /config/clients, /config/ips) and in every broker's memory.
 * Any broker changes them: with the version that it read, and with an announcement that all of them follow. What they do is client-quotas.ts's business.
 */
import { failureName, type MultiOp, type SteadyCoordination } from '../../controller/coordination-port'
import { configNotification } from '../../controller/topic-configs'
import { CONFIG_CHANGES, decodeConfigs, encodeConfigs } from '../../controller/znodes'
import type { Logger } from '../../platform'
import { ChangeFeed } from '../change-feed'
import { decodeQuotas, encodeQuota, entityAt, entityPath, type QuotaEntity } from './quota-entity'

export interface StoredQuotas {
  readonly entity: QuotaEntity
  readonly values: ReadonlyMap<string, number>
}

export interface QuotaStoreOptions {
  readonly logger: Logger
  /** Of the present session; throws where there is none. */
  coordination(): SteadyCoordination
  /** After any quota has changed. */
  onDidChange(): void
}

const WRITE_ATTEMPTS_MAX = 10

export class QuotaStore {
  /** By the entity's path; only those with quotas. */
  private readonly stored = new Map<string, StoredQuotas>()
  private readonly feed: ChangeFeed

  constructor(private readonly options: QuotaStoreOptions) {
    const { logger, coordination } = options
    this.feed = new ChangeFeed({
      path: CONFIG_CHANGES,
      logger,
      coordination,
      onChange: async (data) => {
        const path = changedPath(data)
        if (path !== null && entityAt(path) !== null) await this.reload(path)
      },
    })
  }

  /** Reads everything and begins to follow changes. Called once for each coordination session. */
  async load(): Promise<void> {
    await this.feed.follow()
    const coordination = this.options.coordination()
    const below = async (path: string) => (await coordination.getChildren(`/config/${path}`)).map((name) => `${path}/${name}`)
    const [users, clients, ips] = await Promise.all([below('users'), below('clients'), below('ips')])
    const clientsOfUsers = await Promise.all(users.map((user) => below(`${user}/clients`)))
    const paths = new Set([...this.stored.keys(), ...users, ...clients, ...ips, ...clientsOfUsers.flat()])
    await Promise.all([...paths].map((path) => this.reload(path)))
  }

  get isEmpty(): boolean {
    return this.stored.size === 0
  }

  all(): Iterable<StoredQuotas> {
    return this.stored.values()
  }

  find(entity: QuotaEntity): ReadonlyMap<string, number> | undefined {
    return this.stored.get(entityPath(entity))?.values
  }

  /** Sets quotas, or takes them away (null). Everything else that stands there stays. */
  async alter(entity: QuotaEntity, changes: ReadonlyMap<string, number | null>): Promise<void> {
    const coordination = this.options.coordination()
    const path = entityPath(entity)
    const parent = `/config/${path.slice(0, path.lastIndexOf('/'))}`
    await coordination.ensurePath(parent)
    for (let attempt = 0; attempt < WRITE_ATTEMPTS_MAX; attempt++) {
      const found = await coordination.getData(`/config/${path}`)
      const settings = new Map(Object.entries(found === null ? {} : decodeConfigs(found.data)))
      for (const [key, value] of changes) {
        if (value === null) settings.delete(key)
        else settings.set(key, encodeQuota(entity, key, value))
      }
      const data = encodeConfigs(Object.fromEntries(settings))
      const write: MultiOp =
        found === null
          ? { type: 'create', path: `/config/${path}`, data }
          : { type: 'setData', path: `/config/${path}`, data, version: found.stat.version }
      try {
        // In one, so that no change stays unannounced.
        await coordination.multi([write, configNotification(path)])
      } catch (error) {
        if (['BADVERSION', 'NODEEXISTS', 'NONODE'].includes(failureName(error) ?? '')) continue
        throw error
      }
      await this.reload(path)
      await this.feed.clearOld()
      return
    }
    throw new Error(`the quotas of ${path} keep being changed by others`)
  }

  private async reload(path: string): Promise<void> {
    const entity = entityAt(path)
    if (entity === null) return
    const found = await this.options.coordination().getData(`/config/${path}`)
    const values = found === null ? new Map<string, number>() : decodeQuotas(entity, decodeConfigs(found.data))
    if (values.size === 0 && !this.stored.has(path)) return
    if (values.size === 0) this.stored.delete(path)
    else this.stored.set(path, { entity, values })
    this.options.onDidChange()
  }
}

function changedPath(data: Uint8Array): string | null {
  try {
    const json: unknown = JSON.parse(Buffer.from(data).toString('utf8'))
    const path = typeof json === 'object' && json !== null && 'entity_path' in json ? json.entity_path : null
    return typeof path === 'string' ? path : null
  } catch {
    return null
  }
}
