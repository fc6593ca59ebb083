import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript'
import { describe, expect, it } from 'vitest'
import { root } from '../../lib/steps'
import { mutations } from './catalogue'
import { applyMutation, filesOf, type Mutation } from './mutation'

/** Without comments and types: what is left is what runs. */
function compiled(source: string): string {
  const { outputText, diagnostics } = transpileModule(source, {
    reportDiagnostics: true,
    compilerOptions: { target: ScriptTarget.ES2022, module: ModuleKind.ESNext, removeComments: true, isolatedModules: true },
  })
  expect(diagnostics).toEqual([])
  return outputText
}

const originals = new Map<string, { source: string; compiled: string }>()

function original(file: string): { source: string; compiled: string } {
  let known = originals.get(file)
  if (known === undefined) {
    const source = readFileSync(join(root, file), 'utf8')
    known = { source, compiled: compiled(source) }
    originals.set(file, known)
  }
  return known
}

describe('the planted bugs', () => {
  it('have a name each', () => {
    const names = mutations.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    for (const name of names) expect(name).toMatch(/^[a-z][a-z-]+$/)
  })

  it.each(mutations.map((mutation) => [mutation.name, mutation] as const))(
    '%s changes what is compiled, where it says and each place once',
    (_, mutation) => {
      for (const file of filesOf(mutation)) {
        const before = original(file)
        expect(compiled(applyMutation(mutation, file, before.source))).not.toBe(before.compiled)
      }
    },
  )

  it('say so where they take another guard away as well', () => {
    for (const { also, breaks } of mutations)
      if (also !== undefined) expect(breaks).toMatch(/^with (both|all) guards taken away: /)
  })

  it('are refused where the text is not there once', () => {
    const mutation = { name: 'x', file: 'x.ts', find: 'a', replace: 'b', breaks: '' }
    expect(applyMutation(mutation, 'x.ts', 'cac')).toBe('cbc')
    expect(() => applyMutation(mutation, 'x.ts', 'aa')).toThrow('2 times')
    expect(() => applyMutation(mutation, 'x.ts', 'c')).toThrow('0 times')
  })

  it('are put in at all their places, each in its own file', () => {
    const also = [
      { file: 'x.ts', find: 'd', replace: 'e' },
      { file: 'y.ts', find: 'f', replace: 'g' },
    ]
    const mutation: Mutation = { name: 'x', file: 'x.ts', find: 'a', replace: 'b', also, breaks: '' }
    expect(filesOf(mutation)).toEqual(['x.ts', 'y.ts'])
    expect(applyMutation(mutation, 'x.ts', 'adf')).toBe('bef')
    expect(applyMutation(mutation, 'y.ts', 'adf')).toBe('adg')
    expect(() => applyMutation(mutation, 'x.ts', 'ac')).toThrow('0 times')
  })
})
