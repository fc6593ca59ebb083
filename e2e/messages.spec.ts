/** Messages and Produce in the real window, on a real cluster: what is written is what is read, and a record can be sent again as it is. */
import type { Page } from '@playwright/test'
import { expect, test } from './workbench-app'

async function createTopic(page: Page, name: string, partitions: string): Promise<void> {
  await expect(page.getByTestId('status-brokers')).toContainText('3 of 3', { timeout: 30_000 })
  await page.keyboard.press('n')
  await page.getByTestId('create-topic-name').fill(name)
  await page.getByTestId('create-topic-partitions').fill(partitions)
  await page.getByTestId('create-topic-submit').click()
  await expect(page.getByTestId('topic-title')).toHaveText(name)
}

test('writes a thousand messages, reads them, and sends one again byte for byte', async ({ app }) => {
  const { page } = app
  app.expectComplaint(/Fetching from the leader failed/)
  await createTopic(page, 'orders', '3')
  await page.getByTestId('topic-section-messages').click()
  await expect(page.getByTestId('messages-empty')).toContainText('orders has no records.')

  await page.getByTestId('messages-empty-produce').click()
  await page.getByTestId('produce-key').fill('customer-{{index}}')
  await page.getByTestId('produce-value-format-json').click()
  await page.getByTestId('produce-value').fill('{"orderId": 7205759403792793601, "index": {{index}}}')
  await page.getByTestId('produce-header-add').click()
  await page.getByTestId('produce-header-key-0').fill('trace')
  await page.getByTestId('produce-header-format-0').click()
  await page.locator('[role=option][data-value=hex]').click()
  await page.getByTestId('produce-header-value-0').fill('9f 3c 00')
  await page.getByTestId('produce-count').fill('1000')
  await page.getByTestId('produce-submit').click()
  const result = page.getByTestId('produce-result')
  await expect(result).toHaveAttribute('data-state', 'finished')
  await expect(result).toHaveAttribute('data-acknowledged', '1000')
  await expect(result).toHaveAttribute('data-failed', '0')

  await page.getByTestId('produce-open-0').click()
  await expect(page.getByTestId('message-detail')).toHaveAttribute('data-partition', '0')
  await expect(page.getByTestId('message-tree')).toContainText('7205759403792793601')
  await expect(page.getByTestId('message-header-0')).toContainText('9f 3c 00')

  await page.getByTestId('messages-partitions').click()
  await page.getByRole('button', { name: 'All partitions' }).click()
  await page.keyboard.press('Escape')
  await page.getByTestId('messages-limit').click()
  await page.locator('[role=option][data-value="10000"]').click()
  await page.getByTestId('messages-start-oldest').click()
  const status = page.getByTestId('messages-status')
  await expect(status).toHaveAttribute('data-state', 'finished')
  await expect(status).toHaveAttribute('data-row-count', '1000')

  await page.getByTestId('message-row-0').click()
  await page.getByTestId('message-resend').click()
  await expect(page.getByTestId('message-resend-result')).toHaveAttribute('data-state', 'sent')
  await page.keyboard.press('F5')
  await expect(status).toHaveAttribute('data-row-count', '1001')
})

test('follows a topic live, and goes on through the death of a leader', async ({ app }) => {
  const { page } = app
  app.expectComplaint(/Fetching from the leader failed/)
  await createTopic(page, 'payments', '1')
  await page.getByTestId('topic-section-messages').click()
  await page.getByTestId('messages-start-live').click()
  const status = page.getByTestId('messages-status')
  await expect(status).toHaveAttribute('data-state', 'live')
  await page.getByTestId('topic-produce').click()
  await page.getByTestId('produce-value').fill('before {{index}}')
  await page.getByTestId('produce-count').fill('10')
  await page.getByTestId('produce-submit').click()
  const result = page.getByTestId('produce-result')
  await expect(result).toHaveAttribute('data-acknowledged', '10')

  await page.getByTestId('tab-topic:payments').click()
  await expect(status).toHaveAttribute('data-row-count', '10')
  await page.getByTestId('topic-section-partitions').click()
  const leader = await page.getByTestId('partition-leader-payments-0').getAttribute('data-leader')
  await page.evaluate((id) => {
    const bridge = (window as unknown as { workbench: { call(name: string, argument: unknown): Promise<unknown> } }).workbench
    return bridge.call('cluster.killBroker', { brokerId: id })
  }, Number(leader))

  await page.getByTestId('tab-produce:1').click()
  await page.getByTestId('produce-submit').click()
  await expect(result).toHaveAttribute('data-state', 'finished', { timeout: 20_000 })
  await expect(result).toHaveAttribute('data-acknowledged', '10')
  await page.getByTestId('tab-topic:payments').click()
  await page.getByTestId('topic-section-messages').click()
  await expect(status).toHaveAttribute('data-row-count', '20')
  await expect(status).toHaveAttribute('data-state', 'live')
  await page.getByTestId('messages-stop').click()
  await expect(status).toHaveAttribute('data-state', 'stopped')
})
