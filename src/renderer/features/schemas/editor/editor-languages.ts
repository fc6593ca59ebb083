/** The four languages of schemas for CodeMirror: colours, folding, brackets. JSON is parsed; IDL and Protobuf are read token by token. */
import { json } from '@codemirror/lang-json'
import { foldService, LanguageSupport, StreamLanguage, type StringStream } from '@codemirror/language'
import type { Extension } from '@codemirror/state'
import type { SchemaLanguage } from '../../../../shared/model/schemas'

interface BraceState {
  isInComment: boolean
}

interface BraceWords {
  readonly keywords: ReadonlySet<string>
  readonly types: ReadonlySet<string>
  /** Words that hold a value: true, null. */
  readonly atoms: ReadonlySet<string>
}

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '))

const languages: Readonly<Record<'avro-idl' | 'protobuf', BraceWords>> = {
  'avro-idl': {
    keywords: words('protocol namespace schema import idl record error enum fixed union array map throws oneway void'),
    types: words('null boolean int long float double bytes string date time_ms timestamp_ms local_timestamp_ms decimal uuid'),
    atoms: words('true false'),
  },
  protobuf: {
    keywords: words(
      'syntax edition package import public weak option message enum oneof map repeated optional required reserved extensions extend service rpc returns stream to max group',
    ),
    types: words('double float int32 int64 uint32 uint64 sint32 sint64 fixed32 fixed64 sfixed32 sfixed64 bool string bytes'),
    atoms: words('true false inf nan'),
  },
}

function token(stream: StringStream, state: BraceState, { keywords, types, atoms }: BraceWords): string | null {
  if (state.isInComment) {
    state.isInComment = !stream.match(/^.*?\*\//)
    if (state.isInComment) stream.skipToEnd()
    return 'comment'
  }
  if (stream.eatSpace()) return null
  if (stream.match('//')) {
    stream.skipToEnd()
    return 'comment'
  }
  if (stream.match('/*')) {
    state.isInComment = !stream.match(/^.*?\*\//)
    if (state.isInComment) stream.skipToEnd()
    return 'comment'
  }
  if (stream.match(/^"(?:[^"\\]|\\.)*"?/) || stream.match(/^'(?:[^'\\]|\\.)*'?/)) return 'string'
  if (stream.match(/^-?(?:0x[\da-f]+|\d+(?:\.\d+)?(?:e[+-]?\d+)?)/i)) return 'number'
  if (stream.match(/^@[\w-]+/)) return 'annotation'
  const word = stream.match(/^`?[A-Za-z_][\w.]*`?/) as RegExpMatchArray | null
  if (word) {
    const [name] = word
    if (types.has(name)) return 'typeName.standard'
    if (keywords.has(name)) return 'keyword'
    if (name === 'null') return 'null'
    if (atoms.has(name)) return 'bool'
    return /^[A-Z]/.test(name) || name.includes('.') ? 'typeName' : null
  }
  stream.next()
  return 'punctuation'
}

/** From a line that ends in an opening brace to the line before its closing one. */
const foldBraces = foldService.of((state, from, to) => {
  const line = state.sliceDoc(from, to).trimEnd()
  if (!line.endsWith('{')) return null
  let depth = 1
  const rest = state.sliceDoc(to, Math.min(state.doc.length, to + 200_000))
  for (let at = 0; at < rest.length; at++) {
    if (rest[at] === '{') depth++
    else if (rest[at] === '}' && --depth === 0) return { from: from + line.length, to: to + at }
  }
  return null
})

function braceLanguage(name: 'avro-idl' | 'protobuf'): LanguageSupport {
  const language = StreamLanguage.define<BraceState>({
    name,
    startState: () => ({ isInComment: false }),
    token: (stream, state) => token(stream, state, languages[name]),
    languageData: {
      commentTokens: { line: '//', block: { open: '/*', close: '*/' } },
      closeBrackets: { brackets: ['(', '[', '{', '<', '"'] },
    },
  })
  return new LanguageSupport(language, [foldBraces])
}

export const languageExtension = (language: SchemaLanguage): Extension =>
  language === 'avro' || language === 'json-schema' ? json() : braceLanguage(language)
