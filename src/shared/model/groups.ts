/** Consumer groups as the window shows them. */

export interface GroupSummary {
  readonly groupId: string
  /** Kafka's own words: 'classic' or 'consumer' (KIP-848). */
  readonly type: string
  /** 'Stable', 'PreparingRebalance', 'CompletingRebalance', 'Empty', 'Dead', 'Assigning', 'Reconciling'. */
  readonly state: string
  readonly protocolType: string
}
