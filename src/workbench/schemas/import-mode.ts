/**
 * Writing versions under numbers and ids of their own, which a registry allows in mode IMPORT only. The subject's mode is set for as long as
 * that takes and put back whatever happens; meanwhile ordinary clients cannot register under this subject (42205). So it is noted on disk before: what an
 * app that died, or brokers that went away, left in mode IMPORT is put back when the registry can be written to again.
 */
import type { RegistryMode } from '../../shared/model/schemas'
import type { ImportNotes } from './import-notes'
import type { RegistryClient } from './registry-client'

export class ImportMode {
  /** In it now, by us. */
  private readonly inUse = new Set<string>()
  private repairing: Promise<void> | null = null

  constructor(
    private readonly client: RegistryClient,
    private readonly notes: ImportNotes,
  ) {}

  /** Runs `action` with `subject` in mode IMPORT; nothing that the subject has is cleared for it. */
  async within<T>(subject: string, action: () => Promise<T>): Promise<T> {
    await this.repairing
    const { client, notes } = this
    const own = await client.ownMode(subject)
    if (own === 'IMPORT' || (own === null && (await client.effectiveMode(subject)) === 'IMPORT')) return action()
    this.inUse.add(subject)
    try {
      notes.put(subject, own)
      await client.setMode(subject, 'IMPORT', true)
      try {
        return await action()
      } finally {
        await this.putBack(subject, own)
      }
    } finally {
      this.inUse.delete(subject)
    }
  }

  /** Of what is noted and not in use: puts modes back that are still IMPORT. What cannot be reached now stays noted. Never rejects. */
  repair(): Promise<void> {
    this.repairing ??= this.repairAll().finally(() => {
      this.repairing = null
    })
    return this.repairing
  }

  private async repairAll(): Promise<void> {
    for (const [subject, before] of this.notes.all()) {
      if (this.inUse.has(subject)) continue
      try {
        if ((await this.client.ownMode(subject)) === 'IMPORT') await this.putBack(subject, before)
        else this.notes.remove(subject)
      } catch {
        // Tried again when the registry is heard of next.
        return
      }
    }
  }

  private async putBack(subject: string, before: RegistryMode | null): Promise<void> {
    await this.client.setMode(subject, before)
    this.notes.remove(subject)
  }
}
