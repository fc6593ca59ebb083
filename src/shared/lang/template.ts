/**
 * Templates in what is to be sent: text with `{{name argument …}}` in it. Here is their grammar, which the window needs to say what is wrong
 * while somebody types; what the names mean is in workbench/producing/template. Pure.
 */

export interface TemplateExpression {
  readonly name: string
  readonly args: readonly string[]
  /** As it stands between the braces, spaces made one: what makes two of them the same. */
  readonly source: string
  /** Of `{{` and behind `}}`, in the text. */
  readonly from: number
  readonly to: number
}

export type TemplatePart = string | TemplateExpression

export interface TemplateProblem {
  readonly from: number
  readonly to: number
  readonly message: string
}

export interface ParsedTemplate {
  readonly parts: readonly TemplatePart[]
  readonly expressions: readonly TemplateExpression[]
  readonly problem: TemplateProblem | null
}

export const hasTemplate = (text: string): boolean => text.includes('{{')

export function parseTemplate(text: string): ParsedTemplate {
  const parts: TemplatePart[] = []
  const expressions: TemplateExpression[] = []
  let problem: TemplateProblem | null = null
  let at = 0
  while (at < text.length) {
    const from = text.indexOf('{{', at)
    if (from < 0) break
    const end = endOf(text, from + 2)
    if (end < 0) {
      problem ??= { from, to: from + 2, message: 'This {{ has no }}. Write {{open}} where braces themselves are meant.' }
      break
    }
    if (from > at) parts.push(text.slice(at, from))
    const words = wordsOf(text.slice(from + 2, end))
    const [name = '', ...args] = words
    const expression = { name, args, source: words.join(' '), from, to: end + 2 }
    if (name === '') problem ??= { from, to: end + 2, message: 'Nothing stands between the braces.' }
    parts.push(expression)
    expressions.push(expression)
    at = end + 2
  }
  if (at < text.length) parts.push(text.slice(at))
  return { parts, expressions, problem }
}

/** Where the `}}` begins that closes it: braces and quotes of its arguments are part of it. */
function endOf(text: string, from: number): number {
  let depth = 0
  let quote = ''
  for (let at = from; at < text.length; at++) {
    const character = text[at]!
    if (character === '\n') return -1
    if (quote !== '') {
      if (character === quote) quote = ''
    } else if (character === "'") quote = character
    else if (character === '{') depth++
    else if (character === '}' && depth > 0) depth--
    else if (character === '}' && text[at + 1] === '}') return at
  }
  return -1
}

/** Words by spaces; what stands in single quotes or in braces is one word. */
function wordsOf(text: string): string[] {
  const words: string[] = []
  for (const match of text.matchAll(/'([^']*)'|\{[^}]*\}|[^\s']+/g)) words.push(match[1] ?? match[0])
  return words
}

/** The text with digits in place of each expression, as long as it, so that positions stay those of the text. */
export function withStandIns(text: string): string {
  if (!hasTemplate(text)) return text
  let out = ''
  for (const part of parseTemplate(text).parts) out += typeof part === 'string' ? part : '1'.repeat(part.to - part.from)
  return out
}

export interface TemplateFunction {
  /** As it is written, with its arguments. */
  readonly usage: string
  readonly example: string
  readonly meaning: string
}

/** What templates know, beside faker: the window lists it, and the worker has a function for each name. */
export const templateFunctions: readonly TemplateFunction[] = [
  {
    usage: 'index',
    example: '{{index}}',
    meaning: '0, 1, 2, … one for each message; in a key that is drawn from a set, the number of the key.',
  },
  { usage: 'seq first step', example: '{{seq 100000 10}}', meaning: 'As index, from another first number and in other steps.' },
  { usage: 'key', example: '{{key}}', meaning: 'The key of this message as text, in the value and in headers.' },
  { usage: 'uuid', example: '{{uuid}}', meaning: 'A random UUID, version 4.' },
  { usage: 'now offset', example: '{{now -2h}}', meaning: 'The time as ISO 8601, moved by ms, s, m, h or d.' },
  { usage: 'timestamp offset', example: '{{timestamp -5m}}', meaning: 'The same as milliseconds since 1970.' },
  { usage: 'random min max', example: '{{random 1 100}}', meaning: 'A whole number from min to max, both included; any int64.' },
  { usage: 'float min max digits', example: '{{float 0 10 2}}', meaning: 'A number from min to max with so many digits.' },
  {
    usage: 'pick a b …',
    example: '{{pick card cash voucher}}',
    meaning: "One of these words; quote what has spaces: 'on hold'.",
  },
  { usage: 'bool percent', example: '{{bool 20}}', meaning: 'true in so many of a hundred messages, else false.' },
  { usage: 'hex length', example: '{{hex 32}}', meaning: 'So many random hex digits.' },
  { usage: 'string length', example: '{{string 100}}', meaning: 'So many random letters and digits, for messages of a size.' },
  { usage: 'open', example: '{{open}}', meaning: 'The two opening braces themselves.' },
]

/** Of faker's some two hundred methods, those most asked for. */
export const fakerExamples: readonly string[] = [
  'faker.person.fullName',
  'faker.person.firstName',
  'faker.person.jobTitle',
  'faker.internet.email',
  'faker.internet.username',
  'faker.internet.ipv4',
  'faker.internet.url',
  'faker.internet.userAgent',
  'faker.phone.number',
  'faker.location.streetAddress',
  'faker.location.city',
  'faker.location.zipCode',
  'faker.location.countryCode',
  'faker.location.latitude',
  'faker.company.name',
  'faker.commerce.productName',
  'faker.commerce.price',
  'faker.commerce.isbn',
  'faker.finance.iban',
  'faker.finance.currencyCode',
  'faker.finance.amount',
  'faker.date.recent',
  'faker.date.past',
  'faker.lorem.sentence',
  'faker.vehicle.vin',
  'faker.color.human',
  'faker.system.fileName',
  'faker.git.commitSha',
]
