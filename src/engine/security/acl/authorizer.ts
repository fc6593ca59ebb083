/**
 * Whether somebody may do something to a resource, by the rules of Kafka's AclAuthorizer: super users may everything; a DENY counts before
 * any ALLOW; reading, writing, deleting and altering imply describing, altering configs implies describing them; where no ACL is about the
 * resource at all, a setting decides. Pure: a function of the table.
 */

import { EVERY_USER } from '../principal'
import { type AccessControlEntry, EVERY_HOST, Operation, PatternType, Permission, SUPPORTED_OPERATIONS, WILDCARD } from './acl'
import type { AclTable } from './acl-table'

export interface AuthorizerOptions {
  readonly acls: AclTable
  /** `super.users`, and the brokers themselves. */
  readonly superUsers: readonly string[]
  /** `allow.everyone.if.no.acl.found`. */
  readonly allowEveryoneIfNoAclFound: boolean
}

const IMPLIES_DESCRIBE: ReadonlySet<number> = new Set([Operation.READ, Operation.WRITE, Operation.DELETE, Operation.ALTER])

export class Authorizer {
  private readonly superUsers: ReadonlySet<string>

  constructor(private readonly options: AuthorizerOptions) {
    this.superUsers = new Set(options.superUsers)
  }

  isAllowed(principal: string, host: string, operation: number, resourceType: number, name: string): boolean {
    if (this.superUsers.has(principal)) return true
    let isAllowed = false
    let isMentioned = false
    const isNotDenied = this.options.acls.forEachMatching(resourceType, name, (entry) => {
      isMentioned = true
      if (!isAbout(entry, principal, host)) return true
      if (entry.permission === Permission.DENY) return entry.operation !== operation && entry.operation !== Operation.ALL
      isAllowed ||= allows(entry.operation, operation)
      return true
    })
    if (!isNotDenied) return false
    return isMentioned ? isAllowed : this.options.allowEveryoneIfNoAclFound
  }

  /** Whether there is any resource of the type, existing or not, to which the operation is allowed (KIP-679). */
  isAllowedOnAny(principal: string, host: string, operation: number, resourceType: number): boolean {
    if (this.superUsers.has(principal)) return true
    const denied = { literal: new Set<string>(), prefixed: [] as string[] }
    const allowed: { name: string; isPrefix: boolean }[] = []
    for (const binding of this.options.acls.bindings(resourceType)) {
      const isAboutIt = binding.operation === operation || binding.operation === Operation.ALL
      if (!isAboutIt || !isAbout(binding, principal, host)) continue
      const isPrefix = binding.patternType === PatternType.PREFIXED
      if (binding.permission === Permission.ALLOW) allowed.push({ name: binding.name, isPrefix })
      else if (isPrefix) denied.prefixed.push(binding.name)
      else denied.literal.add(binding.name)
    }
    if (denied.literal.has(WILDCARD)) return false
    if (this.options.allowEveryoneIfNoAclFound) return true
    const isWithinDenied = (name: string) => denied.prefixed.some((prefix) => name.startsWith(prefix))
    return allowed.some(({ name, isPrefix }) => {
      if (name === WILDCARD && !isPrefix) return true
      return !isWithinDenied(name) && (isPrefix || !denied.literal.has(name))
    })
  }

  /** One bit an operation, as "authorized operations" of answers have it. */
  allowedOperations(principal: string, host: string, resourceType: number, name: string): number {
    return operationBits(resourceType, (operation) => this.isAllowed(principal, host, operation, resourceType, name))
  }
}

/** What there is to be allowed of a resource, where nobody is asked. */
export function operationBits(resourceType: number, isAllowed: (operation: number) => boolean = () => true): number {
  let bits = 0
  for (const operation of SUPPORTED_OPERATIONS.get(resourceType) ?? []) if (isAllowed(operation)) bits |= 1 << operation
  return bits
}

function isAbout(entry: AccessControlEntry, principal: string, host: string): boolean {
  return (entry.principal === principal || entry.principal === EVERY_USER) && (entry.host === EVERY_HOST || entry.host === host)
}

function allows(granted: number, operation: number): boolean {
  if (granted === operation || granted === Operation.ALL) return true
  if (operation === Operation.DESCRIBE) return IMPLIES_DESCRIBE.has(granted)
  return operation === Operation.DESCRIBE_CONFIGS && granted === Operation.ALTER_CONFIGS
}
