/**
 * Writing versions under numbers and ids of their own, which a registry allows in mode IMPORT only. The subject's mode is set for as long as
 * that takes and put back whatever happens; meanwhile ordinary clients cannot register under this subject (42205).
 */
import type { RegistryClient } from './registry-client'

/** Runs `action` with `subject` in mode IMPORT. `force`: nothing that the subject has is cleared for it. */
export async function inImportMode<T>(client: RegistryClient, subject: string, action: () => Promise<T>): Promise<T> {
  const own = await client.ownMode(subject)
  if (own === 'IMPORT' || (own === null && (await client.effectiveMode(subject)) === 'IMPORT')) return action()
  await client.setMode(subject, 'IMPORT', true)
  try {
    return await action()
  } finally {
    await client.setMode(subject, own)
  }
}
