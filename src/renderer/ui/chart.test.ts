import { describe, expect, it } from 'vitest'
import { chartCsv, isolatedPoints, nearestIndex, toDrawn } from './chart/chart-data'
import { brokerColor, seriesColor } from './chart/chart-model'
import { timeTicks } from './chart/chart-time'
import { exactValue, shortValue, tickValue, valueSteps } from './chart/chart-units'
import { formatTime } from './format'

const series = (...values: number[]) => ({ key: 'a', label: 'a', color: 'c-1', values: Float64Array.from(values) })

describe('what a chart draws', () => {
  it('makes a gap of what is not known', () => {
    expect(toDrawn(3, [series(1, Number.NaN, 0)], false)).toEqual([[1, null, 0]])
  })

  it('stacks each on those before it, and has a gap only where none is known', () => {
    const drawn = toDrawn(3, [series(1, Number.NaN, Number.NaN), series(2, 5, Number.NaN)], true)
    expect(drawn).toEqual([
      [1, 0, null],
      [3, 5, null],
    ])
  })

  it('finds the points that no line reaches', () => {
    expect(isolatedPoints([1, null, 2, 3, null, 4])).toEqual([0, 5])
  })

  it('finds the nearest time', () => {
    const times = [100, 200, 400]
    expect([0, 149, 150, 151, 299, 301, 900].map((at) => nearestIndex(times, at))).toEqual([0, 0, 0, 1, 1, 2, 2])
    expect(nearestIndex([], 5)).toBe(-1)
  })

  it('tells a second series in a colour by its dashes', () => {
    expect(seriesColor(0)).toEqual({ color: 'c-1', dash: undefined })
    expect(seriesColor(6).color).toBe('c-1')
    expect(seriesColor(6).dash).toBeDefined()
    expect(brokerColor(8)).toEqual({ color: 'b2', dash: [6, 3] })
  })
})

describe('the axes of a chart', () => {
  it('are cut on whole steps and never more often than asked', () => {
    const from = new Date(2026, 10, 23, 14, 32, 7).getTime()
    const { atMs, labels } = timeTicks(from, from + 5 * 60_000, 6)
    expect(labels).toEqual(['14:33', '14:34', '14:35', '14:36', '14:37'])
    expect(formatTime(atMs[0]!)).toBe('14:33:00.000')
  })

  it('say the day where one begins', () => {
    const from = new Date(2026, 10, 23, 22, 30).getTime()
    expect(timeTicks(from, from + 4 * 3_600_000, 4).labels).toEqual(['23:00', '11-24', '01:00', '02:00'])
  })

  it('say seconds where cuts are less than a minute apart', () => {
    const from = new Date(2026, 10, 23, 14, 32, 0).getTime()
    expect(timeTicks(from, from + 60_000, 5).labels).toEqual(['14:32:00', '14:32:15', '14:32:30', '14:32:45', '14:33:00'])
  })

  it('write values without what says nothing', () => {
    expect([0, 1024, 1536, 1_572_864].map((value) => tickValue('bytes', value))).toEqual(['0', '1 KiB', '1.5 KiB', '1.5 MiB'])
    expect([0.25, 200_000].map((value) => tickValue('per-second', value))).toEqual(['0.25/s', '200,000/s'])
    expect([0.5, 10, 2500].map((value) => tickValue('ms', value))).toEqual(['0.5 ms', '10 ms', '2.5 s'])
    expect(tickValue('bytes-per-second', 1_000_000)).toBe('1 MB/s')
  })

  it('have no line between two whole things', () => {
    expect(valueSteps('count').every(Number.isInteger)).toBe(true)
  })
})

describe('the values of a chart', () => {
  it('are whole in the tooltip and short in the head', () => {
    expect(exactValue('bytes', 1_524_713_390)).toBe('1,524,713,390 B')
    expect(shortValue('bytes', 1_524_713_390)).toBe('1.42 GiB')
    expect(exactValue('per-second', 387.5234)).toBe('387.523/s')
    expect(exactValue('ms', Number.NaN)).toBe('–')
  })

  it('are copied with their time and zone, and empty where nothing is known', () => {
    const csv = chartCsv(
      [0],
      [
        { label: 'in, all', values: [1.5] },
        { label: 'out', values: [Number.NaN] },
      ],
    )
    const [head, row] = csv.split('\n')
    expect(head).toBe('time,timestamp_ms,"in, all",out')
    expect(row).toMatch(/^19(69|70)-\d\d-\d\d .*,0,1\.5,$/)
  })
})
