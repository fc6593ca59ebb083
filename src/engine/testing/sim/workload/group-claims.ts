/**
 * Who owns which partition at one moment, by what members have been told and have given up: not by generations or epochs, which group-history.ts looks at.
 * Members of both protocols write it, and each call checks what can be checked at that moment. Pure.
 *
 * A member owns what it was told from then until it says that it has it no more, leaves, or has been silent for so long that its coordinator may take it for
 * dead. The last is the coordinator's to judge, by a clock and a load of its own; so each claim has a time up to which no coordinator can have ended it, and
 * nothing is said of what comes after. A coordinator that has taken over begins all sessions anew.
 */
export const claimRules = {
  ownedByOne: 'a partition is owned by one member at a time, by what members were told and have given up',
} as const

export interface BrokenClaimRule {
  readonly rule: string
  readonly group: string
  readonly message: string
  /** When the claim that was passed over was promised, and how far the group's log was committed then. */
  readonly promised: { readonly atMs: number; readonly offset: number }
}

export interface GroupClaimsOptions {
  readonly nowMs: () => number
  /** The committed end of the log that the group is kept in. */
  readonly committedEnd: (group: string) => number
  /** When that broker last came to lead the group's partition; null where that is not known. */
  readonly ledSinceMs: (group: string, brokerId: number) => number | null
  /** Why it need not hold, or null. */
  readonly excuse: (broken: BrokenClaimRule) => string | null
  /** Throws. */
  readonly violate: (broken: BrokenClaimRule) => never
  readonly count: (name: string) => void
}

/** What a member knows when a coordinator has answered it. */
export interface Terms {
  /** Who answered. */
  readonly coordinatorId: number
  /** Up to then this coordinator cannot have ended the membership. */
  readonly untilMs: number
  /** And another one not for so long after it has taken over. */
  readonly spanMs: number
}

interface Member {
  terms: Terms
  readonly partitions: Map<number, { readonly atMs: number; readonly offset: number }>
}

export class GroupClaims {
  readonly #groups = new Map<string, Map<string, Member>>()

  constructor(private readonly options: GroupClaimsOptions) {}

  /** The coordinator has answered the member, and told it all that it is to own: what it owns besides is its own until it gives it up. */
  onTold(group: string, memberId: string, partitions: readonly number[], terms: Terms): void {
    const member = this.#member(group, memberId, terms)
    const { nowMs, count } = this.options
    // It may have lost all of it while the answer was on its way.
    if (terms.untilMs <= nowMs()) return
    count('claims of group members')
    for (const partition of partitions) {
      if (member.partitions.has(partition)) continue
      this.#requireFree(group, memberId, partition, terms.coordinatorId)
      member.partitions.set(partition, { atMs: nowMs(), offset: this.options.committedEnd(group) - 1 })
    }
  }

  /** The coordinator has answered, and nothing new. */
  onRenewed(group: string, memberId: string, terms: Terms): void {
    const member = this.#groups.get(group)?.get(memberId)
    if (member !== undefined) member.terms = terms
  }

  /** Something was asked that may begin the time which a member has for giving up. */
  limit(group: string, memberId: string, untilMs: number): void {
    const member = this.#groups.get(group)?.get(memberId)
    if (member !== undefined) member.terms = { ...member.terms, untilMs: Math.min(member.terms.untilMs, untilMs) }
  }

  /** To be called before the message goes out that says so: it owns what is in `kept`, at most. */
  onGivesUpAllBut(group: string, memberId: string, kept: ReadonlySet<number>): void {
    const member = this.#groups.get(group)?.get(memberId)
    if (member === undefined) return
    for (const partition of member.partitions.keys()) if (!kept.has(partition)) member.partitions.delete(partition)
    if (member.partitions.size === 0) this.#groups.get(group)?.delete(memberId)
  }

  /**
   * The coordinator is about to be heard to have answered somebody whom it takes in again under an id that it has forgotten: where the membership may have ended,
   * what it does not have from this answer it has no more.
   */
  onMayHaveBegunAnew(group: string, memberId: string, partitions: ReadonlySet<number>, coordinatorId: number): void {
    const member = this.#groups.get(group)?.get(memberId)
    if (member === undefined || this.#untilMs(group, member, coordinatorId) > this.options.nowMs()) return
    this.onGivesUpAllBut(group, memberId, partitions)
  }

  /** Whether the member owns the partition without any doubt, whoever coordinates the group now. */
  isSure(group: string, memberId: string, partition: number, coordinatorId: number): boolean {
    const member = this.#groups.get(group)?.get(memberId)
    return member?.partitions.has(partition) === true && this.#untilMs(group, member, coordinatorId) > this.options.nowMs()
  }

  #requireFree(group: string, memberId: string, partition: number, coordinatorId: number): void {
    for (const [otherId, other] of this.#groups.get(group) ?? []) {
      const claim = other.partitions.get(partition)
      if (otherId === memberId || claim === undefined) continue
      const leftMs = this.#untilMs(group, other, coordinatorId) - this.options.nowMs()
      if (leftMs <= 0) continue
      const message = `partition ${partition} is given to ${memberId}, and ${otherId} has it for another ${Math.round(leftMs)} ms`
      const broken = { rule: claimRules.ownedByOne, group, message, promised: claim }
      const excuse = this.options.excuse(broken)
      if (excuse === null) this.options.violate(broken)
      this.options.count(`claims excused by ${excuse}`)
      other.partitions.delete(partition)
    }
  }

  #untilMs(group: string, { terms }: Member, coordinatorId: number): number {
    if (terms.coordinatorId === coordinatorId) return terms.untilMs
    const sinceMs = this.options.ledSinceMs(group, coordinatorId)
    // It may have been ended before: then it is not there any more for the next one to begin anew.
    return sinceMs === null || sinceMs >= terms.untilMs ? Number.NEGATIVE_INFINITY : sinceMs + terms.spanMs
  }

  #member(group: string, memberId: string, terms: Terms): Member {
    let members = this.#groups.get(group)
    if (members === undefined) {
      members = new Map()
      this.#groups.set(group, members)
    }
    let member = members.get(memberId)
    if (member === undefined) {
      member = { terms, partitions: new Map() }
      members.set(memberId, member)
    }
    member.terms = terms
    return member
  }
}
