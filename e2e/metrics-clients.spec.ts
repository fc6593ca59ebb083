/**
 * Figures over time and connected programs, of a real client on the real cluster: what it writes is drawn and kept, what happens to a broker is
 * seen in the figures, what is odd about the client is said, and the snippet has the address that the cluster listens on.
 */
import { connectClient } from './client'
import { Person, settleMs } from './person'
import { expect, test } from './workbench-app'

test('figures and clients tell what an ordinary client does, and what happens to a broker', async ({ app }) => {
  test.setTimeout(240_000)
  const person = new Person(app.page)
  await person.untilHealthy()
  const bootstrap = await person.bootstrapAddress()
  const client = await connectClient(bootstrap)
  try {
    await client.admin.createTopics({ topics: [{ topic: 'measured', numPartitions: 3, replicationFactor: 3 }] })
    // One record a request, and never asked whether it arrived: odd, and to be said.
    for (let each = 0; each < 60; each++)
      await client.producer.send({ topic: 'measured', acks: 0, messages: [{ key: `key-${each}`, value: 'x'.repeat(200) }] })

    await person.click('rail-metrics')
    await expect(person.sees('metrics-pane-broker-messages-in').locator('canvas')).toBeVisible({ timeout: settleMs })
    await expect(person.sees('metrics-subject-topic:measured')).toBeVisible({ timeout: settleMs })
    await person.click('metrics-subject-topic:measured')
    await expect(person.sees('metrics-title')).toHaveText('measured')
    await person.click('metrics-pane-topic-messages-in-view')
    await expect(
      person
        .sees('metrics-pane-topic-messages-in')
        .getByText(/^[1-9]\d*(\.\d+)?\/s$/)
        .first(),
    ).toBeVisible({ timeout: settleMs })

    await person.click('rail-clients')
    await person.sees('client-an-ordinary-client').click()
    await expect(person.sees('oddity-acks-0')).toBeVisible()
    await expect(person.sees('oddity-tiny-batches')).toBeVisible()
    await expect(person.sees('client-apis')).toContainText('Produce')
    await expect(person.sees('client-detail')).toContainText('measured')

    await person.click('connect-python-confluent')
    await expect(person.sees('connect-produce')).toContainText(`"bootstrap.servers": "${bootstrap}"`)

    await person.openCluster()
    await person.act(2, 'kill')
    await person.untilBroker(2, 'killed')
    await person.click('rail-metrics')
    await person.click('metrics-subject-cluster')
    await person.click('metrics-pane-broker-messages-in-view')
    await expect(
      person
        .sees('metrics-pane-broker-messages-in')
        .getByText(/Broker 2 killed/)
        .first(),
    ).toBeVisible({ timeout: settleMs })
    // Nothing is known of the dead one; of the others it is, zero at least.
    const newest = person.sees('metrics-pane-broker-messages-in').getByRole('row').nth(1)
    await expect(newest).toContainText('–', { timeout: settleMs })
    await expect(newest).toContainText('/s', { timeout: settleMs })
  } finally {
    await client.disconnect()
  }
})
