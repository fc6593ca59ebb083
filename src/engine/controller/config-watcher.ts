/**
 * The topics' own configurations, as every broker and the controller follow them: all of them read once, then those that a notification
 * under /config/changes names. One for a coordination session; after an expiry there is a new one, which reads everything again.
 */
import type { Logger } from '../platform'
import { type CoordinationSession, failureName, SteadyCoordination } from './coordination-port'
import {
  CONFIG_CHANGE_PREFIX,
  CONFIG_CHANGES,
  decodeConfigs,
  decodeTopicConfigChange,
  TOPIC_CONFIGS,
  type TopicConfigs,
  topicConfigPath,
} from './znodes'

export type ConfigListener = (topic: string, configs: TopicConfigs) => void

const NO_CONFIGS: TopicConfigs = {}

export class ConfigWatcher {
  private readonly configs = new Map<string, TopicConfigs>()
  private readonly listeners = new Set<ConfigListener>()
  private lastSequence = -1
  private isStopped = false
  private isReading = false
  private isStale = false

  private readonly coordination: SteadyCoordination

  constructor(
    session: CoordinationSession,
    private readonly logger: Logger,
  ) {
    this.coordination = new SteadyCoordination(session)
  }

  /** Resolves when all configurations are known. Listeners hear only of later changes. */
  async start(): Promise<void> {
    // The watch first: what changes while the rest is read is read once more.
    const changes = await this.readChanges()
    this.lastSequence = Math.max(-1, ...changes.map(({ sequence }) => sequence))
    const topics = await this.coordination.getChildren(TOPIC_CONFIGS)
    await Promise.all(topics.map((topic) => this.read(topic)))
  }

  /** A topic's own settings; empty where it has none. */
  get(topic: string): TopicConfigs {
    return this.configs.get(topic) ?? NO_CONFIGS
  }

  /** Reads one topic's configuration now: for a broker that is told of a new topic before the notification reaches it. */
  async refresh(topic: string): Promise<TopicConfigs> {
    await this.read(topic)
    return this.get(topic)
  }

  /** `listener` hears of a topic whose configuration was written, or removed with the topic (then it is empty). */
  onDidChange(listener: ConfigListener): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  stop(): void {
    this.isStopped = true
    this.listeners.clear()
  }

  private async onNotified(): Promise<void> {
    if (this.isReading) {
      this.isStale = true
      return
    }
    this.isReading = true
    try {
      do {
        this.isStale = false
        await this.readNew()
      } while (this.isStale && !this.isStopped)
    } catch (error) {
      // The session is over: its successor reads everything.
      const isExpected = this.isStopped || failureName(error) !== null
      if (!isExpected) this.logger.error('Topic configuration changes cannot be followed', { error: String(error) })
    } finally {
      this.isReading = false
    }
  }

  private async readNew(): Promise<void> {
    const changes = (await this.readChanges()).filter(({ sequence }) => sequence > this.lastSequence)
    const topics = new Set<string>()
    const contents = await Promise.all(changes.map(({ name }) => this.coordination.getData(`${CONFIG_CHANGES}/${name}`)))
    for (const found of contents) {
      const topic = found === null ? null : decodeTopicConfigChange(found.data)
      if (topic !== null) topics.add(topic)
    }
    await Promise.all([...topics].map((topic) => this.read(topic)))
    this.lastSequence = Math.max(this.lastSequence, ...changes.map(({ sequence }) => sequence))
    if (this.isStopped) return
    for (const topic of topics) {
      for (const listener of [...this.listeners]) listener(topic, this.get(topic))
    }
  }

  private async readChanges(): Promise<{ name: string; sequence: number }[]> {
    const names = await this.coordination.getChildren(CONFIG_CHANGES, () => {
      if (!this.isStopped) void this.onNotified()
    })
    return names
      .filter((name) => name.startsWith(CONFIG_CHANGE_PREFIX))
      .map((name) => ({ name, sequence: Number(name.slice(CONFIG_CHANGE_PREFIX.length)) }))
  }

  private async read(topic: string): Promise<void> {
    const found = await this.coordination.getData(topicConfigPath(topic))
    if (found === null) this.configs.delete(topic)
    else this.configs.set(topic, decodeConfigs(found.data))
  }
}
