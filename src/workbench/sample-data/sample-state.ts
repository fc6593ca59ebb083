/**
 * What is remembered of the sample data: which topics are ours, by their id, so that nobody's own `orders` is ever filled or deleted; and
 * whether the generator goes on.
 */
import * as v from 'valibot'
import { JsonFile } from '../json-file'

const stateSchema = v.object({
  version: v.literal(1),
  /** By name. A topic that is not filled was left half-way by a crash, and is made anew. */
  topics: v.record(v.string(), v.object({ topicId: v.string(), isFilled: v.boolean() })),
  /** Those that were not there before, deleted ones included: they go as a whole. */
  subjects: v.array(v.string()),
  /** What was added to subjects that are somebody else's. The id too: a number is given again once its version is gone. */
  versions: v.optional(v.array(v.object({ subject: v.string(), version: v.number(), id: v.number() })), []),
  /** Those that were not there before. */
  groups: v.array(v.string()),
  generator: v.object({ isRunning: v.boolean(), perSecond: v.number() }),
  position: v.object({ orderCount: v.pipe(v.string(), v.regex(/^\d+$/)), customerCount: v.number() }),
})

export type SampleState = v.InferOutput<typeof stateSchema>

export const noSampleData: SampleState = {
  version: 1,
  topics: {},
  subjects: [],
  versions: [],
  groups: [],
  generator: { isRunning: false, perSecond: 20 },
  position: { orderCount: '0', customerCount: 0 },
}

export class SampleStateFile {
  private readonly file: JsonFile<typeof stateSchema>
  private state: SampleState | null = null
  problem: string | null = null

  constructor(path: string, nowMs: () => number) {
    this.file = new JsonFile(path, stateSchema, nowMs)
  }

  get current(): SampleState {
    if (this.state === null) {
      const { value, problem } = this.file.read()
      this.state = value ?? noSampleData
      this.problem = problem
    }
    return this.state
  }

  update(change: Partial<SampleState>): void {
    this.state = { ...this.current, ...change }
    this.file.write(this.state)
  }

  setTopic(name: string, topic: SampleState['topics'][string] | null): void {
    const { [name]: _, ...others } = this.current.topics
    this.update({ topics: topic === null ? others : { ...others, [name]: topic } })
  }
}
