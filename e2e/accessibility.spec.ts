/** Axe over every view of the real window in both themes, where colours and places are real: nothing serious or critical. */
import axe from 'axe-core'
import { connectClient } from './client'
import { Person, settleMs } from './person'
import { expect, test, type WorkbenchApp } from './workbench-app'

const themes = ['light', 'dark'] as const

test('no view has a serious fault of accessibility, in either theme', async ({ app }) => {
  const person = new Person(app.page)
  await person.untilHealthy()
  // A button on its way from one colour to the next would be held to a colour that nobody sees.
  await app.page.emulateMedia({ reducedMotion: 'reduce' })
  const faults: string[] = []
  const look = async (view: string): Promise<void> => {
    for (const theme of themes) {
      await app.page.evaluate((wanted) => {
        document.documentElement.dataset['theme'] = wanted
      }, theme)
      for (const fault of await faultsOf(app, theme)) faults.push(`${view}, ${theme}: ${fault}`)
    }
  }
  await look('first run')
  await person.createTopic('orders')
  const client = await connectClient(await person.bootstrapAddress())
  await client.producer.send({
    topic: 'orders',
    messages: Array.from({ length: 50 }, (_, index) => ({ key: `c-${index}`, value: `{"orderId":${index}}` })),
  })
  await client.disconnect()
  for (const part of ['cluster', 'topics', 'produce', 'groups', 'schemas', 'metrics', 'clients', 'coordination']) {
    await person.click(`rail-${part}`)
    await look(part)
  }
  await person.click('rail-settings')
  for (const page of ['appearance', 'keys', 'security']) {
    await person.click(`settings-page-${page}`)
    await look(`settings, ${page}`)
  }
  await person.openTopic('orders', 'messages')
  await person.untilRead()
  await app.page.locator('[data-testid^="message-row-"]').filter({ visible: true }).first().click()
  await look('messages with a detail')
  for (const section of ['partitions', 'config'] as const) {
    await person.click(`topic-section-${section}`)
    await look(`topic, ${section}`)
  }
  await app.page.keyboard.press('Control+k')
  await expect(person.sees('palette')).toBeVisible({ timeout: settleMs })
  await look('palette')
  await app.page.keyboard.press('Escape')
  await app.page.keyboard.press('n')
  await expect(person.sees('create-topic-dialog')).toBeVisible()
  await look('create topic')
  expect(faults).toEqual([])
})

/** Names, roles and nesting are those of both themes: in the second only the colours are looked at. The script goes in through the debugger: the page's own policy would not let it. */
async function faultsOf(app: WorkbenchApp, theme: (typeof themes)[number]): Promise<readonly string[]> {
  if (!(await app.page.evaluate(() => Reflect.has(window, 'axe')))) await app.page.evaluate(axe.source)
  return app.page.evaluate(
    async (rules) => {
      // Views that are not in front are looked at when they are: axe would take each of their elements in its hand to find it hidden.
      const hidden = [...document.querySelectorAll<HTMLElement>('main > *')].filter((view) => view.style.display === 'none')
      const { violations } = await (Reflect.get(window, 'axe') as typeof axe).run(
        hidden.length === 0 ? document : { exclude: hidden },
        {
          resultTypes: ['violations'],
          // Nothing of ours is in another frame, and what is found is told by its HTML.
          iframes: false,
          preload: false,
          selectors: false,
          ...(rules === null ? {} : { runOnly: rules }),
        },
      )
      return violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .flatMap(({ id, nodes }) => nodes.slice(0, 4).map((node) => `${id}: ${node.html.slice(0, 160)}`))
    },
    theme === 'light' ? null : ['color-contrast'],
  )
}
