/** The workers' messages in a file a source, for reading after the fact. Two files of 8 MiB each at the most. */
import { appendFileSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { LogEntry } from './options'

const bytesMax = 8 * 1024 * 1024

export class LogFiles {
  private readonly sizes = new Map<string, number>()

  constructor(private readonly directory: string) {}

  write(entry: LogEntry): void {
    const path = join(this.directory, `${entry.source}.log`)
    const line = formatLogEntry(entry) + '\n'
    try {
      let size = this.sizes.get(path) ?? sizeOf(path)
      if (size > bytesMax) {
        renameSync(path, `${path}.1`)
        size = 0
      }
      appendFileSync(path, line)
      this.sizes.set(path, size + Buffer.byteLength(line))
    } catch {
      // A full disk must not take the host down for the sake of its log.
    }
  }
}

export function formatLogEntry(entry: LogEntry): string {
  const fields =
    entry.fields === null
      ? ''
      : ' ' + JSON.stringify(entry.fields, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value))
  return `${new Date(entry.atMs).toISOString()} ${entry.level.toUpperCase()} [${entry.source}] ${entry.message}${fields}`
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size
  } catch {
    return 0
  }
}
