/** The coordination service as it is: the znodes of a living cluster, and what becomes of them when the controller is killed. */
import { Person, settleMs } from './person'
import { expect, test } from './workbench-app'

test('the znodes show who is the controller and why, and follow when it is killed', async ({ shared: app }) => {
  const person = new Person(app.page)
  await person.untilHealthy()
  await person.createTopic('orders')
  await person.click('rail-coordination')
  await expect(person.sees('controller-claim')).toContainText(/Broker \d is the controller, epoch \d+: its session 0x[0-9a-f]+/)
  const claim = (await person.sees('controller-claim').textContent()) ?? ''
  const controller = Number(/Broker (\d)/.exec(claim)?.[1])
  const session = /0x[0-9a-f]+/.exec(claim)?.[0] ?? ''

  // Down the tree to a partition's state, which is a leader's and nobody's guess.
  for (const path of ['/brokers', '/brokers/topics', '/brokers/topics/orders', '/brokers/topics/orders/partitions']) {
    await person.sees(`znode-tree-${path}`).getByRole('button').click()
  }
  await person.sees('znode-tree-/brokers/topics/orders/partitions/0').getByRole('button').click()
  await person.click('znode-tree-/brokers/topics/orders/partitions/0/state')
  await expect(person.sees('znode-data')).toContainText('"leader_epoch": 0')
  await expect(person.sees('znode-meaning')).toContainText('orders-0')

  await person.click('znode-tree-/brokers')
  await app.page.getByRole('button', { name: '/controller', exact: true }).click()
  await expect(person.sees('znode-data')).toContainText(`"brokerid": ${controller}`)
  await expect(person.sees('znode-owner')).toHaveText(`broker ${controller}`)

  await person.openCluster()
  await person.act(controller, 'kill')
  await person.click('rail-coordination')
  // Nothing was pressed here: the watch on the znode tells.
  await expect(person.sees('znode-data')).toContainText(/"brokerid": \d/, { timeout: settleMs })
  await expect(person.sees('znode-data')).not.toContainText(`"brokerid": ${controller}`, { timeout: settleMs })
  await expect(person.sees('controller-claim')).not.toContainText(session)
  await app.page.getByRole('tab', { name: /Sessions/ }).click()
  await expect(person.sees('sessions-table')).not.toContainText(`Broker ${controller}`)
  await expect(person.sees('sessions-table')).toContainText('This window')
})
