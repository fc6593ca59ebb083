import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript'
import { describe, expect, it } from 'vitest'
import { root } from '../../lib/steps'
import { mutations } from './catalogue'
import { applyMutation } from './mutation'

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
    '%s changes what is compiled, at one place',
    (_, mutation) => {
      const before = original(mutation.file)
      expect(compiled(applyMutation(mutation, before.source))).not.toBe(before.compiled)
    },
  )

  it('are refused where the text is not there once', () => {
    const mutation = { name: 'x', file: 'x.ts', find: 'a', replace: 'b', breaks: '' }
    expect(applyMutation(mutation, 'cac')).toBe('cbc')
    expect(() => applyMutation(mutation, 'aa')).toThrow('2 times')
    expect(() => applyMutation(mutation, 'c')).toThrow('0 times')
  })
})
