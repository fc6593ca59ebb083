/** A whole record as JSON for the clipboard: nothing rounded, nothing left out. JSON values go in as they were written, bytes as base64. */
import type { MessageDetail } from '../../../shared/model/messages'
import { checkJson } from './json/json-check'
import { base64Of, textOf } from './payload-text'

export function recordJson(record: MessageDetail): string {
  const headers = record.headers.map(
    (header) => `    { "key": ${JSON.stringify(header.key)}, "value": ${payloadJson(header.value, false)} }`,
  )
  return [
    '{',
    `  "topic": ${JSON.stringify(record.topic)},`,
    `  "partition": ${record.partition},`,
    `  "offset": ${record.offset},`,
    `  "timestamp": ${record.timestamp},`,
    `  "timestampType": ${JSON.stringify(record.timestampType)},`,
    `  "key": ${payloadJson(record.keyBytes, false)},`,
    `  "value": ${payloadJson(record.valueBytes, true)},`,
    `  "headers": ${headers.length === 0 ? '[]' : `[\n${headers.join(',\n')}\n  ]`}`,
    '}',
  ].join('\n')
}

function payloadJson(bytes: Uint8Array | null, mayBeJson: boolean): string {
  if (bytes === null) return 'null'
  const text = textOf(bytes)
  if (text === null) return `{ "base64": ${JSON.stringify(base64Of(bytes))} }`
  return mayBeJson && /^\s*[{[]/.test(text) && checkJson(text) === null ? text.trim() : JSON.stringify(text)
}

/** What copying a payload gives: its text, or its bytes as hex. */
export function payloadText(bytes: Uint8Array | null): string {
  if (bytes === null) return ''
  return textOf(bytes) ?? Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
