/**
 * What would mend an Avro schema, as edits of the IDL that it is written in. Fixes are found in the JSON that the IDL stands for (../fixes); here the
 * schema with a fix is compared with the schema without it, and what differs is written into the author's text: a field's statement, the symbols of an
 * enum, an annotation. Layout and comments around it stay. An edit is offered only where the text with it stands for exactly the mended schema,
 * so what has no such edit (one type for several fields, say) is offered in JSON only. Pure.
 */
import type { ReferencedTexts, SchemaFix } from '../../format'
import { type JsonNode, type JsonObject, memberOf, memberValue, stringOf } from '../../json-text'
import type { AvroSchema, EnumType, NamedType, RecordType } from '../model'
import { parseAvro } from '../parse/parse'
import { ProblemList } from '../parse/problems'
import { parseAvroIdl } from './idl'
import { type IdlDeclaration, readIdl } from './parser'
import { type IdlPart, printAvroIdl, printIdlParts } from './print'
import { tokenize } from './tokens'

type Edit = SchemaFix['edits'][number]

/** `fixes` are edits of `schemaText`, which is what `idlText` stands for. Those that IDL can be given are kept, in their order. */
export function fixesOfIdl(
  idlText: string,
  schemaText: string,
  references: ReferencedTexts,
  fixes: readonly SchemaFix[],
): readonly SchemaFix[] {
  const before = parsed(schemaText, references)
  if (before === null) return []
  const { declarations } = readIdl(idlText, new ProblemList())
  const byName = new Map(declarations.map((declaration) => [declaration.name.fullName, declaration]))
  return fixes.flatMap((fix) => {
    const after = parsed(apply(schemaText, fix.edits), references)
    if (after === null) return []
    const edits = new IdlEdits(idlText, byName).between(printIdlParts(before), printIdlParts(after))
    return edits !== null && standsFor(apply(idlText, edits), after, references) ? [{ label: fix.label, edits }] : []
  })
}

function parsed(text: string, references: ReferencedTexts): AvroSchema | null {
  const result = parseAvro(text, references, { isNew: true })
  return result.ok ? result.value : null
}

function standsFor(idlText: string, schema: AvroSchema, references: ReferencedTexts): boolean {
  const read = parseAvroIdl(idlText, references, { isNew: true })
  const own = read.ok ? parsed(read.value.schemaText, references) : null
  return own !== null && printAvroIdl(own) === printAvroIdl(schema)
}

function apply(text: string, edits: readonly Edit[]): string {
  return [...edits]
    .sort((left, right) => right.from - left.from || right.to - left.to)
    .reduce((result, edit) => result.slice(0, edit.from) + edit.insert + result.slice(edit.to), text)
}

type Parts = ReadonlyMap<string, IdlPart>

class IdlEdits {
  private readonly edits: Edit[] = []

  constructor(
    private readonly text: string,
    private readonly declarations: ReadonlyMap<string, IdlDeclaration>,
  ) {}

  /** null: there is no edit for some of it. */
  between(before: Parts, after: Parts): readonly Edit[] | null {
    const gone = [...before.values()].filter(({ type }) => !after.has(type.name.fullName))
    const come = [...after.values()].filter(({ type }) => !before.has(type.name.fullName))
    const [old, renamed] = [gone[0], come[0]]
    // A type by another name: its name is changed wherever it stands.
    if (gone.length === 1 && come.length === 1 && old && renamed && old.type.kind === renamed.type.kind)
      return this.rename(old.type, renamed.type)
    for (const [name, part] of after) {
      const was = before.get(name)
      if (was === undefined) this.declare(part)
      else if (was.text !== part.text && !this.change(was, part)) return null
    }
    return this.edits.length === 0 ? null : this.edits
  }

  private rename(from: NamedType, to: NamedType): readonly Edit[] {
    return tokenize(this.text, new ProblemList()).flatMap((token) => {
      if (token.kind !== 'identifier') return []
      if (token.value === from.name.name) return [{ from: token.from, to: token.to, insert: to.name.name }]
      return token.value === from.name.fullName ? [{ from: token.from, to: token.to, insert: to.name.fullName }] : []
    })
  }

  /** Behind everything; in a protocol before its closing brace. */
  private declare({ text }: IdlPart): void {
    const tokens = tokenize(this.text, new ProblemList())
    const isProtocol = tokens.some(({ kind, value, isQuoted }) => kind === 'identifier' && value === 'protocol' && !isQuoted)
    const last = tokens.at(-2)
    const at = isProtocol && last?.value === '}' ? last.from : this.text.trimEnd().length
    this.edits.push({ from: at, to: at, insert: isProtocol ? `\n${text}\n` : `\n\n${text}` })
  }

