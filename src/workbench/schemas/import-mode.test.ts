import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RegistryMode } from '../../shared/model/schemas'
import { ImportMode } from './import-mode'
import { ImportNotes } from './import-notes'
import type { RegistryClient } from './registry-client'

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'broker-workbench-import-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

/** A registry's modes; `isDown` lets every call fail. */
class Modes {
  readonly own = new Map<string, RegistryMode>()
  isDown = false

  readonly client = {
    ownMode: async (subject: string) => this.up(() => this.own.get(subject) ?? null),
    effectiveMode: async (subject: string) => this.up(() => this.own.get(subject) ?? 'READWRITE'),
    setMode: async (subject: string, mode: RegistryMode | null) =>
      this.up(() => {
        if (mode === null) this.own.delete(subject)
        else this.own.set(subject, mode)
      }),
  } as unknown as RegistryClient

  private up<T>(answer: () => T): T {
    if (this.isDown) throw new Error('no broker answers')
    return answer()
  }
}

const file = () => join(directory, 'kept', 'import-modes.json')
const newMode = (modes: Modes) => new ImportMode(modes.client, new ImportNotes(file()))

describe('mode IMPORT for a restore', () => {
  it('holds as long as it takes, and the mode before it is back, also where it failed', async () => {
    const modes = new Modes()
    modes.own.set('s', 'READONLY')
    const importMode = newMode(modes)
    await importMode.within('s', async () => {
      expect(modes.own.get('s')).toBe('IMPORT')
      expect(JSON.parse(readFileSync(file(), 'utf8'))).toEqual({ s: 'READONLY' })
    })
    await expect(importMode.within('t', () => Promise.reject(new Error('refused')))).rejects.toThrow('refused')
    expect([...modes.own]).toEqual([['s', 'READONLY']])
    expect(JSON.parse(readFileSync(file(), 'utf8'))).toEqual({})
  })

  it('is left alone where somebody has set it himself', async () => {
    const modes = new Modes()
    modes.own.set('s', 'IMPORT')
    await newMode(modes).within('s', async () => undefined)
    await newMode(modes).repair()
    expect(modes.own.get('s')).toBe('IMPORT')
  })

  it('is switched off by the next app where this one died in the middle', async () => {
    const modes = new Modes()
    modes.own.set('t', 'READONLY')
    const dying = newMode(modes)
    const whenDead = new Promise<never>(() => undefined)
    void dying.within('s', () => whenDead)
    void dying.within('t', () => whenDead)
    await expect.poll(() => [...modes.own.values()]).toEqual(['IMPORT', 'IMPORT'])
    await newMode(modes).repair()
    expect([...modes.own]).toEqual([['t', 'READONLY']])
    await newMode(modes).repair()
    expect([...modes.own]).toEqual([['t', 'READONLY']])
  })

  it('is switched off later where the registry could not be written to, and not while it is used', async () => {
    const modes = new Modes()
    const importMode = newMode(modes)
    await expect(
      importMode.within('s', async () => {
        await importMode.repair()
        expect(modes.own.get('s')).toBe('IMPORT')
        modes.isDown = true
      }),
    ).rejects.toThrow('no broker answers')
    await importMode.repair()
    expect(modes.own.get('s')).toBe('IMPORT')
    modes.isDown = false
    await importMode.repair()
    expect([...modes.own]).toEqual([])
  })

  it('that is over already is only forgotten, and a broken file is none', async () => {
    const modes = new Modes()
    new ImportNotes(file()).put('s', null)
    modes.own.set('s', 'READONLY')
    await newMode(modes).repair()
    expect([...modes.own]).toEqual([['s', 'READONLY']])
    writeFileSync(file(), '{"s":')
    expect([...new ImportNotes(file()).all()]).toEqual([])
  })
})
