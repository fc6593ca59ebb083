/**
 * The nouns of Kafka's access control: resources and patterns of their names, operations, who may or may not. Numbers are those of the protocol,
 * names those that Kafka writes into the coordination service. Pure.
 */

export const ResourceType = {
  UNKNOWN: 0,
  ANY: 1,
  TOPIC: 2,
  GROUP: 3,
  CLUSTER: 4,
  TRANSACTIONAL_ID: 5,
  DELEGATION_TOKEN: 6,
  USER: 7,
} as const

export const Operation = {
  UNKNOWN: 0,
  ANY: 1,
  ALL: 2,
  READ: 3,
  WRITE: 4,
  CREATE: 5,
  DELETE: 6,
  ALTER: 7,
  DESCRIBE: 8,
  CLUSTER_ACTION: 9,
  DESCRIBE_CONFIGS: 10,
  ALTER_CONFIGS: 11,
  IDEMPOTENT_WRITE: 12,
  CREATE_TOKENS: 13,
  DESCRIBE_TOKENS: 14,
} as const

export const PatternType = { UNKNOWN: 0, ANY: 1, MATCH: 2, LITERAL: 3, PREFIXED: 4 } as const

export const Permission = { UNKNOWN: 0, ANY: 1, DENY: 2, ALLOW: 3 } as const

/** The only name of a resource of type CLUSTER. */
export const CLUSTER_NAME = 'kafka-cluster'
/** As a literal name: every resource of the type. */
export const WILDCARD = '*'
/** As a host: from everywhere. */
export const EVERY_HOST = '*'

export interface ResourcePattern {
  readonly resourceType: number
  readonly patternType: number
  readonly name: string
}

export interface AccessControlEntry {
  readonly principal: string
  readonly host: string
  readonly operation: number
  readonly permission: number
}

export interface AclBinding extends ResourcePattern, AccessControlEntry {}

/** Null and ANY match everything. */
export interface AclFilter {
  readonly resourceType: number
  readonly patternType: number
  readonly name: string | null
  readonly principal: string | null
  readonly host: string | null
  readonly operation: number
  readonly permission: number
}

/** What can be asked of a resource, and so what "authorized operations" can hold (AclEntry.supportedOperations). */
export const SUPPORTED_OPERATIONS: ReadonlyMap<number, readonly number[]> = new Map([
  [
    ResourceType.TOPIC,
    [
      Operation.READ,
      Operation.WRITE,
      Operation.CREATE,
      Operation.DELETE,
      Operation.ALTER,
      Operation.DESCRIBE,
      Operation.DESCRIBE_CONFIGS,
      Operation.ALTER_CONFIGS,
    ],
  ],
  [ResourceType.GROUP, [Operation.READ, Operation.DELETE, Operation.DESCRIBE]],
  [
    ResourceType.CLUSTER,
    [
      Operation.CREATE,
      Operation.ALTER,
      Operation.DESCRIBE,
      Operation.CLUSTER_ACTION,
      Operation.DESCRIBE_CONFIGS,
      Operation.ALTER_CONFIGS,
      Operation.IDEMPOTENT_WRITE,
    ],
  ],
  [ResourceType.TRANSACTIONAL_ID, [Operation.WRITE, Operation.DESCRIBE]],
  [ResourceType.DELEGATION_TOKEN, [Operation.DESCRIBE]],
  [ResourceType.USER, [Operation.CREATE_TOKENS, Operation.DESCRIBE_TOKENS]],
])

/** Null where the binding can be, else Kafka's sentence why not (AclControlManager.validateNewAcl, AclAuthorizer.validateAclBinding). */
export function whyInvalidBinding({ resourceType, patternType, name, operation, permission }: AclBinding): string | null {
  if (patternType !== PatternType.LITERAL && patternType !== PatternType.PREFIXED)
    return `Invalid patternType ${nameOf(PatternType, patternType)}`
  if (!SUPPORTED_OPERATIONS.has(resourceType)) return `Invalid resourceType ${nameOf(ResourceType, resourceType)}`
  if (operation < Operation.ALL || operation > Operation.DESCRIBE_TOKENS)
    return `Invalid operation ${nameOf(Operation, operation)}`
  if (permission !== Permission.DENY && permission !== Permission.ALLOW)
    return `Invalid permissionType ${nameOf(Permission, permission)}`
  if (resourceType === ResourceType.CLUSTER && name !== CLUSTER_NAME)
    return `The only valid name for the CLUSTER resource is ${CLUSTER_NAME}`
  if (name === '') return 'Invalid empty resource name'
  // It becomes part of a path.
  if (name.includes('/')) return `ACL binding contains invalid resource name: ${name}`
  return null
}

/** A code that is not known, or that stands for not being known. */
export function hasUnknown({ resourceType, patternType, operation, permission }: AclFilter): boolean {
  const isKnown = (code: number, codes: Readonly<Record<string, number>>) => code > 0 && Object.values(codes).includes(code)
  return !(
    isKnown(resourceType, ResourceType) &&
    isKnown(patternType, PatternType) &&
    isKnown(operation, Operation) &&
    isKnown(permission, Permission)
  )
}

/** AclBindingFilter.matches. */
export function matches(filter: AclFilter, binding: AclBinding): boolean {
  return (
    matchesPattern(filter, binding) &&
    (filter.principal === null || filter.principal === binding.principal) &&
    (filter.host === null || filter.host === binding.host) &&
    (filter.operation === Operation.ANY || filter.operation === binding.operation) &&
    (filter.permission === Permission.ANY || filter.permission === binding.permission)
  )
}

/** ResourcePatternFilter.matches: MATCH finds whatever would count for a resource of that name. */
function matchesPattern(filter: AclFilter, pattern: ResourcePattern): boolean {
  const { resourceType, patternType, name } = filter
  if (resourceType !== ResourceType.ANY && resourceType !== pattern.resourceType) return false
  if (patternType !== PatternType.ANY && patternType !== PatternType.MATCH && patternType !== pattern.patternType) return false
  if (name === null) return true
  if (patternType !== PatternType.MATCH) return name === pattern.name
  if (pattern.patternType === PatternType.PREFIXED) return name.startsWith(pattern.name)
  return name === pattern.name || pattern.name === WILDCARD
}

export function isSameEntry(a: AccessControlEntry, b: AccessControlEntry): boolean {
  return a.principal === b.principal && a.host === b.host && a.operation === b.operation && a.permission === b.permission
}

function nameOf(codes: Readonly<Record<string, number>>, code: number): string {
  return Object.entries(codes).find(([, known]) => known === code)?.[0] ?? `UNKNOWN(${code})`
}
