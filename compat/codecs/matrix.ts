/** The codec matrix as a table: who reads what of whom. Pure. */
import type { Codec } from '../run/suite'

export type Cell = 'ok' | 'failed' | 'cannot'

export class Matrix {
  private readonly cells = new Map<string, Map<string, Map<Codec, Cell>>>()
  private readonly notes = new Map<string, string>()

  set(writer: string, reader: string, codec: Codec, cell: Cell): void {
    const row = this.cells.get(writer) ?? new Map<string, Map<Codec, Cell>>()
    this.cells.set(writer, row)
    const entry = row.get(reader) ?? new Map<Codec, Cell>()
    row.set(reader, entry)
    entry.set(codec, cell)
  }

  /** What is to be said of a writer: in which framing it writes snappy. */
  note(writer: string, text: string): void {
    this.notes.set(writer, text)
  }

  markdown(readers: readonly string[]): string {
    const rows = [...this.cells].map(([writer, row]) => {
      const cells = readers.map((reader) => cellText(row.get(reader)))
      return `| ${writer}${this.notes.has(writer) ? ` (${this.notes.get(writer)})` : ''} | ${cells.join(' | ')} |`
    })
    return [
      'Byte by byte: keys, values and headers. `none` is what was not compressed; what a client has no codec for is named.',
      '',
      `| written by ↓, read by → | ${readers.join(' | ')} |`,
      `| --- | ${readers.map(() => '---').join(' | ')} |`,
      ...rows,
      '',
    ].join('\n')
  }
}

function cellText(entry: ReadonlyMap<Codec, Cell> | undefined): string {
  if (entry === undefined) return ''
  const of = (wanted: Cell) => [...entry].filter(([, cell]) => cell === wanted).map(([codec]) => codec)
  const [ok, failed, cannot] = [of('ok'), of('failed'), of('cannot')]
  return [
    ok.join(', '),
    ...(failed.length === 0 ? [] : [`**failed: ${failed.join(', ')}**`]),
    ...(cannot.length === 0 ? [] : [`no ${cannot.join(', ')}`]),
  ]
    .filter((part) => part !== '')
    .join('; ')
}
