/**
 * A CSV with a header, read by papaparse: each column is the key, the value, a time, a partition, a header, or a field of the value as JSON. Numbers
 * in such fields stay the digits that they are.
 */
import Papa from 'papaparse'
import type { CsvMapping } from '../../../shared/model/producing'
import { decimalTime } from './json-lines'
import { faultAt, type LineFault, type LinePayload, type ReadLine } from './line-record'

export interface CsvTable {
  readonly columns: readonly string[]
  /** With the line that each begins on. */
  readonly rows: readonly { readonly line: number; readonly cells: readonly string[]; readonly columns: readonly number[] }[]
  readonly faults: readonly LineFault[]
}

export function readCsv(text: string): CsvTable {
  const faults: LineFault[] = []
  const rows: { line: number; cells: string[]; columns: number[] }[] = []
  let line = 1
  let from = 0
  Papa.parse<string[]>(text, {
    skipEmptyLines: false,
    step: ({ data, errors, meta }) => {
      const source = text.slice(from, meta.cursor)
      // One column has no delimiter to be found, and needs none.
      for (const error of errors)
        if (error.code !== 'UndetectableDelimiter') faults.push({ line, column: 1, message: `${error.message}.` })
      if (data.length > 1 || (data[0] ?? '') !== '') rows.push({ line, cells: data, columns: columnsOf(source, data) })
      line += source.split('\n').length - 1
      from = meta.cursor
    },
  })
  const [head, ...body] = rows
  const columns = (head?.cells ?? []).map((name) => name.replace(/^\ufeff/, '').trim())
  const repeated = columns.find((name, at) => columns.indexOf(name) < at)
  if (repeated !== undefined) faults.push({ line: 1, column: 1, message: `Two columns are named ${repeated}.` })
  for (const row of body)
    if (row.cells.length !== columns.length)
      faults.push({
        line: row.line,
        column: 1,
        message: `This row has ${row.cells.length} cells, the header names ${columns.length} columns.`,
      })
  return { columns, rows: body.filter((row) => row.cells.length === columns.length), faults }
}

/** By the names that exports have; the rest makes the value. */
export function guessMapping(columns: readonly string[]): CsvMapping {
  const named = (...names: string[]) => columns.find((column) => names.includes(column.toLowerCase())) ?? null
  return {
    key: named('key', 'message_key', 'messagekey'),
    value: named('value', 'message', 'payload'),
    timestamp: named('timestamp', 'time'),
    partition: named('partition'),
    headers: columns.filter((column) => /^headers?[.:]/i.test(column)),
  }
}

export function readCsvRow(
  { line, cells, columns: places }: CsvTable['rows'][number],
  names: readonly string[],
  mapping: CsvMapping,
): ReadLine {
  const at = (name: string | null): number => (name === null ? -1 : names.indexOf(name))
  const place = (index: number): number => places[index] ?? 1
  const cell = (name: string | null): string | null => cells[at(name)] ?? null
  const time = cell(mapping.timestamp)?.trim() ?? ''
  const timestamp = time === '' ? null : decimalTime(time)
  if (timestamp === undefined)
    return faultAt(line, place(at(mapping.timestamp)), `${time} is no number of milliseconds and no time.`)
  const typed = cell(mapping.partition)?.trim() ?? ''
  if (typed !== '' && !/^\d{1,9}$/.test(typed)) return faultAt(line, place(at(mapping.partition)), `${typed} is no partition.`)
  const key = cell(mapping.key)
  return {
    ok: true,
    record: {
      line,
      // A CSV cannot tell null from empty: an empty key is none.
      key: key === null || key === '' ? null : { text: key },
      value: mapping.value === null ? fieldsOf(cells, names, mapping) : { text: cell(mapping.value) ?? '' },
      headers: mapping.headers.map((name) => ({ key: name.replace(/^headers?[.:]/i, ''), value: { text: cell(name) ?? '' } })),
      timestamp,
      partition: typed === '' ? null : Number(typed),
      keyColumn: place(at(mapping.key)),
      valueColumn: place(at(mapping.value)),
    },
  }
}

/** Numbers, true, false and null as JSON has them; all else is text. Digits are not read, so that none is lost. */
function fieldsOf(cells: readonly string[], names: readonly string[], mapping: CsvMapping): LinePayload {
  const others = new Set([mapping.key, mapping.timestamp, mapping.partition, ...mapping.headers])
  const fields = names.flatMap((name, index) => {
    if (others.has(name)) return []
    const cell = cells[index] ?? ''
    const isBare = /^(-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?|true|false|null)$/.test(cell)
    return [`${JSON.stringify(name)}:${cell === '' ? 'null' : isBare ? cell : JSON.stringify(cell)}`]
  })
  return { text: `{${fields.join(',')}}` }
}

/** Where each cell begins in its row, from 1; of a row over several lines, as if it were one. */
function columnsOf(source: string, cells: readonly string[]): number[] {
  let from = 0
  return cells.map((cell) => {
    const quoted = source[from] === '"'
    const column = from + 1
    const length = quoted ? cell.replaceAll('"', '""').length + 2 : cell.length
    from += length + 1
    return column
  })
}
