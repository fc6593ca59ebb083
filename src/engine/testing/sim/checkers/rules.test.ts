import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type RuleName, rules, sources } from './rules'

const root = join(import.meta.dirname, '../../../../..')

describe('the rules', () => {
  const asserted = Object.entries(sources).flatMap(([name, { assertedIn }]) =>
    assertedIn === null ? [] : [[rules[name as RuleName], assertedIn]],
  )

  it.each(asserted)('"%s" is asserted in these words in %s', (words, path) => {
    const source = readFileSync(join(root, path as string), 'utf8')
    expect(source).toMatch(new RegExp(`assert\\([^;]*?['"]${escapeForPattern(words as string)}['"]`))
  })

  it('are all broken by some checker', () => {
    expect(asserted.length).toBeGreaterThan(15)
  })
})

function escapeForPattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
