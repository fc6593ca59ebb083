/**
 * Reads JSON text to the tree of tree.ts and goes on behind errors: an editor's text is broken most of the time, and what stands behind the
 * missing comma is to be judged all the same. All problems with their places, with a fix where one edit mends it. Never throws.
 */
import type { SchemaFix, SchemaProblem, SourceRange } from '../format'
import type { JsonMember, JsonNode, JsonString } from './tree'

export interface ReadJsonOptions {
  /** Line and block comments, which Avro's parser takes and JSON does not. */
  readonly comments?: boolean
}

export interface ReadJson {
  /** null for a text with no value at all. With problems it is what could be made of the text. */
  readonly root: JsonNode | null
  readonly problems: readonly SchemaProblem[]
  readonly comments: readonly SourceRange[]
}

/** As deep as Jackson reads. */
const depthMax = 1_000
const numberPattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const numberLikePattern = /[-+.\w]+/y
const wordPattern = /[A-Za-z_$][\w$-]*/y
const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}

export function readJson(text: string, options: ReadJsonOptions = {}): ReadJson {
  const reader = new JsonReader(text, options.comments ?? false)
  const root = reader.document()
  return { root, problems: reader.problems, comments: reader.comments }
}

class JsonReader {
  readonly problems: SchemaProblem[] = []
  readonly comments: SourceRange[] = []
  private at = 0

  constructor(
    private readonly text: string,
    private readonly allowsComments: boolean,
  ) {}

  document(): JsonNode | null {
    if (this.text.charCodeAt(0) === 0xfeff) this.at = 1
    this.skipSpace()
    if (this.at >= this.text.length) {
      this.problem(0, this.text.length, 'The text is empty: there is no value in it.', null)
      return null
    }
    const root = this.value(0)
    this.skipSpace()
    if (this.at < this.text.length) {
      const rest = { from: this.at, to: this.text.length }
      this.problem(rest.from, rest.to, 'There is text behind the end of the value.', 'Remove it, or close the value later.', [
        { label: 'Remove the rest', edits: [{ ...rest, insert: '' }] },
      ])
    }
    return root
  }

  /** null: nothing that looks like a value stands here; a problem is given, and nothing is consumed but what cannot begin anything. */
  private value(depth: number): JsonNode | null {
    const from = this.at
    const first = this.text[from]
    if (depth > depthMax) {
      this.problem(from, from + 1, `Values are nested more than ${depthMax} deep.`, 'No registry reads this deep.')
      this.at = this.text.length
      return null
    }
    if (first === '{') return this.object(depth)
    if (first === '[') return this.array(depth)
    if (first === '"' || first === "'") return this.string()
    if (first !== undefined && /[-+.\d]/.test(first)) return this.number()
    const word = this.match(wordPattern)
    if (word !== null) return this.word(from, word)
    if (first === undefined) this.problem(from, from, 'The text ends where a value is expected.', 'Write a value here.')
    else this.problem(from, from + 1, `A value is expected here, not ${JSON.stringify(first)}.`, null)
    return null
  }

  private word(from: number, word: string): JsonNode {
    const range = { from, to: this.at }
    if (word === 'true' || word === 'false') return { kind: 'boolean', value: word === 'true', ...range }
    if (word === 'null') return { kind: 'null', ...range }
    const known = ['true', 'false', 'null'].find((candidate) => candidate === word.toLowerCase())
    const insert = known ?? JSON.stringify(word)
    this.problem(
      range.from,
      range.to,
      `${word} is no JSON value.`,
      known ? `JSON writes ${known} in small letters.` : 'Texts stand in quotes.',
      [{ label: `Change to ${insert}`, edits: [{ ...range, insert }] }],
    )
    return { kind: 'string', value: word, ...range }
  }

