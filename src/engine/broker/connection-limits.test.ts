/** Limits of connections: what may be set, so that a cluster is not shut up for good, and what counts for an address. */
import { describe, expect, it } from 'vitest'
import { SteadyCoordination } from '../controller/coordination-port'
import { FakeCoordination, FakeSession } from '../testing/fake-coordination'
import { RecordingLogger } from '../testing/storage-kit'
import { ErrorCode } from '../wire/errors'
import { alterResource, ResourceType } from './config-changes'
import { ConfigStore } from './config-store'
import { connectionsMaxOf } from './connection-limits'

const LIMIT = 'max.connections.per.ip'
const OVERRIDES = 'max.connections.per.ip.overrides'

async function newServices() {
  const session = new FakeSession(new FakeCoordination(), 1n)
  for (const path of ['/config/topics', '/config/brokers', '/config/groups', '/config/changes']) await session.ensurePath(path)
  const logger = new RecordingLogger()
  const configs = new ConfigStore({
    ...{ brokerId: 1, staticConfigs: {}, logger, onDidChange: () => undefined, onDidAlter: () => undefined },
    coordination: () => new SteadyCoordination(session),
  })
  await configs.load()
  return { metadata: {} as never, configs, brokerId: 1, logger }
}

describe('limits of connections', () => {
  it('cannot shut out everybody, whichever of the two is changed', async () => {
    const services = await newServices()
    const alter = async (resourceName: string, values: Record<string, string>) => {
      const change = { kind: 'replace', configs: values } as const
      return alterResource(services, { resourceType: ResourceType.BROKER, resourceName }, change, false)
    }
    const refused = {
      errorCode: ErrorCode.INVALID_CONFIG,
      errorMessage: `${LIMIT} can be set to zero only if ${OVERRIDES} property is set.`,
    }
    for (const resourceName of ['', '1']) {
      expect(await alter(resourceName, { [LIMIT]: '0' })).toMatchObject(refused)
      expect(await alter(resourceName, { [LIMIT]: '1' })).toMatchObject({ errorCode: ErrorCode.NONE })
    }
    const both = { [LIMIT]: '0', [OVERRIDES]: '127.0.0.1:5' }
    expect(await alter('1', both)).toMatchObject({ errorCode: ErrorCode.NONE })
    expect([connectionsMaxOf(services.configs, '127.0.0.1'), connectionsMaxOf(services.configs, '10.0.0.1')]).toEqual([5, 0])
    expect(await alter('1', { [LIMIT]: '0' })).toMatchObject(refused)
    expect(await alter('1', {})).toMatchObject({ errorCode: ErrorCode.NONE })
    expect(connectionsMaxOf(services.configs, '10.0.0.1')).toBe(1)
  })

  it('are refused where an exception is none', async () => {
    const services = await newServices()
    for (const value of ['127.0.0.1', ':5', '10.0.0.1:many', '10.0.0.1:1,x']) {
      const change = { kind: 'replace', configs: { [OVERRIDES]: value } } as const
      const resource = { resourceType: ResourceType.BROKER, resourceName: '' }
      expect((await alterResource(services, resource, change, true)).errorCode, value).toBe(ErrorCode.INVALID_CONFIG)
    }
  })
})
