/** Names of Avro for what JSON calls as it likes: fields, types, symbols. */

export const isAvroName = (name: string): boolean => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)

/** Tags of unions that are no names of types of ours. */
const PRIMITIVE_TAGS = new Set(['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string', 'array', 'map'])
export const isPrimitiveTag = (name: string): boolean => PRIMITIVE_TAGS.has(name)

/** Field names of a record: as they are where Avro allows, else with _ for what it does not, and a number where that is taken. */
export function fieldNames(names: readonly string[], isReserved: (name: string) => boolean): ReadonlyMap<string, string> {
  const result = new Map<string, string>()
  const taken = new Set<string>()
  for (const name of names) {
    if (!isAvroName(name) || isReserved(name)) continue
    result.set(name, name)
    taken.add(name)
  }
  for (const name of names) {
    if (result.has(name)) continue
    const base = isReserved(name) ? `${name}_` : avroName(name)
    let unique = base
    for (let n = 2; taken.has(unique); n++) unique = `${base}_${n}`
    result.set(name, unique)
    taken.add(unique)
  }
  return result
}

function avroName(name: string): string {
  const plain = name.replace(/[^A-Za-z0-9_]+/g, '_')
  return /^[A-Za-z_]/.test(plain) ? plain : `_${plain}`
}

/** "line-items" is LineItem as the type of its items, "customer" is Customer. */
export function typeName(fieldName: string, isItem: boolean): string {
  const words = fieldName.split(/[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])/).filter((word) => word !== '')
  if (isItem && words.length > 0) words[words.length - 1] = singular(words[words.length - 1]!)
  const name = words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join('')
  return /^[A-Za-z]/.test(name) ? name : `Type${name}`
}

function singular(word: string): string {
  if (/ies$/i.test(word) && word.length > 4) return `${word.slice(0, -3)}y`
  if (/(ss|us|is)$/i.test(word) || !/s$/i.test(word) || word.length < 3) return word
  return word.slice(0, -1)
}

/** Gives each type a name of its own: the wished one, then with its parent's before it, then with a number. */
export class TypeNames {
  private readonly taken = new Set<string>()

  unique(wished: string, parent: string | null): string {
    const candidates = parent === null ? [wished] : [wished, parent + wished]
    for (let n = 2; ; n++) {
      const free = candidates.find((name) => !this.taken.has(name))
      if (free !== undefined) {
        this.taken.add(free)
        return free
      }
      candidates.push(`${wished}${n}`)
    }
  }
}
