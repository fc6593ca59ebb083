/** The least of a registry's client, for tests: Node's fetch, and refusals thrown with the registry's code. */
export class RegistryClient {
  constructor(private readonly url: string) {}

  get(target: string): Promise<unknown> {
    return this.ask('GET', target)
  }

  async register(subject: string, schema: string, more: object = {}): Promise<{ id: number; version: number }> {
    const answer = await this.ask('POST', `/subjects/${encodeURIComponent(subject)}/versions`, { schema, ...more })
    return answer as { id: number; version: number }
  }

  /** The error body of what must be refused. */
  async refusal(method: string, target: string, body: unknown = null): Promise<unknown> {
    const { ok, text } = await this.send(method, target, body)
    if (ok) throw new Error(`${method} ${target} was not refused: ${text}`)
    return JSON.parse(text)
  }

  async ask(method: string, target: string, body: unknown = null): Promise<unknown> {
    const { ok, text } = await this.send(method, target, body)
    if (!ok) throw new Error(`${method} ${target} was refused: ${text}`)
    return text === '' ? null : JSON.parse(text)
  }

  private async send(method: string, target: string, body: unknown): Promise<{ ok: boolean; text: string }> {
    const response = await fetch(`${this.url}${target}`, {
      method,
      headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
      ...(body === null ? {} : { body: JSON.stringify(body) }),
    })
    return { ok: response.ok, text: await response.text() }
  }
}
