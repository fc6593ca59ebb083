import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CoordinationKit } from '../testing/coordination-kit'
import type { CoordinationServer } from './coordination-server'

let kit: CoordinationKit
let server: CoordinationServer

beforeEach(async () => {
  kit = new CoordinationKit()
  server = await kit.start()
})
afterEach(async () => {
  await server.stop()
})

async function ask(word: string): Promise<string> {
  const connection = kit.bare()
  connection.send(Buffer.from(word))
  await kit.settle()
  expect(connection.isClosed).toBe(true)
  return connection.text
}

describe('a four-letter word', () => {
  it('is answered in ZooKeeper’s format', async () => {
    const client = kit.client('watcher')
    await client.create('/e', 'x', { ephemeral: true })
    await client.getData('/e', () => {})
    await client.getChildren('/', () => {})
    const id = `0x${client.sessionId.toString(16)}`
    expect(await ask('ruok')).toBe('imok')
    expect(await ask('isro')).toBe('rw')
    const srvr = await ask('srvr')
    expect(srvr).toMatch(
      /^Zookeeper version: 3\.8\.0-\S+, built on .*\nLatency min\/avg\/max: \d+\/[\d.]+\/\d+\nReceived: \d+\nSent: \d+\nConnections: 2\nOutstanding: 0\nZxid: 0x2\nMode: standalone\nNode count: 6\n$/,
    )
    expect(await ask('stat')).toMatch(
      /Clients:\n \/127\.0\.0\.1:\d+\[1\]\(queued=0,recved=\d+,sent=\d+\)\n \/127\.0\.0\.1:\d+\[0\]\(queued=0,recved=1,sent=0\)\n\nLatency/,
    )
    expect(await ask('wchs')).toBe('1 connections watching 1 paths\nTotal watches:1\n')
    expect(await ask('wchc')).toBe(`${id}\n\t/e\n\n`)
    expect(await ask('wchp')).toBe(`/e\n\t${id}\n\n`)
    expect(await ask('dump')).toContain(`ephemeral nodes dump:\nSessions with Ephemerals (1):\n${id}:\n\t/e\n`)
    expect(await ask('dump')).toMatch(
      /^SessionTracker dump:\nSession Sets \(1\)\/\(1\):\n1 expire at Tue Nov 14 22:13:\d\d UTC 2023:\n/,
    )
    expect(await ask('cons')).toMatch(
      new RegExp(`\\[1\\]\\(queued=0,recved=\\d+,sent=\\d+,sid=${id},lop=\\w+,est=\\d+,to=1500,lcxid=0x\\d+,lzxid=0x2,`),
    )
    const mntr = new Map(
      (await ask('mntr'))
        .trimEnd()
        .split('\n')
        .map((line) => line.split('\t') as [string, string]),
    )
    expect(Object.fromEntries(mntr)).toMatchObject({
      zk_server_state: 'standalone',
      zk_znode_count: '6',
      zk_ephemerals_count: '1',
      zk_watch_count: '2',
    })
    expect(await ask('conf')).toContain(`clientPort=${kit.port}\n`)
    expect(await ask('envi')).toMatch(/^Environment:\n/)
    expect(await ask('crst')).toBe('Connection stats reset.\n')
    expect(await ask('srst')).toBe('Server stats reset.\n')
  })

  it('that is none is answered with nothing', async () => {
    expect(await ask('xxxx')).toBe('')
  })
})
