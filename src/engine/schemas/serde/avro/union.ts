/**
 * How a union's value stands in JSON: plain where its kind of JSON can be of no other branch, else tagged by the branch's name as in Avro's own
 * JSON encoding ({"string": "a"}, {"shop.Card": {…}}). A branch that is just string owns what is text in JSON: whatever else could be text beside
 * it (bytes, enums, the words of floats) is tagged. Decoder and encoder share these rules, so that what one writes the other reads.
 */
import { type AvroType, type AvroUnion, branchTag, simpleName } from './avro-type'

export type JsonKind = 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object'

/** The kinds of JSON that a type may be written as. The three words of floating point are looked at apart: see `takesText`. */
export function jsonKinds(type: AvroType): readonly JsonKind[] {
  switch (type.kind) {
    case 'null':
    case 'boolean':
      return [type.kind]
    case 'array':
      return ['array']
    case 'map':
    case 'record':
      return ['object']
    case 'union':
      return type.branches.flatMap(jsonKinds)
    case 'int':
    case 'long':
      return type.logical === null ? ['number'] : ['string', 'number']
    case 'float':
    case 'double':
      return ['number']
    case 'bytes':
    case 'fixed':
      return type.logical?.name === 'decimal' ? ['number', 'string'] : ['string']
    default:
      return ['string']
  }
}

/** Words that floats are written as, next to numbers. */
export const isFloatWord = (text: string): boolean => text === 'NaN' || text === 'Infinity' || text === '-Infinity'

/** Of a union's branches, the one that a plain text of JSON is written as. */
export const ownsText = (type: AvroType): boolean => type.kind === 'string' && type.logical === null

const isFloat = (type: AvroType): boolean => type.kind === 'float' || type.kind === 'double'

function kindOfText(json: string): JsonKind {
  switch (json.charCodeAt(0)) {
    case 0x22:
      return 'string'
    case 0x7b:
      return 'object'
    case 0x5b:
      return 'array'
    case 0x6e:
      return 'null'
    case 0x74:
    case 0x66:
      return 'boolean'
    default:
      return 'number'
  }
}

/** Turns the JSON text of a branch's value into that of the union's. */
export function unionText(union: AvroUnion, index: number): (json: string) => string {
  const branch = union.branches[index]!
  if (branch.kind === 'null') return (json) => json
  const tagged = (json: string): string => `{${JSON.stringify(branchTag(branch))}:${json}}`
  const others = union.branches.filter((_, at) => at !== index)
  const taken = new Set(others.flatMap(jsonKinds))
  const othersFloat = others.some(isFloat)
  const own = jsonKinds(branch)
  if (ownsText(branch)) return (json) => json
  if (own.every((kind) => taken.has(kind))) return tagged
  const tags = tagsOf(union)
  // An object of one name that is a branch's tag would be taken for the tagged form. A record of several fields always shows them all.
  if (branch.kind === 'record' && branch.fields.length === 1 && tags.has(branch.fields[0]!.name)) return tagged
  const starts = branch.kind === 'map' ? [...tags.keys()].map((tag) => `{${JSON.stringify(tag)}:`) : []
  return (json) => {
    const kind = kindOfText(json)
    if (taken.has(kind)) return tagged(json)
    if (kind === 'string' && othersFloat && isFloatWord(json.slice(1, -1))) return tagged(json)
    if (starts.some((start) => json.startsWith(start))) return tagged(json)
    return json
  }
}

/** Tags that are taken when writing, with their branches: the full names, and simple names that are nobody else's. */
export function tagsOf(union: AvroUnion): ReadonlyMap<string, number> {
  const tags = new Map<string, number>()
  for (const [index, branch] of union.branches.entries()) if (!tags.has(branchTag(branch))) tags.set(branchTag(branch), index)
  const simple = union.branches.map((branch) => simpleName(branchTag(branch)))
  for (const [index, name] of simple.entries()) {
    if (!tags.has(name) && simple.indexOf(name) === simple.lastIndexOf(name)) tags.set(name, index)
  }
  return tags
}
