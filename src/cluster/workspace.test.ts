import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Workspace } from './workspace'

describe('Workspace', () => {
  let directory: string

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'workspace-'))
  })
  afterEach(() => rmSync(directory, { recursive: true, force: true }))

  it('remembers its brokers and never gives an id twice', () => {
    const first = Workspace.open(directory)
    first.update({ brokers: [{ id: 1, port: 9092 }], nextBrokerId: 3 })
    first.close()
    const again = Workspace.open(directory)
    expect(again.settings).toMatchObject({ brokers: [{ id: 1, port: 9092 }], nextBrokerId: 3 })
    again.close()
  })

  it.each([
    ['{"version":1', /cannot be read/],
    ['{"version":1,"brokers":[{"id":1,"port":99999}],"nextBrokerId":2,"coordinationPort":null}', /brokers\.0\.port/],
  ])('says what is wrong with damaged settings and leaves them as they are: %s', (content, message) => {
    writeFileSync(join(directory, 'workspace.json'), content)
    expect(() => Workspace.open(directory)).toThrow(message)
    // The lock must be free again for whoever mends the file.
    writeFileSync(join(directory, 'workspace.json'), '{"version":1,"brokers":[],"nextBrokerId":1,"coordinationPort":null}')
    Workspace.open(directory).close()
  })

  it('says so where the directory is a file', () => {
    const path = join(directory, 'file')
    writeFileSync(path, '')
    expect(() => Workspace.open(path)).toThrow(/cannot be used/)
  })
})
