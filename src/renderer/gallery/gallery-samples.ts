/** What the gallery shows in tables, trees and charts. */
import type { ChartSeries, TreeNode } from '../ui'

export interface SampleRow {
  readonly offset: number
  readonly time: string
  readonly value: string
}

export const tableRows: readonly SampleRow[] = Array.from({ length: 40 }, (_, index) => ({
  offset: 884_790 + index,
  time: `14:32:47.${String(191 + index).padStart(3, '0')}`,
  value: index % 7 === 3 ? 'null' : `{"orderId":${720_570_000 + index}}`,
}))

export const treeSample: readonly TreeNode[] = [
  { id: 'heading', label: 'Topics', depth: 0, isOpen: null, isHeading: true },
  { id: 'orders', label: 'orders', depth: 0, isOpen: true },
  { id: 'orders/0', label: 'Partition 0', depth: 1, isOpen: null },
  { id: 'orders/1', label: 'Partition 1', depth: 1, isOpen: null },
  { id: 'payments', label: 'payments', depth: 0, isOpen: false },
]

const startMs = Date.UTC(2026, 10, 23, 14, 30)
const times = Array.from({ length: 60 }, (_, index) => startMs + index * 1_000)
const wave = (height: number, phase: number): number[] =>
  times.map((_, index) => (index > 24 && index < 29 ? Number.NaN : height * (1 + 0.4 * Math.sin(index / 6 + phase))))
const series: readonly ChartSeries[] = [
  { key: '1', label: 'Broker 1', color: 'b1', values: wave(400_000, 0) },
  { key: '2', label: 'Broker 2', color: 'b2', values: wave(250_000, 2) },
]
export const chartSample = { label: 'Bytes in', unit: 'bytes-per-second', times, series } as const
