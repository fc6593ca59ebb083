/** Group members as processes of their own: which clients there are, how each is started, what it tells, and how it ends. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { runProgram } from '../run/programs'
import { debianModule, virtualEnvironment } from '../run/toolchains'
import type { MemberLine } from './judge'

/** `cooperative`: the classic protocol, with an assignor whose members keep what they have while they join. */
export type Protocol = 'classic' | 'cooperative' | 'consumer'

export interface MemberClient {
  readonly name: string
  readonly command: readonly string[]
}

export interface Place {
  readonly bootstrap: string
  readonly topic: string
  readonly group: string
}

const confluentMember = join(__dirname, 'confluent_member.py')
const kafkajsMember = join(__dirname, 'kafkajs-member.ts')
const versionOf = '"librdkafka " + m.libversion()[0]'

/** The clients of this machine that speak the protocol, and why others are not among them. */
export async function findClients(
  protocol: Protocol,
  cacheDirectory: string,
): Promise<{ readonly clients: readonly MemberClient[]; readonly missing: readonly string[] }> {
  const tools = { cacheDirectory, run: runProgram }
  if (protocol === 'consumer') {
    const made = await virtualEnvironment(tools, 'confluent-kafka', ['confluent-kafka==2.16.1'])
    if (!made.isFound) return { clients: [], missing: [`confluent-kafka of the package index: ${made.why}`] }
    return { clients: [{ name: 'confluent-kafka 2.16', command: [made.python, confluentMember] }], missing: [] }
  }
  const kafkajs = { name: 'kafkajs 2.2', command: [process.execPath, '--import', 'tsx', kafkajsMember] }
  // kafkajs gives everything up before it joins, always.
  const own = protocol === 'classic' ? [kafkajs] : []
  const debian = await debianModule(tools, 'confluent_kafka as m', versionOf, 'python3-confluent-kafka')
  if (!debian.isFound) return { clients: own, missing: [debian.why] }
  return { clients: [{ name: `Debian's ${debian.version}`, command: [debian.python, confluentMember] }, ...own], missing: [] }
}

export class MemberProcess {
  private readonly child: ChildProcess
  private readonly exited: Promise<unknown>
  hasStarted = false
  /** The cluster answered it with an error that it does not get over. */
  isRefused = false
  readonly complaints: string[] = []

  constructor(
    client: MemberClient,
    place: Place,
    readonly name: string,
    protocol: Protocol,
    onLine: (line: MemberLine) => void,
  ) {
    const [command = '', ...args] = client.command
    this.child = spawn(command, [...args, place.bootstrap, place.topic, place.group, name, protocol], {
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    this.exited = once(this.child, 'exit')
    this.child.stdin?.on('error', () => undefined)
    createInterface({ input: this.child.stderr! }).on('line', (line) => this.complaints.push(line))
    createInterface({ input: this.child.stdout! }).on('line', (text) => {
      // The last line of one that was killed may be half a line.
      if (!text.endsWith('}')) return
      const line = JSON.parse(text) as MemberLine
      if (line.event === 'started') this.hasStarted = true
      if (line.event === 'refused') this.isRefused = true
      onLine(line)
    })
  }

  get isAlive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null
  }

  /** As it is killed it has been told nothing: answers the moment after which it does nothing any more. */
  async kill(): Promise<number> {
    this.child.kill('SIGKILL')
    const atMs = Date.now()
    await this.exited
    return atMs
  }

  /** Makes it leave its group. */
  async leave(timeoutMs: number): Promise<void> {
    this.child.stdin?.write('leave\n')
    const timer = setTimeout(() => this.child.kill('SIGKILL'), timeoutMs)
    await this.exited
    clearTimeout(timer)
  }
}
