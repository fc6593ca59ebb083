/**
 * Why a reader refuses what a writer may write, and what would mend it, in words for people. Neither sentence knows which of the two is the
 * new schema: "the reader" is whoever has to accept. Called by incompatibilities.ts and changes.ts.
 */
import type { Difference } from './compare'
import { placeName, placeWords, typeWords } from './describe'
import type { JsonNode } from './json'
import { member } from './json'
import { shortText, valueKey } from './values'

export interface Explanation {
  readonly explanation: string
  readonly mend: string | null
}

/** Reader's segments of a difference, from the root. */
export const segmentsOf = (difference: Difference): readonly string[] => difference.steps.flatMap((each) => each.reader)

/** The same in the writer's text. */
export const writerSegmentsOf = (difference: Difference): readonly string[] => difference.steps.flatMap((each) => each.writer)

/** Branches that do not match for one reason are that reason: the property inside is what a person looks for. */
export function pinpoint(difference: Difference): Difference {
  const [only, ...others] = reasonsOf(difference)
  return only === undefined || others.length > 0 ? difference : pinpoint(only)
}

export function explain(difference: Difference): Explanation {
  const segments = segmentsOf(difference)
  const place = placeName(segments)
  const { before, after, type } = difference
  const bound = /^(MAX|MIN|EXCLUSIVE|MULTIPLE)/.test(type) ? explainBound(difference, place) : null
  if (bound !== null) return bound
  if (type.includes('PROPERTY_') || type.startsWith('ITEM_')) return explainMember(difference, place)
  switch (type) {
    case 'TYPE_CHANGED':
      return explainType(difference, place)
    case 'TYPE_NARROWED': {
      const isInteger = before !== null && typeWords(before).includes('number')
      return isInteger
        ? said(
            `${upper(place)} is a number for the writer and an integer for the reader, which refuses fractions.`,
            "Let the reader take 'number', or have the writer send integers only.",
          )
        : said(
            `The writer's schema names no type for ${place} and so lets any pass; the reader takes ${words(after)} only.`,
            "Give both schemas the same 'type'.",
          )
    }
    case 'SCHEMA_ADDED':
      return said(
        `The reader's schema asks something of ${place} (${words(after)}) of which the writer's schema says nothing, so that anything may stand there.`,
        'Say the same in both schemas, or in neither.',
      )
    case 'PATTERN_ADDED':
      return said(
        `${upper(place)} has to match ${quoted(after)} for the reader; the writer may send any text.`,
        'Take the pattern out of the reader, or have it in the writer too.',
      )
    case 'PATTERN_CHANGED':
      return said(
        `${upper(place)} matches ${quoted(before)} for the writer and has to match ${quoted(after)} for the reader. Whether the one says more than the other is not looked at.`,
        'Keep the same pattern in both, or take it out of the reader.',
      )
    case 'REQUIRED_ATTRIBUTE_ADDED':
      return said(
        `${upper(place)} is required by the reader and optional for the writer: a message without it is refused.`,
        `Give ${place} a default in the reader's schema, or make it required in both or in neither.`,
      )
    case 'UNIQUE_ITEMS_ADDED':
      return said(
        `The reader refuses an item that stands twice in ${place}; the writer may repeat one.`,
        "Take 'uniqueItems' out of the reader.",
      )
    case 'ENUM_ARRAY_NARROWED':
    case 'ENUM_ARRAY_CHANGED':
      return explainEnum(difference, place)
    case 'DEPENDENCY_ARRAY_ADDED':
    case 'DEPENDENCY_ARRAY_EXTENDED':
    case 'DEPENDENCY_ARRAY_CHANGED':
      return said(
        `Where ${place} is there, the reader asks for further properties that the writer may leave out.`,
        'Ask for no more in the reader than in the writer.',
      )
    case 'DEPENDENCY_SCHEMA_ADDED':
      return said(
        `Where ${place} is there, the reader's schema asks more of the message; the writer's does not.`,
        'Have the dependency in both schemas or in neither.',
      )
    case 'ADDITIONAL_PROPERTIES_REMOVED':
    case 'UNEVALUATED_PROPERTIES_REMOVED':
      return said(
        `The writer may add properties that its schema does not name; the reader's schema is closed and refuses them.`,
        'Keep the object open in the reader, or use the LENIENT policy, which trusts that nobody writes what the schema does not name.',
      )
    case 'ADDITIONAL_PROPERTIES_NARROWED':
    case 'UNEVALUATED_PROPERTIES_NARROWED':
      return said(
        `The writer may add properties of any kind; the reader takes them only as ${words(after)}.`,
        'Leave them open in the reader, or use the LENIENT policy.',
      )
    case 'ADDITIONAL_ITEMS_REMOVED':
    case 'UNEVALUATED_ITEMS_REMOVED':
      return said(
        'The writer may send more items than its schema names; the reader refuses them.',
        'Keep the array open in the reader.',
      )
    case 'ADDITIONAL_ITEMS_NARROWED':
    case 'UNEVALUATED_ITEMS_NARROWED':
      return said(
        `The writer may send further items of any kind; the reader takes them only as ${words(after)}.`,
        'Leave them open in the reader.',
      )
    case 'SUM_TYPE_NARROWED':
      return said(
        `The writer chooses among more alternatives for ${place} than the reader knows.`,
        'Keep every alternative in the reader.',
      )
    case 'PRODUCT_TYPE_EXTENDED':
      return said(
        `The reader asks more of ${place} at once than the writer holds to.`,
        'Ask for no more in the reader than in the writer.',
      )
    case 'COMBINED_TYPE_CHANGED':
      return said(
        `${upper(place)} combines its schemas in another way for the reader (${combinator(after)}) than for the writer (${combinator(before)}).`,
        "Keep the combinator; 'anyOf' is the one that every other may become.",
      )
    case 'COMBINED_TYPE_SUBSCHEMAS_CHANGED':
      return explainBranches(difference, place)
    case 'NOT_TYPE_EXTENDED':
      return said(
        `The reader excludes more from ${place} than the writer does.`,
        'Exclude no more in the reader than in the writer.',
      )
    default:
      return said(`${upper(place)} may be less for the reader than for the writer.`, null)
  }
}

