/**
 * Two versions side by side, and what a person would say is different: fields by name or alias, symbols, branches by type, and everything that
 * hangs on them. Says nothing of what breaks: breaks.ts asks the compatibility rules. Pure.
 */
import type { SchemaChange } from '../../format'
import { type JsonNode, sameValue, writeJson } from '../../json-text'
import {
  type AvroType,
  branchName,
  type EnumType,
  isNamed,
  type NamedType,
  type RecordField,
  type RecordType,
  typeInWords,
  type UnionType,
} from '../model'

import { movedFields, pairFields } from './fields'

export const changeTypes = [
  'FIELD_ADDED',
  'FIELD_REMOVED',
  'FIELD_RENAMED',
  'FIELD_MOVED',
  'DEFAULT_ADDED',
  'DEFAULT_REMOVED',
  'DEFAULT_CHANGED',
  'TYPE_CHANGED',
  'TYPE_WIDENED',
  'TYPE_NARROWED',
  'SYMBOL_ADDED',
  'SYMBOL_REMOVED',
  'SYMBOLS_REORDERED',
  'ENUM_DEFAULT_CHANGED',
  'BRANCH_ADDED',
  'BRANCH_REMOVED',
  'BRANCHES_REORDERED',
  'NAME_CHANGED',
  'NAMESPACE_CHANGED',
  'SIZE_CHANGED',
  'ALIASES_CHANGED',
  'DOC_CHANGED',
  'ORDER_CHANGED',
  'LOGICAL_TYPE_CHANGED',
  'ATTRIBUTES_CHANGED',
] as const
export type ChangeType = (typeof changeTypes)[number]

export type PlainChange = Omit<SchemaChange, 'breaks' | 'type'> & { readonly type: ChangeType }

export function collectChanges(older: AvroType, newer: AvroType): readonly PlainChange[] {
  const walk = new ChangeWalk()
  walk.types({ older, newer, olderPath: '', newerPath: '', subject: 'The schema' })
  return walk.changes
}

interface Pair<T> {
  readonly older: T
  readonly newer: T
  readonly olderPath: string
  readonly newerPath: string
  /** What a sentence calls it: "Field 'status'", "Enum Status". */
  readonly subject: string
}

const promotions: Readonly<Record<string, readonly string[]>> = {
  int: ['long', 'float', 'double'],
  long: ['float', 'double'],
  float: ['double'],
}

class ChangeWalk {
  readonly changes: PlainChange[] = []
  /** Pairs of named types that have been compared: definitions are told of once, and recursion ends. */
  private readonly seen = new Map<NamedType, Set<NamedType>>()

  types(pair: Pair<AvroType>): void {
    const { older, newer, subject } = pair
    if (older.kind === 'union' || newer.kind === 'union') return this.unions(pair)
    if (older.kind !== newer.kind) {
      if (promotions[older.kind]?.includes(newer.kind))
        this.changed('TYPE_WIDENED', pair, `${subject} is widened from ${older.kind} to ${newer.kind}.`)
      else if (promotions[newer.kind]?.includes(older.kind))
        this.changed('TYPE_NARROWED', pair, `${subject} is narrowed from ${older.kind} to ${newer.kind}.`)
      else this.changed('TYPE_CHANGED', pair, `${subject} changes from ${typeInWords(older)} to ${typeInWords(newer)}.`)
      return
    }
    if (isNamed(older) && isNamed(newer)) return this.named({ ...pair, older, newer })
    this.logicalTypes(pair)
    if (older.kind === 'array' && newer.kind === 'array')
      this.inner(pair, older.items, newer.items, 'items', `An item of ${lowered(subject)}`)
    if (older.kind === 'map' && newer.kind === 'map')
      this.inner(pair, older.values, newer.values, 'values', `A value of ${lowered(subject)}`)
  }

