/**
 * Inputs that once broke something, kept as small text files in `corpus/`, one a fault, and run by `npm test` for ever:
 *
 *     # target: records/batch
 *     # What was wrong, in a sentence or two.
 *     00000000 0000…                 hex, blanks and line ends as one likes
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface PastFailure {
  readonly name: string
  readonly target: string
  readonly note: string
  readonly input: Buffer
}

export const corpusDirectory = fileURLToPath(new URL('./corpus', import.meta.url))

export function readCorpus(directory = corpusDirectory): PastFailure[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith('.hex'))
    .sort()
    .map((name) => parsePastFailure(name, readFileSync(join(directory, name), 'utf8')))
}

export function parsePastFailure(name: string, text: string): PastFailure {
  const lines = text.split('\n')
  const comments = lines.filter((line) => line.startsWith('#')).map((line) => line.slice(1).trim())
  const target = comments
    .find((line) => line.startsWith('target:'))
    ?.slice('target:'.length)
    .trim()
  if (target === undefined) throw new Error(`${name} names no target`)
  const hex = lines
    .filter((line) => !line.startsWith('#'))
    .join('')
    .replace(/\s+/g, '')
  if (!/^([0-9a-f]{2})*$/.test(hex)) throw new Error(`${name} holds something that is no hex`)
  const note = comments.filter((line) => !line.startsWith('target:')).join(' ')
  return { name: name.replace(/\.hex$/, ''), target, note, input: Buffer.from(hex, 'hex') }
}

export function formatPastFailure({ target, note, input }: Omit<PastFailure, 'name'>): string {
  const hex = input.toString('hex').replace(/(.{120})/g, '$1\n')
  const comments = note.split('\n').map((line) => `# ${line}`)
  return `# target: ${target}\n${comments.join('\n')}\n${hex.trimEnd()}\n`
}
