/** What a person does in the studio of schemas: the words of a journey over its test ids. */
import { type ElectronApplication, expect } from '@playwright/test'
import { type Person, settleMs } from './person'

interface Field {
  readonly name: string
  readonly type: unknown
  readonly default?: unknown
}

export class SchemaAuthor {
  constructor(
    private readonly person: Person,
    private readonly electron: ElectronApplication,
  ) {}

  async inferFromTopic(topic: string): Promise<void> {
    await this.person.click('rail-schemas')
    await this.person.click('list-new-schema')
    await this.person.click('new-schema-from-topic')
    await this.person.choose('new-schema-topic', topic)
    await expect(this.person.sees('new-schema-subject')).toHaveValue(`${topic}-value`)
    await this.person.click('new-schema-submit')
    await expect(this.person.sees('schema-editor')).toHaveAttribute('data-ready', 'true', { timeout: settleMs })
  }

  /** A schema of any language, as one writes it into an empty editor, up to its registration as version 1. */
  async author(language: 'avro' | 'avro-idl' | 'json-schema' | 'protobuf', subject: string, text: string): Promise<void> {
    await this.person.click('rail-schemas')
    await this.person.click('list-new-schema')
    await this.person.click(`new-schema-language-${language}`)
    await this.person.type('new-schema-subject', subject)
    await this.person.click('new-schema-submit')
    await expect(this.person.sees('schema-editor')).toHaveAttribute('data-ready', 'true', { timeout: settleMs })
    await this.write(text)
    await this.untilVerdict('first')
    expect(await this.register()).toBe('registered')
    await expect(this.person.sees('schema-version-1')).toBeVisible({ timeout: settleMs })
  }

  /** From the table of all subjects. */
  async open(subject: string): Promise<void> {
    await this.person.click('rail-schemas')
    await this.person.click(`subject-link-${subject}`)
    await expect(this.person.sees('subject-view')).toHaveAttribute('data-subject', subject, { timeout: settleMs })
  }

  /** Softly; `version` absent: the subject. */
  async deleteSoftly(version?: number): Promise<void> {
    await this.person.click(version === undefined ? 'delete-subject' : `delete-version-${version}`)
    await this.person.click('delete-schema-submit')
    await expect(this.person.sees('delete-schema-dialog')).toHaveCount(0, { timeout: settleMs })
  }

  /** The order's schema with another type for one field, and with further fields. */
  text(types: Readonly<Record<string, string>>, further: readonly Field[] = []): string {
    const fields: Field[] = [
      { name: 'orderId', type: types['orderId'] ?? 'long' },
      { name: 'status', type: 'string' },
      { name: 'note', type: ['null', 'string'], default: null },
      ...further,
    ]
    return JSON.stringify({ type: 'record', name: 'Orders', fields }, null, 2)
  }

  /** Over what the editor holds, as one pastes. */
  async write(text: string): Promise<void> {
    const { page } = this.person
    await this.person.click('schema-text')
    await this.electron.evaluate(({ clipboard }, copied) => clipboard.writeText(copied), text)
    await page.keyboard.press('ControlOrMeta+A')
    await page.keyboard.press('ControlOrMeta+V')
  }

  /** Of the text that stands there now. */
  async untilVerdict(verdict: string): Promise<void> {
    const panel = this.person.sees('schema-compatibility')
    await expect(panel).toHaveAttribute('data-stale', 'false', { timeout: settleMs })
    await expect(panel).toHaveAttribute('data-verdict', verdict, { timeout: settleMs })
  }

  /** Presses the first fix of an entry whose words match. */
  async fix(entry: number, words: RegExp): Promise<void> {
    await this.person.page
      .locator(`[data-testid^="schema-fix-${entry}-"]`)
      .filter({ visible: true, hasText: words })
      .first()
      .click()
  }

  /** Answers how it ended: registered, unchanged or failed. */
  async register(): Promise<string> {
    await this.person.click('schema-register')
    const result = this.person.sees('schema-register-result')
    await expect(result).toBeVisible({ timeout: settleMs })
    return (await result.getAttribute('data-state')) ?? ''
  }

  /** `version` absent: the latest. */
  async produce(topic: string, message: { readonly version?: string; readonly value: string }, isSent = true): Promise<void> {
    const { person } = this
    await person.openTopic(topic, 'partitions')
    await person.click('topic-produce')
    await person.click('produce-value-format-schema')
    await person.choose('produce-value-subject', `${topic}-value`)
    await person.choose('produce-value-version', message.version ?? '')
    await person.type('produce-value', message.value)
    if (isSent) await person.click('produce-submit')
    else await person.page.keyboard.press('Control+Enter')
  }
}
