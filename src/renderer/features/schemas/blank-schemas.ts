/** What a new schema begins as in each language: the smallest text that is valid and can be written on. */
import type { SchemaLanguage } from '../../../shared/model/schemas'

/** `orders-value` → `Orders`; a record name is the last part of a dotted one. */
export function nameFrom(subject: string, fallback = 'Event'): string {
  const base =
    subject
      .replace(/-(?:key|value)$/, '')
      .split(/[.:]/)
      .at(-1) ?? ''
  const name = base
    .split(/[^A-Za-z0-9]+/)
    .filter((part) => part !== '')
    .map((part) => part.slice(0, 1).toUpperCase() + part.slice(1))
    .join('')
  return /^[A-Za-z_]/.test(name) ? name : fallback
}

export function blankSchema(language: SchemaLanguage, subject: string): string {
  const name = nameFrom(subject)
  if (language === 'avro')
    return `{
  "type": "record",
  "name": "${name}",
  "namespace": "local",
  "fields": [
    { "name": "id", "type": "string" }
  ]
}
`
  if (language === 'avro-idl')
    return `@namespace("local")
protocol ${name}Protocol {
  record ${name} {
    string id;
  }
}
`
  if (language === 'json-schema')
    return `{
  "$schema": "http://json-schema.org/draft-07/schema#",
  "title": "${name}",
  "type": "object",
  "properties": {
    "id": { "type": "string" }
  },
  "required": ["id"],
  "additionalProperties": false
}
`
  return `syntax = "proto3";
package local;

message ${name} {
  string id = 1;
}
`
}
