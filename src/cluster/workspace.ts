/**
 * A workspace is a folder: `workspace.json` (brokers, ports), `brokers/broker-N/`, `coordination/`, `logs/`, perhaps `security/`. It can be copied as a whole.
 * One process holds it at a time.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import * as v from 'valibot'
import { WorkbenchError } from '../shared/ipc/errors'
import { DirectoryLock } from './directory-lock'

const port = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535))

const workspaceSchema = v.object({
  version: v.literal(1),
  brokers: v.array(v.object({ id: v.pipe(v.number(), v.integer(), v.minValue(0)), port })),
  /** Ids are never given twice: a replica list may still name a removed broker. */
  nextBrokerId: v.pipe(v.number(), v.integer(), v.minValue(1)),
  coordinationPort: v.nullable(port),
  /** Absent in workspaces that had no registry yet. */
  registryPort: v.optional(v.nullable(port), null),
})

export type WorkspaceSettings = v.InferOutput<typeof workspaceSchema>

export class Workspace {
  private constructor(
    readonly directory: string,
    private readonly lock: DirectoryLock,
    private current: WorkspaceSettings,
  ) {}

  /** Takes the lock and reads the settings; a folder that is empty or not there becomes a new workspace. */
  static open(directory: string): Workspace {
    const root = resolve(directory)
    let lock: DirectoryLock
    try {
      lock = DirectoryLock.acquire(root)
    } catch (error) {
      if (error instanceof WorkbenchError) throw error
      throw new WorkbenchError(
        'expected',
        'DATA_DIRECTORY_UNUSABLE',
        `The data directory ${root} cannot be used: ${(error as Error).message}.`,
      )
    }
    try {
      const workspace = new Workspace(root, lock, readSettings(join(root, 'workspace.json')))
      for (const folder of ['brokers', 'coordination', 'logs']) mkdirSync(join(root, folder), { recursive: true })
      return workspace
    } catch (error) {
      lock.release()
      throw error
    }
  }

  get name(): string {
    return basename(this.directory)
  }

  get settings(): WorkspaceSettings {
    return this.current
  }

  update(change: Partial<Omit<WorkspaceSettings, 'version'>>): void {
    this.current = { ...this.current, ...change }
    const path = join(this.directory, 'workspace.json')
    writeFileSync(`${path}.tmp`, `${JSON.stringify(this.current, null, 2)}\n`)
    renameSync(`${path}.tmp`, path)
  }

  brokerDirectory(brokerId: number): string {
    return join(this.directory, 'brokers', `broker-${brokerId}`)
  }

  removeBrokerDirectory(brokerId: number): void {
    rmSync(this.brokerDirectory(brokerId), { recursive: true, force: true })
  }

  get coordinationDirectory(): string {
    return join(this.directory, 'coordination')
  }

  /** Certificates and keys, once there are any. */
  get securityDirectory(): string {
    return join(this.directory, 'security')
  }

  /** Figures of the last hours. */
  get metricsDirectory(): string {
    return join(this.directory, 'metrics')
  }

  get logDirectory(): string {
    return join(this.directory, 'logs')
  }

  get timelinePath(): string {
    return join(this.directory, 'timeline.jsonl')
  }

  close(): void {
    this.lock.release()
  }
}

function readSettings(path: string): WorkspaceSettings {
  if (!existsSync(path)) return { version: 1, brokers: [], nextBrokerId: 1, coordinationPort: null, registryPort: null }
  let content: unknown
  try {
    content = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw unreadable(path, (error as Error).message)
  }
  const parsed = v.safeParse(workspaceSchema, content)
  if (parsed.success) return parsed.output
  const issue = parsed.issues[0]
  throw unreadable(path, `${v.getDotPath(issue) ?? 'the file'}: ${issue.message}`)
}

function unreadable(path: string, why: string): WorkbenchError {
  return new WorkbenchError(
    'expected',
    'WORKSPACE_UNREADABLE',
    `${path} cannot be read: ${why}. Mend the file, or choose another data directory.`,
  )
}