  private unions(pair: Pair<AvroType>): void {
    const { older, newer, subject } = pair
    const olderBranches = branchesOf(older, pair.olderPath)
    const newerBranches = branchesOf(newer, pair.newerPath)
    const matched = new Map<number, number>()
    newerBranches.forEach(({ type }, index) => {
      const match = olderBranches.findIndex((branch, at) => !matched.has(at) && isSameBranch(branch.type, type))
      if (match >= 0) matched.set(match, index)
    })
    const removed = olderBranches.filter((_, index) => !matched.has(index))
    const added = newerBranches.filter((_, index) => ![...matched.values()].includes(index))
    if (older.kind === 'union' && newer.kind === 'union') {
      for (const { type, path } of removed)
        this.add('removed', 'BRANCH_REMOVED', path, null, `${subject} may no longer be ${typeInWords(type)}.`)
      for (const { type, path } of added)
        this.add('added', 'BRANCH_ADDED', null, path, `${subject} may also be ${typeInWords(type)}.`)
      const order = [...matched].sort(([left], [right]) => left - right).map(([, index]) => index)
      if (order.some((index, at) => at > 0 && index < order[at - 1]!))
        this.changed('BRANCHES_REORDERED', pair, `The types of ${lowered(subject)} stand in another order.`)
    } else if (removed.length > 0 && added.length > 0)
      this.changed('TYPE_CHANGED', pair, `${subject} changes from ${typeInWords(older)} to ${typeInWords(newer)}.`)
    else if (newer.kind === 'union') {
      const what =
        added.length === 0
          ? `is a union of ${typeInWords(older)} alone now`
          : `may also be ${added.map(({ type }) => typeInWords(type)).join(' or ')}`
      this.changed('TYPE_WIDENED', pair, `${subject} ${what}.`)
    } else {
      const what =
        removed.length === 0
          ? 'is no union any more'
          : `may no longer be ${removed.map(({ type }) => typeInWords(type)).join(' or ')}`
      this.changed('TYPE_NARROWED', pair, `${subject} ${what}.`)
    }
    for (const [olderIndex, newerIndex] of matched) {
      const [from, to] = [olderBranches[olderIndex]!, newerBranches[newerIndex]!]
      this.types({ older: from.type, newer: to.type, olderPath: from.path, newerPath: to.path, subject })
    }
  }

  private named(pair: Pair<NamedType>): void {
    const { older, newer } = pair
    const seen = this.seen.get(older) ?? new Set()
    if (seen.has(newer)) return
    this.seen.set(older, seen.add(newer))
    const kind = newer.kind === 'record' ? 'Record' : newer.kind === 'enum' ? 'Enum' : 'Fixed'
    const at: Pair<NamedType> = {
      ...pair,
      subject: `${kind} ${newer.name.name}`,
      olderPath: own(older, pair.olderPath),
      newerPath: own(newer, pair.newerPath),
    }
    if (older.name.name !== newer.name.name)
      this.part('NAME_CHANGED', at, 'name', `${kind} ${older.name.name} is called ${newer.name.name} now.`)
    else if (older.name.namespace !== newer.name.namespace)
      this.part(
        'NAMESPACE_CHANGED',
        at,
        'name',
        `${at.subject} moves from ${older.name.namespace ?? 'no namespace'} to ${newer.name.namespace ?? 'no namespace'}.`,
      )
    if (older.doc !== newer.doc) this.doc(at, older.doc, newer.doc)
    if (
      !sameList(
        older.aliases.map((alias) => alias.fullName),
        newer.aliases.map((alias) => alias.fullName),
      )
    )
      this.changed('ALIASES_CHANGED', at, `${at.subject} has other aliases.`)
    this.logicalTypes(at)
    if (older.kind === 'enum' && newer.kind === 'enum') this.enums({ ...at, older, newer })
    if (older.kind === 'fixed' && newer.kind === 'fixed' && older.size !== newer.size)
      this.part('SIZE_CHANGED', at, 'size', `${at.subject} has ${newer.size} bytes instead of ${older.size}.`)
    if (older.kind === 'record' && newer.kind === 'record') this.records({ ...at, older, newer })
  }

