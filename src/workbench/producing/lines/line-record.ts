/** One record of a file as it was read: text that is still to be encoded, or bytes where the file has bytes. */

/** null: the payload is null. */
export type LinePayload = { readonly text: string } | { readonly bytes: Uint8Array } | null

export interface LineRecord {
  /** From 1. */
  readonly line: number
  readonly key: LinePayload
  readonly value: LinePayload
  readonly headers: readonly { readonly key: string; readonly value: LinePayload }[]
  /** Decimal ms; null: now. */
  readonly timestamp: string | null
  /** null: by key. */
  readonly partition: number | null
  /** Where key and value begin in the line, from 1: a fault in them is told there. */
  readonly keyColumn: number
  readonly valueColumn: number
}

export interface LineFault {
  readonly line: number
  readonly column: number
  readonly message: string
}

export type ReadLine = { readonly ok: true; readonly record: LineRecord } | { readonly ok: false; readonly fault: LineFault }

export const faultAt = (line: number, column: number, message: string): ReadLine => ({
  ok: false,
  fault: { line, column, message },
})
