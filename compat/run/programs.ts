/** Runs the programs that are clients: with input, a time limit, and all that they wrote. Used by every suite; starts nothing by itself. */
import { type ChildProcess, spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

export interface ProgramOptions {
  readonly input?: string | Uint8Array
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** 120 s where nothing is said. */
  readonly timeLimitMs?: number
}

export interface ProgramResult {
  /** null where a signal ended it; -1 where it could not be started. */
  readonly code: number | null
  readonly stdout: Buffer
  readonly stderr: string
  readonly hasTimedOut: boolean
}

const defaultTimeLimitMs = 120_000

export function runProgram(
  command: string,
  args: readonly string[],
  options: ProgramOptions = {},
  onStart: (child: ChildProcess) => void = () => undefined,
): Promise<ProgramResult> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
      // A group of its own, so that what it has started (a cluster of the suite's) ends with it.
      detached: true,
    })
    const endGroup = (): void => endProcessGroup(child)
    process.once('exit', endGroup)
    onStart(child)
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    let hasTimedOut = false
    const timer = setTimeout(() => {
      hasTimedOut = true
      endGroup()
    }, options.timeLimitMs ?? defaultTimeLimitMs)
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
    // A program that ends before it has read all of its input says why by its exit code.
    child.stdin.on('error', () => undefined)
    child.stdin.end(options.input ?? '')
    const conclude = (code: number | null, more = '') => {
      clearTimeout(timer)
      process.removeListener('exit', endGroup)
      endGroup()
      resolve({ code, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() + more, hasTimedOut })
    }
    child.once('error', (error) => conclude(-1, error.message))
    child.once('close', (code) => conclude(code))
  })
}

/** The program and whatever it has started and left behind; nothing where all of it has ended. */
export function endProcessGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // Nobody of the group is left.
  }
}

/** What went wrong with a program, in a sentence; empty where nothing did. */
export function complaintOf(name: string, result: ProgramResult): string {
  if (result.code === 0) return ''
  const how = result.hasTimedOut ? 'did not end in time' : `ended with ${result.code}`
  const said = result.stderr.trim() || result.stdout.toString().trim()
  return `${name} ${how}: ${said.split('\n').slice(-6).join(' / ')}`
}

/** Where a program lies on the path, or null. */
export function findProgram(name: string): string | null {
  for (const directory of (process.env['PATH'] ?? '').split(delimiter)) {
    const file = join(directory, name)
    try {
      accessSync(file, constants.X_OK)
      return file
    } catch {
      // Not in this one.
    }
  }
  return null
}
