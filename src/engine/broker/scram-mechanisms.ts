/** The numbers that SCRAM mechanisms have in the protocol (KIP-554, ScramMechanism.type). */
import type { ScramMechanism } from '../security/sasl/scram-credential'

const MECHANISMS: ReadonlyMap<number, ScramMechanism> = new Map([
  [1, 'SCRAM-SHA-256'],
  [2, 'SCRAM-SHA-512'],
])

export function scramMechanismOf(type: number): ScramMechanism | null {
  return MECHANISMS.get(type) ?? null
}

export function scramTypeOf(mechanism: ScramMechanism): number {
  for (const [type, known] of MECHANISMS) if (known === mechanism) return type
  return 0
}
