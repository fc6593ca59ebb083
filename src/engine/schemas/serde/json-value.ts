/**
 * JSON without loss: numbers stay the text that they are, objects keep their order and any name. What codecs, inference and samples think in.
 * Reading is strict RFC 8259 and bounded in depth. Nothing here turns a number into a double unless asked by name.
 */

/** A number as it is written. */
export class JsonNumber {
  constructor(readonly text: string) {}

  /** With rounding: only where a double is what the reader wants. */
  toDouble(): number {
    return Number(this.text)
  }
}

export type JsonObject = ReadonlyMap<string, JsonValue>
export type JsonValue = null | boolean | string | JsonNumber | readonly JsonValue[] | JsonObject

/** `offset` is in UTF-16 units from the start of the text. */
export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError'
  constructor(
    message: string,
    readonly offset: number,
  ) {
    super(message)
  }
}

/** Deeper than this nobody nests messages, and readers of ours and others recurse: Jackson, below Confluent's serializers, stops at 1,000. */
export const jsonDepthMax = 500

/** More characters than this no payload becomes: lists of small things with long defaults would otherwise fill the memory. */
export const jsonCharactersMax = 100_000_000

export const isJsonObject = (value: JsonValue): value is JsonObject => value instanceof Map
export const isJsonArray = (value: JsonValue): value is readonly JsonValue[] => Array.isArray(value)

/** Reads one JSON text. Throws {@link JsonSyntaxError}. Of a name that stands twice the text is refused: one of the two would be lost. */
export function parseJson(text: string): JsonValue {
  return new JsonParser(text).parse()
}

/** Compact. */
export function printJson(value: JsonValue): string {
  if (value === null) return 'null'
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'boolean') return value ? 'true' : 'false'
  if (value instanceof JsonNumber) return value.text
  if (isJsonArray(value)) return `[${value.map(printJson).join(',')}]`
  return `{${Array.from(value, ([name, item]) => `${JSON.stringify(name)}:${printJson(item)}`).join(',')}}`
}

/** With two spaces of indentation, as JSON.stringify writes it. */
export function printJsonPretty(value: JsonValue, indent = ''): string {
  const inner = `${indent}  `
  if (isJsonArray(value)) {
    if (value.length === 0) return '[]'
    return `[\n${value.map((item) => inner + printJsonPretty(item, inner)).join(',\n')}\n${indent}]`
  }
  if (isJsonObject(value)) {
    if (value.size === 0) return '{}'
    const lines = Array.from(value, ([name, item]) => `${inner}${JSON.stringify(name)}: ${printJsonPretty(item, inner)}`)
    return `{\n${lines.join(',\n')}\n${indent}}`
  }
  return printJson(value)
}

/** For messages: the value in at most `lengthMax` characters. */
export function excerpt(value: JsonValue, lengthMax = 80): string {
  const text = printJson(value)
  return text.length <= lengthMax ? text : `${text.slice(0, lengthMax - 1)}…`
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y

class JsonParser {
  private offset = 0
  private depth = 0

  constructor(private readonly text: string) {}

  parse(): JsonValue {
    const value = this.value()
    this.space()
    if (this.offset < this.text.length) throw this.unexpected('the end of the text')
    return value
  }

  private value(): JsonValue {
    this.space()
    switch (this.text.charCodeAt(this.offset)) {
      case 0x22:
        return this.string()
      case 0x7b:
        return this.object()
      case 0x5b:
        return this.array()
      case 0x74:
        return this.word('true', true)
      case 0x66:
        return this.word('false', false)
      case 0x6e:
        return this.word('null', null)
      default:
        return this.number()
    }
  }

  private object(): JsonObject {
    this.enter()
    const entries = new Map<string, JsonValue>()
    this.space()
    if (!this.take('}')) {
      do {
        this.space()
        const start = this.offset
        if (this.text[start] !== '"') throw this.unexpected('a name in double quotes')
        const name = this.string()
        if (entries.has(name)) throw new JsonSyntaxError(`the name ${JSON.stringify(name)} stands twice in one object`, start)
        this.space()
        if (!this.take(':')) throw this.unexpected("':'")
        entries.set(name, this.value())
        this.space()
      } while (this.take(','))
      if (!this.take('}')) throw this.unexpected("',' or '}'")
    }
    this.depth--
    return entries
  }

  private array(): readonly JsonValue[] {
    this.enter()
    const items: JsonValue[] = []
    this.space()
    if (!this.take(']')) {
      do {
        items.push(this.value())
        this.space()
      } while (this.take(','))
      if (!this.take(']')) throw this.unexpected("',' or ']'")
    }
    this.depth--
    return items
  }

  private enter(): void {
    this.offset++
    if (++this.depth > jsonDepthMax) throw new JsonSyntaxError(`nested deeper than ${jsonDepthMax} levels`, this.offset - 1)
  }

  private string(): string {
    const start = this.offset
    const { text } = this
    for (let i = start + 1; i < text.length; i++) {
      const code = text.charCodeAt(i)
      if (code === 0x22) {
        this.offset = i + 1
        const plain = text.slice(start + 1, i)
        return plain.includes('\\') ? this.unescape(start, i + 1) : plain
      }
      if (code === 0x5c) i++
      else if (code < 0x20) throw new JsonSyntaxError('a control character in a string: it must be escaped', i)
    }
    throw new JsonSyntaxError('a string that does not end', start)
  }

  private unescape(from: number, to: number): string {
    try {
      return JSON.parse(this.text.slice(from, to)) as string
    } catch {
      throw new JsonSyntaxError('a string with a broken escape', from)
    }
  }

  private number(): JsonNumber {
    NUMBER.lastIndex = this.offset
    const match = NUMBER.exec(this.text)
    if (match === null) throw this.unexpected('a value')
    this.offset = NUMBER.lastIndex
    return new JsonNumber(match[0])
  }

  private word<T extends JsonValue>(word: string, value: T): T {
    if (!this.text.startsWith(word, this.offset)) throw this.unexpected('a value')
    this.offset += word.length
    return value
  }

  private take(character: string): boolean {
    if (this.text[this.offset] !== character) return false
    this.offset++
    return true
  }

  private space(): void {
    const { text } = this
    for (;;) {
      const code = text.charCodeAt(this.offset)
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return
      this.offset++
    }
  }

  private unexpected(expected: string): JsonSyntaxError {
    const found =
      this.offset < this.text.length ? JSON.stringify(String.fromCodePoint(this.text.codePointAt(this.offset)!)) : 'the end'
    return new JsonSyntaxError(`expected ${expected}, found ${found}`, this.offset)
  }
}
