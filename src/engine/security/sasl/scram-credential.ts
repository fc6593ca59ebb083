/**
 * What a broker keeps of a user's password for SCRAM (RFC 5802): salt, stored key, server key, iterations; the password cannot be had back from
 * it. In text as Kafka writes it under /config/users, so that credentials made by either are good for the other. Pure.
 *
 * Deriving a key costs thousands of hashes by intent: it is done where a credential is made or a client logs in, never where a broker checks one.
 */
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'

export const SCRAM_MECHANISMS = ['SCRAM-SHA-256', 'SCRAM-SHA-512'] as const
export type ScramMechanism = (typeof SCRAM_MECHANISMS)[number]

/** Kafka's limits (ScramMechanism, ScramControlManager.MAX_ITERATIONS). */
export const SCRAM_ITERATIONS_MIN = 4096
export const SCRAM_ITERATIONS_MAX = 16_384

const HASHES = { 'SCRAM-SHA-256': { name: 'sha256', bytes: 32 }, 'SCRAM-SHA-512': { name: 'sha512', bytes: 64 } } as const

export interface ScramCredential {
  readonly salt: Uint8Array
  readonly storedKey: Uint8Array
  readonly serverKey: Uint8Array
  readonly iterations: number
}

export function isScramMechanism(name: string): name is ScramMechanism {
  return (SCRAM_MECHANISMS as readonly string[]).includes(name)
}

export function scramHash(mechanism: ScramMechanism, data: Uint8Array): Buffer {
  return createHash(HASHES[mechanism].name).update(data).digest()
}

export function scramHmac(mechanism: ScramMechanism, key: Uint8Array, data: Uint8Array | string): Buffer {
  return createHmac(HASHES[mechanism].name, key).update(data).digest()
}

/** RFC 5802's Hi(). As in Kafka the password is taken as its UTF-8 bytes, without SASLprep. */
export function saltPassword(mechanism: ScramMechanism, password: string, salt: Uint8Array, iterations: number): Buffer {
  return pbkdf2Sync(Buffer.from(password, 'utf8'), salt, iterations, HASHES[mechanism].bytes, HASHES[mechanism].name)
}

/** What AlterUserScramCredentials sends is salted by the client already. */
export function credentialOfSaltedPassword(
  mechanism: ScramMechanism,
  saltedPassword: Uint8Array,
  salt: Uint8Array,
  iterations: number,
): ScramCredential {
  return {
    salt: Uint8Array.from(salt),
    storedKey: scramHash(mechanism, scramHmac(mechanism, saltedPassword, 'Client Key')),
    serverKey: scramHmac(mechanism, saltedPassword, 'Server Key'),
    iterations,
  }
}

export function credentialOfPassword(
  mechanism: ScramMechanism,
  password: string,
  salt: Uint8Array,
  iterations: number = SCRAM_ITERATIONS_MIN,
): ScramCredential {
  return credentialOfSaltedPassword(mechanism, saltPassword(mechanism, password, salt, iterations), salt, iterations)
}

/** ScramCredentialUtils.credentialToString. */
export function encodeCredential({ salt, storedKey, serverKey, iterations }: ScramCredential): string {
  return `salt=${base64(salt)},stored_key=${base64(storedKey)},server_key=${base64(serverKey)},iterations=${iterations}`
}

/** Null for what is no credential; somebody may have written it by hand. */
export function decodeCredential(text: string): ScramCredential | null {
  const fields = new Map<string, string>()
  for (const part of text.split(',')) {
    const at = part.indexOf('=')
    if (at > 0) fields.set(part.slice(0, at).trim(), part.slice(at + 1).trim())
  }
  const [salt, storedKey, serverKey] = ['salt', 'stored_key', 'server_key'].map((name) => bytesOf(fields.get(name)))
  const iterations = Number(fields.get('iterations'))
  const isWhole = salt && storedKey && serverKey && Number.isSafeInteger(iterations) && iterations > 0
  return isWhole ? { salt, storedKey, serverKey, iterations } : null
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}

function bytesOf(text: string | undefined): Buffer | null {
  return text === undefined || !/^[A-Za-z0-9+/]+={0,2}$/.test(text) ? null : Buffer.from(text, 'base64')
}