const said = (explanation: string, mend: string | null): Explanation => ({ explanation, mend })
const upper = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
const words = (node: JsonNode | null): string => (node === null ? 'nothing' : typeWords(node))
const quoted = (node: JsonNode | null): string => (node === null ? 'nothing' : shortText(node))

/** Nouns of what a bound speaks of, by the start of the difference's name. */
const bounds: readonly (readonly [string, string, string])[] = [
  ['MAX_LENGTH', 'maxLength', 'length'],
  ['MIN_LENGTH', 'minLength', 'length'],
  ['MAX_PROPERTIES', 'maxProperties', 'number of properties'],
  ['MIN_PROPERTIES', 'minProperties', 'number of properties'],
  ['MAX_ITEMS', 'maxItems', 'number of items'],
  ['MIN_ITEMS', 'minItems', 'number of items'],
  ['MAX_CONTAINS', 'maxContains', 'number of matching items'],
  ['MIN_CONTAINS', 'minContains', 'number of matching items'],
  ['EXCLUSIVE_MAXIMUM', 'exclusiveMaximum', 'value'],
  ['EXCLUSIVE_MINIMUM', 'exclusiveMinimum', 'value'],
  ['MAXIMUM', 'maximum', 'value'],
  ['MINIMUM', 'minimum', 'value'],
]

function explainBound({ type, before, after }: Difference, place: string): Explanation | null {
  if (type.startsWith('MULTIPLE_OF')) {
    const was = before === null ? 'any number' : `multiples of ${shortText(before)}`
    return said(
      `The writer sends ${was} as ${place}, the reader takes multiples of ${quoted(after)} only.`,
      before === null
        ? "Take 'multipleOf' out of the reader."
        : `Let the reader's 'multipleOf' divide the writer's, ${shortText(before)}.`,
    )
  }
  const found = bounds.find(([name]) => type.startsWith(name))
  if (found === undefined) return null
  const [name, keyword, noun] = found
  const isUpper = /MAX/.test(name)
  const side = name.startsWith('EXCLUSIVE') ? (isUpper ? 'less than' : 'more than') : isUpper ? 'at most' : 'at least'
  const limit = after === null || after.kind !== 'number' ? '1' : shortText(after)
  const allowed = before === null || before.kind !== 'number' ? 'knows no such limit' : `allows ${side} ${shortText(before)}`
  return said(
    `The ${noun} of ${place} has to be ${side} ${limit} for the reader; the writer ${allowed}.`,
    before === null
      ? `Take '${keyword}' out of the reader, or have it in both schemas.`
      : `Let the reader's '${keyword}' be ${isUpper ? 'no less' : 'no more'} than the writer's, ${shortText(before)}.`,
  )
}

/** The trap that most people fall into with JSON Schema, told in full: section 5, wish 13. */
const trap =
  'Under FULL nothing can be added to an open object, nor taken from a closed one. To go on adding, make the object partially open ' +
  "(say in 'additionalProperties' or 'patternProperties' what further properties look like), or use the LENIENT policy"

