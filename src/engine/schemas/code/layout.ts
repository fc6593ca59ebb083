/** How generated TypeScript looks: comments, properties, unions. Pure. */

export interface Property {
  readonly name: string
  readonly type: string
  readonly isOptional?: boolean
  readonly doc?: string | null
}

/** A JSDoc comment with its line end, or nothing. What would end the comment is broken up. */
export function comment(words: string | null | undefined, indent = ''): string {
  const text = words?.trim().replace(/\*\//g, '*∕') ?? ''
  if (text === '') return ''
  const lines = text.split(/\r\n|[\n\r\u2028\u2029]/)
  if (lines.length === 1) return `${indent}/** ${lines[0]!} */\n`
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}`.trimEnd()).join('\n')}\n${indent} */\n`
}

export function interfaceOf(name: string, properties: readonly Property[], doc?: string | null): string {
  const head = `${comment(doc)}export interface ${name} `
  return properties.length === 0 ? `${head}{}\n` : `${head}${objectOf(properties, '')}\n`
}

export const aliasOf = (name: string, type: string, doc?: string | null): string =>
  `${comment(doc)}export type ${name} = ${type}\n`

/** The braces of an object type, its properties each on a line. */
export function objectOf(properties: readonly Property[], indent: string): string {
  if (properties.length === 0) return '{}'
  const inner = `${indent}  `
  const lines = properties.map(
    ({ name, type, isOptional = false, doc }) =>
      `${comment(doc, inner)}${inner}readonly ${propertyName(name)}${isOptional ? '?' : ''}: ${type.replaceAll('\n', '\n  ')}\n`,
  )
  return `{\n${lines.join('')}${indent}}`
}

export const propertyName = (name: string): string => (/^[A-Za-z_$][A-Za-z0-9_$]*$/.test(name) ? name : literal(name))

export const literal = (text: string): string =>
  `'${JSON.stringify(text)
    .slice(1, -1)
    .replaceAll('\\"', '"')
    .replaceAll("'", "\\'")
    .replace(/[\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16)}`)}'`

/** Without repetitions; `never` of none. */
export function unionOf(types: readonly string[]): string {
  const distinct = [...new Set(types)]
  return distinct.length === 0 ? 'never' : distinct.join(' | ')
}

/** In brackets where it is a union or an intersection. */
const grouped = (type: string): string =>
  /[|&]|=>/.test(type) && !/^(?:[\w$]+<.*>|\{[\s\S]*\}|'[^']*')$/.test(type) ? `(${type})` : type

export const arrayOf = (type: string): string => `readonly ${grouped(type)}[]`
export const intersectionOf = (types: readonly string[]): string => {
  const distinct = [...new Set(types)].filter((type) => type !== 'unknown')
  if (distinct.length === 0) return 'unknown'
  return distinct.length === 1 ? distinct[0]! : distinct.map(grouped).join(' & ')
}

/** Sentences that are there, each on its line. */
export const lines = (...parts: readonly (string | null | undefined | false)[]): string =>
  parts.filter((part): part is string => typeof part === 'string' && part !== '').join('\n')
