/** Consumer groups in the real window: own consumers come, share, leave and die; lag, a reset with its table first, and what is deleted. */
import { Person, settleMs } from './person'
import { expect, test } from './workbench-app'

test('consumers are started, share a topic, and their offsets are reset', async ({ shared: app }) => {
  test.setTimeout(240_000)
  const person = new Person(app.page)
  await person.untilHealthy()
  await person.createTopic('e2e.groups', { partitions: 4 })
  await person.produce('e2e.groups', { value: 'n {{index}}', key: 'k {{index}}', count: 400 })
  await person.untilAcknowledged(400)

  await test.step('two consumers read everything and share the partitions', async () => {
    await person.click('rail-groups')
    await person.click('groups-start')
    await person.type('start-group', 'e2e-readers')
    await expect(person.sees('start-topic-e2e.groups')).toHaveAttribute('aria-checked', 'true')
    await person.click('start-submit')
    await expect(person.sees('group-title')).toHaveText('e2e-readers')
    await expect(person.sees('group-state')).toHaveAttribute('data-state', 'Stable', { timeout: settleMs })
    await expect(person.sees('group-lag')).toHaveAttribute('data-lag', '0', { timeout: settleMs })
    await expect(person.page.locator('[data-testid^="matrix-row-"][data-owned="2"]')).toHaveCount(2, { timeout: settleMs })
  })

  await test.step('one leaves, and the other has all', async () => {
    await person.click('group-section-own')
    await person.click('own-less')
    await expect(person.page.locator('[data-testid^="matrix-row-"][data-owned="4"]')).toHaveCount(1, { timeout: settleMs })
    await person.click('group-section-rebalances')
    await expect(person.sees('group-rebalances')).toContainText('left')
  })

  await test.step('a reset is refused while it reads, and done when it was stopped', async () => {
    await person.click('group-reset')
    await expect(person.sees('reset-refusal')).toContainText('1 member is connected')
    await expect(person.sees('reset-outcome')).toContainText('400 records will be read again.')
    await person.click('reset-stop')
    await expect(person.sees('reset-refusal')).toHaveCount(0, { timeout: settleMs })
    await person.click('reset-submit')
    await expect(person.sees('group-lag')).toHaveAttribute('data-lag', '400', { timeout: settleMs })
  })

  await test.step('the group is deleted', async () => {
    await person.click('group-menu')
    await person.click('menu-group-delete')
    await person.click('delete-group-submit')
    await expect(person.page.getByTestId('group-link-e2e-readers')).toHaveCount(0, { timeout: settleMs })
  })
})