function explainMember({ type, before, after }: Difference, place: string): Explanation {
  const isItem = type.startsWith('ITEM_')
  const lenient = isItem ? '' : ' The LENIENT policy lets it pass.'
  switch (type) {
    case 'OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL':
    case 'REQUIRED_PROPERTY_WITH_DEFAULT_ADDED_TO_OPEN_CONTENT_MODEL':
      return said(
        `The writer's schema does not name ${place} but is open: its messages may carry any value there. The reader takes ${words(after)} only.`,
        `${trap}; or let ${place} be anything ({}).`,
      )
    case 'REQUIRED_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL':
      return said(
        `The writer's schema does not name ${place}: its messages may lack it, or carry any value there. The reader requires it, as ${words(after)}.`,
        `Make ${place} optional or give it a default first. ${trap}.`,
      )
    case 'REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL':
      return said(
        `The reader requires ${place}, which the writer's schema does not name: its messages may lack it.`,
        `Make ${place} optional in the reader, or give it a default.`,
      )
    case 'PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL':
      return said(
        `The writer sends ${place} (${words(before)}); the reader's schema does not name it and is closed, so it refuses the message.`,
        `Keep ${place} in the reader. ${trap}.`,
      )
    case 'PROPERTY_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL':
    case 'ITEM_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL':
      return said(
        `The writer sends ${place} as ${words(before)}; what the reader's schema says of further ${isItem ? 'items' : 'properties'} does not take that.`,
        `Keep ${place} in the reader, or let what it says of the rest take ${words(before)}.${lenient}`,
      )
    case 'PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL':
    case 'ITEM_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL':
      return said(
        `The writer's schema lets more stand at ${place} than the reader takes, which is ${words(after)}.`,
        `Let the reader's ${place} take what the writer's schema says of further ${isItem ? 'items' : 'properties'}.${lenient}`,
      )
    case 'ITEM_ADDED_TO_OPEN_CONTENT_MODEL':
      return said(
        `The writer's schema says nothing of item ${place}: anything may stand there. The reader takes ${words(after)} only.`,
        'Close the array, or say what further items look like, before items are named.',
      )
    case 'ITEM_REMOVED_FROM_CLOSED_CONTENT_MODEL':
      return said(
        `The writer sends item ${place} (${words(before)}); the reader's schema does not name it and takes no further items.`,
        `Keep ${place} in the reader, or let it take further items.`,
      )
    default:
      return said(`${upper(place)} may be less for the reader than for the writer.`, null)
  }
}

/** Reasons with their paths from the root. */
const reasonsOf = (difference: Difference): readonly Difference[] =>
  difference.reasons.map((reason) => ({ ...reason, steps: [...difference.steps, ...reason.steps] }))

function explainType(difference: Difference, place: string): Explanation {
  const [was, is] = [words(difference.before), words(difference.after)]
  const reasons = reasonsOf(difference)
  const closest =
    reasons.length > 0
      ? ` ${reasons
          .map((reason) => explain(reason).explanation)
          .slice(0, 2)
          .join(' ')}`
      : ''
  if (was === is) {
    return said(
      `${upper(place)} is built in another way for the reader than for the writer, and the two cannot be compared.${closest}`,
      'Keep the way it was built.',
    )
  }
  return said(
    `${upper(place)} is ${was} for the writer and ${is} for the reader.${closest}`,
    `Let the reader take both, with "anyOf" or a list of types, or give the new type a property of its own.`,
  )
}

function explainBranches(difference: Difference, place: string): Explanation {
  const [at] = reasonsOf(difference)
  if (at === undefined) return said(`The alternatives of ${place} do not go with the writer's.`, null)
  const inner = explain(at)
  const further = difference.reasons.length - 1
  const name =
    placeWords(segmentsOf(at)) === placeWords(segmentsOf(difference)) ? '' : `Not every part of ${place} finds its match: `
  return said(`${name}${inner.explanation}${further > 0 ? ` And ${further} more.` : ''}`, inner.mend)
}

function explainEnum({ before, after }: Difference, place: string): Explanation {
  const [was, is] = [valuesOf(before), valuesOf(after)]
  const kept = new Set(is.map(valueKey))
  const gone = was.filter((value) => !kept.has(valueKey(value)))
  const list = gone.slice(0, 5).map(shortText).join(', ')
  const as = place === 'the schema' ? '' : ` as ${place}`
  if (gone.length === 0) return said(`${upper(place)} may be less for the reader than for the writer.`, null)
  return said(
    `The writer may send ${list}${gone.length > 5 ? ' and others' : ''}${as}; the reader does not take ${gone.length === 1 ? 'it' : 'them'}.`,
    `Keep ${list} in the reader.`,
  )
}

function valuesOf(node: JsonNode | null): readonly JsonNode[] {
  const values = member(node ?? undefined, 'enum')
  if (values?.kind === 'array') return values.items
  const constant = member(node ?? undefined, 'const')
  return constant === undefined ? [] : [constant]
}

const combinator = (node: JsonNode | null): string =>
  ['oneOf', 'anyOf', 'allOf'].find((name) => member(node ?? undefined, name) !== undefined) ?? 'its keywords together'
