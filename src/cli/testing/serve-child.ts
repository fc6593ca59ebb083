/** The built command line as a child process: what it prints, what it answers, how it ends. Imported by integration tests only. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const cli = join(__dirname, '../../../out/main/cli.js')

export class ServeChild {
  readonly child: ChildProcess
  readonly stdout: string[] = []
  readonly stderr: string[] = []
  /** Exit code, once it has ended and its output is read. */
  readonly ended: Promise<number | null>
  private readonly waiting: (() => void)[] = []
  private taken = 0

  constructor(args: readonly string[]) {
    this.child = spawn(process.execPath, [cli, ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
    createInterface({ input: this.child.stdout! }).on('line', (line) => this.onLine(this.stdout, line))
    createInterface({ input: this.child.stderr! }).on('line', (line) => this.onLine(this.stderr, line))
    // It may have ended before it reads what it is sent.
    this.child.stdin!.on('error', () => undefined)
    this.ended = once(this.child, 'close').then(([code]) => {
      for (const wake of this.waiting.splice(0)) wake()
      return code as number | null
    })
  }

  /** The next line of standard output; rejects where it ends first. */
  async nextLine(): Promise<string> {
    while (this.stdout.length <= this.taken) {
      if (this.child.exitCode !== null || this.child.signalCode !== null) {
        await this.ended
        if (this.stdout.length <= this.taken)
          throw new Error(`serve ended with ${this.child.exitCode}: ${this.stderr.join('\n')}`)
      } else await new Promise<void>((resolve) => this.waiting.push(resolve))
    }
    return this.stdout[this.taken++]!
  }

  async nextAnswer(): Promise<Record<string, unknown>> {
    return JSON.parse(await this.nextLine()) as Record<string, unknown>
  }

  command(line: string): Promise<Record<string, unknown>> {
    this.write(`${line}\n`)
    return this.nextAnswer()
  }

  write(text: string): void {
    this.child.stdin!.write(text)
  }

  async terminate(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.child.kill(signal)
    return this.ended
  }

  private onLine(lines: string[], line: string): void {
    lines.push(line)
    for (const wake of this.waiting.splice(0)) wake()
  }
}