  private object(depth: number): JsonNode {
    const from = this.at++
    const members: JsonMember[] = []
    let comma: SourceRange | null = null
    for (;;) {
      this.skipSpace()
      const next = this.text[this.at]
      if (next === undefined) return this.unclosed({ kind: 'object', members, from, to: this.at }, '}')
      if (next === '}') {
        if (comma) this.trailingComma(comma)
        this.at++
        return { kind: 'object', members, from, to: this.at }
      }
      if (next === ']') return this.unclosed({ kind: 'object', members, from, to: this.at }, '}')
      if (next === ',') {
        this.strayComma()
        continue
      }
      if (members.length > 0 && !comma) this.missingComma(members[members.length - 1]!.to)
      comma = null
      const key = this.key()
      if (!key) continue
      this.skipSpace()
      if (this.text[this.at] === ':') this.at++
      else
        this.problem(key.from, key.to, `A colon and a value are missing behind "${key.value}".`, null, [
          { label: 'Add a colon', edits: [{ from: key.to, to: key.to, insert: ':' }] },
        ])
      this.skipSpace()
      const ends = this.text[this.at]
      const value =
        ends === '}' || ends === ',' || ends === ']' || ends === undefined
          ? this.missingValue(key)
          : (this.value(depth + 1) ?? this.skipJunk())
      members.push({ key, value, from: key.from, to: value.to })
      this.skipSpace()
      if (this.text[this.at] === ',') {
        comma = { from: this.at, to: this.at + 1 }
        this.at++
      }
    }
  }

  private array(depth: number): JsonNode {
    const from = this.at++
    const items: JsonNode[] = []
    let comma: SourceRange | null = null
    for (;;) {
      this.skipSpace()
      const next = this.text[this.at]
      if (next === undefined || next === '}') return this.unclosed({ kind: 'array', items, from, to: this.at }, ']')
      if (next === ']') {
        if (comma) this.trailingComma(comma)
        this.at++
        return { kind: 'array', items, from, to: this.at }
      }
      if (next === ',') {
        this.strayComma()
        continue
      }
      if (items.length > 0 && !comma) this.missingComma(items[items.length - 1]!.to)
      comma = null
      items.push(this.value(depth + 1) ?? this.skipJunk())
      this.skipSpace()
      if (this.text[this.at] === ',') {
        comma = { from: this.at, to: this.at + 1 }
        this.at++
      }
    }
  }

  private key(): JsonString | null {
    const from = this.at
    const first = this.text[from]
    if (first === '"' || first === "'") return this.string()
    const word = this.match(wordPattern)
    if (word === null) {
      this.skipJunk(`A key in quotes is expected here, not ${JSON.stringify(first ?? '')}.`)
      return null
    }
    this.problem(from, this.at, `The key ${word} does not stand in quotes.`, null, [
      { label: 'Put it in quotes', edits: [{ from, to: this.at, insert: JSON.stringify(word) }] },
    ])
    return { kind: 'string', value: word, from, to: this.at }
  }

  private string(): JsonString {
    const from = this.at
    const quote = this.text[this.at++]!
    let value = ''
    for (;;) {
      const character = this.text[this.at]
      if (character === undefined || character === '\n' || character === '\r') {
        this.problem(from, this.at, 'This text is not closed: its second quote is missing.', null, [
          { label: 'Add the quote', edits: [{ from: this.at, to: this.at, insert: quote }] },
        ])
        return { kind: 'string', value, from, to: this.at }
      }
      this.at++
      if (character === quote) break
      if (character === '\\') value += this.escape()
      else {
        if (character < ' ')
          this.problem(this.at - 1, this.at, 'A control character stands in this text as it is.', 'Write it with a backslash.', [
            { label: 'Escape it', edits: [{ from: this.at - 1, to: this.at, insert: JSON.stringify(character).slice(1, -1) }] },
          ])
        value += character
      }
    }
    if (quote === "'")
      this.problem(from, this.at, 'This text stands in single quotes.', 'JSON takes double quotes only.', [
        { label: 'Use double quotes', edits: [{ from, to: this.at, insert: JSON.stringify(value) }] },
      ])
    return { kind: 'string', value, from, to: this.at }
  }

