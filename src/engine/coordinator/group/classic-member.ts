/** One member of a classic group, as the coordinator knows it. Changed by the group's operations only. */
import type { Slot } from '../shard'

export interface JoinAnswer {
  readonly errorCode: number
  readonly memberId: string
  readonly generationId: number
  readonly protocolType: string | null
  readonly protocolName: string | null
  readonly leader: string
  /** The member leads a stable group and must not make an assignment (KIP-814). */
  readonly skipAssignment: boolean
  /** For the leader only. */
  readonly members: readonly {
    readonly memberId: string
    readonly groupInstanceId: string | null
    readonly metadata: Uint8Array
  }[]
}

export interface SyncAnswer {
  readonly errorCode: number
  readonly protocolType: string | null
  readonly protocolName: string | null
  readonly assignment: Uint8Array
}

export interface MemberProtocol {
  readonly name: string
  readonly metadata: Uint8Array
}

export interface MemberFacts {
  readonly groupInstanceId: string | null
  readonly clientId: string
  /** As Java prints an address: "/127.0.0.1". */
  readonly clientHost: string
}

export const NO_BYTES = new Uint8Array(0)

export class ClassicMember implements MemberFacts {
  readonly groupInstanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  assignment: Uint8Array = NO_BYTES
  awaitingJoin: Slot<JoinAnswer> | null = null
  awaitingSync: Slot<SyncAnswer> | null = null
  /** It has never been told its generation: it cannot know its own id and so sends no heartbeats. */
  isNew = false

  constructor(
    public memberId: string,
    facts: MemberFacts,
    public sessionTimeoutMs: number,
    public rebalanceTimeoutMs: number,
    /** In the order in which it prefers them. */
    public protocols: readonly MemberProtocol[],
  ) {
    this.groupInstanceId = facts.groupInstanceId
    this.clientId = facts.clientId
    this.clientHost = facts.clientHost
  }

  get isStatic(): boolean {
    return this.groupInstanceId !== null
  }

  metadataFor(protocolName: string | null): Uint8Array {
    return this.protocols.find(({ name }) => name === protocolName)?.metadata ?? NO_BYTES
  }

  /** Whether it has joined with just these before. */
  matches(protocols: readonly MemberProtocol[]): boolean {
    return (
      protocols.length === this.protocols.length &&
      protocols.every(({ name, metadata }, index) => {
        const mine = this.protocols[index]!
        return mine.name === name && Buffer.compare(mine.metadata, metadata) === 0
      })
    )
  }

  /** The one that it likes best of `candidates`. */
  vote(candidates: ReadonlySet<string>): string | null {
    return this.protocols.find(({ name }) => candidates.has(name))?.name ?? null
  }
}
