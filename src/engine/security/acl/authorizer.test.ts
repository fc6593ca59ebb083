import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type AclBinding,
  type AclFilter,
  hasUnknown,
  matches,
  Operation,
  PatternType,
  Permission,
  ResourceType,
  whyInvalidBinding,
} from './acl'
import { aclPath, decodeAclChange, decodeAcls, encodeAclChange, encodeAcls, storeOf } from './acl-format'
import { AclTable } from './acl-table'
import { Authorizer, operationBits } from './authorizer'

const { READ, WRITE, DESCRIBE, DELETE, ALTER_CONFIGS, DESCRIBE_CONFIGS, ALL } = Operation
const ALICE = 'User:alice'

function acl(name: string, overrides: Partial<AclBinding> = {}): AclBinding {
  return {
    resourceType: ResourceType.TOPIC,
    patternType: PatternType.LITERAL,
    name,
    principal: ALICE,
    host: '*',
    operation: READ,
    permission: Permission.ALLOW,
    ...overrides,
  }
}
const prefixed = { patternType: PatternType.PREFIXED }
const deny = { permission: Permission.DENY }

function tableOf(bindings: readonly AclBinding[]): AclTable {
  const table = new AclTable()
  for (const binding of bindings) table.set(binding, [...table.get(binding), binding])
  return table
}

function authorizer(
  bindings: readonly AclBinding[],
  options: { superUsers?: string[]; allowEveryoneIfNoAclFound?: boolean } = {},
) {
  const judge = new Authorizer({ acls: tableOf(bindings), superUsers: [], allowEveryoneIfNoAclFound: false, ...options })
  return {
    judge,
    may: (operation: number, topic: string, principal = ALICE, host = '10.0.0.1') =>
      judge.isAllowed(principal, host, operation, ResourceType.TOPIC, topic),
    mayAny: (operation: number, principal = ALICE) => judge.isAllowedOnAny(principal, '10.0.0.1', operation, ResourceType.TOPIC),
  }
}

