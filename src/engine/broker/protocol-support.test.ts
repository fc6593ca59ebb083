/** Holds docs/protocol-support.md against the registry: what is written there is what ApiVersions says. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { handle } from '../testing/handler-kit'
import { ALL_APIS, ApiVersions } from '../wire/messages'
import { registerHandlers } from './handlers'
import { apiVersionsHandler } from './handlers/18-api-versions'
import { HandlerRegistry } from './registry'
import type { BrokerServices } from './services'

const registry = new HandlerRegistry()
// Handlers look at their services when they are asked, but for one setting.
registerHandlers(registry, { registry, configs: { brokerNumber: () => 1 } } as unknown as BrokerServices)

function documentedRows() {
  const text = readFileSync(new URL('../../../docs/protocol-support.md', import.meta.url), 'utf8')
  return [...text.matchAll(/^\| (\d+) \| (\w+) \| (\d+)–(\d+) \| (\d+) \|/gm)].map((match) => ({
    apiKey: Number(match[1]),
    name: match[2],
    minVersion: Number(match[3]),
    maxVersion: Number(match[4]),
    advertisedMinVersion: Number(match[5]),
  }))
}

describe('the registry', () => {
  it('is what the documentation says', () => {
    expect(documentedRows()).toEqual(registry.ranges())
  })

  it('has a handler for every API that the wire declares', () => {
    expect(registry.ranges().map(({ apiKey }) => apiKey)).toEqual(ALL_APIS.map(({ key }) => key).sort((a, b) => a - b))
  })

  it('is what ApiVersions answers, with the one lie that librdkafka needs', () => {
    const { response } = handle(apiVersionsHandler({ registry }), { clientSoftwareName: 'test', clientSoftwareVersion: '1.0' }, 4)
    expect(response?.apiKeys).toContainEqual(expect.objectContaining({ apiKey: 0, minVersion: 0, maxVersion: 11 }))
    expect(response?.apiKeys).toHaveLength(registry.ranges().length)
    expect(response?.supportedFeatures).toEqual([])
  })

  it('refuses a second handler for a key, and versions that the codec does not have', () => {
    const handler = apiVersionsHandler({ registry })
    expect(() => registry.register(handler)).toThrow(/two handlers/)
    expect(() => new HandlerRegistry().register({ ...handler, maxVersion: ApiVersions.maxVersion + 1 })).toThrow(
      /claims versions/,
    )
  })
})
