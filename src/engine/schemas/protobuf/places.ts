/** Where things stand in a text: dotted names to ranges, and the outline. Both work on what could be read of a broken text. */
import type { OutlineEntry, SourceRange } from '../format'
import type { ProtoField, ProtoType } from './syntax/nodes'
import { fieldsOf } from './syntax/nodes'
import { readProto } from './syntax/parser'

/** The path of a field is its message's and its name; a oneof does not stand in it. 'package' is the package statement. */
export function locateInProto(text: string, path: string): SourceRange | null {
  const { file } = readProto(text)
  if (path === '') return file.syntax ?? file.package ?? file.types[0]?.nameRange ?? null
  const found = inTypes(file.types, path.split('.')) ?? inServices()
  if (found !== null) return found
  return path === 'package' ? (file.package?.nameRange ?? file.syntax ?? null) : null

  function inServices(): SourceRange | null {
    const [name, method] = path.split('.')
    const service = file.services.find((one) => one.name === name)
    if (service === undefined) return null
    if (method === undefined) return service.nameRange
    return service.methods.find((one) => one.name === method)?.nameRange ?? null
  }
}

function inTypes(types: readonly ProtoType[], [name, ...rest]: readonly string[]): SourceRange | null {
  for (const type of types) {
    if (type.name !== name) continue
    const [member] = rest
    if (member === undefined) return type.nameRange
    if (type.kind === 'enum') return type.values.find((value) => value.name === member) ?? null
    if (rest.length === 1) {
      const field = fieldsOf(type).find((one) => one.field.name === member)?.field
      if (field !== undefined) return field.group === null ? field : field.nameRange
      const oneof = type.oneofs.find((one) => one.name === member)
      if (oneof !== undefined) return oneof.nameRange
    }
    return inTypes(type.types, rest)
  }
  return null
}

export function outlineOfProto(text: string): readonly OutlineEntry[] {
  const { file } = readProto(text)
  const types = file.types.map((type) => entryOfType(type, ''))
  const services = file.services.map((service) => ({
    ...bare(service),
    detail: 'service',
    path: service.name,
    children: service.methods.map((method) => ({
      ...bare(method),
      detail: `${method.isRequestStream ? 'stream ' : ''}${method.request.name} → ${method.isResponseStream ? 'stream ' : ''}${method.response.name}`,
      path: `${service.name}.${method.name}`,
      children: [],
    })),
  }))
  return [...types, ...services].sort((a, b) => a.from - b.from)
}

const bare = ({ name, from, to }: SourceRange & { readonly name: string }) => ({ name, from, to })

function entryOfType(type: ProtoType, scope: string): OutlineEntry {
  const path = scope === '' ? type.name : `${scope}.${type.name}`
  if (type.kind === 'enum') {
    const children = type.values.map((value) => ({
      ...bare(value),
      detail: String(value.number),
      path: `${path}.${value.name}`,
      children: [],
    }))
    return { ...bare(type), detail: 'enum', path, children }
  }
  const groups = new Set<ProtoType>(fieldsOf(type).flatMap(({ field }) => field.group ?? []))
  const children = [
    ...type.fields.map((field) => entryOfField(field, path)),
    ...type.oneofs.map((oneof) => ({
      ...bare(oneof),
      detail: 'oneof',
      path: `${path}.${oneof.name}`,
      children: oneof.fields.map((field) => entryOfField(field, path)),
    })),
    ...type.types.filter((inner) => !groups.has(inner)).map((inner) => entryOfType(inner, path)),
  ]
  return { ...bare(type), detail: 'message', path, children: children.sort((a, b) => a.from - b.from) }
}

function entryOfField(field: ProtoField, scope: string): OutlineEntry {
  const type = field.mapKey === null ? field.type.name : `map<${field.mapKey.name}, ${field.type.name}>`
  const words = field.group === null ? type : `group ${field.group.name}`
  const path = `${scope}.${field.name}`
  const children = field.group === null ? [] : entryOfType(field.group, scope).children
  return { ...bare(field), detail: `${field.label === null ? '' : `${field.label} `}${words} = ${field.number}`, path, children }
}
