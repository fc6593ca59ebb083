/**
 * Who may do what: ZooKeeper's ACL rules for the schemes world, ip, digest and auth (PrepRequestProcessor.fixupACL, ZooKeeperServer.checkACL).
 * A server is open because clients ask for world:anyone; a znode that somebody has closed is closed here too.
 */
import { createHash } from 'node:crypto'
import { Permission } from '../jute/op-codes'
import type { Acl, Id } from '../jute/records'
import { KeeperError } from './keeper-error'

const ANYONE: Id = { scheme: 'world', id: 'anyone' }
export const OPEN_ACL: readonly Acl[] = [{ perms: Permission.ALL, id: ANYONE }]
export const READ_ONLY_ACL: readonly Acl[] = [{ perms: Permission.READ, id: ANYONE }]

function isAnyone(id: Id): boolean {
  return id.scheme === ANYONE.scheme && id.id === ANYONE.id
}

export function aclKey(acl: readonly Acl[]): string {
  return JSON.stringify(acl.map(({ perms, id }) => [perms, id.scheme, id.id]))
}

/** The ACL to store for one that a client asked for: duplicates removed, `auth` replaced by the identities of the client. */
export function resolveAcl(asked: readonly Acl[], identities: readonly Id[]): readonly Acl[] {
  const resolved: Acl[] = []
  const seen = new Set<string>()
  for (const acl of asked) {
    const key = aclKey([acl])
    if (seen.has(key)) continue
    seen.add(key)
    if (isAnyone(acl.id)) resolved.push(acl)
    else if (acl.id.scheme === 'auth') {
      // An address is no authentication, so it does not count.
      const authenticated = identities.filter((identity) => identity.scheme === 'digest')
      if (authenticated.length === 0) throw new KeeperError('INVALIDACL')
      for (const id of authenticated) resolved.push({ perms: acl.perms, id })
    } else if (isValidId(acl.id)) resolved.push(acl)
    else throw new KeeperError('INVALIDACL')
  }
  if (resolved.length === 0) throw new KeeperError('INVALIDACL')
  return resolved
}

export function checkAccess(acl: readonly Acl[], permission: number, identities: readonly Id[]): void {
  if (!hasAccess(acl, permission, identities)) throw new KeeperError('NOAUTH')
}

export function hasAccess(acl: readonly Acl[], permission: number, identities: readonly Id[]): boolean {
  if (acl.length === 0) return true
  return acl.some(({ perms, id }) => {
    if ((perms & permission) === 0) return false
    return isAnyone(id) || identities.some((identity) => identity.scheme === id.scheme && matches(id, identity.id))
  })
}

/** The identity that an auth packet proves, or null for a scheme that this server has not. */
export function authenticate(scheme: string, auth: Uint8Array | null): Id | null {
  if (scheme === 'ip') return null
  if (scheme !== 'digest') return null
  return { scheme, id: digestOf(Buffer.from(auth ?? []).toString('utf8')) }
}

/** ZooKeeper's digest of "user:password": "user:" and the base64 of the SHA-1 of the whole. */
function digestOf(userAndPassword: string): string {
  const user = userAndPassword.split(':', 1)[0] ?? ''
  return `${user}:${createHash('sha1').update(userAndPassword, 'utf8').digest('base64')}`
}

/** What whoAmI shows of an identity: never the digest. */
export function userOf(id: Id): string {
  return id.scheme === 'digest' ? (id.id.split(':', 1)[0] ?? '') : id.id
}

/** getACL without the right to administer shows no digests. */
export function maskDigests(acl: readonly Acl[]): readonly Acl[] {
  return acl.map((entry) =>
    entry.id.scheme === 'digest' ? { perms: entry.perms, id: { scheme: 'digest', id: `${userOf(entry.id)}:x` } } : entry,
  )
}

function isValidId({ scheme, id }: Id): boolean {
  if (scheme === 'digest') return id.split(':').length === 2
  if (scheme !== 'ip') return false
  const [address, bits, ...rest] = id.split('/')
  const bytes = addressBytes(address ?? '')
  if (bytes === null || rest.length > 0) return false
  return bits === undefined || (/^\d+$/.test(bits) && Number(bits) <= bytes.length * 8)
}

function matches(pattern: Id, identity: string): boolean {
  if (pattern.scheme !== 'ip') return pattern.id === identity
  const [address, bits] = pattern.id.split('/')
  const wanted = addressBytes(address ?? '')
  const actual = addressBytes(identity)
  if (wanted === null || actual === null || wanted.length !== actual.length) return false
  let rest = bits === undefined ? wanted.length * 8 : Number(bits)
  for (let index = 0; index < wanted.length && rest > 0; index++, rest -= 8) {
    const mask = rest >= 8 ? 0xff : (0xff << (8 - rest)) & 0xff
    if (((wanted[index] as number) & mask) !== ((actual[index] as number) & mask)) return false
  }
  return true
}

/** Four bytes of an IPv4 address, sixteen of an IPv6 one, null for anything else. */
function addressBytes(address: string): number[] | null {
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(address)) {
    const bytes = address.split('.').map(Number)
    return bytes.every((byte) => byte <= 255) ? bytes : null
  }
  const [head = '', tail, ...more] = address.split('::')
  const front = ipv6Groups(head)
  const back = ipv6Groups(tail ?? '')
  if (!address.includes(':') || front === null || back === null || more.length > 0) return null
  const missing = 8 - front.length - back.length
  if (tail === undefined ? missing !== 0 : missing < 1) return null
  const words = [...front, ...new Array<number>(missing).fill(0), ...back]
  return words.flatMap((word) => [word >> 8, word & 0xff])
}

function ipv6Groups(text: string): number[] | null {
  if (text === '') return []
  const groups = text.split(':')
  return groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group)) ? groups.map((group) => Number.parseInt(group, 16)) : null
}
