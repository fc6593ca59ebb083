/**
 * Which subjects were put into mode IMPORT, and what their mode was before, in a file of the workspace that outlives the app. Written whole and synced
 * before the mode is set: it happens a few times a year. A file that cannot be read is as good as none. Used by ImportMode only.
 */
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { type RegistryMode, registryModes } from '../../shared/model/schemas'

export class ImportNotes {
  private readonly notes: Map<string, RegistryMode | null>

  constructor(private readonly path: string) {
    this.notes = readNotes(path)
  }

  /** Subject to the mode of its own that it had; null where it had none. */
  all(): ReadonlyMap<string, RegistryMode | null> {
    return new Map(this.notes)
  }

  /** Throws where it cannot be written: then the mode must not be set. */
  put(subject: string, mode: RegistryMode | null): void {
    this.notes.set(subject, mode)
    this.write()
  }

  remove(subject: string): void {
    if (this.notes.delete(subject)) this.write()
  }

  private write(): void {
    mkdirSync(dirname(this.path), { recursive: true })
    const temporary = `${this.path}.new`
    const file = openSync(temporary, 'w')
    try {
      writeSync(file, JSON.stringify(Object.fromEntries(this.notes)))
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(temporary, this.path)
  }
}

function readNotes(path: string): Map<string, RegistryMode | null> {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'))
    if (typeof value !== 'object' || value === null) return new Map()
    return new Map(
      Object.entries(value).map(([subject, mode]) => [subject, registryModes.find((known) => known === mode) ?? null]),
    )
  } catch {
    return new Map()
  }
}
