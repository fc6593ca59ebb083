/**
 * What the window has switched on of the cluster's security, in `security.json` of the workspace: it holds from start to start and goes with the
 * folder. Passwords stand in it as they are, as in Kafka's own JAAS files, so nobody but this computer's user may read it. `serve` does not read it: there,
 * security is said at each start.
 */
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { appArguments } from '../shared/ipc/calls/app'
import { WorkbenchError } from '../shared/ipc/errors'
import { openToAll, type SecurityWishes } from '../shared/model/security'

export class SecuritySetting {
  private wishes: SecurityWishes | null = null

  constructor(private readonly directory: string) {}

  /** Throws a sentence where the file is there and cannot be understood: a cluster that was closed must not open because of it. */
  get current(): SecurityWishes {
    this.wishes ??= read(this.path)
    return this.wishes
  }

  /** Throws when it cannot be written; what held before holds on. */
  set(wishes: SecurityWishes): void {
    mkdirSync(this.directory, { recursive: true })
    const temporary = `${this.path}.tmp`
    writeFileSync(temporary, `${JSON.stringify(wishes, null, 2)}\n`, { mode: 0o600 })
    // The mode of a file that was there already is not touched by writing.
    chmodSync(temporary, 0o600)
    renameSync(temporary, this.path)
    this.wishes = wishes
  }

  private get path(): string {
    return join(this.directory, 'security.json')
  }
}

function read(path: string): SecurityWishes {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return openToAll
    }
    throw unreadable(path, String(error))
  }
  try {
    return v.parse(appArguments['app.setSecurity'], JSON.parse(text))
  } catch (error) {
    throw unreadable(path, error instanceof Error ? error.message : String(error))
  }
}

function unreadable(path: string, why: string): WorkbenchError {
  return new WorkbenchError(
    'expected',
    'SECURITY_UNREADABLE',
    `${path} cannot be read: ${why}. Mend it, or remove it: without it everybody may come in.`,
  )
}

/** Whether anything is asked of clients. */
export const asksSomething = (wishes: SecurityWishes): boolean => wishes.protocol !== 'PLAINTEXT' || wishes.usesAcls
