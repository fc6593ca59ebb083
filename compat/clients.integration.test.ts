/**
 * A short turn of each script in this folder inside `npm test`; the long ones are run by hand. A client that is not installed is skipped by the
 * script itself, which prints why.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

async function run(script: string, ...args: string[]): Promise<{ readonly code: number | null; readonly output: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', join(__dirname, script), ...args], {
    cwd: join(__dirname, '..'),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
  }
  const [code] = (await once(child, 'close')) as [number | null]
  for (const line of output.split('\n')) if (/^skipped/i.test(line)) console.log(line)
  return { code, output }
}

describe("other people's clients", () => {
  it('do what their users do most: write, read, join groups, administer, commit transactions', { timeout: 300_000 }, async () => {
    const { code, output } = await run(
      'run/index.ts',
      '--quick',
      '--only',
      'kafkajs,kcat,debian-confluent-kafka,debian-kafka-python',
    )
    expect(code, output).toBe(0)
    expect(output).toMatch(/^kafkajs [\d.]+ +[1-9]\d* passed, 0 failed/m)
    for (const line of output.split('\n')) if (/ skipped: /.test(line)) console.log(line)
  })

  it('lose nothing that was acknowledged while each broker is killed and started again', { timeout: 180_000 }, async () => {
    const { code, output } = await run('kafka-clients/rounds.ts', '--rounds', '1')
    expect(code, output).toBe(0)
    expect(output).toMatch(/round 1 kafkajs: [1-9]\d* acknowledged, \d+ read, 0 lost, 0 reordered/)
    for (const client of ['kafkajs', 'workbench'])
      expect(output).toMatch(new RegExp(`^${client}-idempotent: [1-9]\\d* acknowledged, 0 lost, 0 duplicated, 0 reordered$`, 'm'))
    expect(output).toMatch(/^1 rounds, \d+ acknowledged records, 0 failures$/m)
  })

  it('find everything acknowledged after the death of the whole process', { timeout: 120_000 }, async () => {
    const { code, output } = await run('kafka-clients/process-death.ts', '--deaths', '1')
    expect(code, output).toBe(0)
    expect(output).toMatch(/death 1 kafkajs: [1-9]\d* acknowledged, \d+ read, 0 lost, 0 reordered/)
    expect(output).toMatch(/^workbench-idempotent: [1-9]\d* acknowledged, 0 lost, 0 duplicated, 0 reordered$/m)
  })

  it('write each record once and in order where a third of the answers are lost', { timeout: 120_000 }, async () => {
    const { code, output } = await run('kafka-clients/lossy-answers.ts', '--records', '3000', '--client', 'librdkafka')
    expect(code, output).toBe(0)
    if (!/^skipped/m.test(output))
      expect(output).toMatch(/[1-9]\d* of \d+ answers lost; read 3000 gaps 0 duplicates 0 reordered 0$/m)
  })

  it('administer topics, configs and quotas, and read in their rack', { timeout: 600_000 }, async () => {
    // Java takes minutes: that part is for `npm run compat`.
    const parts = ['confluent', 'kafkajs', 'rack', 'quotas'].flatMap((part) => ['--part', part])
    const { code, output } = await run('administration/run.ts', ...parts)
    expect(code, output).toBe(0)
    expect(output).toMatch(/^ok kafkajs describes and alters configs$/m)
    expect(output).toMatch(/^done$/m)
  })

  it('log in, trust the brokers, and are refused what they may not', { timeout: 300_000 }, async () => {
    const { code, output } = await run('security/run.ts', '--quick')
    expect(code, output).toBe(0)
    expect(output).toMatch(/^ok kafkajs writes and reads with SCRAM-SHA-256, as its ACLs allow$/m)
    expect(output).toMatch(/^ok kafkajs writes and reads with a certificate and a password$/m)
  })

  it('of the schema registry register, evolve, are refused, delete, and serialize to a topic and back', {
    timeout: 420_000,
  }, async () => {
    const { code, output } = await run(
      'run/index.ts',
      '--quick',
      '--only',
      // The others have packages to install first: they are for `npm run compat`.
      'registry-kafkajs,registry-debian-confluent-kafka',
    )
    expect(code, output).toBe(0)
    for (const line of output.split('\n')) if (/ skipped: /.test(line)) console.log(line)
    expect(output).toMatch(/^registry-\S+ [\d.]+ +[1-9]\d* passed, 0 failed| skipped: /m)
  })

  it('of ZooKeeper take the coordination service for one', { timeout: 120_000 }, async () => {
    const { code, output } = await run('zookeeper/run.ts')
    expect(code, output).toBe(0)
    expect(output).toContain('ok node-zookeeper-client')
  })

  it('of ZooKeeper see brokers, controller and partition states come and go', { timeout: 120_000 }, async () => {
    const { code, output } = await run('zookeeper/cluster.ts')
    expect(code, output).toBe(0)
    if (!/^SKIPPED/m.test(output)) expect(output).toMatch(/^done$/m)
  })
})
