/**
 * What a power loss leaves of files: called with the processes dead, it replays a worker's journal and takes away what nothing had made durable. Of
 * the bytes behind the last sync a random part stays, its end sometimes zeroes or garbage, as a file system leaves a sector that never came; a file
 * or folder whose name was never synced may be gone whole. Kept as they were done, though a disk may still lose them: renames, removals, and
 * overwritten bytes below the synced size (docs/torture.md).
 */
import {
  closeSync,
  existsSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Random } from '../random'

interface Durability {
  durableBytes: number
  isNameDurable: boolean
}

export interface PowerLoss {
  cutFiles: number
  lostBytes: number
  spoiledTails: number
  lostNames: number
}

/** `directory`: all files that the worker of this journal owns. */
export function losePower(journalPath: string, directory: string, random: Random): PowerLoss {
  const { files, directories } = replay(readFileSync(journalPath, 'utf8'))
  const loss: PowerLoss = { cutFiles: 0, lostBytes: 0, spoiledTails: 0, lostNames: 0 }
  for (const [path, isNameDurable] of directories) {
    if (isNameDurable || !path.startsWith(`${directory}/`) || !existsSync(path) || random.chance(0.5)) continue
    rmSync(path, { recursive: true })
    loss.lostNames++
  }
  for (const path of filesBelow(directory)) {
    const state = files.get(path)
    // What no journal knows was there before.
    if (state === undefined) continue
    if (!state.isNameDurable && random.chance(0.5)) {
      loss.lostBytes += statSync(path).size
      loss.lostNames++
      rmSync(path)
      continue
    }
    cutTail(path, state.durableBytes, random, loss)
  }
  // What is there now is on the disk.
  const lines = filesBelow(directory).map((path) => `A ${statSync(path).size} ${path}\n`)
  writeFileSync(journalPath, lines.join(''))
  return loss
}

function cutTail(path: string, durableBytes: number, random: Random, loss: PowerLoss): void {
  const { size } = statSync(path)
  if (size <= durableBytes) return
  const descriptor = openSync(path, 'r+')
  try {
    const kept = random.weighted([
      [durableBytes, 2],
      [random.between(durableBytes, size), 3],
      [size, 1],
    ])
    if (kept < size) {
      ftruncateSync(descriptor, kept)
      loss.cutFiles++
      loss.lostBytes += size - kept
    }
    if (kept > durableBytes && random.chance(0.5)) {
      const from = Math.max(durableBytes, kept - random.between(1, 600))
      const isZeroes = random.chance(0.5)
      const tail = Buffer.alloc(kept - from)
      if (!isZeroes) for (let index = 0; index < tail.length; index++) tail[index] = random.between(0, 255)
      writeSync(descriptor, tail, 0, tail.length, from)
      loss.spoiledTails++
    }
  } finally {
    closeSync(descriptor)
  }
}

/** By path, as of the journal's end. */
export function replay(journal: string): { files: Map<string, Durability>; directories: Map<string, boolean> } {
  const files = new Map<string, Durability>()
  const directories = new Map<string, boolean>()
  let open = new Map<string, Durability>()
  for (const line of journal.split('\n')) {
    const [, kind = '', rest = ''] = /^(\w) ?(.*)$/.exec(line) ?? []
    const space = rest.indexOf(' ')
    const [first, second] = [rest.slice(0, space), rest.slice(space + 1)]
    switch (kind) {
      case 'L':
        open = new Map()
        break
      case 'C': {
        const file = { durableBytes: 0, isNameDurable: false }
        files.set(second, file)
        open.set(first, file)
        break
      }
      case 'O': {
        const file = files.get(second)
        if (file !== undefined) open.set(first, file)
        break
      }
      case 'S': {
        const file = open.get(first)
        if (file !== undefined) file.durableBytes = Math.max(file.durableBytes, Number(second))
        break
      }
      case 'T': {
        const file = open.get(first)
        if (file !== undefined) file.durableBytes = Math.min(file.durableBytes, Number(second))
        break
      }
      case 'A':
        files.set(second, { durableBytes: Number(first), isNameDurable: true })
        break
      case 'M':
        directories.set(rest, false)
        break
      case 'Y':
        for (const [path, file] of files) if (parentOf(path) === rest) file.isNameDurable = true
        for (const path of directories.keys()) if (parentOf(path) === rest) directories.set(path, true)
        break
      case 'R': {
        const [from = '', to = ''] = rest.split('\t')
        move(files, from, to)
        move(directories, from, to)
        break
      }
      case 'D':
        remove(files, rest)
        remove(directories, rest)
    }
  }
  return { files, directories }
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'))
}

function move<T>(known: Map<string, T>, from: string, to: string): void {
  for (const [path, value] of [...known]) {
    if (path !== from && !path.startsWith(`${from}/`)) continue
    known.delete(path)
    known.set(to + path.slice(from.length), value)
  }
}

function remove<T>(known: Map<string, T>, gone: string): void {
  for (const path of [...known.keys()]) if (path === gone || path.startsWith(`${gone}/`)) known.delete(path)
}

function filesBelow(directory: string): string[] {
  const found: string[] = []
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name)
    if (entry.isDirectory()) found.push(...filesBelow(path))
    else if (entry.isFile()) found.push(path)
  }
  return found
}
