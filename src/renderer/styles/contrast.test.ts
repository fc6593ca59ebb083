/**
 * The tokens against WCAG 2: text 4.5:1 on every surface it stands on, marks and borders of fields 3:1, in both themes. Which pairs there are is
 * written here once; a token that is used on another surface gets a line.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const css = readFileSync(join(import.meta.dirname ?? __dirname, 'tokens.css'), 'utf8')

function tokensOf(theme: 'light' | 'dark'): ReadonlyMap<string, string> {
  const tokens = new Map<string, string>()
  for (const block of css.matchAll(/([^{}]*)\{([^{}]*)\}/g))
    if (block[1]?.includes(`[data-theme="${theme}"]`))
      for (const [, name = '', value = ''] of block[2]?.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g) ?? []) tokens.set(name, value)
  return tokens
}

function luminance(hex: string): number {
  const channels = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
  const [red = 0, green = 0, blue = 0] = channels.map((value) =>
    value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4,
  )
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(left: string, right: string): number {
  const [dark = 0, light = 0] = [luminance(left), luminance(right)].sort((a, b) => a - b)
  return (light + 0.05) / (dark + 0.05)
}

const surfaces = ['s-0', 's-1', 's-2', 's-3', 's-float', 's-field']
const brokers = ['1', '2', '3', '4', '5', '6']
const severities = ['error', 'warn', 'ok', 'info']

/** Text, and every surface it stands on. */
const text: readonly (readonly [string, readonly string[]])[] = [
  [
    't-1',
    [...surfaces, 's-4', 'ctl', 'ctl-hover', 'ctl-press', 'accent-soft', 'error-soft', 'warn-soft', 'ok-soft', 'info-soft'],
  ],
  ['t-2', [...surfaces, 'ctl', 'accent-soft', 'error-soft', 'warn-soft', 'ok-soft', 'info-soft']],
  ['t-3', ['s-0', 's-1', 's-2', 's-float', 's-field', 'ctl']],
  ['on-ink', ['ink', 'ink-hover']],
  ['on-controller', ['controller']],
  ['accent', ['s-1', 's-2', 's-float', 'accent-soft']],
  ['on-leader', ['leader']],
  ['on-insync', ['insync']],
  ['on-lagging', ['lagging']],
  ['on-offline', ['offline']],
  ['leader-text', ['s-1', 's-2']],
  ['lagging-text', ['s-1', 's-2']],
  ['offline-text', ['s-0', 's-1', 's-2']],
  ...severities.map((name) => [name, ['s-0', 's-1', 's-2', 's-float', `${name}-soft`]] as const),
  ...brokers.map((id) => [`b${id}-t`, ['s-1', 's-2', `b${id}-soft`]] as const),
  ...['x-key', 'x-str', 'x-num', 'x-kw', 'x-null', 'x-punc'].map((name) => [name, ['s-1', 's-2', 's-field']] as const),
]

/** What is not read but has to be seen: borders of fields, focus, marks of states, series. */
const marks: readonly (readonly [string, readonly string[]])[] = [
  ['line-field', ['s-1', 's-2', 's-field', 's-float']],
  ['focus', ['s-0', 's-1', 's-2', 's-float']],
  ['accent', ['s-0', 's-1', 's-2', 's-3']],
  ['lagging-line', ['s-1']],
  ['ink', ['s-0', 's-1', 's-2']],
  ...['c-1', 'c-2', 'c-3', 'c-4', 'c-5', 'c-6'].map((name) => [name, ['s-1']] as const),
]

describe.each(['light', 'dark'] as const)('the %s theme', (theme) => {
  const tokens = tokensOf(theme)
  const tooWeak = (pairs: typeof text, least: number) =>
    pairs.flatMap(([name, on]) =>
      on.flatMap((surface) => {
        const ratio = contrast(tokens.get(name) ?? '', tokens.get(surface) ?? '')
        return ratio >= least ? [] : [`--${name} on --${surface}: ${ratio.toFixed(2)}`]
      }),
    )

  it('has every token that is paired', () => {
    const names = [...text, ...marks].flatMap(([name, on]) => [name, ...on])
    expect(names.filter((name) => !tokens.has(name))).toEqual([])
  })
  it('lets all text be read, 4.5:1', () => expect(tooWeak(text, 4.5)).toEqual([]))
  it('lets all marks be seen, 3:1', () => expect(tooWeak(marks, 3)).toEqual([]))
})
