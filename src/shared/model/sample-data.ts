/** The sample data of a workspace: what there is of it, and whether its generator goes on. */

export interface SampleTopicView {
  readonly name: string
  readonly partitionCount: number
  /** What it wants; on fewer brokers it gets fewer. */
  readonly replicationFactor: number
  /** Of its history. */
  readonly recordCount: number
  readonly valueFormat: 'Avro' | 'JSON Schema' | 'Protobuf' | 'JSON' | 'text'
  readonly isCompacted: boolean
  readonly description: string
  /** foreign: a topic of this name is there that is not the sample's. It is left alone. */
  readonly state: 'absent' | 'filling' | 'filled' | 'foreign'
}

export interface SampleDataView {
  readonly state: 'absent' | 'installing' | 'installed' | 'removing'
  readonly topics: readonly SampleTopicView[]
  readonly groups: readonly string[]
  /** Records of the history written so far, of those to write. */
  readonly progress: { readonly done: number; readonly total: number } | null
  readonly generator: {
    readonly isRunning: boolean
    readonly perSecond: number
    /** Since it was started. */
    readonly sentCount: number
    /** Why nothing is acknowledged now, in a sentence. */
    readonly problem: string | null
  }
  /** Why the last installation or removal did not come to its end, in a sentence. */
  readonly problem: string | null
}

export const samplePerSecondMax = 2_000
