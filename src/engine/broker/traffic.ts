/** Running totals of what clients send and get, in records and bytes of record batches. Added to by Produce and Fetch, read by statistics. */
export class Traffic {
  messagesIn = 0
  bytesIn = 0
  /** To consumers. */
  bytesOut = 0
  /** To followers. */
  replicationBytesOut = 0
  failedProduceCount = 0
  failedFetchCount = 0
}
