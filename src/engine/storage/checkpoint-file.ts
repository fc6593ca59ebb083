/**
 * Kafka's text checkpoints: the one format below all of them, read and written. Callers: the offset and leader-epoch checkpoints.
 *
 *     0                     <- version
 *     2                     <- number of entries
 *     orders 0 1042         <- one entry a line
 *     orders 1 998
 *
 * Written whole to `<name>.tmp`, synced, renamed (CheckpointFile.java). It never decides what a broken file means: it answers null for
 * one, and the caller knows from where the contents can be rebuilt.
 */
import type { Disk } from '../platform/disk'

const version = 0

/** The fields of every entry, or null where there is no such file; 'corrupt' where it is not a checkpoint of version 0. */
export function readCheckpoint(disk: Disk, path: string, fieldCount: number): string[][] | null | 'corrupt' {
  const contents = disk.readFile(path)
  return contents === null ? null : parseCheckpoint(contents.toString('utf8'), fieldCount)
}

export function parseCheckpoint(text: string, fieldCount: number): string[][] | 'corrupt' {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  const [versionLine, countLine, ...rest] = lines
  if (versionLine === undefined || countLine === undefined) return 'corrupt'
  if (parseWhole(versionLine) !== version) return 'corrupt'
  if (parseWhole(countLine) !== rest.length) return 'corrupt'
  const entries: string[][] = []
  for (const line of rest) {
    const fields = line.trim().split(/\s+/)
    if (fields.length !== fieldCount) return 'corrupt'
    entries.push(fields)
  }
  return entries
}

export function writeCheckpoint(disk: Disk, path: string, lines: readonly string[]): void {
  disk.writeFileAtomic(path, Buffer.from(`${version}\n${lines.length}\n${lines.map((line) => `${line}\n`).join('')}`, 'utf8'))
}

/** A decimal integer that a double holds exactly, else null: a checkpoint never goes through a rounded number. */
export function parseWhole(text: string): number | null {
  if (!/^-?\d{1,16}$/.test(text.trim())) return null
  const value = Number(text)
  return Number.isSafeInteger(value) ? value : null
}
