/** Producing as people do it all day: a generator that runs while they are elsewhere, lines of a file, a message that is kept, and sample data. */
import { Person, settleMs } from './person'
import { expect, test } from './workbench-app'

test('messages are made at a rate in the background, sent from lines, saved and found again', async ({ shared: app }) => {
  test.setTimeout(180_000)
  const person = new Person(app.page)
  await person.untilHealthy()
  await person.createTopic('made', { partitions: 2, replicationFactor: 3 })

  // A generator, until it is stopped, that goes on when its tab is closed.
  await person.fillProduceForm('made', { key: '{{hex 8}}', value: '{"id":"{{hex 8}}","n":{{index}}}', format: 'json' })
  await expect(person.sees('produce-preview-0')).toContainText('"n":0')
  await person.click('produce-endless')
  await person.type('produce-rate', '200')
  await person.click('produce-save')
  await person.type('save-message-name', 'Two hundred a second')
  await person.type('save-message-folder', 'Load')
  await person.click('save-message-submit')
  await expect(person.sees('save-message-dialog')).toBeHidden()
  await person.click('produce-submit')
  await expect
    .poll(async () => Number(await person.sees('produce-result').getAttribute('data-acknowledged')), { timeout: settleMs })
    .toBeGreaterThan(50)
  await app.page.keyboard.press('Control+w')
  await person.click('rail-produce')
  // The newest is the first.
  const run = app.page.locator('[data-testid^="produce-run-"][data-state]').filter({ visible: true }).first()
  await expect(run).toHaveAttribute('data-state', 'running')
  await run.locator('[data-testid^="produce-run-cancel-"]').click()
  await expect(run).toHaveAttribute('data-state', 'cancelled', { timeout: settleMs })

  // What was saved is there with all that it was; lines are checked before they are sent.
  await person.click('saved-Two hundred a second')
  await expect(person.sees('produce-rate')).toHaveValue('200')
  await person.click('produce-mode-lines')
  await person.type('lines-text', '{"key":"a","value":{"id":7205759403792793601}}\n{"key":"b" "value":1}')
  await expect(person.sees('lines-problem-0')).toContainText('2:12', { timeout: settleMs })
  await expect(person.sees('produce-submit')).toHaveAttribute('aria-disabled', 'true')
  await person
    .sees('produce-lines')
    .getByTestId('lines-file')
    .setInputFiles({
      name: 'two.jsonl',
      mimeType: 'application/x-ndjson',
      buffer: Buffer.from('{"key":"a","value":{"id":7205759403792793601}}\n{"key":"b","value":null}\n'),
    })
  await expect(person.sees('produce-submit')).toContainText('2 messages', { timeout: settleMs })
  await person.click('produce-submit')
  await person.untilAcknowledged(2)
})

test('sample data is added, goes on, and is taken away again', async ({ shared: app }) => {
  test.setTimeout(180_000)
  const person = new Person(app.page)
  await person.untilHealthy()
  await app.page.keyboard.press('Control+k')
  await app.page.keyboard.type('Sample data')
  await app.page.keyboard.press('Enter')
  const pane = person.sees('sample-data')
  await person.type('sample-rate', '50')
  await person.click('sample-add')
  await expect(pane).toHaveAttribute('data-state', 'installed', { timeout: 60_000 })
  await expect.poll(async () => Number(await pane.getAttribute('data-sent')), { timeout: settleMs }).toBeGreaterThan(20)
  await person.click('sample-generator-stop')
  await expect(pane).toHaveAttribute('data-generator', 'false')
  await person.click('sample-remove')
  await person.click('sample-remove-confirm')
  await expect(pane).toHaveAttribute('data-state', 'absent', { timeout: settleMs })
})
