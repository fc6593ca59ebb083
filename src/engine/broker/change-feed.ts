/**
 * Follows a folder of the coordination service in which changes are announced by sequential znodes, as Kafka's ZkNodeChangeNotificationListener does.
 * Used by the stores of ACLs and of SCRAM credentials. Says what each announcement holds, in order, each once; what was announced before the
 * first look is not told, for its owner reads everything anyway.
 */
import { failureName, type SteadyCoordination } from '../controller/coordination-port'
import type { Logger } from '../platform'

/** Old announcements are of use to nobody: who was away reads everything anew. */
const CHANGES_KEPT = 100

export interface ChangeFeedOptions {
  readonly path: string
  readonly logger: Logger
  /** Of the present session; throws where there is none. */
  coordination(): SteadyCoordination
  onChange(data: Uint8Array): Promise<void>
}

export class ChangeFeed {
  private last = -1

  constructor(private readonly options: ChangeFeedOptions) {}

  /** Once for each coordination session, before what the announcements are about is read. */
  async follow(): Promise<void> {
    await this.look(false)
  }

  async clearOld(): Promise<void> {
    const { path } = this.options
    const coordination = this.options.coordination()
    const names = await coordination.getChildren(path)
    const newest = Math.max(-1, ...names.map(sequenceOf))
    const old = names.filter((name) => sequenceOf(name) <= newest - CHANGES_KEPT)
    await Promise.all(old.map((name) => coordination.delete(`${path}/${name}`)))
  }

  private async look(tells: boolean): Promise<void> {
    const { path, onChange } = this.options
    const coordination = this.options.coordination()
    const names = await coordination.getChildren(path, () => {
      this.look(true).catch((error: unknown) => {
        // The session is over: follow(), in the next one, comes before everything is read.
        if (failureName(error) !== null) return
        this.options.logger.error('Changes cannot be followed', { path, reason: String(error) })
      })
    })
    const unseen = names.filter((name) => sequenceOf(name) > this.last).sort((a, b) => sequenceOf(a) - sequenceOf(b))
    for (const name of unseen) {
      this.last = Math.max(this.last, sequenceOf(name))
      if (!tells) continue
      const change = await coordination.getData(`${path}/${name}`)
      if (change !== null) await onChange(change.data)
    }
  }
}

/** Of `acl_changes_0000000012`; -1 where there is none. */
function sequenceOf(name: string): number {
  const match = /(\d+)$/.exec(name)
  return match === null ? -1 : Number(match[1])
}
