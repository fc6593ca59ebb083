/**
 * A registry with 5,000 subjects of 3 versions each: how long a start of it takes until it answers, what the calls that a list of subjects is made of take,
 * and how many registrations a second it answers, one client after the other and four at once. The topic is filled through Kafka's protocol, as an import would.
 *
 *   npx tsx bench/schema-registry.ts [--subjects 5000] [--registrations 200]
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { percentile } from '../compat/kafka-clients/history'
import { ServeProcess } from '../compat/kafka-clients/serve-process'
import { fillSchemasTopic, versionsPerSubject } from './schemas-topic'

async function timed<T>(action: () => Promise<T>): Promise<{ readonly ms: number; readonly value: T }> {
  const from = performance.now()
  const value = await action()
  return { ms: performance.now() - from, value }
}

async function median(action: () => Promise<unknown>): Promise<string> {
  const times: number[] = []
  for (let run = 0; run < 11; run++) times.push((await timed(action)).ms)
  return `${percentile(times, 0.5).toFixed(1)} ms (worst of 11: ${Math.max(...times).toFixed(1)})`
}

async function register(url: string, subject: string, number: number): Promise<void> {
  const response = await fetch(`${url}/subjects/${subject}/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ schema: JSON.stringify({ type: 'record', name: `New${number}`, fields: [] }) }),
  })
  if (!response.ok) throw new Error(await response.text())
  await response.text()
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { subjects: { type: 'string', default: '5000' }, registrations: { type: 'string', default: '200' } },
  })
  const [subjectCount, registrations] = [Number(values.subjects), Number(values.registrations)]
  const directory = mkdtempSync(join(tmpdir(), 'workbench-registry-'))
  const server = await ServeProcess.start([
    '--port',
    '0',
    '--coordination-port',
    '0',
    '--registry-port',
    '0',
    '--data-dir',
    directory,
  ])
  try {
    await fillSchemasTopic(server.bootstrapServers, subjectCount)
    await server.command('kill-registry')
    const url = server.registry
    const get = async (target: string): Promise<unknown> => (await fetch(`${url}${target}`)).json()
    const start = await timed(async () => {
      await server.command('start-registry')
      return get('/subjects')
    })
    console.log(
      `start to the first answer, ${subjectCount * versionsPerSubject} records: ${start.ms.toFixed(0)} ms, ${(start.value as string[]).length} subjects`,
    )
    console.log(`GET /subjects: ${await median(() => get('/subjects'))}`)
    console.log(
      `GET /schemas?latestOnly=true, a page of 1,000: ${await median(() => get('/schemas?latestOnly=true&limit=1000'))}`,
    )
    const whole = await timed(async () => {
      let count = 0
      for (let offset = 0; ; offset += 1_000) {
        const page = (await get(`/schemas?latestOnly=true&offset=${offset}`)) as unknown[]
        count += page.length
        if (page.length < 1_000) return count
      }
    })
    console.log(`GET /schemas?latestOnly=true, all pages: ${whole.ms.toFixed(0)} ms, ${whole.value} schemas`)
    console.log(`GET /schemas/ids/{id}: ${await median(() => get('/schemas/ids/777'))}`)
    const serial = await timed(async () => {
      for (let number = 0; number < registrations; number++) await register(url, 'serial', 0)
    })
    console.log(
      `registrations of what is there, one after the other: ${((registrations / serial.ms) * 1000).toFixed(0)} a second`,
    )
    const fresh = await timed(async () => {
      for (let number = 0; number < registrations; number++) await register(url, `fresh-${number}`, number + 1)
    })
    console.log(`registrations of new ones, one after the other: ${((registrations / fresh.ms) * 1000).toFixed(0)} a second`)
    const parallel = await timed(() =>
      Promise.all(
        [0, 1, 2, 3].map(async (client) => {
          for (let number = 0; number < registrations / 4; number++)
            await register(url, `parallel-${client}-${number}`, 1e6 + number * 4 + client)
        }),
      ),
    )
    console.log(`registrations of new ones, four clients: ${((registrations / parallel.ms) * 1000).toFixed(0)} a second`)
  } finally {
    await server.terminate()
    rmSync(directory, { recursive: true, force: true })
  }
}

void main()
