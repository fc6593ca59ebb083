/**
 * What a person does in the window and what it shows them: clicks, typing, reading. Only test ids, never the bridge, so that a journey
 * passes only if the window itself can do it. Every wait ends with what was waited for; none is a length of time.
 */
import { expect, type Locator, type Page } from '@playwright/test'

/** Elections, recoveries and restarts while this machine does other things too. */
export const settleMs = 45_000

export interface ShownRow {
  readonly index: number
  readonly partition: number
  readonly offset: number
  readonly key: string
  readonly value: string
}

export interface TopicSettings {
  readonly partitions?: number
  readonly replicationFactor?: number
  readonly configs?: Readonly<Record<string, string>>
}

export interface ProduceSettings {
  readonly value: string
  readonly format?: 'text' | 'json' | 'hex'
  readonly key?: string
  readonly count?: number
  readonly acks?: '0' | '1' | 'all'
}

export class Person {
  constructor(readonly page: Page) {}

  /** Tabs that are not in front keep their elements; a person sees those of one. */
  sees(testId: string): Locator {
    return this.page.getByTestId(testId).filter({ visible: true })
  }

  click(testId: string): Promise<void> {
    return this.sees(testId).click()
  }

  type(testId: string, text: string): Promise<void> {
    return this.sees(testId).fill(text)
  }

  /** Opens a list of choices and takes one by its value. */
  async choose(testId: string, value: string): Promise<void> {
    await this.click(testId)
    await this.page.locator(`[role=option][data-value=${JSON.stringify(value)}]`).click()
  }

  async untilHealthy(): Promise<void> {
    await this.openCluster()
    await expect(this.sees('cluster-health')).toHaveAttribute('data-health', 'healthy', { timeout: settleMs })
  }

  openCluster(): Promise<void> {
    return this.click('rail-cluster')
  }

  async bootstrapAddress(): Promise<string> {
    await this.openCluster()
    return ((await this.sees('bootstrap-address').textContent()) ?? '').replace(/\s/g, '')
  }

  // ---- topics

  async openTopicForm(): Promise<void> {
    await this.click('rail-topics')
    await this.click('create-topic-open')
    await expect(this.sees('create-topic-dialog')).toBeVisible()
  }

  async fillTopicForm(name: string, { partitions = 3, replicationFactor = 3, configs = {} }: TopicSettings): Promise<void> {
    await this.type('create-topic-name', name)
    await this.type('create-topic-partitions', String(partitions))
    await this.type('create-topic-replication', String(replicationFactor))
    for (const [config, value] of Object.entries(configs)) {
      // What can be set is asked of the cluster; the fields come with its answer.
      await expect(this.sees('create-topic-add-config')).toBeVisible()
      const field = this.sees(`create-topic-config-${config}`)
      if ((await field.count()) === 0) {
        await this.choose('create-topic-add-config', config)
      }
      await field.fill(value)
    }
  }

  async createTopic(name: string, settings: TopicSettings = {}): Promise<void> {
    await this.openTopicForm()
    await this.fillTopicForm(name, settings)
    await this.click('create-topic-submit')
    await expect(this.page.getByTestId('create-topic-dialog')).toBeHidden({ timeout: settleMs })
    await expect(this.sees('topic-title')).toHaveText(name)
  }

  async openTopic(name: string, section: 'messages' | 'partitions' | 'config'): Promise<void> {
    await this.click('rail-topics')
    await this.click('tab-topics').catch(() => undefined)
    await this.click(`topic-link-${name}`)
    await expect(this.sees('topic-title')).toHaveText(name)
    await this.click(`topic-section-${section}`)
  }

  // ---- brokers

  async act(brokerId: number, action: 'kill' | 'stop' | 'start' | 'freeze' | 'resume'): Promise<void> {
    await this.openCluster()
    await this.click(`broker-${brokerId}-${action}`)
  }

  async untilBroker(brokerId: number, state: string): Promise<void> {
    await expect(this.page.getByTestId(`broker-${brokerId}`)).toHaveAttribute('data-state', state, { timeout: settleMs })
  }

  /** Who leads a partition, as the map of replicas draws it; null while nobody does. */
  async leaderInMap(topic: string, partition: number): Promise<number | null> {
    const leaders = this.page.locator(`[data-testid^="replica-cell-${topic}-${partition}-"][data-state="leader"]`)
    const ids = await leaders.evaluateAll((cells) => cells.map((cell) => (cell as HTMLElement).dataset['testid'] ?? ''))
    return ids.length === 1 ? Number(ids[0]?.split('-').at(-1)) : null
  }

  isr(topic: string, partition: number): Promise<number[]> {
    return idsOf(this.page.getByTestId(`map-isr-${topic}-${partition}`))
  }

