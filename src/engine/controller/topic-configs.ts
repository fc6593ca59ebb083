/**
 * Changes of topic configurations: read, change, write with the version that was read, and notify, in one event, so that two clients who
 * alter the same topic at the same time lose nothing. Also clears notifications that everybody has had time to read.
 */
import { ErrorCode } from '../wire/errors'
import { failureName, type MultiOp } from './coordination-port'
import type { ControllerScope } from './scope'
import {
  CONFIG_CHANGE_PREFIX,
  CONFIG_CHANGES,
  decodeConfigs,
  encodeConfigs,
  encodeTopicConfigChange,
  type TopicConfigs,
  topicConfigPath,
} from './znodes'

export type ConfigOpKind = 'set' | 'delete' | 'append' | 'subtract'

export interface ConfigOp {
  readonly name: string
  readonly kind: ConfigOpKind
  /** Of 'delete' it is not looked at. */
  readonly value: string
}

export type ConfigChange =
  /** AlterConfigs: what is not named goes back to its default. */
  | { readonly kind: 'replace'; readonly configs: TopicConfigs }
  /** IncrementalAlterConfigs */
  | { readonly kind: 'incremental'; readonly ops: readonly ConfigOp[] }

export interface TopicConfigChange {
  readonly topic: string
  readonly change: ConfigChange
}

export interface TopicConfigResult {
  readonly topic: string
  readonly errorCode: ErrorCode
  readonly errorMessage: string | null
}

/** Kafka keeps them 15 minutes. */
const NOTIFICATION_RETENTION_MS = 15 * 60_000

/** Pure. Lists are comma-separated; appending what is there and taking away what is not changes nothing. */
export function applyConfigChange(
  current: TopicConfigs,
  change: ConfigChange,
  defaultOf: (name: string) => string | null,
): TopicConfigs {
  if (change.kind === 'replace') return change.configs
  const configs: Record<string, string> = { ...current }
  for (const { name, kind, value } of change.ops) {
    const items = listOf(configs[name] ?? defaultOf(name) ?? '')
    const given = listOf(value)
    if (kind === 'set') configs[name] = value
    else if (kind === 'delete') delete configs[name]
    else if (kind === 'append') configs[name] = [...items, ...given.filter((item) => !items.includes(item))].join(',')
    else configs[name] = items.filter((item) => !given.includes(item)).join(',')
  }
  return configs
}

function listOf(value: string): string[] {
  return value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

export function configNotification(topic: string): MultiOp {
  return {
    type: 'create',
    path: `${CONFIG_CHANGES}/${CONFIG_CHANGE_PREFIX}`,
    data: encodeTopicConfigChange(topic),
    sequential: true,
  }
}

export class TopicConfigChanges {
  constructor(private readonly scope: ControllerScope) {}

  async alter(changes: readonly TopicConfigChange[], validateOnly: boolean): Promise<TopicConfigResult[]> {
    const results: TopicConfigResult[] = []
    for (const change of changes) results.push(await this.alterOne(change, validateOnly))
    if (!validateOnly) await this.clearOldNotifications()
    return results
  }

  private async alterOne({ topic, change }: TopicConfigChange, validateOnly: boolean): Promise<TopicConfigResult> {
    const { context, store, topicConfigRules } = this.scope
    const answer = (errorCode: ErrorCode, errorMessage: string | null = null) => ({ topic, errorCode, errorMessage })
    if (!context.topics.has(topic) || context.deleting.has(topic)) {
      return answer(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, `The topic '${topic}' does not exist.`)
    }
    const path = topicConfigPath(topic)
    for (;;) {
      const found = await store.coordination.getData(path)
      const configs = applyConfigChange(found === null ? {} : decodeConfigs(found.data), change, (name) =>
        topicConfigRules.defaultOf(name),
      )
      const problem = topicConfigRules.validate(configs)
      if (problem !== null) return answer(ErrorCode.INVALID_CONFIG, problem)
      if (validateOnly) return answer(ErrorCode.NONE)
      const data = encodeConfigs(configs)
      const write: MultiOp =
        found === null ? { type: 'create', path, data } : { type: 'setData', path, data, version: found.stat.version }
      try {
        await store.multi([write, configNotification(topic)])
        this.scope.emit({ type: 'topic-config-changed', topic })
        return answer(ErrorCode.NONE)
      } catch (error) {
        // An outside writer, or our own write whose answer was lost: look again.
        if (!['BADVERSION', 'NODEEXISTS', 'NONODE'].includes(failureName(error) ?? '')) throw error
      }
    }
  }

  private async clearOldNotifications(): Promise<void> {
    const { coordination } = this.scope.store
    const oldestMs = this.scope.clock.nowMs() - NOTIFICATION_RETENTION_MS
    const names = await coordination.getChildren(CONFIG_CHANGES)
    for (const name of names.sort((a, b) => (a < b ? -1 : 1))) {
      const stat = await coordination.exists(`${CONFIG_CHANGES}/${name}`)
      // They are in the order of their making.
      if (stat !== null && stat.ctime > oldestMs) return
      await coordination.delete(`${CONFIG_CHANGES}/${name}`)
    }
  }
}
