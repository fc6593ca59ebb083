import { describe, expect, it } from 'vitest'
import { parseServeArguments } from './arguments'

describe('parseServeArguments', () => {
  it('takes everything that serve offers', () => {
    const parsed = parseServeArguments([
      '--brokers',
      '3',
      '--port',
      '0,9093',
      '--coordination-port',
      '0',
      '--data-dir',
      'd',
      '--session-timeout-ms',
      '3000',
      '--rack',
      'a,b',
      '--auto-create-topics',
      '--config',
      'quota.window.num=2',
      '--config',
      'num.partitions=6',
      '--json',
    ])
    expect(parsed).toMatchObject({
      ok: true,
      value: {
        brokerCount: 3,
        brokerPorts: [0, 9093],
        coordinationPort: 0,
        dataDirectory: 'd',
        sessionTimeoutMs: 3000,
        racks: ['a', 'b'],
        configs: { 'auto.create.topics.enable': 'true', 'num.partitions': '6', 'quota.window.num': '2' },
        isJson: true,
      },
    })
  })

  it.each([
    [['--brokers', '0'], /--brokers takes a whole number from 1 to 64, not '0'/],
    [['--brokers', 'many'], /--brokers/],
    [['--port', '70000'], /--port takes a whole number from 0 to 65535, not '70000'/],
    [['--port', '9092,9092'], /--port names 9092 twice/],
    [['--port', ''], /--port/],
    [['--brokers', '1', '--port', '1,2'], /--port lists 2 ports for 1 broker/],
    [['--data-dir', ''], /--data-dir/],
    [['--colour'], /--colour/],
    [['stray'], /Unexpected argument 'stray'/],
  ])('says in one line what is wrong with %j', (argv, message) => {
    const parsed = parseServeArguments(argv)
    expect(parsed.ok).toBe(false)
    if (parsed.ok) return
    expect(parsed.error).toMatch(message)
    expect(parsed.error).not.toContain('\n')
  })
})
