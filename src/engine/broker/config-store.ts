/**
 * The values of configs: what topics and brokers set for themselves, kept as the coordination service has it, and what results from that,
 * the broker's own settings and Kafka's defaults. Every broker holds all of it; a change is written with the version that was read, then
 * announced under /config/changes, which each broker watches, the writer too.
 */
import { failureName, type MultiOp, type SteadyCoordination } from '../controller/coordination-port'
import { configNotification } from '../controller/topic-configs'
import { CONFIG_CHANGES, decodeConfigs, encodeConfigs } from '../controller/znodes'
import type { Logger } from '../platform'
import { brokerConfigTable } from './broker-configs'
import { type ConfigDefinition, normalized } from './config-definition'
import { groupConfigTable } from './group-configs'
import { topicConfigTable } from './topic-configs'

export type ConfigEntityType = 'topics' | 'brokers' | 'groups'

/** A topic's name; a broker's id, or {@link ALL_BROKERS}; a group's id. */
export interface ConfigEntity {
  readonly type: ConfigEntityType
  readonly name: string
}

/** Kafka's name for the settings of all brokers. */
export const ALL_BROKERS = '<default>'

/** Where a value comes from, with Kafka's numbers (DescribeConfigsResponse.ConfigSource). */
export const ConfigSource = {
  DYNAMIC_TOPIC_CONFIG: 1,
  DYNAMIC_BROKER_CONFIG: 2,
  DYNAMIC_DEFAULT_BROKER_CONFIG: 3,
  STATIC_BROKER_CONFIG: 4,
  DEFAULT_CONFIG: 5,
  GROUP_CONFIG: 8,
} as const

export interface ConfigValue {
  readonly name: string
  readonly value: string
  readonly source: number
}

export type Overrides = ReadonlyMap<string, string>

const NO_OVERRIDES: Overrides = new Map()
/** Old announcements are of use to nobody: who was away reads everything anew. */
const CHANGES_KEPT = 100
const WRITE_ATTEMPTS_MAX = 10

export interface ConfigStoreOptions {
  readonly brokerId: number
  /** What this broker was started with, under Kafka's names. */
  readonly staticConfigs: Readonly<Record<string, string>>
  readonly logger: Logger
  /** Of the present session; throws where there is none. */
  coordination(): SteadyCoordination
  /** After the values of an entity have changed. */
  onDidChange(entity: ConfigEntity): void
  /** After this broker, and no other, has changed an entity for a client. */
  onDidAlter(entity: ConfigEntity): void
}

export class ConfigStore {
  private readonly overrides = new Map<string, Overrides>()
  /** Entities that have been read, also those that set nothing. */
  private readonly known = new Set<string>()
  private readonly minInSyncReplicasByTopic = new Map<string, number>()
  private lastChange = -1

  constructor(private readonly options: ConfigStoreOptions) {}

  /** Reads everything and begins to watch. Called once for each coordination session. */
  async load(): Promise<void> {
    await this.followChanges(false)
    for (const type of ['topics', 'brokers', 'groups'] as const) {
      const names = await this.options.coordination().getChildren(`/config/${type}`)
      const entities = names.map((name) => (type === 'groups' ? groupOf(name) : { type, name }))
      await Promise.all(entities.map((entity) => (entity === null ? undefined : this.reload(entity))))
    }
  }

  /** Reads the entity's settings from the coordination service. One that has none left has the defaults. */
  async reload(entity: ConfigEntity): Promise<void> {
    const found = await this.options.coordination().getData(pathOf(entity))
    this.known.add(keyOf(entity))
    const before = this.overrides.get(keyOf(entity)) ?? NO_OVERRIDES
    const after = found === null ? NO_OVERRIDES : new Map(Object.entries(decodeConfigs(found.data)))
    if (after.size === 0) this.overrides.delete(keyOf(entity))
    else this.overrides.set(keyOf(entity), after)
    if (isSame(before, after)) return
    this.minInSyncReplicasByTopic.clear()
    this.options.onDidChange(entity)
  }

  isKnown(entity: ConfigEntity): boolean {
    return this.known.has(keyOf(entity))
  }

