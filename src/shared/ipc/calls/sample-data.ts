/** Calls and events about the sample data. */
import * as v from 'valibot'
import { type SampleDataView, samplePerSecondMax } from '../../model/sample-data'
import { count, nothing } from './atoms'

export const sampleDataArguments = {
  'sampleData.view': nothing,
  /** Creates what is not there; answers when the history is written. Twice does no more than once. */
  'sampleData.install': v.strictObject({ generatorPerSecond: v.nullable(count(samplePerSecondMax)) }),
  /** null: stopped. Remembered over restarts. */
  'sampleData.setGenerator': v.strictObject({ perSecond: v.nullable(count(samplePerSecondMax)) }),
  /** Topics, schemas and groups of the sample data, and nothing else. */
  'sampleData.remove': nothing,
} as const

export interface SampleDataResults {
  'sampleData.view': SampleDataView
  'sampleData.install': SampleDataView
  'sampleData.setGenerator': SampleDataView
  'sampleData.remove': SampleDataView
}

export interface SampleDataEvents {
  'sampleData.changed': SampleDataView
}

export const sampleDataEventNames = ['sampleData.changed'] as const satisfies readonly (keyof SampleDataEvents)[]
