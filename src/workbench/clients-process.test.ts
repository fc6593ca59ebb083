import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ClientsProcess } from './clients-process'
import { idsPerStart, shortId } from './ids'

/** Answers with the base of its ids, and dies when it is told to delete a topic. */
const worker = `
const { parentPort, workerData } = require('node:worker_threads')
parentPort.on('message', (message) => {
  if (message.type !== 'call') return
  if (message.name === 'topics.delete') process.exit(1)
  parentPort.postMessage({ type: 'answer', id: message.id, ok: true, value: workerData.idBase })
})`

let directory = ''
let running: ClientsProcess | null = null
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'workbench-clients-'))
  writeFileSync(join(directory, 'clients-worker.js'), worker)
})
afterEach(async () => {
  await running?.stop()
  rmSync(directory, { recursive: true, force: true })
})

describe('the clients worker', () => {
  it('is said to have died, fails what was under way, and gives no id again in its next life', async () => {
    const crashes: { reason: string; isAgain: boolean }[] = []
    const clients = new ClientsProcess({
      workerDirectory: directory,
      dataDirectory: directory,
      emit: () => undefined,
      onCrash: (reason, isAgain) => crashes.push({ reason, isAgain }),
      credentials: null,
    })
    running = clients
    const first = Number(await clients.call('groups.list', undefined))
    await expect(clients.call('topics.delete', { topic: 't' })).rejects.toMatchObject({ code: 'CLIENTS_WORKER_ENDED' })
    expect(crashes).toEqual([{ reason: 'it ended without being told to', isAgain: false }])
    expect(Number(await clients.call('groups.list', undefined))).toBe(first + idsPerStart)
    await expect(clients.call('topics.delete', { topic: 't' })).rejects.toThrow('The clients worker died')
    expect(crashes.map(({ isAgain }) => isAgain)).toEqual([false, true])
  })
})

describe('an id', () => {
  it('is short in the first life, and names the life in later ones', () => {
    expect([7, idsPerStart + 7, 2 * idsPerStart + 12].map(shortId)).toEqual(['7', '2-7', '3-12'])
  })
})
