/** `/schemas…`: by id, by GUID, and all of them. */
import { schemaTypes } from '../../formats'
import { schemaNotFound } from '../errors'
import type { StoredSchema } from '../model'
import { findById, placesOf } from '../operations/lookup'
import { contextOf, matchesPrefix } from '../subject-name'
import { schemaBody, schemaStringBody } from './bodies'
import { inFormat } from './formats'
import { page, parseInteger } from './request'
import { type Call, RawText, type Route, route } from './router'

/** Confluent's schema.search.max.limit. */
const searchLimitMax = 1_000

export const schemaRoutes: readonly Route[] = [
  route('GET', 'schemas', listSchemas),
  route('GET', 'schemas/types', () => schemaTypes),
  route('GET', 'schemas/ids/:id', getById),
  route('GET', 'schemas/ids/:id/schema', getTextById),
  route('GET', 'schemas/ids/:id/subjects', subjectsOfId),
  route('GET', 'schemas/ids/:id/versions', versionsOfId),
  route('GET', 'schemas/guids/:guid', getByGuid),
  route('GET', 'schemas/guids/:guid/ids', idsOfGuid),
]

function listSchemas({ registry, query }: Call): Promise<readonly object[]> {
  return registry.read(({ state }) => {
    const prefix = query.text('subjectPrefix') ?? ''
    const [deleted, latestOnly] = [query.flag('deleted'), query.flag('latestOnly')]
    const found: StoredSchema[] = []
    for (const subject of state.subjects()) {
      if (prefix !== '' && !matchesPrefix(subject, prefix)) continue
      const shown = state.versions(subject).filter((schema) => deleted || !schema.isDeleted)
      found.push(...(latestOnly ? shown.slice(-1) : shown))
    }
    return page(found, query, searchLimitMax).map((schema) => schemaBody(schema))
  })
}

function getById({ registry, query, param }: Call): Promise<object> {
  const id = parseInteger(param('id'))
  const subject = query.text('subject') ?? ''
  return registry.read((context) => {
    const schema = findById(context.state, id, subject)
    const maxId = query.flag('fetchMaxId') ? context.state.maxId(contextOf(schema.subject)) : null
    return schemaStringBody(schema, inFormat(context, schema, query.text('format')), subject !== '', maxId)
  })
}

function getTextById({ registry, query, param }: Call): Promise<RawText> {
  const id = parseInteger(param('id'))
  return registry.read((context) => {
    const schema = findById(context.state, id, query.text('subject') ?? '')
    return new RawText(inFormat(context, schema, query.text('format')))
  })
}

function subjectsOfId({ registry, query, param }: Call): Promise<readonly string[]> {
  const id = parseInteger(param('id'))
  return registry.read(({ state }) => {
    const places = placesOf(state, id, query.text('subject') ?? '', query.flag('deleted'))
    return page([...new Set(places.map(({ subject }) => subject))], query)
  })
}

function versionsOfId({ registry, query, param }: Call): Promise<readonly object[]> {
  const id = parseInteger(param('id'))
  return registry.read(({ state }) => {
    const places = placesOf(state, id, query.text('subject') ?? '', query.flag('deleted'))
    return page(
      places.map(({ subject, version }) => ({ subject, version })),
      query,
    )
  })
}

/** The same schema has the same GUID in every context; any of them will do. */
function getByGuid({ registry, query, param }: Call): Promise<object> {
  return registry.read((context) => {
    const { state } = context
    for (const name of state.contextNames()) {
      const entry = state.byGuid(name, param('guid').toLowerCase())
      const [schema] = entry === undefined ? [] : state.schemasOf(entry)
      if (schema !== undefined) return schemaStringBody(schema, inFormat(context, schema, query.text('format')), false, null)
    }
    throw schemaNotFound()
  })
}

function idsOfGuid({ registry, param }: Call): Promise<readonly object[]> {
  return registry.read(({ state }) => {
    const guid = param('guid').toLowerCase()
    const ids = state.contextNames().flatMap((context) => state.idsOfGuid(context, guid).map((id) => ({ context, id })))
    if (ids.length === 0) throw schemaNotFound()
    return ids
  })
}
