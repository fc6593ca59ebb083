/**
 * Tags of a version: a new version with the same schema, whose metadata says which tags are on which path. Confluent's also writes them into
 * the schema's text, where a rule of a serializer would find them; here they stand in the metadata alone.
 */
import { badRequest } from '../errors'
import type { Metadata } from '../model'
import { aliased, findVersion, parseVersion } from '../operations/lookup'
import { mergeMetadata, mergeRuleSets } from '../operations/prepare'
import { register } from '../operations/register'
import { isObject, readMetadata, readRuleSet, stringsOf } from '../values'
import { schemaBody } from './bodies'
import { jsonBody } from './request'
import type { Call } from './router'

export async function tagVersion({ registry, request, query, param }: Call): Promise<object> {
  const body = jsonBody(request)
  const version = parseVersion(param('version'))
  const { newVersion = 0 } = body
  if (typeof newVersion !== 'number') throw badRequest('"newVersion" must be an integer')
  const { schema, isNew } = await registry.write((context) => {
    const base = findVersion(context.state, aliased(context.state, param('subject')), version, false)
    const given = mergeMetadata(base.metadata, readMetadata(body['metadata']))
    const asked = {
      ...base,
      metadata: withTags(given, tagsOf(body['tagsToAdd']), tagsOf(body['tagsToRemove'])),
      ruleSet: mergeRuleSets(base.ruleSet, readRuleSet(body['ruleSet'] ?? body['rulesToMerge'])),
      version: Math.max(0, newVersion),
      id: -1,
    }
    return register(context, base.subject, asked, { normalize: query.flag('normalize'), force: false })
  })
  if (isNew) registry.tell({ type: 'schema-registered', subject: schema.subject, version: schema.version, id: schema.id })
  return schemaBody(schema)
}

type Tagging = readonly (readonly [path: string, tags: readonly string[]])[]

function tagsOf(given: unknown): Tagging {
  if (!Array.isArray(given)) return []
  return (given as unknown[]).flatMap((entry) => {
    const entity = isObject(entry) ? entry['schemaEntity'] : null
    const path = isObject(entity) ? entity['entityPath'] : null
    return isObject(entry) && typeof path === 'string' ? [[path, stringsOf(entry['tags'])] as const] : []
  })
}

function withTags(metadata: Metadata | null, added: Tagging, removed: Tagging): Metadata | null {
  const tags = new Map(Object.entries(metadata?.tags ?? {}).map(([path, names]) => [path, new Set(names)]))
  for (const [path, names] of added) tags.set(path, new Set([...(tags.get(path) ?? []), ...names]))
  for (const [path, names] of removed) for (const name of names) tags.get(path)?.delete(name)
  const entries = [...tags].filter(([, names]) => names.size > 0).map(([path, names]) => [path, [...names]] as const)
  return readMetadata({ ...metadata, tags: Object.fromEntries(entries) })
}
