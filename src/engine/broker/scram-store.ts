/**
 * SCRAM credentials of users: kept under /config/users/<name> beside whatever else is set for a user there, in Kafka's format, so that its tools see
 * them. A broker with a SCRAM listener holds them in memory and follows changes; for describing and altering them the coordination service is
 * asked itself. A password never comes here, but from the broker's own settings.
 */
import { failureName, type MultiOp, type SteadyCoordination } from '../controller/coordination-port'
import { configNotification } from '../controller/topic-configs'
import { CONFIG_CHANGES, decodeConfigs, encodeConfigs } from '../controller/znodes'
import type { Logger, Random } from '../platform'
import { equalBytes } from '../security/sasl/constant-time'
import {
  credentialOfPassword,
  decodeCredential,
  encodeCredential,
  SCRAM_ITERATIONS_MAX,
  SCRAM_MECHANISMS,
  type ScramCredential,
  type ScramMechanism,
} from '../security/sasl/scram-credential'
import { ChangeFeed } from './change-feed'

export type UserCredentials = ReadonlyMap<ScramMechanism, ScramCredential>

export interface ScramStoreOptions {
  readonly logger: Logger
  readonly random: Random
  /** Of the present session; throws where there is none. */
  coordination(): SteadyCoordination
}

const USERS = '/config/users'
const WRITE_ATTEMPTS_MAX = 10
const SALT_BYTES = 16
const NOBODY: UserCredentials = new Map()

export class ScramStore {
  private readonly users = new Map<string, UserCredentials>()
  private readonly feed: ChangeFeed

  constructor(private readonly options: ScramStoreOptions) {
    const { logger, coordination } = options
    this.feed = new ChangeFeed({
      path: CONFIG_CHANGES,
      logger,
      coordination,
      onChange: async (data) => {
        const user = changedUser(data)
        if (user !== null) await this.reload(user)
      },
    })
  }

  /** Reads everything and begins to follow changes. Called once for each coordination session. */
  async load(): Promise<void> {
    await this.feed.follow()
    const users = new Set([...(await this.names()), ...this.users.keys()])
    await Promise.all([...users].map((user) => this.reload(user)))
  }

  /** Of a user that is known here, from memory: asked in the middle of an exchange. */
  credentialOf(user: string, mechanism: ScramMechanism): ScramCredential | undefined {
    return this.users.get(user)?.get(mechanism)
  }

  /** All users that have any; asked of the coordination service. */
  async list(): Promise<Map<string, UserCredentials>> {
    const names = await this.names()
    const read = await Promise.all(names.map(async (user) => [user, await this.read(user)] as const))
    return new Map(read.filter(([, credentials]) => credentials.size > 0))
  }

  async read(user: string): Promise<UserCredentials> {
    const found = await this.options.coordination().getData(pathOf(user))
    return found === null ? NOBODY : credentialsIn(decodeConfigs(found.data))
  }

  /** Gives the user `credentials`, null taking one away. Rejects where the coordination service cannot be written. */
  async alter(user: string, credentials: ReadonlyMap<ScramMechanism, ScramCredential | null>): Promise<void> {
    const coordination = this.options.coordination()
    const path = pathOf(user)
    for (let attempt = 0; attempt < WRITE_ATTEMPTS_MAX; attempt++) {
      const found = await coordination.getData(path)
      const settings = new Map(Object.entries(found === null ? {} : decodeConfigs(found.data)))
      for (const [mechanism, credential] of credentials) {
        if (credential === null) settings.delete(mechanism)
        else settings.set(mechanism, encodeCredential(credential))
      }
      const data = encodeConfigs(Object.fromEntries(settings))
      const write: MultiOp =
        found === null ? { type: 'create', path, data } : { type: 'setData', path, data, version: found.stat.version }
      try {
        await coordination.multi([write, configNotification(`users/${sanitize(user)}`)])
      } catch (error) {
        if (['BADVERSION', 'NODEEXISTS', 'NONODE'].includes(failureName(error) ?? '')) continue
        throw error
      }
      await this.reload(user)
      await this.feed.clearOld()
      return
    }
    throw new Error(`the credentials of ${path} keep being changed by others`)
  }

  /** Sees to it that the password is the user's: what the broker's own settings say is written where it is not so already. */
  async ensurePassword(user: string, password: string): Promise<void> {
    const present = await this.read(user)
    const wrong = SCRAM_MECHANISMS.filter((mechanism) => {
      const credential = present.get(mechanism)
      if (credential === undefined) return true
      const { salt, iterations } = credential
      // Nothing of Kafka's writes so many; deriving a key with them would hold this broker up for as long as it pleases who did.
      if (iterations > SCRAM_ITERATIONS_MAX) return true
      return !equalBytes(credentialOfPassword(mechanism, password, salt, iterations).storedKey, credential.storedKey)
    })
    if (wrong.length === 0) return
    const salt = () => this.options.random.bytes(SALT_BYTES)
    await this.alter(user, new Map(wrong.map((mechanism) => [mechanism, credentialOfPassword(mechanism, password, salt())])))
  }

  private async names(): Promise<string[]> {
    const names = await this.options.coordination().getChildren(USERS)
    return names.flatMap((name) => desanitize(name) ?? [])
  }

  private async reload(user: string): Promise<void> {
    const credentials = await this.read(user)
    if (credentials.size === 0) this.users.delete(user)
    else this.users.set(user, credentials)
  }
}

function credentialsIn(settings: Readonly<Record<string, string>>): UserCredentials {
  const credentials = new Map<ScramMechanism, ScramCredential>()
  for (const mechanism of SCRAM_MECHANISMS) {
    const text = settings[mechanism]
    const credential = text === undefined ? null : decodeCredential(text)
    if (credential !== null) credentials.set(mechanism, credential)
  }
  return credentials
}

function changedUser(data: Uint8Array): string | null {
  try {
    const json: unknown = JSON.parse(Buffer.from(data).toString('utf8'))
    const path = typeof json === 'object' && json !== null && 'entity_path' in json ? json.entity_path : null
    const match = typeof path === 'string' ? /^users\/([^/]+)$/.exec(path) : null
    return match === null ? null : desanitize(match[1]!)
  } catch {
    return null
  }
}

function pathOf(user: string): string {
  return `${USERS}/${sanitize(user)}`
}

/** Kafka's Sanitizer: a user's name may hold what a path may not. */
export function sanitize(name: string): string {
  return encodeURIComponent(name).replace(/[!'()*~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
}

/** Null for what is no name of a user, `<default>` among it. */
function desanitize(name: string): string | null {
  if (name.startsWith('<')) return null
  try {
    return decodeURIComponent(name)
  } catch {
    return null
  }
}
