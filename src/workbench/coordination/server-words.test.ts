/** The answers are those of ZooKeeper 3.8's own server, trimmed. */
import { describe, expect, it } from 'vitest'
import { readConnections, readDump, readMonitor, readWatches } from './server-words'

describe('the four-letter words read back', () => {
  it('takes the figures of mntr without their prefix', () => {
    const values = readMonitor('zk_version\t3.8.4-1, built on 2024-02-12\nzk_avg_latency\t0.2963\nzk_znode_count\t41\n')
    expect(values.get('version')).toBe('3.8.4-1, built on 2024-02-12')
    expect(values.get('avg_latency')).toBe('0.2963')
    expect(values.get('znode_count')).toBe('41')
  })

  it('takes connections with a session from cons, and leaves the one that asks', () => {
    const answer = [
      ' /127.0.0.1:38282[0](queued=0,recved=1,sent=0)',
      ' /0:0:0:0:0:0:0:1:52110[1](queued=0,recved=12,sent=13,sid=0x1000d2ab1230001,lop=PING,est=1700000000123,to=18000,lcxid=0x7,lzxid=0x2b,lresp=99,llat=0,minlat=0,avglat=0,maxlat=3)',
      '',
    ].join('\n')
    expect(readConnections(answer)).toEqual([
      {
        address: '0:0:0:0:0:0:0:1:52110',
        sessionId: '0x1000d2ab1230001',
        timeoutMs: 18_000,
        sinceMs: 1_700_000_000_123,
        lastOperation: 'PING',
        receivedCount: 12,
        sentCount: 13,
      },
    ])
  })

  it('takes expiry and ephemerals of each session from dump, and no connection for a path', () => {
    const answer = [
      'SessionTracker dump:',
      'Session Sets (3)/(2):',
      '0 expire at Mon Nov 23 17:00:00 UTC 2026:',
      '2 expire at Mon Nov 23 17:00:02 UTC 2026:',
      '\t0x10',
      '\t0x11',
      'ephemeral nodes dump:',
      'Sessions with Ephemerals (1):',
      '0x10:',
      '\t/brokers/ids/1',
      '\t/controller',
      'Connections dump:',
      'Connections Sets (1)/(1):',
      '\tip: /127.0.0.1:5 sessionId: 0x10',
      '',
    ].join('\n')
    const { expiresAtMs, ephemerals } = readDump(answer)
    expect([...expiresAtMs]).toEqual([
      ['0x10', Date.UTC(2026, 10, 23, 17, 0, 2)],
      ['0x11', Date.UTC(2026, 10, 23, 17, 0, 2)],
    ])
    expect([...ephemerals]).toEqual([['0x10', ['/brokers/ids/1', '/controller']]])
  })

  it('takes the watched paths of each session from wchc', () => {
    expect([...readWatches('0x10\n\t/controller\n\t/a b\n0x11\n\t/controller\n\n')]).toEqual([
      ['0x10', ['/controller', '/a b']],
      ['0x11', ['/controller']],
    ])
  })
})
