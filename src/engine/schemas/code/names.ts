/** Names of types in generated TypeScript: valid, none twice, none that hides one of the language's own. */

/** Types and words that a declaration may not take, or that the generated code itself needs as they are. */
const taken: ReadonlySet<string> = new Set(
  (
    'any unknown never void null undefined boolean number bigint string symbol object ' +
    'Array ReadonlyArray Record Readonly Partial Date Uint8Array Map Set Object String Number Boolean Function Symbol BigInt Promise Error JSON Math ' +
    'break case catch class const continue debugger default delete do else enum export extends false finally for function if import in instanceof new ' +
    'return super switch this throw true try typeof var while with as implements interface let package private protected public static yield await async ' +
    'type of namespace module declare abstract'
  ).split(' '),
)

export class TypeNames<K> {
  private readonly byKey = new Map<K, string>()
  private readonly used = new Set<string>()

  /** The key's name. At first the first of `wanted` that is free, else the last of them with a number. */
  of(key: K, wanted: readonly string[]): string {
    const known = this.byKey.get(key)
    if (known !== undefined) return known
    const candidates = wanted.map(identifier)
    const free = candidates.find((name) => !this.used.has(name))
    const name = free ?? this.numbered(candidates.at(-1) ?? 'Type')
    this.used.add(name)
    this.byKey.set(key, name)
    return name
  }

  has(key: K): boolean {
    return this.byKey.has(key)
  }

  private numbered(name: string): string {
    let number = 2
    while (this.used.has(`${name}${number}`)) number++
    return `${name}${number}`
  }
}

/** As near to the word as an identifier of a type may be. */
export function identifier(word: string): string {
  const cleaned = word.replace(/[^\p{ID_Continue}$]+(.)?/gu, (_match, next: string | undefined) => next?.toUpperCase() ?? '')
  const begun = /^[\p{ID_Start}_$]/u.test(cleaned) ? cleaned : `_${cleaned}`
  return taken.has(begun) ? `${begun}Type` : begun
}

export const pascalCase = (word: string): string =>
  word
    .replace(/(?:^|[^\p{L}\p{N}]+)(\p{L}|\p{N})/gu, (_match, first: string) => first.toUpperCase())
    .replace(/[^\p{L}\p{N}]+/gu, '')