  forget(entity: ConfigEntity): void {
    this.known.delete(keyOf(entity))
    this.overrides.delete(keyOf(entity))
    this.minInSyncReplicasByTopic.clear()
  }

  /** What the entity sets for itself. */
  overridesOf(entity: ConfigEntity): Overrides {
    return this.overrides.get(keyOf(entity)) ?? NO_OVERRIDES
  }

  topicValue(topic: string, name: string): string {
    return this.topicChain(topic, definitionOf(topicConfigTable.get(name), name))[0]!.value
  }

  brokerValue(name: string): string {
    return this.brokerChain(definitionOf(brokerConfigTable.get(name), name))[0]!.value
  }

  brokerNumber(name: string): number {
    return Number(this.brokerValue(name))
  }

  /** Whether nobody has set it, for this broker or for all. */
  isBrokerDefault(name: string): boolean {
    return this.brokerChain(definitionOf(brokerConfigTable.get(name), name))[0]!.source === ConfigSource.DEFAULT_CONFIG
  }

  /** Where the value of a topic's config may come from, the one that counts first; the last is Kafka's default. */
  topicChain(topic: string, definition: ConfigDefinition): ConfigValue[] {
    const own = this.overridesOf({ type: 'topics', name: topic }).get(definition.name)
    const chain: ConfigValue[] =
      own === undefined
        ? []
        : [{ name: definition.name, value: normalized(definition, own), source: ConfigSource.DYNAMIC_TOPIC_CONFIG }]
    const synonym = definition.brokerSynonym === null ? undefined : brokerConfigTable.get(definition.brokerSynonym)
    if (synonym !== undefined) return [...chain, ...this.brokerChain(synonym)]
    return [...chain, { name: definition.name, value: definition.default, source: ConfigSource.DEFAULT_CONFIG }]
  }

  /** As of a topic; groups need not be there to have configs. */
  groupChain(group: string, definition: ConfigDefinition): ConfigValue[] {
    const own = this.overridesOf({ type: 'groups', name: group }).get(definition.name)
    const inherited = this.brokerChain(definitionOf(brokerConfigTable.get(definition.brokerSynonym ?? ''), definition.name))
    return own === undefined
      ? inherited
      : [{ name: definition.name, value: normalized(definition, own), source: ConfigSource.GROUP_CONFIG }, ...inherited]
  }

  groupNumber(group: string, name: string): number {
    return Number(this.groupChain(group, definitionOf(groupConfigTable.get(name), name))[0]!.value)
  }

  brokerChain(definition: ConfigDefinition): ConfigValue[] {
    const { name } = definition
    const { brokerId, staticConfigs } = this.options
    const chain: ConfigValue[] = []
    const add = (value: string | undefined, source: number) => {
      if (value !== undefined) chain.push({ name, value: normalized(definition, value), source })
    }
    add(this.overridesOf({ type: 'brokers', name: String(brokerId) }).get(name), ConfigSource.DYNAMIC_BROKER_CONFIG)
    add(this.overridesOf({ type: 'brokers', name: ALL_BROKERS }).get(name), ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG)
    add(staticConfigs[name], ConfigSource.STATIC_BROKER_CONFIG)
    add(definition.default, ConfigSource.DEFAULT_CONFIG)
    return chain
  }

  /** Asked for every produce with acks=all, so kept. */
  minInSyncReplicas(topic: string): number {
    let value = this.minInSyncReplicasByTopic.get(topic)
    if (value === undefined) {
      value = Number(this.topicValue(topic, 'min.insync.replicas'))
      this.minInSyncReplicasByTopic.set(topic, value)
    }
    return value
  }

  /** Every config of a topic with the value that counts, under the topic's names. */
  effectiveTopicConfigs(topic: string): Map<string, string> {
    return new Map(
      [...topicConfigTable.values()].map((definition) => [definition.name, this.topicChain(topic, definition)[0]!.value]),
    )
  }