  private enums(pair: Pair<EnumType>): void {
    const { older, newer, subject } = pair
    older.symbols.forEach((symbol, index) => {
      if (!newer.symbols.includes(symbol))
        this.add(
          'removed',
          'SYMBOL_REMOVED',
          `${pair.olderPath}/symbols/${index}`,
          null,
          `Symbol ${symbol} of ${lowered(subject)} is removed.`,
        )
    })
    newer.symbols.forEach((symbol, index) => {
      if (!older.symbols.includes(symbol))
        this.add(
          'added',
          'SYMBOL_ADDED',
          null,
          `${pair.newerPath}/symbols/${index}`,
          `Symbol ${symbol} is added to ${lowered(subject)}.`,
        )
    })
    const common = newer.symbols.filter((symbol) => older.symbols.includes(symbol))
    if (
      !sameList(
        common,
        older.symbols.filter((symbol) => newer.symbols.includes(symbol)),
      )
    )
      this.part('SYMBOLS_REORDERED', pair, 'symbols', `The symbols of ${lowered(subject)} stand in another order.`)
    if (older.default === newer.default) return
    const what =
      newer.default === null
        ? `has no default any more, it was ${older.default}`
        : older.default === null
          ? `has the default ${newer.default} now`
          : `has the default ${newer.default} instead of ${older.default}`
    this.changed('ENUM_DEFAULT_CHANGED', pair, `${subject} ${what}.`)
  }

  private records(pair: Pair<RecordType>): void {
    const { older, newer } = pair
    const pairs = pairFields(older, newer)
    const fieldPath = (record: RecordType, path: string, field: RecordField): string =>
      record.reference === null ? field.path : path
    for (const field of older.fields)
      if (!pairs.some(([from]) => from === field))
        this.add(
          'removed',
          'FIELD_REMOVED',
          fieldPath(older, pair.olderPath, field),
          null,
          `Field '${field.name}' (${typeInWords(field.type)}) is removed.`,
        )
    for (const field of newer.fields)
      if (!pairs.some(([, to]) => to === field)) {
        const value = field.default ? `with the default ${shortly(field.default)}` : 'without a default'
        this.add(
          'added',
          'FIELD_ADDED',
          null,
          fieldPath(newer, pair.newerPath, field),
          `Field '${field.name}' (${typeInWords(field.type)}) is added ${value}.`,
        )
      }
    const moved = movedFields(pairs.map(([from]) => older.fields.indexOf(from)))
    pairs.forEach(([from, to], index) => {
      const at: Pair<AvroType> = {
        older: from.type,
        newer: to.type,
        olderPath: fieldPath(older, pair.olderPath, from),
        newerPath: fieldPath(newer, pair.newerPath, to),
        subject: `Field '${to.name}'`,
      }
      this.fields(at, from, to)
      if (moved.has(index))
        this.changed(
          'FIELD_MOVED',
          at,
          `${at.subject} moves from ${ordinal(older.fields.indexOf(from))} to ${ordinal(newer.fields.indexOf(to))}.`,
        )
      const stepped = (record: RecordType, path: string): string => (record.reference === null ? `${path}/type` : path)
      this.types({ ...at, olderPath: stepped(older, at.olderPath), newerPath: stepped(newer, at.newerPath) })
    })
  }

  private fields(at: Pair<AvroType>, from: RecordField, to: RecordField): void {
    const { subject } = at
    if (from.name !== to.name)
      this.changed('FIELD_RENAMED', at, `Field '${from.name}' is called '${to.name}' now, with an alias for the old name.`)
    if (from.default && !to.default)
      this.changed('DEFAULT_REMOVED', at, `The default ${shortly(from.default)} of ${lowered(subject)} is removed.`)
    else if (!from.default && to.default)
      this.changed('DEFAULT_ADDED', at, `${subject} has the default ${shortly(to.default)} now.`)
    else if (from.default && to.default && !sameValue(from.default, to.default))
      this.changed(
        'DEFAULT_CHANGED',
        at,
        `The default of ${lowered(subject)} changes from ${shortly(from.default)} to ${shortly(to.default)}.`,
      )
    if (from.doc !== to.doc) this.doc(at, from.doc, to.doc)
    if (from.order !== to.order) this.changed('ORDER_CHANGED', at, `${subject} sorts ${to.order} instead of ${from.order}.`)
    if (from.name === to.name && !sameList(from.aliases, to.aliases))
      this.changed('ALIASES_CHANGED', at, `${subject} has other aliases.`)
    if (!sameProps(from.props, to.props)) this.changed('ATTRIBUTES_CHANGED', at, `Attributes of ${lowered(subject)} change.`)
  }

