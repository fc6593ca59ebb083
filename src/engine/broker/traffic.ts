/**
 * Running totals of what clients send and get, in records and bytes of record batches, for the broker and for each of its topics. Added to by
 * Produce and Fetch, read by statistics; a topic that is deleted is forgotten when somebody reads.
 */
export interface TopicTraffic {
  messagesIn: number
  bytesIn: number
  batchesIn: number
  /** To consumers. */
  bytesOut: number
  failedProduceCount: number
}

export class Traffic {
  messagesIn = 0
  bytesIn = 0
  batchesIn = 0
  /** To consumers. */
  bytesOut = 0
  /** To followers. */
  replicationBytesOut = 0
  failedProduceCount = 0
  failedFetchCount = 0
  private readonly byTopic = new Map<string, TopicTraffic>()

  /** A batch that was appended. */
  onAppend(topic: string, recordCount: number, bytes: number): void {
    this.messagesIn += recordCount
    this.bytesIn += bytes
    this.batchesIn++
    const of = this.of(topic)
    of.messagesIn += recordCount
    of.bytesIn += bytes
    of.batchesIn++
  }

  onFailedProduce(topic: string): void {
    this.failedProduceCount++
    // Whoever asks for what is not there must not fill the table with names.
    const of = this.byTopic.get(topic)
    if (of !== undefined) of.failedProduceCount++
  }

  onConsume(topic: string, bytes: number): void {
    this.bytesOut += bytes
    if (bytes > 0) this.of(topic).bytesOut += bytes
  }

  topics(): ReadonlyMap<string, Readonly<TopicTraffic>> {
    return this.byTopic
  }

  /** Topics that are no more. */
  retain(exists: (topic: string) => boolean): void {
    for (const topic of this.byTopic.keys()) if (!exists(topic)) this.byTopic.delete(topic)
  }

  private of(topic: string): TopicTraffic {
    let of = this.byTopic.get(topic)
    if (of === undefined) {
      of = { messagesIn: 0, bytesIn: 0, batchesIn: 0, bytesOut: 0, failedProduceCount: 0 }
      this.byTopic.set(topic, of)
    }
    return of
  }
}
