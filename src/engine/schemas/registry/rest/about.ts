/** What the registry says of itself, and its contexts. */
import { deleteContext } from '../operations/delete'
import { page } from './request'
import { type Call, noContent, type Route, route } from './router'

/** Of Confluent's API, not of this product: clients compare it to know what they may ask for. */
const apiVersion = '8.1.0'

export const aboutRoutes: readonly Route[] = [
  route('GET', '', () => ({})),
  route('POST', '', () => ({})),
  route('GET', 'contexts', listContexts),
  route('DELETE', 'contexts/:context', removeContext),
  route('GET', 'v1/metadata/id', ({ registry }) => ({
    scope: { path: [], clusters: { 'kafka-cluster': registry.clusterId() ?? '', 'schema-registry-cluster': 'schema-registry' } },
    id: '',
  })),
  route('GET', 'v1/metadata/version', () => ({ version: apiVersion, commitId: '' })),
  route('GET', 'v1/metadata/deployment', () => ({ attributes: [] })),
]

function listContexts({ registry, query }: Call): Promise<readonly string[]> {
  const prefix = query.text('contextPrefix') ?? ''
  return registry.read(({ state }) =>
    page(
      state.contextNames().filter((name) => name.startsWith(prefix)),
      query,
    ),
  )
}

async function removeContext({ registry, param }: Call): Promise<typeof noContent> {
  await registry.write((context) => deleteContext(context, param('context')))
  return noContent
}
