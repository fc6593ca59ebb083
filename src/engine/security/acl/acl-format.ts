/**
 * ACLs as Kafka keeps them in the coordination service (ZkData.scala): literal ones under /kafka-acl, prefixed ones under /kafka-acl-extended, each
 * with a folder in which changes are announced. Pure: paths, encoders and decoders. What cannot be read is left out, for anybody may write there.
 */
import { type AccessControlEntry, Operation, PatternType, Permission, type ResourcePattern, ResourceType } from './acl'

export const ACL_STORES = [
  { patternType: PatternType.LITERAL, path: '/kafka-acl', changesPath: '/kafka-acl-changes' },
  { patternType: PatternType.PREFIXED, path: '/kafka-acl-extended/prefixed', changesPath: '/kafka-acl-extended-changes' },
] as const
export type AclStorePaths = (typeof ACL_STORES)[number]

export const ACL_CHANGE_PREFIX = 'acl_changes_'

const TYPE_NAMES: ReadonlyMap<number, string> = new Map([
  [ResourceType.TOPIC, 'Topic'],
  [ResourceType.GROUP, 'Group'],
  [ResourceType.CLUSTER, 'Cluster'],
  [ResourceType.TRANSACTIONAL_ID, 'TransactionalId'],
  [ResourceType.DELEGATION_TOKEN, 'DelegationToken'],
  [ResourceType.USER, 'User'],
])

const OPERATION_NAMES: ReadonlyMap<number, string> = new Map([
  [Operation.ALL, 'All'],
  [Operation.READ, 'Read'],
  [Operation.WRITE, 'Write'],
  [Operation.CREATE, 'Create'],
  [Operation.DELETE, 'Delete'],
  [Operation.ALTER, 'Alter'],
  [Operation.DESCRIBE, 'Describe'],
  [Operation.CLUSTER_ACTION, 'ClusterAction'],
  [Operation.DESCRIBE_CONFIGS, 'DescribeConfigs'],
  [Operation.ALTER_CONFIGS, 'AlterConfigs'],
  [Operation.IDEMPOTENT_WRITE, 'IdempotentWrite'],
  [Operation.CREATE_TOKENS, 'CreateTokens'],
  [Operation.DESCRIBE_TOKENS, 'DescribeTokens'],
])

const PERMISSION_NAMES: ReadonlyMap<number, string> = new Map([
  [Permission.DENY, 'Deny'],
  [Permission.ALLOW, 'Allow'],
])

export const RESOURCE_TYPES: readonly number[] = [...TYPE_NAMES.keys()]

export function storeOf(patternType: number): AclStorePaths {
  return patternType === PatternType.PREFIXED ? ACL_STORES[1] : ACL_STORES[0]
}

export function typePath(store: AclStorePaths, resourceType: number): string {
  return `${store.path}/${TYPE_NAMES.get(resourceType)}`
}

export function aclPath({ resourceType, patternType, name }: ResourcePattern): string {
  return `${typePath(storeOf(patternType), resourceType)}/${name}`
}

export function encodeAcls(entries: readonly AccessControlEntry[]): string {
  return JSON.stringify({
    version: 1,
    acls: entries.map(({ principal, host, operation, permission }) => ({
      principal,
      permissionType: PERMISSION_NAMES.get(permission),
      operation: OPERATION_NAMES.get(operation),
      host,
    })),
  })
}

export function decodeAcls(data: Uint8Array): AccessControlEntry[] {
  const acls = parse(data)?.['acls']
  if (!Array.isArray(acls)) return []
  return (acls as unknown[]).flatMap((item) => {
    const { principal, host, operation, permissionType } = isObject(item) ? item : {}
    const operationCode = codeOf(OPERATION_NAMES, operation)
    const permission = codeOf(PERMISSION_NAMES, permissionType)
    if (typeof principal !== 'string' || typeof host !== 'string' || operationCode === null || permission === null) return []
    return [{ principal, host, operation: operationCode, permission }]
  })
}

/** Literal changes are announced as Kafka always did, `Topic:orders`; the others in JSON. */
export function encodeAclChange({ resourceType, patternType, name }: ResourcePattern): string {
  const type = TYPE_NAMES.get(resourceType)
  if (patternType === PatternType.LITERAL) return `${type}:${name}`
  return JSON.stringify({ version: 1, resourceType: type, name, patternType: 'PREFIXED' })
}

export function decodeAclChange(store: AclStorePaths, data: Uint8Array): ResourcePattern | null {
  const { patternType } = store
  if (patternType === PatternType.LITERAL) {
    const text = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('utf8')
    const at = text.indexOf(':')
    const resourceType = codeOf(TYPE_NAMES, text.slice(0, Math.max(0, at)))
    return resourceType === null ? null : { resourceType, patternType, name: text.slice(at + 1) }
  }
  const { resourceType: type, name } = parse(data) ?? {}
  const resourceType = codeOf(TYPE_NAMES, type)
  return resourceType === null || typeof name !== 'string' ? null : { resourceType, patternType, name }
}

/** Kafka reads these names whatever their case. */
function codeOf(names: ReadonlyMap<number, string>, wanted: unknown): number | null {
  if (typeof wanted !== 'string') return null
  const plain = (text: string) => text.replaceAll('_', '').toLowerCase()
  for (const [code, name] of names) if (plain(name) === plain(wanted)) return code
  return null
}

function parse(data: Uint8Array): Record<string, unknown> | null {
  try {
    const json: unknown = JSON.parse(Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('utf8'))
    return isObject(json) ? json : null
  } catch {
    return null
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
