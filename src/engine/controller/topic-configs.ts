/**
 * What changing the configuration of a topic or broker means: the arithmetic of sets, deletions and lists, and the notification that every broker
 * and the controller follow. Pure; the broker's config-store.ts writes.
 */
import type { MultiOp } from './coordination-port'
import { CONFIG_CHANGE_PREFIX, CONFIG_CHANGES, encodeConfigChange, type TopicConfigs } from './znodes'

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

/** `entityPath`: `topics/orders`, `brokers/1`. */
export function configNotification(entityPath: string): MultiOp {
  return {
    type: 'create',
    path: `${CONFIG_CHANGES}/${CONFIG_CHANGE_PREFIX}`,
    data: encodeConfigChange(entityPath),
    sequential: true,
  }
}
