import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { KafkaClient } from '../../../engine/client'
import { guessMapping, readCsv, readCsvRow } from './csv-lines'
import { readJsonLine, readRecordLine, readTextLine } from './json-lines'
import { LineSets } from './line-sets'

describe('lines of records', () => {
  it('keep what JSON says as it is written', () => {
    const read = readRecordLine(3, '{"key":12345678901234567890,"value": {"a": 1.50} ,"headers":{"x":"1","y":null}}')
    expect(read).toMatchObject({
      ok: true,
      record: {
        line: 3,
        key: { text: '12345678901234567890' },
        value: { text: '{"a": 1.50}' },
        headers: [{ key: 'x' }, { key: 'y', value: null }],
      },
    })
  })

  it('take times as numbers and as ISO 8601, and say what is no time', () => {
    const timestamp = (text: string) => readRecordLine(1, `{"value":1,"timestamp":${text}}`)
    expect(timestamp('-9223372036854775808')).toMatchObject({ record: { timestamp: '-9223372036854775808' } })
    expect(timestamp('"2026-01-01T00:00:00Z"')).toMatchObject({ record: { timestamp: String(Date.UTC(2026, 0, 1)) } })
    expect(timestamp('"soon"')).toMatchObject({ ok: false, fault: { column: 24 } })
  })

  it('never throw, whatever a line says', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (line) => {
        for (const read of [readRecordLine, readJsonLine, readTextLine]) read(1, line)
        return true
      }),
    )
  })
})

describe('a CSV', () => {
  const csv =
    'key,id,note,header.source,timestamp\r\na,7205759403792793601,"two\nlines, ""quoted""",web,1700000000000\r\n,2,,,\r\n'

  it('makes a JSON object of the columns that are nothing else, with every digit', () => {
    const table = readCsv(csv)
    expect(table.faults).toEqual([])
    const mapping = guessMapping(table.columns)
    expect(mapping).toEqual({ key: 'key', value: null, timestamp: 'timestamp', partition: null, headers: ['header.source'] })
    const [first, second] = table.rows.map((row) => readCsvRow(row, table.columns, mapping))
    expect(first).toMatchObject({
      ok: true,
      record: {
        line: 2,
        key: { text: 'a' },
        value: { text: '{"id":7205759403792793601,"note":"two\\nlines, \\"quoted\\""}' },
        headers: [{ key: 'source', value: { text: 'web' } }],
        timestamp: '1700000000000',
      },
    })
    expect(second).toMatchObject({ record: { line: 4, key: null, value: { text: '{"id":2,"note":null}' }, timestamp: null } })
  })

  it('says which line has too few cells, and in which column a time is none', () => {
    expect(readCsv('a,b\n1\n2,3\n').faults).toMatchObject([{ line: 2, message: expect.stringContaining('1 cells') as string }])
    const table = readCsv('key,timestamp\nabc,soon\n')
    expect(readCsvRow(table.rows[0]!, table.columns, guessMapping(table.columns))).toMatchObject({
      ok: false,
      fault: { line: 2, column: 5 },
    })
  })
})

describe('what is kept of files', () => {
  it('is not found by the id of a file of another life', async () => {
    const format = { format: 'text' } as const
    const lives = [1, 2].map(() => new LineSets({} as KafkaClient, () => Promise.reject(new Error('There is no registry.'))))
    const request = { kind: 'text', topic: '', name: 'a.txt', key: format, value: format, mapping: null } as const
    const [mine, theirs] = await Promise.all(lives.map((each, at) => each.check({ ...request, text: `line ${at}` })))
    expect(lives[0]!.get(mine!.linesId, 'a.txt')).toHaveLength(1)
    expect([lives[1]!.has(mine!.linesId), lives[0]!.has(theirs!.linesId)]).toEqual([false, false])
  })
})
