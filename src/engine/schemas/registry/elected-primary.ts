/**
 * Who writes to the topic where Confluent's registries run on it, too: they elect one of themselves through a consumer group, and each keeps what it has
 * given in its own memory, so nobody else may write beside it. The brokers are asked for that group; nothing is joined, and no topic is made for it: where
 * there are no registries of Confluent's there is no such group, and ours write themselves (conditional-writer.ts).
 *
 * Formats: SchemaRegistryProtocol.java (protocol type `sr`, assignments as JSON with `master_identity`). Used by SchemaRegistry.
 */
import { ClientError, type KafkaClient, pause } from '../../client'
import { ErrorCode } from '../../wire/errors'
import { DescribeGroups, FindCoordinator } from '../../wire/messages'
import { RegistryError } from './errors'
import { isObject } from './values'

/** `schema.registry.group.id` of Confluent's, unless somebody changed it. */
export const electionGroup = 'schema-registry'
const protocolType = 'sr'
const offsetsTopic = '__consumer_offsets'
/** An answer is good for so long: no election is over sooner, and registrations come in bulk. */
const goodForMs = 500
const electionMs = 10_000
const requestTimeoutMs = 2_000
const findVersion = 3

type Standing = { readonly kind: 'nobody' } | { readonly kind: 'electing' } | { readonly kind: 'elected'; readonly url: string }

const nobody: Standing = { kind: 'nobody' }

export class ElectedPrimary {
  private known: Standing = nobody
  private askedAtMs = Number.NEGATIVE_INFINITY

  constructor(private readonly client: KafkaClient) {}

  /** Its address, or null where none is elected. Throws 50004 where an election takes too long. */
  async url(): Promise<string | null> {
    const { clock } = this.client.platform
    const deadlineMs = clock.monotonicMs() + electionMs
    for (;;) {
      const standing = await this.standing()
      if (standing.kind === 'nobody') return null
      if (standing.kind === 'elected') return standing.url
      if (clock.monotonicMs() >= deadlineMs)
        throw new RegistryError(50004, 'The registries of this topic have not elected one that writes. Try again later.')
      await pause(clock, goodForMs)
    }
  }

  private async standing(): Promise<Standing> {
    const nowMs = this.client.platform.clock.monotonicMs()
    if (nowMs - this.askedAtMs < goodForMs) return this.known
    try {
      this.known = await this.ask()
    } catch (error) {
      // Whose coordinator cannot be reached is as it was; without one that was ever seen, that is nobody.
      if (!(error instanceof ClientError)) throw error
    }
    this.askedAtMs = this.client.platform.clock.monotonicMs()
    return this.known
  }

  private async ask(): Promise<Standing> {
    const { client } = this
    const { topics } = await client.metadata([offsetsTopic])
    // Asking for a coordinator would make the topic.
    if (topics.get(offsetsTopic)?.errorCode !== ErrorCode.NONE) return nobody
    const found = await client.askAny((connection) =>
      connection.request(
        FindCoordinator,
        { key: electionGroup, keyType: 0 },
        { version: findVersion, timeoutMs: requestTimeoutMs },
      ),
    )
    const broker = found.errorCode === ErrorCode.NONE ? client.known?.brokers.get(found.nodeId) : undefined
    if (broker === undefined) return this.known
    const answer = await client
      .connectionTo(broker)
      .request(DescribeGroups, { groups: [electionGroup] }, { timeoutMs: requestTimeoutMs })
    const group = answer.groups[0]
    if (group === undefined || group.errorCode !== ErrorCode.NONE) return this.known
    if (group.protocolType !== protocolType || group.members.length === 0) return nobody
    if (group.groupState !== 'Stable') return { kind: 'electing' }
    const url = urlIn(group.members[0]?.memberAssignment)
    return url === null ? nobody : { kind: 'elected', url }
  }
}

/**
 * All members have the same assignment. Null where nobody in the group may be elected, or the bytes are none of Confluent's: anybody can join a group of
 * that name, and one that says nothing is to stop nobody's writes.
 */
export function urlIn(assignment: Uint8Array | undefined): string | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(assignment ?? []).toString('utf8'))
    const identity = isObject(value) ? value['master_identity'] : null
    if (!isObject(identity)) return null
    const { host, port, scheme = 'http' } = identity
    if (typeof host !== 'string' || !/^[\w.:-]{1,253}$/.test(host) || typeof port !== 'number') return null
    if (scheme !== 'http' && scheme !== 'https') return null
    return new URL(`${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`).origin
  } catch {
    return null
  }
}
