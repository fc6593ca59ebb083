/** `/subjects…`: registration, look-up, versions, deletion. */
import { invalidSubject, schemaNotFound, subjectNotFound } from '../errors'
import type { StoredSchema } from '../model'
import { deleteSubject, deleteVersion } from '../operations/delete'
import { aliased, findVersion, findWithProperties, liveVersions, parseVersion, resolveSubject } from '../operations/lookup'
import type { OperationContext } from '../operations/operation'
import { findSame, register } from '../operations/register'
import { matchesPrefix, normalSubject } from '../subject-name'
import { schemaBody, schemaRequest } from './bodies'
import { inFormat } from './formats'
import { jsonBody, page } from './request'
import { type Call, RawText, type Route, route } from './router'
import { tagVersion } from './tags'

export const subjectRoutes: readonly Route[] = [
  route('GET', 'subjects', listSubjects),
  route('POST', 'subjects/:subject', lookUp),
  route('DELETE', 'subjects/:subject', removeSubject),
  route('GET', 'subjects/:subject/metadata', withMetadata),
  route('GET', 'subjects/:subject/versions', listVersions),
  route('POST', 'subjects/:subject/versions', registerVersion),
  route('GET', 'subjects/:subject/versions/:version', getVersion),
  route('GET', 'subjects/:subject/versions/:version/schema', getSchemaText),
  route('GET', 'subjects/:subject/versions/:version/referencedby', referencedBy),
  route('DELETE', 'subjects/:subject/versions/:version', removeVersion),
  route('POST', 'subjects/:subject/versions/:version/tags', tagVersion),
]

function listSubjects({ registry, query }: Call): Promise<readonly string[]> {
  return registry.read(({ state }) => {
    const prefix = query.text('subjectPrefix') ?? ':*:'
    const [deletedOnly, deleted] = [query.flag('deletedOnly'), query.flag('deleted')]
    const isShown = (subject: string) => {
      const hasLive = state.versions(subject).some((schema) => !schema.isDeleted)
      return deletedOnly ? !hasLive : deleted || hasLive
    }
    return page(
      state.subjects().filter((subject) => matchesPrefix(subject, prefix) && isShown(subject)),
      query,
    )
  })
}

function lookUp({ registry, query, request, param }: Call): Promise<object> {
  const asked = schemaRequest(jsonBody(request))
  return registry.read((context) => {
    const { state } = context
    const withDeleted = query.flag('deleted')
    const subject = resolveSubject(state, param('subject'))
    const shown = withDeleted ? state.versions(subject) : liveVersions(state, subject)
    if (shown.length === 0) throw subjectNotFound(subject)
    const found = findSame(context, subject, asked, { normalize: query.flag('normalize'), withDeleted })
    if (found === undefined) throw schemaNotFound()
    return answer(context, found, query.text('format'))
  })
}

async function registerVersion({ registry, query, request, param }: Call): Promise<object> {
  const asked = schemaRequest(jsonBody(request))
  const options = { normalize: query.flag('normalize'), force: query.flag('force') }
  const { schema, isNew } = await registry.write((context) => register(context, param('subject'), asked, options))
  if (isNew) registry.tell({ type: 'schema-registered', subject: schema.subject, version: schema.version, id: schema.id })
  return registry.read((context) => answer(context, schema, query.text('format')))
}

async function removeSubject({ registry, query, param }: Call): Promise<readonly number[]> {
  const permanent = query.flag('permanent')
  const versions = await registry.write((context) => deleteSubject(context, param('subject'), permanent))
  registry.tell({ type: 'schemas-deleted', subject: normalSubject(param('subject')), versions, permanent })
  return versions
}

async function removeVersion({ registry, query, param }: Call): Promise<number> {
  const permanent = query.flag('permanent')
  const asked = parseVersion(param('version'))
  const version = await registry.write((context) => deleteVersion(context, param('subject'), asked, permanent))
  registry.tell({ type: 'schemas-deleted', subject: normalSubject(param('subject')), versions: [version], permanent })
  return version
}

function withMetadata({ registry, query, param }: Call): Promise<object> {
  const [keys, values] = [query.all('key'), query.all('value')]
  return registry.read((context) => {
    const subject = resolveSubject(context.state, param('subject'))
    const withDeleted = query.flag('deleted')
    if (context.state.versions(subject).length === 0) throw subjectNotFound(subject)
    const wanted = keys.map((key, index) => [key, values[index] ?? ''] as const)
    const found = findWithProperties(context.state, subject, wanted, withDeleted)
    if (found === undefined) throw schemaNotFound()
    return answer(context, found, query.text('format'))
  })
}

function listVersions({ registry, query, param }: Call): Promise<readonly number[]> {
  return registry.read(({ state }) => {
    const subject = resolveSubject(state, param('subject'))
    const all = state.versions(subject)
    const asNegative = query.flag('deletedAsNegative')
    const shown = query.flag('deletedOnly')
      ? all.filter((schema) => schema.isDeleted)
      : query.flag('deleted') || asNegative
        ? all
        : liveVersions(state, subject)
    if (shown.length === 0) throw subjectNotFound(subject)
    return page(
      shown.map(({ version, isDeleted }) => (isDeleted && asNegative ? -version : version)),
      query,
    )
  })
}

function findAsked(context: OperationContext, { query, param }: Call): StoredSchema {
  const version = parseVersion(param('version'))
  if (param('subject') === ':.:') throw invalidSubject(param('subject'))
  return findVersion(context.state, resolveSubject(context.state, param('subject')), version, query.flag('deleted'))
}

function getVersion(call: Call): Promise<object> {
  return call.registry.read((context) => answer(context, findAsked(context, call), call.query.text('format')))
}

function getSchemaText(call: Call): Promise<RawText> {
  return call.registry.read((context) => new RawText(inFormat(context, findAsked(context, call), call.query.text('format'))))
}

function referencedBy(call: Call): Promise<readonly number[]> {
  return call.registry.read((context) => {
    const { state } = context
    const subject = aliased(state, call.param('subject'))
    const schema = findVersion(state, resolveSubject(state, subject), parseVersion(call.param('version')), true)
    const withDeleted = call.query.flag('deleted')
    const referrers = state.referrersOf(schema.subject, schema.version).filter((referrer) => withDeleted || !referrer.isDeleted)
    return page(
      [...new Set(referrers.map(({ id }) => id))].sort((a, b) => a - b),
      call.query,
    )
  })
}

function answer(context: OperationContext, schema: StoredSchema, format: string | null): object {
  return schemaBody(schema, inFormat(context, schema, format))
}