  /**
   * Changes what the entity sets for itself: `change` is given what stands there and answers what shall. It runs again where another writer
   * came first, so it must not do anything else. What it throws is passed on, and nothing is written.
   */
  async alter(entity: ConfigEntity, change: (current: Overrides) => Overrides): Promise<void> {
    const coordination = this.options.coordination()
    const path = pathOf(entity)
    for (let attempt = 0; attempt < WRITE_ATTEMPTS_MAX; attempt++) {
      const found = await coordination.getData(path)
      const current = found === null ? NO_OVERRIDES : new Map(Object.entries(decodeConfigs(found.data)))
      const data = encodeConfigs(Object.fromEntries(change(current)))
      const write: MultiOp =
        found === null ? { type: 'create', path, data } : { type: 'setData', path, data, version: found.stat.version }
      try {
        // In one, so that no change stays unannounced.
        await coordination.multi([write, configNotification(keyOf(entity))])
      } catch (error) {
        if (['BADVERSION', 'NODEEXISTS', 'NONODE'].includes(failureName(error) ?? '')) continue
        throw error
      }
      await this.reload(entity)
      this.options.onDidAlter(entity)
      await this.clearOldAnnouncements(coordination)
      return
    }
    throw new Error(`the configuration of ${keyOf(entity)} keeps being changed by others`)
  }

  private async clearOldAnnouncements(coordination: SteadyCoordination): Promise<void> {
    const names = await coordination.getChildren(CONFIG_CHANGES)
    const newest = Math.max(-1, ...names.map(sequenceOf))
    const old = names.filter((name) => sequenceOf(name) <= newest - CHANGES_KEPT)
    await Promise.all(old.map((name) => coordination.delete(`${CONFIG_CHANGES}/${name}`)))
  }

  private async followChanges(reloads: boolean): Promise<void> {
    const coordination = this.options.coordination()
    const names = await coordination.getChildren(CONFIG_CHANGES, () => {
      this.followChanges(true).catch((error: unknown) => {
        // The session is over: load(), in the next one, reads everything.
        if (failureName(error) !== null) return
        this.options.logger.error('Changes of the configuration cannot be followed', { reason: String(error) })
      })
    })
    const unseen = names.filter((name) => sequenceOf(name) > this.lastChange).sort((a, b) => sequenceOf(a) - sequenceOf(b))
    for (const name of unseen) {
      this.lastChange = Math.max(this.lastChange, sequenceOf(name))
      if (!reloads) continue
      const change = await coordination.getData(`${CONFIG_CHANGES}/${name}`)
      const entity = change === null ? null : decodeChange(change.data)
      if (entity !== null) await this.reload(entity)
    }
  }
}

function definitionOf(definition: ConfigDefinition | undefined, name: string): ConfigDefinition {
  if (definition === undefined) throw new TypeError(`there is no config ${name}`)
  return definition
}

function decodeChange(data: Uint8Array): ConfigEntity | null {
  try {
    const json: unknown = JSON.parse(Buffer.from(data).toString('utf8'))
    const path = typeof json === 'object' && json !== null && 'entity_path' in json ? json.entity_path : null
    if (typeof path !== 'string') return null
    const match = /^(topics|brokers|groups)\/(.+)$/.exec(path)
    if (match === null) return null
    const [, type, name = ''] = match
    return type === 'groups' ? groupOf(name) : { type: type as ConfigEntityType, name }
  } catch {
    return null
  }
}

/** Group ids are any text, which the name of a znode is not: no slash, and neither `.` nor `..`. */
const groupNode = (group: string): string => `g-${encodeURIComponent(group)}`

function groupOf(node: string): ConfigEntity | null {
  try {
    return node.startsWith('g-') ? { type: 'groups', name: decodeURIComponent(node.slice(2)) } : null
  } catch {
    return null
  }
}

function pathOf(entity: ConfigEntity): string {
  return `/config/${keyOf(entity)}`
}

function keyOf({ type, name }: ConfigEntity): string {
  return `${type}/${type === 'groups' ? groupNode(name) : name}`
}

/** Of `config_change_0000000012`, or a path that ends in it; -1 where there is none. */
function sequenceOf(name: string): number {
  const match = /(\d+)$/.exec(name)
  return match === null ? -1 : Number(match[1])
}

function isSame(a: Overrides, b: Overrides): boolean {
  return a.size === b.size && [...a].every(([name, value]) => b.get(name) === value)
}
