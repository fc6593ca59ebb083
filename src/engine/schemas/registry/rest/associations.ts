/**
 * `/associations…`: which subject goes with which resource. Serializers of version 8 ask for a topic's associations before anything else and
 * go by the topic's name where there is none.
 */
import { badRequest } from '../errors'
import type { Association } from '../model'
import { associate, dissociate, findAssociations, readAssociationRequest } from '../operations/associate'
import { aliased } from '../operations/lookup'
import { isObject } from '../values'
import { jsonBody, page } from './request'
import { type Call, noContent, type Route, route } from './router'

export const associationRoutes: readonly Route[] = [
  route('GET', 'associations/subjects/:subject', bySubject),
  route('GET', 'associations/resources/:namespace/:name', byName),
  route('GET', 'associations/resources/:id', byId),
  route('PUT', 'associations/resources/:id', putOne),
  route('DELETE', 'associations/resources/:id', remove),
  route('POST', 'associations', putOne),
  route('POST', 'associations:batchGet', batchGet),
  route('POST', 'associations:batchMutate', batchMutate),
]

function filters({ query }: Call) {
  const [resourceType, lifecycle] = [query.text('resourceType'), query.text('lifecycle')]
  const types = query.all('associationType')
  return (association: Association) =>
    (resourceType === null || association.resourceType === resourceType) &&
    (lifecycle === null || association.lifecycle === lifecycle.toUpperCase()) &&
    (types.length === 0 || types.includes(association.associationType))
}

function bySubject(call: Call): Promise<readonly Association[]> {
  return call.registry.read(({ state }) => {
    const subject = aliased(state, call.param('subject'))
    return page(findAssociations(state, (association) => association.subject === subject).filter(filters(call)), call.query)
  })
}

/** `-` is any namespace. */
function byName(call: Call): Promise<readonly Association[]> {
  const [namespace, name] = [call.param('namespace'), call.param('name')]
  return call.registry.read(({ state }) => {
    const isMeant = (association: Association) =>
      association.resourceName === name && (namespace === '-' || association.resourceNamespace === namespace)
    return page(findAssociations(state, isMeant).filter(filters(call)), call.query)
  })
}

function byId(call: Call): Promise<readonly Association[]> {
  const id = call.param('id')
  return call.registry.read(({ state }) =>
    page(findAssociations(state, ({ resourceId }) => resourceId === id).filter(filters(call)), call.query),
  )
}

async function putOne({ registry, request, query, param }: Call): Promise<object> {
  const asked = readAssociationRequest({ ...jsonBody(request), ...(param('id') === '' ? {} : { resourceId: param('id') }) })
  return registry.write((context) => associate(context, asked, query.flag('dryRun')))
}

async function remove(call: Call): Promise<typeof noContent> {
  const { registry, query, param } = call
  const cascade = query.flag('cascadeLifecycle')
  await registry.write((context) => dissociate(context, param('id'), filters(call), cascade))
  return noContent
}

function batchGet({ registry, request }: Call): Promise<object> {
  const { resources = jsonBody(request)['requests'] } = jsonBody(request)
  if (!Array.isArray(resources)) throw badRequest('"requests" must be a list')
  return registry.read(({ state }) => ({
    results: (resources as unknown[]).map((asked) => {
      const { resourceName, resourceNamespace = '-', resourceId } = isObject(asked) ? asked : {}
      const found = findAssociations(
        state,
        (association) =>
          (resourceId !== undefined && association.resourceId === resourceId) ||
          (association.resourceName === resourceName &&
            (resourceNamespace === '-' || association.resourceNamespace === resourceNamespace)),
      )
      return { associations: found }
    }),
  }))
}

/** One by one: what one of them may not do does not keep the others from it. */
async function batchMutate({ registry, request, query }: Call): Promise<object> {
  const { requests } = jsonBody(request)
  if (!Array.isArray(requests)) throw badRequest('"requests" must be a list')
  const results: object[] = []
  for (const asked of requests as unknown[]) {
    try {
      const read = readAssociationRequest(isObject(asked) ? asked : {})
      results.push({ result: await registry.write((context) => associate(context, read, query.flag('dryRun'))) })
    } catch (error) {
      const { errorCode = 500, message } = error as { errorCode?: number; message: string }
      results.push({ error: { error_code: errorCode, message } })
    }
  }
  return { results }
}
