/**
 * Texts that match a regular expression of JSON Schema: literals, classes, groups, alternatives and repetition, as patterns of fields use them. What it
 * cannot make (look-arounds, back-references) gives null; callers test the text against the real pattern anyway.
 */
import type { SampleRandom } from './sample-random'

type Node =
  | { readonly kind: 'characters'; readonly set: readonly string[] }
  | { readonly kind: 'sequence'; readonly parts: readonly Node[] }
  | { readonly kind: 'choice'; readonly options: readonly Node[] }
  | { readonly kind: 'repeat'; readonly node: Node; readonly min: number; readonly max: number }

const range = (from: string, to: string): string[] =>
  Array.from({ length: to.charCodeAt(0) - from.charCodeAt(0) + 1 }, (_, i) => String.fromCharCode(from.charCodeAt(0) + i))
const digits = range('0', '9')
const word = [...range('a', 'z'), ...range('A', 'Z'), ...digits, '_']
const printable = range(' ', '~')

/** A text of the pattern, or null where it holds what is not understood. An unanchored pattern gets just a match. */
export function textOfPattern(pattern: string, random: SampleRandom): string | null {
  try {
    return make(new PatternParser(pattern).parse(), random)
  } catch (error) {
    if (error instanceof NotUnderstood) return null
    throw error
  }
}

class NotUnderstood extends Error {}

function make(node: Node, random: SampleRandom): string {
  switch (node.kind) {
    case 'characters':
      return random.pick(node.set)
    case 'sequence':
      return node.parts.map((part) => make(part, random)).join('')
    case 'choice':
      return make(random.pick(node.options), random)
    case 'repeat':
      return Array.from({ length: random.between(node.min, node.max) }, () => make(node.node, random)).join('')
  }
}

class PatternParser {
  private offset = 0

  constructor(private readonly pattern: string) {}

  parse(): Node {
    const node = this.choice()
    if (this.offset < this.pattern.length) throw new NotUnderstood()
    return node
  }

  private choice(): Node {
    const options = [this.sequence()]
    while (this.take('|')) options.push(this.sequence())
    return options.length === 1 ? options[0]! : { kind: 'choice', options }
  }

  private sequence(): Node {
    const parts: Node[] = []
    while (this.offset < this.pattern.length && this.peek() !== '|' && this.peek() !== ')') {
      if (this.take('^') || this.take('$')) continue
      parts.push(this.repeated(this.atom()))
    }
    return { kind: 'sequence', parts }
  }

  private atom(): Node {
    if (this.take('(')) {
      if (this.peek() === '?') {
        if (!/^\?(?::|<[A-Za-z_]\w*>)/.test(this.pattern.slice(this.offset))) throw new NotUnderstood()
        this.offset = this.pattern.indexOf(this.pattern[this.offset + 1] === ':' ? ':' : '>', this.offset) + 1
      }
      const node = this.choice()
      if (!this.take(')')) throw new NotUnderstood()
      return node
    }
    if (this.take('[')) return { kind: 'characters', set: this.characterClass() }
    if (this.take('.')) return { kind: 'characters', set: word }
    if (this.take('\\')) return { kind: 'characters', set: this.escape() }
    return { kind: 'characters', set: [this.next()] }
  }

  private repeated(node: Node): Node {
    let [min, max] = [1, 1]
    if (this.take('*')) [min, max] = [0, 4]
    else if (this.take('+')) [min, max] = [1, 5]
    else if (this.take('?')) [min, max] = [0, 1]
    else {
      const match = /^\{(\d+)(?:(,)(\d*))?\}/.exec(this.pattern.slice(this.offset))
      if (match === null) return node
      this.offset += match[0].length
      min = Number(match[1])
      max = match[2] === undefined ? min : match[3] === '' ? min + 4 : Number(match[3])
      if (min > 1_000 || max < min) throw new NotUnderstood()
      max = Math.min(max, min + 20)
    }
    this.take('?')
    return this.repeated({ kind: 'repeat', node, min, max })
  }

  private characterClass(): readonly string[] {
    const isNegated = this.take('^')
    const set: string[] = []
    while (!this.take(']')) {
      const from = this.take('\\') ? this.escape() : [this.next()]
      if (from.length === 1 && this.peek() === '-' && this.pattern[this.offset + 1] !== ']') {
        this.offset++
        const to = this.take('\\') ? this.escape() : [this.next()]
        if (to.length !== 1 || to[0]! < from[0]! || to[0]!.charCodeAt(0) - from[0]!.charCodeAt(0) > 0x1000)
          throw new NotUnderstood()
        set.push(...range(from[0]!, to[0]!))
      } else set.push(...from)
    }
    const result = isNegated ? printable.filter((character) => !set.includes(character)) : set
    if (result.length === 0) throw new NotUnderstood()
    return result
  }

  private escape(): readonly string[] {
    const character = this.next()
    switch (character) {
      case 'd':
        return digits
      case 'w':
        return word
      case 's':
        return [' ']
      case 'D':
      case 'S':
        return word.filter((item) => character === 'S' || !digits.includes(item))
      case 'W':
        return [' ', '-', '.']
      case 't':
        return ['\t']
      case 'n':
        return ['\n']
      case 'r':
        return ['\r']
      default:
        // \b, \1, \p{…}, \u…: not made here.
        if (/[A-Za-z0-9]/.test(character)) throw new NotUnderstood()
        return [character]
    }
  }

  private peek(): string | undefined {
    return this.pattern[this.offset]
  }

  private next(): string {
    const character = this.pattern[this.offset]
    if (character === undefined) throw new NotUnderstood()
    this.offset++
    return character
  }

  private take(character: string): boolean {
    if (this.peek() !== character) return false
    this.offset++
    return true
  }
}