  async untilIsr(topic: string, partitions: number, brokers: readonly number[]): Promise<void> {
    for (let partition = 0; partition < partitions; partition++) {
      await expect.poll(() => this.isr(topic, partition), { timeout: settleMs }).toEqual(brokers)
    }
  }

  /** The end of each partition's log in its table. */
  async ends(topic: string, partitions: number): Promise<number[]> {
    const texts = Array.from({ length: partitions }, (_, partition) =>
      this.sees(`partition-end-${topic}-${partition}`).textContent(),
    )
    return (await Promise.all(texts)).map((text) => Number(text?.replace(/\D/g, '')))
  }

  // ---- produce

  async produce(topic: string, settings: ProduceSettings): Promise<void> {
    await this.fillProduceForm(topic, settings)
    await this.click('produce-submit')
  }

  async fillProduceForm(topic: string, settings: ProduceSettings): Promise<void> {
    await this.openTopic(topic, 'partitions')
    await this.click('topic-produce')
    await expect(this.sees('produce-topic')).toContainText(topic)
    await this.click(`produce-acks-${settings.acks ?? 'all'}`)
    if (settings.key !== undefined) {
      await this.click('produce-key-format-text')
      await this.type('produce-key', settings.key)
    }
    if (settings.format === 'hex') await this.choose('produce-value-other', 'hex')
    else await this.click(`produce-value-format-${settings.format ?? 'text'}`)
    await this.type('produce-value', settings.value)
    await this.type('produce-count', String(settings.count ?? 1))
  }

  /** Waits for the run to end well and answers how many records each partition has of it. */
  async untilAcknowledged(count: number): Promise<number[]> {
    const result = this.sees('produce-result')
    await expect(result).toHaveAttribute('data-state', 'finished', { timeout: settleMs })
    await expect(result).toHaveAttribute('data-acknowledged', String(count))
    await expect(result).toHaveAttribute('data-failed', '0')
    const lines = await result.locator('[data-testid^="produce-partition-"]').allInnerTexts()
    // Partition, leader, how many, first offset, last offset.
    return lines.map((line) => Number(line.split(/\s+/)[2]?.replaceAll(',', '')))
  }

  // ---- messages

  /** Waits for a read to end and answers how many records it found. */
  async untilRead(): Promise<number> {
    const status = this.sees('messages-status')
    await expect(status).toHaveAttribute('data-state', 'finished', { timeout: settleMs })
    return Number(await status.getAttribute('data-row-count'))
  }

  async readAll(topic: string, limit = 10_000): Promise<number> {
    await this.openTopic(topic, 'messages')
    await this.choose('messages-limit', String(limit))
    await this.click('messages-start-oldest')
    return this.untilRead()
  }

  /** Scrolls through the whole table and writes down every row of it. */
  async rows(count: number): Promise<ShownRow[]> {
    const found = await this.sees('messages-table').evaluate(scrollThrough, count)
    expect(found.map((row) => row.index)).toEqual(Array.from({ length: count }, (_, index) => index))
    return found
  }
}

async function idsOf(element: Locator): Promise<number[]> {
  const text = await element.getAttribute('data-isr')
  return (text ?? '')
    .split(',')
    .filter((id) => id !== '')
    .map(Number)
    .sort((left, right) => left - right)
}

/**
 * Runs in the page, where a thousand rows take a thousand frames and not a thousand messages to the browser. Only rows in sight exist, and
 * those that are not fetched yet are drawn without a test id: it waits for each screen to be whole.
 */
async function scrollThrough(table: Element, count: number): Promise<ShownRow[]> {
  const found = new Map<number, ShownRow>()
  const deadlineMs = performance.now() + 60_000
  let wanted = 0
  let rowHeight = 0
  table.scrollTop = 0
  while (found.size < count && performance.now() < deadlineMs) {
    for (const row of table.querySelectorAll<HTMLElement>('[data-testid^="message-row-"]')) {
      const cells = [...row.querySelectorAll('[role=gridcell]')].map((cell) => cell.textContent?.trim() ?? '')
      const index = Number(row.dataset['testid']?.replace('message-row-', ''))
      const [partition, offset] = cells.map(Number)
      found.set(index, { index, partition: partition ?? -1, offset: offset ?? -1, key: cells[3] ?? '', value: cells[4] ?? '' })
      rowHeight = row.offsetHeight
    }
    while (found.has(wanted)) {
      wanted++
    }
    table.scrollTop = rowHeight * wanted
    await new Promise((resolve) => requestAnimationFrame(resolve))
  }
  return [...found.values()].sort((left, right) => left.index - right.index)
}
