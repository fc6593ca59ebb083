/** `serve --json` as another process of this machine would run it: started, commanded over its standard input, killed. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const cli = join(__dirname, '../../out/main/cli.js')
const readyTimeoutMs = 60_000

export interface BrokerStatus {
  readonly id: number
  readonly state: string
  readonly reason: string | null
  readonly port: number
  readonly leaderCount: number
}

export interface Status {
  readonly state: string
  readonly controllerId: number | null
  readonly brokers: readonly BrokerStatus[]
  readonly topicCount: number
  readonly partitionCount: number
  readonly underReplicatedCount: number
  readonly offlineCount: number
}

export class ServeProcess {
  private readonly answers: ((answer: Record<string, unknown>) => void)[] = []
  readonly stderr: string[] = []

  private constructor(
    private readonly child: ChildProcess,
    readonly bootstrapServers: string,
    readonly coordination: string,
    /** '' where it has none. */
    readonly registry: string,
  ) {}

  static async start(args: readonly string[]): Promise<ServeProcess> {
    const child = spawn(process.execPath, [cli, 'serve', '--json', ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
    const lines = createInterface({ input: child.stdout! })
    const stderr: string[] = []
    createInterface({ input: child.stderr! }).on('line', (line) => stderr.push(line))
    const exit = once(child, 'exit').then(([code]) => {
      throw new Error(`serve ended with ${code} before it served: ${stderr.join('\n')}`)
    })
    const late = new Promise<never>((_, reject) => {
      const timer = setTimeout(() => {
        child.kill('SIGKILL')
        reject(new Error(`serve did not serve within ${readyTimeoutMs} ms: ${stderr.join('\n')}`))
      }, readyTimeoutMs)
      lines.once('line', () => clearTimeout(timer))
      child.once('exit', () => clearTimeout(timer))
    })
    const [ready] = (await Promise.race([once(lines, 'line'), exit, late])) as [string]
    exit.catch(() => undefined)
    const {
      bootstrapServers,
      coordination,
      registry = '',
    } = JSON.parse(ready) as { bootstrapServers: string; coordination: string; registry?: string }
    const server = new ServeProcess(child, bootstrapServers, coordination, registry)
    server.stderr.push(...stderr)
    lines.on('line', (line) => server.answers.shift()?.(JSON.parse(line)))
    return server
  }

  get pid(): number {
    return this.child.pid ?? 0
  }

  /** Answers of the commands come in order; a refusal is thrown. */
  async command(line: string): Promise<Record<string, unknown>> {
    let onExit = (): void => undefined
    const answer = await new Promise<Record<string, unknown>>((resolve, reject) => {
      this.answers.push(resolve)
      onExit = () => reject(new Error(`serve ended while it was asked '${line}'`))
      this.child.once('exit', onExit)
      this.child.stdin?.write(`${line}\n`)
    })
    this.child.off('exit', onExit)
    if (answer['ok'] !== true) throw new Error(`${line}: ${String(answer['error'])}`)
    return answer
  }

  async status(): Promise<Status> {
    return (await this.command('status')) as unknown as Status
  }

  /** Waits until all brokers run and every partition has its whole ISR; throws after `timeoutMs`. */
  async whenSettled(timeoutMs: number): Promise<void> {
    const deadline = Date.now() + timeoutMs
    for (;;) {
      const status = await this.status()
      const areUp = status.brokers.every((broker) => broker.state === 'running')
      if (areUp && status.underReplicatedCount === 0 && status.offlineCount === 0) return
      if (Date.now() > deadline) throw new Error(`not settled after ${timeoutMs} ms: ${JSON.stringify(status)}`)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }

  /** The whole process at once, as `kill -9` ends it. */
  async killHard(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return
    const exited = once(this.child, 'exit')
    this.child.kill('SIGKILL')
    await exited
  }

  /** SIGTERM; answers the exit code. */
  async terminate(): Promise<number | null> {
    if (this.child.exitCode !== null) return this.child.exitCode
    const exited = once(this.child, 'exit')
    this.child.kill('SIGTERM')
    const [code] = await exited
    return code as number | null
  }
}
