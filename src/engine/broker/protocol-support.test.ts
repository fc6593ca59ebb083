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

const configsWith = (transactionVersion: number) => ({
  brokerNumber: (name: string) => (name === 'transaction.version' ? transactionVersion : 1),
})

function apiVersionsOf(of: HandlerRegistry, transactionVersion: number, version: number) {
  const handler = apiVersionsHandler({ registry: of, configs: configsWith(transactionVersion) })
  return handle(handler, { clientSoftwareName: 'test', clientSoftwareVersion: '1.0' }, version).response
}

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

const groupVersion = { name: 'group.version', minVersion: 0, maxVersion: 1 }
const groupVersionLevel = { name: 'group.version', minVersionLevel: 1, maxVersionLevel: 1 }

describe('the registry', () => {
  it('is what the documentation says', () => {
    expect(documentedRows()).toEqual(registry.ranges())
  })

  it('has a handler for every API that the wire declares', () => {
    expect(registry.ranges().map(({ apiKey }) => apiKey)).toEqual(ALL_APIS.map(({ key }) => key).sort((a, b) => a - b))
  })

  it('is what ApiVersions answers, with the one lie that librdkafka needs', () => {
    const response = apiVersionsOf(registry, 0, 4)
    expect(response?.apiKeys).toContainEqual(expect.objectContaining({ apiKey: 0, minVersion: 0, maxVersion: 11 }))
    expect(response?.apiKeys).toHaveLength(registry.ranges().length)
    expect(response?.supportedFeatures).toEqual([groupVersion])
    expect(response?.finalizedFeatures).toEqual([groupVersionLevel])
  })

  it('serves the transactions of KIP-890 where their feature is finalized, and says so', () => {
    const ofVersion2 = new HandlerRegistry()
    registerHandlers(ofVersion2, { registry: ofVersion2, configs: configsWith(2) } as unknown as BrokerServices)
    const response = apiVersionsOf(ofVersion2, 2, 4)
    for (const [apiKey, maxVersion] of [
      [0, 12],
      [26, 5],
      [28, 5],
    ] as const) {
      expect(response?.apiKeys).toContainEqual(expect.objectContaining({ apiKey, maxVersion }))
      expect(registry.find(apiKey)?.maxVersion).toBe(maxVersion - 1)
    }
    const finalized = [groupVersionLevel, { name: 'transaction.version', minVersionLevel: 2, maxVersionLevel: 2 }]
    expect(response?.finalizedFeatures).toEqual(finalized)
    expect(response?.supportedFeatures).toEqual([groupVersion, { name: 'transaction.version', minVersion: 0, maxVersion: 2 }])
    // Clients of then cannot read a range that begins with 0 (KAFKA-17011).
    expect(apiVersionsOf(ofVersion2, 2, 3)).toMatchObject({ supportedFeatures: [], finalizedFeatures: finalized })
  })

  it('refuses a second handler for a key, and versions that the codec does not have', () => {
    const handler = apiVersionsHandler({ registry, configs: configsWith(0) })
    expect(() => registry.register(handler)).toThrow(/two handlers/)
    expect(() => new HandlerRegistry().register({ ...handler, maxVersion: ApiVersions.maxVersion + 1 })).toThrow(
      /claims versions/,
    )
  })
})
