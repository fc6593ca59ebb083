/** What a suite works with: clusters and programs that end with it, whatever becomes of it. One for each run of a suite. */
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ServeProcess } from '../kafka-clients/serve-process'
import type { Checks } from './checks'
import { endProcessGroup, type ProgramOptions, type ProgramResult, runProgram } from './programs'
import type { SuiteContext } from './suite'

export class Context implements SuiteContext {
  private readonly servers: ServeProcess[] = []
  private readonly directories = new Map<ServeProcess | null, string>()
  private readonly children = new Set<ChildProcess>()
  readonly attachments: string[] = []
  private hasEnded = false

  constructor(
    readonly isQuick: boolean,
    readonly cacheDirectory: string,
    readonly checks: Checks,
  ) {}

  readonly serve = async (args: readonly string[] = ['--brokers', '3']): Promise<ServeProcess> => {
    const directory = mkdtempSync(join(tmpdir(), 'broker-workbench-compat-'))
    // Should it not start, its folder is to go all the same.
    this.directories.set(null, directory)
    const server = await ServeProcess.start(['--port', '0', '--coordination-port', '0', '--data-dir', directory, ...args])
    this.directories.set(server, directory)
    if (this.hasEnded) await server.killHard()
    else this.servers.push(server)
    return server
  }

  dataDirectoryOf(server: ServeProcess): string {
    return this.directories.get(server) ?? ''
  }

  attach(markdown: string): void {
    this.attachments.push(markdown)
  }

  /** A property, so that a suite may take it out of the context. */
  readonly run = async (command: string, args: readonly string[], options?: ProgramOptions): Promise<ProgramResult> => {
    let started: ChildProcess | null = null
    const result = await runProgram(command, args, options, (child) => {
      started = child
      this.children.add(child)
    })
    if (started !== null) this.children.delete(started)
    return result
  }

  /** Ends what still runs, programs first: a client without its cluster only fills the screen with complaints. */
  async end(): Promise<void> {
    this.hasEnded = true
    for (const child of this.children) endProcessGroup(child)
    await Promise.all(this.servers.map((server) => server.terminate()))
    for (const directory of this.directories.values()) rmSync(directory, { recursive: true, force: true })
  }
}