  private escape(): string {
    const from = this.at - 1
    const character = this.text[this.at]
    if (character === undefined || character === '\n') return ''
    this.at++
    const plain = escapes[character]
    if (plain !== undefined) return plain
    if (character === 'u') {
      const digits = this.text.slice(this.at, this.at + 4)
      if (/^[0-9A-Fa-f]{4}$/.test(digits)) {
        this.at += 4
        return String.fromCharCode(Number.parseInt(digits, 16))
      }
      this.problem(from, this.at, '\\u is followed by four hexadecimal digits.', null)
      return ''
    }
    this.problem(from, this.at, `\\${character} is no escape that JSON knows.`, null, [
      { label: 'Write the backslash itself', edits: [{ from, to: from, insert: '\\' }] },
    ])
    return character
  }

  private number(): JsonNode {
    const from = this.at
    numberPattern.lastIndex = from
    const number = numberPattern.exec(this.text)?.[0] ?? ''
    numberLikePattern.lastIndex = from
    const whole = numberLikePattern.exec(this.text)?.[0] ?? number
    this.at = from + whole.length
    if (whole !== number)
      this.problem(
        from,
        this.at,
        `${whole} is no number as JSON writes them.`,
        'No leading zeros or plus sign; digits on both sides of the point.',
      )
    return { kind: 'number', text: whole, from, to: this.at }
  }

  private missingValue(key: JsonString): JsonNode {
    this.problem(key.from, key.to, `The value of "${key.value}" is missing.`, null)
    return { kind: 'null', from: key.to, to: key.to }
  }

  /** Steps over what begins neither a value nor a key, up to where something may begin; stands for null. */
  private skipJunk(message?: string): JsonNode {
    const from = this.at
    while (this.at < this.text.length && !/[\s,:"{}[\]]/.test(this.text[this.at]!)) this.at++
    if (this.at === from) this.at++
    if (message) this.problem(from, this.at, message, null)
    return { kind: 'null', from, to: this.at }
  }

  private unclosed<N extends JsonNode>(node: N, closing: string): N {
    const what = closing === '}' ? 'object' : 'array'
    this.problem(node.from, node.from + 1, `This ${what} is not closed: its ${closing} is missing.`, null, [
      { label: `Add ${closing}`, edits: [{ from: this.at, to: this.at, insert: closing }] },
    ])
    return node
  }

  private missingComma(at: number): void {
    this.problem(this.at, this.at + 1, 'A comma is missing before this.', null, [
      { label: 'Add a comma', edits: [{ from: at, to: at, insert: ',' }] },
    ])
  }

  private trailingComma(comma: SourceRange): void {
    this.problem(comma.from, comma.to, 'There is a comma behind the last entry.', 'JSON takes none there.', [
      { label: 'Remove the comma', edits: [{ ...comma, insert: '' }] },
    ])
  }

  private strayComma(): void {
    const range = { from: this.at, to: this.at + 1 }
    this.at++
    this.problem(range.from, range.to, 'Something is missing before this comma.', null, [
      { label: 'Remove the comma', edits: [{ ...range, insert: '' }] },
    ])
  }

  private skipSpace(): void {
    for (;;) {
      const character = this.text[this.at]
      if (character === ' ' || character === '\n' || character === '\r' || character === '\t') this.at++
      else if (character === '/' && (this.text[this.at + 1] === '/' || this.text[this.at + 1] === '*')) this.comment()
      else return
    }
  }

  private comment(): void {
    const from = this.at
    const isBlock = this.text[from + 1] === '*'
    const end = this.text.indexOf(isBlock ? '*/' : '\n', from + 2)
    this.at = end < 0 ? this.text.length : isBlock ? end + 2 : end
    const range = { from, to: this.at }
    this.comments.push(range)
    if (isBlock && end < 0) this.problem(from, from + 2, 'This comment is not closed: its */ is missing.', null)
    else if (!this.allowsComments)
      this.problem(range.from, range.to, 'JSON has no comments.', null, [
        { label: 'Remove the comment', edits: [{ ...range, insert: '' }] },
      ])
  }

  private match(pattern: RegExp): string | null {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.text)?.[0] ?? null
    if (found !== null) this.at += found.length
    return found
  }

  private problem(from: number, to: number, message: string, hint: string | null, fixes: readonly SchemaFix[] = []): void {
    this.problems.push({
      from,
      to: Math.min(Math.max(to, from), this.text.length),
      severity: 'error',
      message,
      hint,
      path: '',
      fixes,
    })
  }
}