  private change(was: IdlPart, part: IdlPart): boolean {
    const declaration = this.declarations.get(part.type.name.fullName)
    if (declaration === undefined || was.type.kind !== part.type.kind) return false
    const { node } = declaration
    this.changeAliases(node, was.type, part.type)
    switch (part.type.kind) {
      case 'record':
        return this.changeFields(node, was, part, part.type)
      case 'enum':
        return this.changeSymbols(node, was.type as EnumType, part.type)
      case 'fixed': {
        const size = memberValue(node, 'size')
        if (size !== undefined && was.type.kind === 'fixed' && was.type.size !== part.type.size)
          this.replace(size, String(part.type.size))
        return true
      }
    }
  }

  private changeAliases(node: JsonObject, was: NamedType, now: NamedType): void {
    const list = now.aliases.map(({ name, fullName, namespace }) =>
      JSON.stringify(namespace === now.name.namespace ? name : fullName),
    )
    if (was.aliases.map(({ fullName }) => fullName).join() === now.aliases.map(({ fullName }) => fullName).join()) return
    const known = memberOf(node, 'aliases')
    if (known !== undefined) this.replace(known.value, `[${list.join(', ')}]`)
    else
      this.edits.push({ from: node.from, to: node.from, insert: `@aliases([${list.join(', ')}])\n${this.indentAt(node.from)}` })
  }

  private changeFields(node: JsonObject, was: IdlPart, now: IdlPart, type: RecordType): boolean {
    const nodes = fieldNodes(node)
    const statements = new Map(nodes.map((field) => [stringOf(field, 'name') ?? '', field]))
    // One type before several names: the statement is no one's alone.
    const isShared = (field: JsonObject) => nodes.some((other) => other !== field && other.from === field.from)
    for (const [name, field] of statements) {
      const before = was.fields.get(name)
      const after = now.fields.get(name)
      if (before === undefined || (after !== undefined && after.line === before.line)) continue
      if (isShared(field)) return false
      if (after !== undefined) this.replace(field, after.line)
      else this.removeStatement(field)
    }
    let previous: JsonObject | null = null
    for (const { name } of type.fields) {
      const known = statements.get(name)
      const printed = now.fields.get(name)
      if (known !== undefined) previous = known
      else if (printed !== undefined) this.insertStatement(node, previous, nodes[0] ?? null, printed)
    }
    return true
  }

  private insertStatement(
    record: JsonObject,
    previous: JsonObject | null,
    first: JsonObject | null,
    { doc, line }: { doc: string; line: string },
  ): void {
    const open = memberValue(record, 'fields')
    if (open === undefined) return
    const beside = previous ?? first
    const indent = beside === null ? `${this.indentAt(record.from)}  ` : this.indentAt(beside.from)
    const at = previous === null ? open.from + 1 : this.endOfStatement(previous)
    const comment = doc.replace(/^ {2}/gm, indent)
    this.edits.push({ from: at, to: at, insert: `\n${comment}${indent}${line};` })
  }

  /** With its line, where it stands alone on it. */
  private removeStatement(field: JsonObject): void {
    const end = this.endOfStatement(field)
    const lineStart = this.text.lastIndexOf('\n', field.from - 1)
    const isAlone =
      lineStart >= 0 && this.text.slice(lineStart, field.from).trim() === '' && /^[ \t]*(?:\n|$)/.test(this.text.slice(end))
    this.edits.push({ from: isAlone ? lineStart : field.from, to: end, insert: '' })
  }

  private endOfStatement(field: JsonObject): number {
    const semicolon = this.text.indexOf(';', field.to)
    return semicolon < 0 ? field.to : semicolon + 1
  }

  private changeSymbols(node: JsonObject, was: EnumType, now: EnumType): boolean {
    const symbols = memberValue(node, 'symbols')
    if (symbols?.kind !== 'array') return false
    if (was.symbols.join() !== now.symbols.join()) {
      const written = this.text.slice(symbols.from, symbols.to)
      const indent = this.indentAt(symbols.items[0]?.from ?? symbols.from)
      const isTall = written.includes('\n')
      this.replace(
        symbols,
        isTall
          ? `{\n${now.symbols.map((symbol) => indent + symbol).join(',\n')}\n${this.indentAt(node.from)}}`
          : `{ ${now.symbols.join(', ')} }`,
      )
    }
    if (was.default === now.default) return true
    const fallback = memberValue(node, 'default')
    if (now.default === null) return false
    if (fallback !== undefined) this.replace(fallback, now.default)
    else this.edits.push({ from: symbols.to, to: symbols.to, insert: ` = ${now.default};` })
    return true
  }

  private replace({ from, to }: JsonNode, insert: string): void {
    this.edits.push({ from, to, insert })
  }

  private indentAt(offset: number): string {
    const lineStart = this.text.lastIndexOf('\n', offset - 1) + 1
    return /^[ \t]*/.exec(this.text.slice(lineStart, offset))?.[0] ?? ''
  }
}

function fieldNodes(record: JsonObject): readonly JsonObject[] {
  const fields = memberValue(record, 'fields')
  return fields?.kind === 'array' ? fields.items.filter((field): field is JsonObject => field.kind === 'object') : []
}