describe('the authorizer', () => {
  it('allows what an ACL allows, and nothing else', () => {
    const { may } = authorizer([acl('orders')])
    expect(may(READ, 'orders')).toBe(true)
    expect(may(WRITE, 'orders')).toBe(false)
    expect(may(READ, 'orders2')).toBe(false)
    expect(may(READ, 'orders', 'User:bob')).toBe(false)
  })

  it('lets a denial count before any permission', () => {
    const { may } = authorizer([
      acl('*', { operation: ALL }),
      acl('secret', { ...deny, operation: READ }),
      acl('pay', { ...prefixed, ...deny, operation: ALL }),
    ])
    expect(may(READ, 'orders')).toBe(true)
    expect(may(READ, 'secret')).toBe(false)
    expect(may(WRITE, 'secret')).toBe(true)
    expect(may(DESCRIBE, 'payments')).toBe(false)
  })

  it('takes describing as implied, but not as denied', () => {
    for (const operation of [READ, WRITE, DELETE, Operation.ALTER])
      expect(authorizer([acl('t', { operation })]).may(DESCRIBE, 't')).toBe(true)
    expect(authorizer([acl('t', { operation: ALTER_CONFIGS })]).may(DESCRIBE_CONFIGS, 't')).toBe(true)
    expect(authorizer([acl('t', { operation: Operation.CREATE })]).may(DESCRIBE, 't')).toBe(false)
    expect(authorizer([acl('t', { operation: DESCRIBE }), acl('t', { ...deny, operation: READ })]).may(DESCRIBE, 't')).toBe(true)
  })

  it('knows hosts, everybody, prefixes and the wildcard', () => {
    expect(authorizer([acl('t', { host: '10.0.0.2' })]).may(READ, 't')).toBe(false)
    expect(authorizer([acl('t', { host: '10.0.0.1' })]).may(READ, 't')).toBe(true)
    expect(authorizer([acl('t', { principal: 'User:*' })]).may(READ, 't', 'User:ANONYMOUS')).toBe(true)
    const { may } = authorizer([acl('ord', prefixed), acl('or', { ...prefixed, operation: WRITE })])
    expect([may(READ, 'orders'), may(READ, 'ord'), may(READ, 'or'), may(WRITE, 'or')]).toEqual([true, true, false, true])
  })

  it('lets super users do everything, also what is denied', () => {
    const { may } = authorizer([acl('t', { ...deny, principal: 'User:*', operation: ALL })], { superUsers: ['User:admin'] })
    expect([may(WRITE, 't', 'User:admin'), may(WRITE, 't')]).toEqual([true, false])
  })

  it('may leave open what nothing is said about, and only that', () => {
    const { may } = authorizer([acl('t', { principal: 'User:bob' })], { allowEveryoneIfNoAclFound: true })
    expect([may(WRITE, 'other'), may(READ, 't')]).toEqual([true, false])
  })

  it('answers whether there is anything that somebody may write to', () => {
    const write = { operation: WRITE }
    expect(authorizer([]).mayAny(WRITE)).toBe(false)
    expect(authorizer([acl('t', write)]).mayAny(WRITE)).toBe(true)
    expect(authorizer([acl('t', write)]).mayAny(READ)).toBe(false)
    expect(authorizer([acl('t', write), acl('t', { ...write, ...deny })]).mayAny(WRITE)).toBe(false)
    expect(authorizer([acl('tt', { ...write, ...prefixed }), acl('t', { ...write, ...prefixed, ...deny })]).mayAny(WRITE)).toBe(
      false,
    )
    expect(authorizer([acl('*', write), acl('t', { ...write, ...prefixed, ...deny })]).mayAny(WRITE)).toBe(true)
    expect(authorizer([acl('*', write), acl('*', { ...write, ...deny })]).mayAny(WRITE)).toBe(false)
    expect(authorizer([], { allowEveryoneIfNoAclFound: true }).mayAny(WRITE)).toBe(true)
  })

  it('writes allowed operations as bits', () => {
    const { judge } = authorizer([acl('t', { operation: READ })])
    expect(judge.allowedOperations(ALICE, 'h', ResourceType.TOPIC, 't')).toBe((1 << READ) | (1 << DESCRIBE))
    // What Kafka answers for a topic and for the cluster with no authorizer at all.
    expect(operationBits(ResourceType.TOPIC)).toBe(0xdf8)
    expect(operationBits(ResourceType.CLUSTER)).toBe(0x1fa0)
  })

  it('decides as a naive reading of the rules does', () => {
    const name = fc.constantFrom('a', 'ab', 'abc', 'b', '*')
    const binding = fc.record({
      resourceType: fc.constant(ResourceType.TOPIC),
      patternType: fc.constantFrom(PatternType.LITERAL, PatternType.PREFIXED),
      name,
      principal: fc.constantFrom(ALICE, 'User:*', 'User:bob'),
      host: fc.constantFrom('*', '10.0.0.1', '10.0.0.2'),
      operation: fc.constantFrom(READ, WRITE, DESCRIBE, ALL),
      permission: fc.constantFrom(Permission.ALLOW, Permission.DENY),
    })
    const naive = (bindings: readonly AclBinding[], operation: number, topic: string): boolean => {
      const counting = bindings.filter((one) =>
        one.patternType === PatternType.PREFIXED ? topic.startsWith(one.name) : one.name === topic || one.name === '*',
      )
      if (counting.length === 0) return true
      const mine = counting.filter((one) => ['User:*', ALICE].includes(one.principal) && ['*', '10.0.0.1'].includes(one.host))
      if (mine.some((one) => one.permission === Permission.DENY && [ALL, operation].includes(one.operation as never)))
        return false
      const enough: number[] = operation === DESCRIBE ? [ALL, DESCRIBE, READ, WRITE] : [ALL, operation]
      return mine.some((one) => one.permission === Permission.ALLOW && enough.includes(one.operation))
    }
    fc.assert(
      fc.property(
        fc.array(binding, { maxLength: 6 }),
        fc.constantFrom(READ, WRITE, DESCRIBE),
        fc.constantFrom('a', 'ab', 'abc', 'b', 'c'),
        (bindings, operation, topic) => {
          const { may } = authorizer(bindings, { allowEveryoneIfNoAclFound: true })
          expect(may(operation, topic)).toBe(naive(bindings, operation, topic))
        },
      ),
    )
  })
})

