/**
 * Kills, freezes and restarts brokers at random, one after the other, with every view of the window open. After every ten, once the cluster has been the
 * same for three seconds (a session that is about to expire does so within them), the map must show what a client from outside is told. The same seed breaks the same way. Used by cluster.spec.ts and, with
 * more rounds, by bench/restless.ts.
 */
import { connectClient } from './client'
import { Person, settleMs } from './person'
import { expect, type WorkbenchApp } from './workbench-app'

const topic = 'restless'
const partitionCount = 4
const brokerIds = [1, 2, 3]
const checkEvery = 10
const stableMs = 3_000

export async function breakAtRandom(
  app: WorkbenchApp,
  { rounds, seed }: { readonly rounds: number; readonly seed: number },
): Promise<void> {
  // Brokers that are broken warn of it. What must not come is an error: of a process, of a page, of a promise.
  app.expectComplaint(/stderr: .*WARN \[/)
  const person = new Person(app.page)
  await person.untilHealthy()
  await person.createTopic(topic, { partitions: partitionCount })
  for (const view of ['topics', 'produce', 'groups', 'schemas', 'coordination', 'metrics', 'clients']) {
    const entry = person.sees(`rail-${view}`)
    if ((await entry.count()) > 0) await entry.click()
  }
  await person.openCluster()
  const random = generator(seed)
  for (let round = 1; round <= rounds; round++) {
    await breakOne(person, random)
    await app.page.waitForTimeout(300 + random() * 1_200)
    if (round % checkEvery === 0 || round === rounds) await untilTheSame(app, person, `round ${round} of seed ${seed}`)
  }
  await mendAll(person)
  await expect(person.sees('cluster-health')).toHaveAttribute('data-health', 'healthy', { timeout: settleMs })
  await expect(app.page.getByText('Something went wrong')).toHaveCount(0)
  await expect(app.page.locator('[role=dialog]')).toHaveCount(0)
}

const stateOf = async (person: Person, id: number): Promise<string> =>
  (await person.page.getByTestId(`broker-${id}`).getAttribute('data-state')) ?? ''

type Break = readonly [number, 'kill' | 'freeze' | 'stop' | 'resume' | 'start']

/** One broker always stays up: without any there is nobody to ask what is true. */
async function breakOne(person: Person, random: () => number): Promise<void> {
  const states = await Promise.all(brokerIds.map((id) => stateOf(person, id)))
  const runningCount = states.filter((state) => state === 'running').length
  const possible = brokerIds.flatMap((id, index): readonly Break[] => {
    const state = states[index]
    if (state === 'running')
      return runningCount > 1
        ? [
            [id, 'kill'],
            [id, 'freeze'],
            [id, 'stop'],
          ]
        : []
    if (state === 'frozen')
      return [
        [id, 'resume'],
        [id, 'kill'],
      ]
    return state === 'killed' || state === 'stopped' || state === 'crashed' ? [[id, 'start']] : []
  })
  const [id, action] = possible[Math.floor(random() * possible.length)] ?? []
  if (id === undefined || action === undefined) return
  // It may have changed its state meanwhile, and its button with it: then another round breaks it.
  await person
    .sees(`broker-${id}-${action}`)
    .click({ timeout: 2_000 })
    .catch(() => undefined)
}

async function mendAll(person: Person): Promise<void> {
  for (const id of brokerIds) {
    await expect.poll(() => stateOf(person, id), { timeout: settleMs }).not.toMatch(/starting|stopping/)
    const action = { killed: 'start', stopped: 'start', crashed: 'start', frozen: 'resume' }[await stateOf(person, id)]
    if (action !== undefined) await person.click(`broker-${id}-${action}`)
  }
}

async function untilTheSame(app: WorkbenchApp, person: Person, when: string): Promise<void> {
  const client = await connectClient(await person.bootstrapAddress())
  try {
    const told = async (): Promise<string> => {
      const { topics } = await client.admin.fetchTopicMetadata({ topics: [topic] })
      const partitions = [...(topics[0]?.partitions ?? [])].sort((left, right) => left.partitionId - right.partitionId)
      return partitions.map(({ partitionId, leader, isr }) => lineOf(partitionId, leader < 0 ? null : leader, isr)).join('\n')
    }
    let last = ''
    let sameSinceMs = Date.now()
    const deadlineMs = Date.now() + settleMs
    while (Date.now() - sameSinceMs < stableMs) {
      if (Date.now() > deadlineMs) throw new Error(`The cluster did not settle, ${when}.`)
      const now = await told().catch(() => '')
      if (now !== last || now === '') {
        last = now
        sameSinceMs = Date.now()
      }
      await app.page.waitForTimeout(200)
    }
    expect(await shown(person), `what the map shows ${stableMs} ms after the last change, ${when}`).toBe(last)
  } finally {
    await client.disconnect().catch(() => undefined)
  }
}

async function shown(person: Person): Promise<string> {
  const lines: string[] = []
  for (let partition = 0; partition < partitionCount; partition++)
    lines.push(lineOf(partition, await person.leaderInMap(topic, partition), await person.isr(topic, partition)))
  return lines.join('\n')
}

const lineOf = (partition: number, leader: number | null, isr: readonly number[]): string =>
  `${partition}: ${leader ?? 'none'}, in sync ${[...isr].sort((left, right) => left - right).join(' ')}`

/** Mulberry32: small, and the same everywhere. */
function generator(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
