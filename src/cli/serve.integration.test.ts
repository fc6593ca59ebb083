/** `serve` as a person or a script runs it: another process, its arguments, its standard streams, its signals and its exit code. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { ServeChild } from './testing/serve-child'

const children: ServeChild[] = []
const directories: string[] = []

function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'broker-workbench-serve-'))
  directories.push(directory)
  return directory
}

function run(...args: string[]): ServeChild {
  const child = new ServeChild(args)
  children.push(child)
  return child
}

const freePorts = ['--port', '0', '--coordination-port', '0', '--registry-port', '0']

function serve(directory: string, ...args: string[]): ServeChild {
  return run('serve', '--json', ...freePorts, '--data-dir', directory, ...args)
}

const marker = (directory: string, id: number) => join(directory, 'brokers', `broker-${id}`, '.kafka_cleanshutdown')

async function answersOn(address: string): Promise<void> {
  const [host = '', port = ''] = address.split(':')
  const socket = connect(Number(port), host)
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject))
  socket.destroy()
}

async function withTakenPort<T>(use: (port: number) => Promise<T>): Promise<T> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    return await use((server.address() as AddressInfo).port)
  } finally {
    server.close()
  }
}

afterEach(async () => {
  for (const child of children.splice(0)) {
    child.child.kill('SIGKILL')
    await child.ended
  }
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true })
})

describe('serve', () => {
  it('says in one line that it serves, answers every command with one, and quits cleanly', async () => {
    const directory = temporaryDirectory()
    const server = serve(directory, '--brokers', '2', '--session-timeout-ms', '800')
    const ready = await server.nextAnswer()
    expect(Object.keys(ready)).toEqual(['bootstrapServers', 'coordination', 'registry'])
    const addresses = String(ready['bootstrapServers']).split(',')
    expect(addresses).toHaveLength(2)
    for (const address of [...addresses, String(ready['coordination'])]) await answersOn(address)

    expect(await server.command('status')).toMatchObject({
      ok: true,
      command: 'status',
      state: 'running',
      bootstrapServers: ready['bootstrapServers'],
      brokers: [
        { id: 1, state: 'running' },
        { id: 2, state: 'running' },
      ],
      coordination: { state: 'running' },
      topicCount: 0,
      offlineCount: 0,
    })
    for (const command of ['kill', 'start', 'stop', 'start', 'freeze', 'resume'])
      expect(await server.command(`${command} 2`)).toEqual({ ok: true, command, brokerId: 2 })
    expect(await server.command('  kill   2  ')).toEqual({ ok: true, command: 'kill', brokerId: 2 })
    expect(await server.command('kill 2')).toEqual({
      ok: false,
      command: 'kill',
      code: 'BROKER_STATE',
      error: 'Broker 2 is killed: it cannot kill. It is down already.',
    })
    const added = await server.command('add')
    expect(added).toMatchObject({ ok: true, command: 'add', brokerId: 3 })
    expect(String(added['bootstrapServers']).split(',')).toHaveLength(3)
    expect(await server.command('remove 3')).toEqual({ ok: true, command: 'remove', brokerId: 3 })
    expect(await server.command('start 9')).toMatchObject({ ok: false, code: 'UNKNOWN_BROKER' })
    expect(await server.command('start 2')).toMatchObject({ ok: true })
    expect(await server.command('quit')).toEqual({ ok: true, command: 'quit' })
    expect(await server.ended).toBe(0)
    expect(existsSync(marker(directory, 1))).toBe(true)
    expect(existsSync(marker(directory, 2))).toBe(true)
    expect(existsSync(join(directory, '.lock'))).toBe(false)
  })

  it('takes rules of interception, counts what they strike, and sets broker configs', async () => {
    const server = serve(temporaryDirectory(), '--brokers', '1', '--config', 'num.partitions=3', '--rack', 'here')
    const [host = '', port = ''] = String((await server.nextAnswer())['bootstrapServers']).split(':')
    const rule = { match: { api: 'metadata', clientId: 'nobody' }, action: { kind: 'error', error: 'UNKNOWN_SERVER_ERROR' } }
    expect(await server.command(`intercept ${JSON.stringify(rule)}`)).toEqual({ ok: true, command: 'intercept', id: 1 })
    expect(await server.command('intercept {"broker": 1, "action": {"kind": "close"}, "times": 1}')).toMatchObject({
      ok: true,
      id: 2,
    })
    const refused = (error: string) => ({ ok: false, code: 'INVALID_COMMAND', error })
    expect(await server.command('intercept {"action": {"kind": "nod"}}')).toMatchObject(
      refused('The kind of an action is one of error, delay, drop-answer, close'),
    )
    expect(await server.command('intercept soon')).toMatchObject({ ok: false, code: 'INVALID_COMMAND' })
    expect(await server.command('intercept {"broker": 7, "action": {"kind": "close"}}')).toMatchObject({ code: 'UNKNOWN_BROKER' })
    // ApiVersions 0, correlation id 1, client id 'x': the second rule closes the connection.
    const socket = connect(Number(port), host)
    const closed = new Promise((resolve) => socket.once('close', resolve))
    socket.on('error', () => undefined).end(Buffer.from('0000000b00120000000000010001' + '78', 'hex'))
    await closed
    expect(await server.command('interceptions')).toMatchObject({
      interceptions: [
        { id: 1, brokerId: null, matchCount: 0, hitCount: 0, isSpent: false },
        { id: 2, brokerId: 1, matchCount: 1, hitCount: 1, isSpent: true },
      ],
    })
    expect(await server.command('remove-interception 1')).toEqual({ ok: true, command: 'remove-interception', id: 1 })
    expect(await server.command('remove-interception 1')).toMatchObject({ ok: false, code: 'UNKNOWN_INTERCEPTION' })
    expect(await server.command('clear-interceptions')).toEqual({ ok: true, command: 'clear-interceptions' })
    expect(await server.command('interceptions')).toMatchObject({ interceptions: [] })
    expect(await server.terminate()).toBe(0)
  })

  it('refuses what is no command, in order, and goes on', async () => {
    const server = serve(temporaryDirectory(), '--brokers', '1')
    await server.nextLine()
    const lines = [
      'fly',
      'kill',
      'kill one',
      'kill 1 2',
      'kill -1',
      'status now',
      'constructor 1',
      '__proto__ 1',
      '{"command":"kill"}',
      '\u0000\u0007ÿ',
    ]
    server.write(`${lines.join('\n')}\n\n   \n${'x'.repeat(1_000_000)}\n`)
    const answers: Record<string, unknown>[] = []
    for (let index = 0; index <= lines.length; index++) answers.push(await server.nextAnswer())
    expect(answers.every(({ ok, code }) => ok === false && code === 'INVALID_COMMAND')).toBe(true)
    expect(answers[0]).toMatchObject({
      command: 'fly',
      error: expect.stringContaining("Unknown command 'fly'. There are: status, kill ID"),
    })
    expect(answers.slice(1, 6).map(({ error }) => error)).toEqual([
      "kill takes a broker id, as in 'kill 1'",
      "kill takes a broker id, as in 'kill 1'",
      "Too many words: 'kill 1 2'",
      "kill takes a broker id, as in 'kill 1'",
      'status takes no argument',
    ])
    expect(String(answers[lines.length]?.['error']).length).toBeLessThan(300)
    expect(await server.command('status')).toMatchObject({ ok: true, brokers: [{ id: 1, state: 'running' }] })
    // Bytes that are no text, and no end of line before the end of the input.
    server.child.stdin!.end(Buffer.from([0xff, 0xfe, 0x0a, 0xc3, 0x28]))
    expect(await server.nextAnswer()).toMatchObject({ ok: false, code: 'INVALID_COMMAND' })
    expect(await server.nextAnswer()).toMatchObject({ ok: false, code: 'INVALID_COMMAND' })
    // The end of the input is no command.
    const { port } = new URL(`tcp://${(JSON.parse(server.stdout[0]!) as { bootstrapServers: string }).bootstrapServers}`)
    await answersOn(`127.0.0.1:${port}`)
    expect(server.child.exitCode).toBeNull()
    expect(await server.terminate('SIGINT')).toBe(0)
  })

  it('stops cleanly by SIGTERM, also while it starts, and has all its data the next time', async () => {
    const directory = temporaryDirectory()
    const first = serve(directory, '--brokers', '2')
    await first.nextLine()
    const { clusterId } = await first.command('status')
    expect(await first.terminate()).toBe(0)
    expect(existsSync(marker(directory, 1)) && existsSync(marker(directory, 2))).toBe(true)

    const interrupted = serve(directory)
    while (!existsSync(join(directory, '.lock'))) await new Promise((resolve) => setImmediate(resolve))
    expect(await interrupted.terminate()).toBe(0)
    expect(interrupted.stdout).toEqual([])
    expect(existsSync(join(directory, '.lock'))).toBe(false)

    const second = serve(directory)
    await second.nextLine()
    expect(await second.command('status')).toMatchObject({ clusterId, brokers: [{ id: 1 }, { id: 2 }] })
    expect(second.stderr).toEqual([])
    expect(await second.terminate()).toBe(0)
  })

  it('takes a list of ports, and prints for people without --json', async () => {
    const ports = await withTakenPort((one) => withTakenPort(async (two) => [one, two]))
    const directory = temporaryDirectory()
    const server = run('serve', '--port', ports.join(','), '--coordination-port', '0', '--data-dir', directory)
    expect(await server.nextLine()).toContain(ports.map((port) => `127.0.0.1:${port}`).join(','))
    expect(await server.nextLine()).toContain('ZooKeeper protocol')
    expect(await server.nextLine()).toContain("Confluent's REST API")
    expect(await server.nextLine()).toContain(directory)
    await server.nextLine()
    expect(JSON.parse(readFileSync(join(directory, 'workspace.json'), 'utf8'))).toMatchObject({
      brokers: [
        { id: 1, port: ports[0] },
        { id: 2, port: ports[1] },
      ],
    })
    expect(await server.terminate()).toBe(0)
  })

  it('refuses a data directory that another process holds, in one line', async () => {
    const directory = temporaryDirectory()
    const holder = serve(directory, '--brokers', '1')
    await holder.nextLine()
    const second = serve(directory)
    expect(await second.ended).toBe(2)
    expect(second.stdout).toEqual([])
    expect(second.stderr).toEqual([
      `The data directory ${directory} is in use by process ${holder.child.pid}. Stop that one, or choose another directory.`,
    ])
    // Killed hard, it leaves its lock; the next one takes it over.
    await holder.terminate('SIGKILL')
    const third = serve(directory)
    await third.nextLine()
    expect(await third.terminate()).toBe(0)
  })

  it('refuses a taken port, in one line', async () => {
    await withTakenPort(async (port) => {
      for (const [option, owner] of [
        ['--port', 'broker 1'],
        ['--coordination-port', 'the coordination service'],
        ['--registry-port', 'the schema registry'],
      ] as const) {
        const child = run('serve', '--json', ...freePorts, option, String(port), '--data-dir', temporaryDirectory())
        expect(await child.ended).toBe(2)
        expect(child.stdout).toEqual([])
        expect(child.stderr).toEqual([expect.stringContaining(`Port ${port} for ${owner} is taken on 127.0.0.1.`)])
      }
    })
  })

  it('answers as a schema registry where it says, dies and comes back on command, or has none', async () => {
    const server = serve(temporaryDirectory(), '--brokers', '1')
    const url = String((await server.nextAnswer())['registry'])
    const subjects = async () => (await fetch(`${url}/subjects`)).json()
    expect(await subjects()).toEqual([])
    expect(await server.command('kill-registry')).toEqual({ ok: true, command: 'kill-registry' })
    await expect(subjects()).rejects.toThrow()
    expect(await server.command('start-registry')).toEqual({ ok: true, command: 'start-registry' })
    expect(await subjects()).toEqual([])
    expect(await server.command('status')).toMatchObject({ registry: { state: 'running', url } })
    const without = run(
      'serve',
      '--json',
      '--port',
      '0',
      '--coordination-port',
      '0',
      '--no-registry',
      '--data-dir',
      temporaryDirectory(),
    )
    expect(Object.keys(await without.nextAnswer())).toEqual(['bootstrapServers', 'coordination'])
    expect(await without.command('kill-registry')).toMatchObject({ ok: false, code: 'NO_REGISTRY' })
    expect(await run('serve', '--registry-port', '1', '--no-registry').ended).toBe(2)
  })

  it('refuses what it cannot use, in one line and with exit code 2', async () => {
    const file = join(temporaryDirectory(), 'file')
    writeFileSync(file, '')
    const broken = temporaryDirectory()
    writeFileSync(join(broken, 'workspace.json'), '{"version":1,')
    const cases: [string[], string][] = [
      [['sevre'], "Unknown command 'sevre'. There is: serve"],
      [['serve', '--brokers', '0'], '--brokers takes a whole number from 1 to 64'],
      [['serve', '--prot', '1'], "Unknown option '--prot'"],
      [['serve', 'now'], "Unexpected argument 'now'"],
      [['serve', '--data-dir', file], `The data directory ${file} cannot be used`],
      [['serve', '--data-dir', broken], 'workspace.json cannot be read'],
    ]
    const runs = cases.map(([args]) => run(...args))
    for (const [index, child] of runs.entries()) {
      const [args, words] = cases[index]!
      expect(await child.ended, args.join(' ')).toBe(2)
      expect(child.stdout).toEqual([])
      expect(child.stderr).toEqual([expect.stringContaining(words)])
    }
  })
})