  private logicalTypes(pair: Pair<AvroType>): void {
    const { older, newer, subject } = pair
    if (sameProps(older.props, newer.props)) return
    const [from, to] = [logicalTypeText(older), logicalTypeText(newer)]
    if (from === to) return this.changed('ATTRIBUTES_CHANGED', pair, `Attributes of ${lowered(subject)} change.`)
    const what = from === null ? `is ${to} now` : to === null ? `is no longer ${from}` : `is ${to} instead of ${from}`
    this.changed('LOGICAL_TYPE_CHANGED', pair, `${subject} ${what}.`)
  }

  private doc(pair: Pair<AvroType>, from: string | null, to: string | null): void {
    const verb = from === null ? 'is added' : to === null ? 'is removed' : 'changes'
    this.changed('DOC_CHANGED', pair, `The doc of ${lowered(pair.subject)} ${verb}.`)
  }

  private inner(pair: Pair<AvroType>, older: AvroType, newer: AvroType, token: string, subject: string): void {
    const step = (type: AvroType, path: string): string => (type.reference === null ? `${type.path}/${token}` : path)
    this.types({
      older,
      newer,
      subject,
      olderPath: step(pair.older, pair.olderPath),
      newerPath: step(pair.newer, pair.newerPath),
    })
  }

  private changed(type: ChangeType, { olderPath, newerPath }: Pair<unknown>, description: string): void {
    this.add('changed', type, olderPath, newerPath, description)
  }

  private part(
    type: ChangeType,
    { older, newer, olderPath, newerPath }: Pair<NamedType>,
    token: string,
    description: string,
  ): void {
    const at = (named: NamedType, path: string): string => (named.reference === null ? `${path}/${token}` : path)
    this.add('changed', type, at(older, olderPath), at(newer, newerPath), description)
  }

  private add(
    kind: SchemaChange['kind'],
    type: ChangeType,
    olderPath: string | null,
    newerPath: string | null,
    description: string,
  ): void {
    this.changes.push({ kind, type, olderPath, newerPath, description })
  }
}

const branchesOf = (type: AvroType, path: string): readonly { readonly type: AvroType; readonly path: string }[] =>
  type.kind === 'union'
    ? (type as UnionType).branches.map((branch, index) => ({
        type: branch,
        path: type.reference === null ? `${type.path}/${index}` : path,
      }))
    : [{ type, path }]

const isSameBranch = (left: AvroType, right: AvroType): boolean =>
  left.kind === right.kind &&
  (branchName(left) === branchName(right) ||
    (isNamed(left) &&
      isNamed(right) &&
      (left.name.name === right.name.name || right.aliases.some((alias) => alias.fullName === left.name.fullName))))

/** Its definition, or the place that names it where it stands in a referenced text. */
const own = (type: NamedType, path: string): string => (type.reference === null ? type.path : path)

function logicalTypeText(type: AvroType): string | null {
  const { logicalType } = type
  if (!logicalType) return null
  return logicalType.name === 'decimal' ? `decimal(${logicalType.precision}, ${logicalType.scale})` : logicalType.name
}

function sameProps(left: ReadonlyMap<string, JsonNode>, right: ReadonlyMap<string, JsonNode>): boolean {
  if (left.size !== right.size) return false
  return [...left].every(([key, value]) => right.has(key) && sameValue(value, right.get(key)!))
}

const sameList = (left: readonly string[], right: readonly string[]): boolean =>
  left.length === right.length && left.every((entry, index) => entry === right[index])

function shortly(node: JsonNode): string {
  const text = writeJson(node)
  return text.length > 40 ? `${text.slice(0, 39)}…` : text
}

/** In the middle of a sentence: "field 'a'", "enum Status". */
const lowered = (subject: string): string => subject.charAt(0).toLowerCase() + subject.slice(1)

function ordinal(index: number): string {
  const place = index + 1
  const suffix = place % 100 >= 11 && place % 100 <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][place % 10] ?? 'th')
  return `${place}${suffix}`
}