describe('a filter of ACLs', () => {
  const any: AclFilter = { resourceType: 1, patternType: 1, name: null, principal: null, host: null, operation: 1, permission: 1 }

  it('finds by what it says, and by MATCH whatever counts for a name', () => {
    const bindings = [acl('orders'), acl('*'), acl('ord', prefixed), acl('other')]
    const found = (filter: Partial<AclFilter>) =>
      bindings.filter((binding) => matches({ ...any, ...filter }, binding)).map(({ name }) => name)
    expect(found({})).toEqual(['orders', '*', 'ord', 'other'])
    expect(found({ name: 'orders' })).toEqual(['orders'])
    expect(found({ name: 'orders', patternType: PatternType.MATCH })).toEqual(['orders', '*', 'ord'])
    expect(found({ name: 'ord', patternType: PatternType.PREFIXED })).toEqual(['ord'])
    expect(found({ resourceType: ResourceType.GROUP })).toEqual([])
    expect(found({ operation: WRITE })).toEqual([])
  })

  it('must not hold what nobody knows', () => {
    expect(hasUnknown(any)).toBe(false)
    for (const wrong of [{ resourceType: 0 }, { resourceType: 9 }, { patternType: 5 }, { operation: 99 }, { permission: 0 }])
      expect(hasUnknown({ ...any, ...wrong })).toBe(true)
  })
})

describe('an ACL that is to be', () => {
  it('names a kind, an operation and a resource that can be', () => {
    expect(whyInvalidBinding(acl('orders'))).toBeNull()
    expect(whyInvalidBinding(acl('', {}))).toBe('Invalid empty resource name')
    expect(whyInvalidBinding(acl('a/b'))).toContain('invalid resource name')
    expect(whyInvalidBinding(acl('x', { resourceType: ResourceType.CLUSTER }))).toContain('kafka-cluster')
    expect(whyInvalidBinding(acl('x', { patternType: PatternType.MATCH }))).toBe('Invalid patternType MATCH')
    expect(whyInvalidBinding(acl('x', { operation: Operation.ANY }))).toBe('Invalid operation ANY')
    expect(whyInvalidBinding(acl('x', { permission: Permission.ANY }))).toBe('Invalid permissionType ANY')
    expect(whyInvalidBinding(acl('x', { resourceType: 42 }))).toBe('Invalid resourceType UNKNOWN(42)')
  })
})

describe('ACLs in the coordination service', () => {
  it('stand where Kafka looks for them, in its words', () => {
    const entry = acl('orders', { operation: Operation.DESCRIBE_CONFIGS, ...deny })
    expect(aclPath(entry)).toBe('/kafka-acl/Topic/orders')
    expect(aclPath({ ...entry, ...prefixed })).toBe('/kafka-acl-extended/prefixed/Topic/orders')
    expect(encodeAcls([entry])).toBe(
      '{"version":1,"acls":[{"principal":"User:alice","permissionType":"Deny","operation":"DescribeConfigs","host":"*"}]}',
    )
    expect(encodeAclChange(entry)).toBe('Topic:orders')
    for (const one of [entry, { ...entry, ...prefixed }]) {
      const { resourceType, patternType, name } = one
      expect(decodeAclChange(storeOf(patternType), Buffer.from(encodeAclChange(one)))).toEqual({
        resourceType,
        patternType,
        name,
      })
    }
    expect(decodeAcls(Buffer.from(encodeAcls([entry])))).toEqual([
      { principal: ALICE, host: '*', operation: Operation.DESCRIBE_CONFIGS, permission: Permission.DENY },
    ])
  })

  it('are read as far as they make sense', () => {
    const text = '{"acls":[{"principal":"User:a","permissionType":"allow","operation":"READ","host":"*"},{"operation":"Fly"},7]}'
    expect(decodeAcls(Buffer.from(text))).toHaveLength(1)
    for (const nonsense of ['', '[]', '{"acls":3}', 'Topic']) {
      expect(decodeAcls(Buffer.from(nonsense))).toEqual([])
      expect(decodeAclChange(storeOf(PatternType.PREFIXED), Buffer.from(nonsense))).toBeNull()
      expect(decodeAclChange(storeOf(PatternType.LITERAL), Buffer.from(nonsense))).toBeNull()
    }
  })
})
