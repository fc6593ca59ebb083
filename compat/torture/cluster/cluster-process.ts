/** The cluster's process as the driver holds it: started, commanded, killed at once, started again on the same data. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Status } from '../../kafka-clients/serve-process'
import { settingsVariable, type WorkerOrder } from './settings'

const readyTimeoutMs = 60_000
const commandTimeoutMs = 45_000

export interface ClusterProcessOptions {
  readonly bundleDirectory: string
  readonly settingsPath: string
  /** What the cluster says of itself: its timeline and its warnings. */
  readonly onSaid: (line: string) => void
}

type Answer = Record<string, unknown> & { readonly ok: boolean }

export class ClusterProcess {
  private child: ChildProcess | null = null
  private nextId = 1
  private readonly waiting = new Map<number, { resolve(answer: Answer): void; reject(error: Error): void }>()
  /** An end that nobody asked for. */
  unexpectedEnd: string | null = null
  private isEnding = false

  constructor(private readonly options: ClusterProcessOptions) {}

  get isUp(): boolean {
    return this.child !== null
  }

  async start(): Promise<void> {
    const { bundleDirectory, settingsPath, onSaid } = this.options
    this.isEnding = false
    const child = spawn(process.execPath, [`${bundleDirectory}/server.js`], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, [settingsVariable]: settingsPath },
    })
    this.child = child
    child.stdin?.on('error', () => undefined)
    createInterface({ input: child.stderr! }).on('line', onSaid)
    let onReady = (): void => undefined
    const ready = new Promise<void>((resolve) => {
      onReady = resolve
    })
    createInterface({ input: child.stdout! }).on('line', (text) => {
      const said = JSON.parse(text) as { id?: number; answer?: Answer; isReady?: boolean; event?: string; detail?: string | null }
      if (said.isReady === true) onReady()
      else if (said.event !== undefined) onSaid(said.detail == null ? said.event : `${said.event} (${said.detail})`)
      else if (said.id !== undefined && said.answer !== undefined) {
        this.waiting.get(said.id)?.resolve(said.answer)
        this.waiting.delete(said.id)
      }
    })
    const exited = once(child, 'exit').then(([code, signal]) => {
      if (!this.isEnding) this.unexpectedEnd = `the cluster's process ended by itself (code ${code}, signal ${signal})`
      if (this.child === child) this.child = null
      for (const { reject } of this.waiting.values()) reject(new Error("the cluster's process ended"))
      this.waiting.clear()
    })
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), readyTimeoutMs)
    })
    const how = await Promise.race([ready, exited.then(() => 'ended'), late])
    clearTimeout(timer)
    if (how !== undefined) throw new Error(`the cluster's process did not get ready: ${how}`)
  }

  /** Never throws for a refusal: that is in the answer. Throws where the process ends meanwhile or says nothing. */
  command(line: string): Promise<Answer> {
    return this.ask({ line })
  }

  async order(order: WorkerOrder): Promise<void> {
    await this.ask({ order })
  }

  async status(): Promise<Status> {
    return (await this.command('status')) as unknown as Status
  }

  /** kill -9. */
  async killHard(): Promise<void> {
    const { child } = this
    if (child === null) return
    this.isEnding = true
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }

  /** As a clean end, within a time limit. Answers whether it was one. */
  async quit(timeoutMs: number): Promise<boolean> {
    const { child } = this
    if (child === null) return false
    this.isEnding = true
    const exited = once(child, 'exit')
    child.stdin?.write(`${JSON.stringify({ id: 0, line: 'quit' })}\n`)
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
    const [code] = await exited
    clearTimeout(timer)
    return code === 0
  }

  private async ask(message: object): Promise<Answer> {
    const { child } = this
    if (child === null) throw new Error("the cluster's process is down")
    const id = this.nextId++
    let timer: NodeJS.Timeout | undefined
    try {
      return await new Promise<Answer>((resolve, reject) => {
        this.waiting.set(id, { resolve, reject })
        timer = setTimeout(
          () => reject(new Error(`no answer within ${commandTimeoutMs} ms: ${JSON.stringify(message)}`)),
          commandTimeoutMs,
        )
        child.stdin?.write(`${JSON.stringify({ id, ...message })}\n`)
      })
    } finally {
      clearTimeout(timer)
      this.waiting.delete(id)
    }
  }
}
