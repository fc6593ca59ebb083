/**
 * What in Kafka's own rules allows a promise to be broken, seen from a client: the topic lets anybody be elected; a machine lost its power while
 * records of a topic that is not flushed lay in its memory; an earlier topic had the same name, and a client with old metadata wrote to that.
 * Everything else is a bug.
 */
import { SimBroker, type World } from '../world'
import type { BrokenRule } from './partition-history'

export class Excuses {
  #lastPowerLossAtMs = Number.NEGATIVE_INFINITY

  constructor(
    private readonly world: Pick<World, 'config' | 'nowMs' | 'onDidFault'>,
    /** Names under which a topic is deleted and created again. */
    private readonly reusedTopics: ReadonlySet<string>,
  ) {
    world.onDidFault(({ kind, machine }) => {
      if (kind === 'power-lost' && machine instanceof SimBroker) this.#lastPowerLossAtMs = world.nowMs
    })
  }

  /** In words, or null. */
  for({ topic, promisedAtMs }: BrokenRule): string | null {
    const configs = this.world.config.topics.find(({ name }) => name === topic)?.configs ?? {}
    if (configs['unclean.leader.election.enable'] === 'true') return 'the topic allows unclean elections'
    if (this.reusedTopics.has(topic)) return 'a topic of this name was there before'
    const isFlushed = configs['flush.messages'] === '1'
    if (!isFlushed && this.#lastPowerLossAtMs >= promisedAtMs) return 'a broker lost its power, and the topic is not flushed'
    return null
  }
}
