/** Calls and events about figures over time. */
import * as v from 'valibot'
import type { MetricAnswer, MetricsCatalog } from '../../model/metrics'
import { nothing } from './atoms'

export const metricsArguments = {
  /** What was kept of these series between two moments, at about `pointCount` points each. */
  'metrics.query': v.strictObject({
    series: v.pipe(v.array(v.pipe(v.string(), v.maxLength(500))), v.maxLength(200)),
    fromMs: v.pipe(v.number(), v.safeInteger()),
    toMs: v.pipe(v.number(), v.safeInteger()),
    pointCount: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(2_000)),
  }),
  /** What there is to be asked for. */
  'metrics.catalog': nothing,
} as const

export interface MetricsResults {
  'metrics.query': MetricAnswer
  'metrics.catalog': MetricsCatalog
}

// biome-ignore lint/suspicious/noEmptyInterface: the window asks while it draws; nothing is told unasked yet
export interface MetricsEvents {}

export const metricsEventNames = [] as const satisfies readonly (keyof MetricsEvents)[]
