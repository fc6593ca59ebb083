/** Sets of partitions over several topics, as members of a group own them. Pure and immutable. */

export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

export interface TopicPartitions {
  readonly topic: string
  readonly partitions: readonly number[]
}

/** A topic's name has no slash (Kafka's Topic.validate), so this stands for one partition only. */
export function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`
}

export function flatten(list: readonly TopicPartitions[]): TopicPartition[] {
  return list.flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition })))
}

/** By topic, topics and partitions in order. */
export function grouped(list: Iterable<TopicPartition>): TopicPartitions[] {
  const byTopic = new Map<string, number[]>()
  for (const { topic, partition } of list) {
    const partitions = byTopic.get(topic)
    if (partitions === undefined) byTopic.set(topic, [partition])
    else partitions.push(partition)
  }
  return [...byTopic]
    .sort(([a], [b]) => compare(a, b))
    .map(([topic, partitions]) => ({ topic, partitions: partitions.sort((a, b) => a - b) }))
}

/** Those of `list` that are not in `others`. */
export function without(list: readonly TopicPartition[], others: readonly TopicPartition[]): TopicPartition[] {
  const keys = new Set(others.map(keyOf))
  return list.filter((each) => !keys.has(keyOf(each)))
}

/** By code unit, as Java compares strings: all members of a group have to come to the same order. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
