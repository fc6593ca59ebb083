/** How the palette narrows, finds and orders. Pure, and quick enough for thousands of topics at each key press. */
import type { Command, CommandKind } from './commands'
import { type Match, matchText } from './match'

export interface Found {
  readonly command: Command
  readonly match: Match
}

export const groupNames: Readonly<Record<CommandKind, string>> = {
  topic: 'Topics',
  subject: 'Schemas',
  group: 'Consumer groups',
  broker: 'Brokers',
  command: 'Commands',
  setting: 'Settings',
  message: 'Saved messages',
  position: 'Go to',
}

/** A first character, the kind that it narrows to, and how it is printed. */
export const prefixes = [
  { character: '>', kinds: ['command', 'setting'], label: 'commands' },
  { character: '#', kinds: ['topic'], label: 'topics' },
  { character: '@', kinds: ['broker'], label: 'brokers' },
  { character: '{', kinds: ['subject'], label: 'schemas' },
  { character: '&', kinds: ['group'], label: 'groups' },
  { character: ':', kinds: ['position'], label: 'offset' },
] as const satisfies readonly { character: string; kinds: readonly CommandKind[]; label: string }[]

export type Prefix = (typeof prefixes)[number]['character']

export const prefixOf = (text: string): Prefix | null => prefixes.find((each) => each.character === text[0])?.character ?? null

/** Last used first, then by the match. Without a query nothing is matched: order of use, then as given. */
export function findCommands(
  commands: readonly Command[],
  query: string,
  prefix: Prefix | null,
  rankOf: (id: string) => number,
): readonly Found[] {
  const kinds: readonly CommandKind[] | null = prefixes.find((each) => each.character === prefix)?.kinds ?? null
  const found: { command: Command; match: Match; rank: number }[] = []
  for (const command of commands) {
    if (command.isHidden || (kinds && !kinds.includes(command.kind))) continue
    const match = matchText(query, command.title)
    if (match) found.push({ command, match, rank: rankOf(command.id) })
  }
  const isEmpty = query.trim() === ''
  return found.sort((left, right) => right.rank - left.rank || (isEmpty ? 0 : right.match.score - left.match.score))
}
