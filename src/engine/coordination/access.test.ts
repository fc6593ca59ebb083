import { describe, expect, it } from 'vitest'
import { Permission } from '../jute/op-codes'
import type { Acl } from '../jute/records'
import { authenticate, hasAccess, maskDigests, OPEN_ACL, resolveAcl, userOf } from './access'
import { isValidPath, parentOf, sequenceSuffix } from './paths'

const fromAddress = (address: string) => [{ scheme: 'ip', id: address }]
const forAddresses = (pattern: string): Acl[] => [{ perms: Permission.ALL, id: { scheme: 'ip', id: pattern } }]

describe('access', () => {
  it('is open to everybody for world:anyone and for an empty list', () => {
    expect(hasAccess(OPEN_ACL, Permission.ADMIN, [])).toBe(true)
    expect(hasAccess([], Permission.ADMIN, [])).toBe(true)
  })

  it('is bound to the permissions asked for', () => {
    const readOnly = [{ perms: Permission.READ, id: { scheme: 'world', id: 'anyone' } }]
    expect(hasAccess(readOnly, Permission.READ, [])).toBe(true)
    expect(hasAccess(readOnly, Permission.WRITE, [])).toBe(false)
  })

  it.each([
    ['127.0.0.1', '127.0.0.1', true],
    ['127.0.0.1', '127.0.0.2', false],
    ['127.0.0.0/8', '127.9.9.9', true],
    ['10.1.128.0/17', '10.1.127.1', false],
    ['10.1.128.0/17', '10.1.200.1', true],
    ['0.0.0.0/0', '8.8.8.8', true],
    ['::1', '::1', true],
    ['fe80::/10', 'febf::1', true],
    ['fe80::/10', 'fec0::1', false],
    ['127.0.0.1', '::1', false],
  ])('for ip:%s from %s is %s', (pattern, address, expected) => {
    expect(hasAccess(forAddresses(pattern), Permission.READ, fromAddress(address))).toBe(expected)
  })

  it('proves a digest as ZooKeeper does', () => {
    const identity = authenticate('digest', Buffer.from('ann:secret'))
    expect(identity).toEqual({ scheme: 'digest', id: 'ann:7RJfAeIvrl4zdj6sS2fXrQHDvHM=' })
    expect(authenticate('sasl', Buffer.from('x'))).toBeNull()
    const acl = [{ perms: Permission.ALL, id: { scheme: 'digest', id: 'ann:7RJfAeIvrl4zdj6sS2fXrQHDvHM=' } }]
    expect(hasAccess(acl, Permission.READ, identity === null ? [] : [identity])).toBe(true)
    expect(hasAccess(acl, Permission.READ, fromAddress('127.0.0.1'))).toBe(false)
    expect(maskDigests(acl)[0]?.id.id).toBe('ann:x')
    expect(userOf({ scheme: 'digest', id: 'ann:x' })).toBe('ann')
  })

  it('replaces auth by who asks, and refuses it to a stranger', () => {
    const asked = [{ perms: Permission.READ, id: { scheme: 'auth', id: '' } }]
    expect(resolveAcl(asked, [...fromAddress('127.0.0.1'), { scheme: 'digest', id: 'ann:d' }])).toEqual([
      { perms: Permission.READ, id: { scheme: 'digest', id: 'ann:d' } },
    ])
    expect(() => resolveAcl(asked, fromAddress('127.0.0.1'))).toThrow('INVALIDACL')
  })

  it.each([
    [[]],
    [[{ perms: 1, id: { scheme: 'digest', id: 'nocolon' } }]],
    [forAddresses('1.2.3.4/99')],
    [forAddresses('nowhere')],
    [forAddresses('1.2.3')],
    [forAddresses('1.2.3.256')],
    [forAddresses('1::2::3')],
    [forAddresses('1:2:3:4:5:6:7')],
    [forAddresses('g::1')],
  ])('refuses the ACL %j', (acl) => {
    expect(() => resolveAcl(acl, [])).toThrow('INVALIDACL')
  })
})

describe('paths', () => {
  it.each(['/', '/a', '/a/b', '/a.b', '/...', '/\u00e9t\u00e9'])('%j is valid', (path) => expect(isValidPath(path)).toBe(true))
  it.each(['', 'a', '/a/', '//', '/a//b', '/.', '/a/..', '/a/./b', '/\0', '/a\u001f', '/\u0085', '/\ud83d\ude00', '/\ufff0'])(
    '%j is not',
    (path) => expect(isValidPath(path)).toBe(false),
  )
  it('names parents and sequential suffixes', () => {
    expect([parentOf('/a'), parentOf('/a/b')]).toEqual(['/', '/a'])
    expect([sequenceSuffix(0), sequenceSuffix(42), sequenceSuffix(-5)]).toEqual(['0000000000', '0000000042', '-000000005'])
  })
})
