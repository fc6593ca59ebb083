/**
 * Lines of JSON and of text. `records`: objects with key, value, headers, timestamp and partition, as the workbench exports them; what a value
 * says in JSON is sent as it is written, so that no number is rounded; `{ "base64": … }` stands for bytes that are no text. `json`: each
 * line a value. `text`: each line as it is.
 */
import { type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser'
import { faultAt, type LinePayload, type ReadLine } from './line-record'

/** What an export has beside what is sent: it says where a record stood. */
const ignored = new Set([
  'topic',
  'offset',
  'timestampType',
  'leaderEpoch',
  'schema',
  'keySchema',
  'valueSchema',
  'keySize',
  'valueSize',
])

/** null: an empty line, which is no record. */
export function readTextLine(line: number, text: string): ReadLine | null {
  if (text === '') return null
  return whole(line, { text })
}

export function readJsonLine(line: number, text: string): ReadLine | null {
  if (text.trim() === '') return null
  const errors: ParseError[] = []
  parseTree(text, errors, { disallowComments: true })
  const [error] = errors
  if (error !== undefined) return faultAt(line, error.offset + 1, saysWhy(error))
  return whole(line, { text: text.trim() })
}

export function readRecordLine(line: number, text: string): ReadLine | null {
  if (text.trim() === '') return null
  const errors: ParseError[] = []
  const tree = parseTree(text, errors, { disallowComments: true })
  const [error] = errors
  if (error !== undefined) return faultAt(line, error.offset + 1, saysWhy(error))
  if (tree?.type !== 'object') return faultAt(line, 1, 'This line is no object with a key and a value.')
  const fields = new Map<string, Node>()
  for (const property of tree.children ?? []) {
    const [name, value] = property.children ?? []
    if (name === undefined || value === undefined) continue
    fields.set(String(name.value), value)
    if (!['key', 'value', 'headers', 'timestamp', 'partition'].includes(String(name.value)) && !ignored.has(String(name.value)))
      return faultAt(
        line,
        property.offset + 1,
        `A record has no field ${JSON.stringify(name.value)}, only key, value, headers, timestamp and partition. If each line is a value, choose JSON values.`,
      )
  }
  const [key, value, headers] = [fields.get('key'), fields.get('value'), fields.get('headers')]
  if (value === undefined && key === undefined) return faultAt(line, 1, 'This record has neither key nor value.')
  const timestamp = timestampOf(fields.get('timestamp'), text)
  if (timestamp === undefined)
    return faultAt(line, fields.get('timestamp')!.offset + 1, 'The timestamp is no number of milliseconds and no time.')
  const partition = fields.get('partition')
  if (partition !== undefined && partition.type !== 'null' && !/^\d{1,9}$/.test(raw(partition, text)))
    return faultAt(line, partition.offset + 1, 'The partition is no whole number from 0.')
  const read = readHeaders(headers, text)
  if (typeof read === 'number')
    return faultAt(line, read + 1, 'Headers are a list of { "key": …, "value": … }, or an object of names and values.')
  return {
    ok: true,
    record: {
      line,
      key: payloadOf(key, text),
      value: payloadOf(value, text),
      headers: read,
      timestamp,
      partition: partition === undefined || partition.type === 'null' ? null : Number(raw(partition, text)),
      keyColumn: (key?.offset ?? 0) + 1,
      valueColumn: (value?.offset ?? 0) + 1,
    },
  }
}

function whole(line: number, value: LinePayload): ReadLine {
  return {
    ok: true,
    record: { line, key: null, value, headers: [], timestamp: null, partition: null, keyColumn: 1, valueColumn: 1 },
  }
}

const raw = (node: Node, text: string): string => text.slice(node.offset, node.offset + node.length)

function payloadOf(node: Node | undefined, text: string): LinePayload {
  if (node === undefined || node.type === 'null') return null
  if (node.type === 'string') return { text: String(node.value) }
  const [only, ...others] = node.type === 'object' ? (node.children ?? []) : []
  const [name, value] = only?.children ?? []
  if (others.length === 0 && name?.value === 'base64' && value?.type === 'string')
    return { bytes: Buffer.from(String(value.value), 'base64') }
  return { text: raw(node, text) }
}

/** The offset of what is wrong where it is none. */
function readHeaders(node: Node | undefined, text: string): { key: string; value: LinePayload }[] | number {
  if (node === undefined || node.type === 'null') return []
  const headers: { key: string; value: LinePayload }[] = []
  for (const item of node.children ?? []) {
    // An object of names and values, or a list of such pairs: the list keeps what repeats.
    if (node.type === 'object') {
      headers.push({ key: String(item.children?.[0]?.value), value: payloadOf(item.children?.[1], text) })
      continue
    }
    const parts = new Map(
      item.type === 'object' ? item.children?.map((each) => [each.children?.[0]?.value, each.children?.[1]]) : [],
    )
    const key = parts.get('key')
    if (key?.type !== 'string') return item.offset
    headers.push({ key: String(key.value), value: payloadOf(parts.get('value'), text) })
  }
  return node.type === 'object' || node.type === 'array' ? headers : node.offset
}

/** undefined: it is no time. */
export function timestampOf(node: Node | undefined, text: string): string | null | undefined {
  if (node === undefined || node.type === 'null') return null
  return decimalTime(node.type === 'string' ? String(node.value) : raw(node, text))
}

/** Milliseconds in decimal of a number of them or of a time in ISO 8601; undefined where it is neither. */
export function decimalTime(typed: string): string | undefined {
  if (/^-?\d{1,19}$/.test(typed)) return typed
  if (!/^\d{4}-\d{2}-\d{2}/.test(typed)) return undefined
  const ms = Date.parse(typed)
  return Number.isNaN(ms) ? undefined : String(ms)
}

function saysWhy({ error }: ParseError): string {
  const words = printParseErrorCode(error)
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
  return `This is not JSON: ${words}.`
}
