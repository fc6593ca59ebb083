/** What the window shows of a topic's leaders, replicas and in-sync replicas is what other people's tools are told: kcat, and Java's where it is. */
import { findWitnesses, lineOf, type Picture } from '../compat/administration/witnesses'
import { Person, settleMs } from './person'
import { expect, test } from './workbench-app'

const partitionCount = 6
/** A tool may be a virtual machine that has to start. */
const askedAgainMs = 120_000

async function shown(person: Person, topic: string): Promise<Picture> {
  const lines: string[] = []
  for (let partition = 0; partition < partitionCount; partition++) {
    const leader = await person.sees(`partition-leader-${topic}-${partition}`).getAttribute('data-leader')
    const isr = await person.sees(`partition-isr-${topic}-${partition}`).getAttribute('data-isr')
    const replicas = await person.page
      .locator(`[data-testid^="partition-replica-${topic}-${partition}-"]`)
      .filter({ visible: true })
      .evaluateAll((cells) => cells.map((cell) => Number((cell as HTMLElement).dataset['testid']?.split('-').at(-1))))
    const inSync = (isr ?? '').split(',').filter(Boolean).map(Number)
    lines.push(lineOf(topic, partition, leader === '' || leader === null ? null : Number(leader), replicas, inSync))
  }
  return lines
}

test('the page of a topic shows the leaders, replicas and ISR that kcat and Java are told of', async ({ shared: app }) => {
  test.setTimeout(600_000)
  const { witnesses, missing } = findWitnesses()
  for (const why of missing) console.log(`skipped ${why}`)
  test.skip(witnesses.length === 0, 'neither kcat nor Java’s kafka-topics is on this machine')
  const person = new Person(app.page)
  await person.untilHealthy()
  await person.createTopic('orders', { partitions: partitionCount, replicationFactor: 2 })
  const bootstrap = await person.bootstrapAddress()
  const look = async (moment: string) => {
    await person.openTopic('orders', 'partitions')
    for (const { name, ask } of witnesses) {
      const difference = async () => {
        const told = (await ask(bootstrap)).filter((line) => line.startsWith('orders-'))
        return { told, shown: await shown(person, 'orders') }
      }
      await expect
        .poll(
          async () => difference().then(({ told, shown: seen }) => (told.join() === seen.join() ? 'the same' : { told, seen })),
          {
            message: `${name} ${moment}`,
            timeout: askedAgainMs,
          },
        )
        .toBe('the same')
    }
  }
  await look('after a start')
  await person.act(2, 'kill')
  await person.untilBroker(2, 'killed')
  await person.openTopic('orders', 'partitions')
  for (let partition = 0; partition < partitionCount; partition++) {
    const isr = person.sees(`partition-isr-orders-${partition}`)
    await expect(isr).not.toHaveAttribute('data-isr', /2/, { timeout: settleMs })
  }
  await look('while a broker is dead')
})
