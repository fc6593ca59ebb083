/**
 * A registry without brokers: its topic is a list of the bytes that would be in it. Every write goes through those bytes, and another registry can be
 * made of them, so tests hold the records to what they are to be, too. Imported by tests only.
 */
import type { Logger } from '../platform'
import type { RegistryEvent, RegistryPort } from '../schemas/registry'
import { handleRequest } from '../schemas/registry'
import type { Operation, OperationContext } from '../schemas/registry/operations/operation'
import { ParsedSchemas } from '../schemas/registry/parsed-schemas'
import { decodeRecord, encodeRecord, type RecordBytes } from '../schemas/registry/records'
import { RegistryState } from '../schemas/registry/state'

const silent = () => undefined

export interface Answer {
  readonly status: number
  readonly contentType: string
  readonly headers?: Readonly<Record<string, string>>
  /** Parsed where it is JSON. */
  readonly body: unknown
}

export class MemoryRegistry implements RegistryPort {
  readonly topic: RecordBytes[] = []
  readonly events: RegistryEvent[] = []
  readonly faults: string[] = []
  readonly logger: Logger = {
    debug: silent,
    info: silent,
    warn: silent,
    error: (message, fields) => this.faults.push(`${message} ${String(fields?.['error'])}`),
  }
  readonly state = new RegistryState()
  private readonly schemas = new ParsedSchemas()

  constructor(topic: readonly RecordBytes[] = []) {
    for (const record of topic) this.append(record)
  }

  read: RegistryPort['read'] = async (query) => query(this.context())

  async write<T>(operation: Operation<T>): Promise<T> {
    const decision = operation(this.context())
    for (const record of decision.records) this.append(encodeRecord(record))
    return decision.answer(this.state)
  }

  async forward(): Promise<null> {
    return null
  }

  tell(event: RegistryEvent): void {
    this.events.push(event)
  }

  clusterId(): string {
    return 'test-cluster'
  }

  /** `target` as it would stand in a request line. */
  async ask(method: string, target: string, body: unknown = null, headers: Record<string, string> = {}): Promise<Answer> {
    const bytes = body === null ? Buffer.alloc(0) : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
    const answer = await handleRequest(this, { method, target, headers, body: bytes })
    return { ...answer, body: parsed(answer.body) }
  }

  /** What was refused, as its code; throws for what was not. */
  async refusal(method: string, target: string, body: unknown = null): Promise<number> {
    const answer = await this.ask(method, target, body)
    const code = (answer.body as { error_code?: number } | null)?.error_code
    if (code === undefined) throw new Error(`${method} ${target} was answered: ${JSON.stringify(answer)}`)
    return code
  }

  /** The body; throws for what was refused. */
  async get(target: string): Promise<unknown> {
    return this.expect('GET', target)
  }

  async expect(method: string, target: string, body: unknown = null): Promise<unknown> {
    const answer = await this.ask(method, target, body)
    if (answer.status >= 300) throw new Error(`${method} ${target} was refused: ${JSON.stringify(answer)} ${this.faults.join()}`)
    return answer.body
  }

  /** Answers the id. */
  async register(subject: string, schema: unknown, more: object = {}): Promise<number> {
    const text = typeof schema === 'string' ? schema : JSON.stringify(schema)
    const body = await this.expect('POST', `/subjects/${encodeURIComponent(subject)}/versions`, { schema: text, ...more })
    return (body as { id: number }).id
  }

  /** The topic as text, a tombstone's value null. */
  records(): (readonly [key: string, value: string | null])[] {
    return this.topic.map(({ key, value }) => [key.toString(), value === null ? null : value.toString()])
  }

  private append(record: RecordBytes): void {
    this.topic.push(record)
    const decoded = decodeRecord(record.key, record.value)
    if (decoded !== null) this.state.replay(decoded, 1_700_000_000_000 + this.topic.length)
  }

  private context(): OperationContext {
    return { state: this.state, schemas: this.schemas }
  }
}

function parsed(body: string | null): unknown {
  if (body === null) return null
  try {
    return JSON.parse(body)
  } catch {
    return body
  }
}
