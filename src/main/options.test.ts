import { describe, expect, test } from 'vitest'
import { readLaunchOptions } from './options'

describe('launch options', () => {
  test('are all left to the workbench when nothing is said', () => {
    expect(readLaunchOptions(['.'], {})).toEqual({
      dataDirectory: null,
      brokerCount: null,
      brokerPorts: null,
      coordinationPort: null,
      registryPort: null,
      problems: [],
    })
  })

  test('are read in both spellings, among arguments that are not ours', () => {
    const options = readLaunchOptions(['--no-sandbox', '.', '--data-dir=/a b', '--port', '9092,9192', '--inspect=0'], {})
    expect(options.dataDirectory).toBe('/a b')
    expect(options.brokerPorts).toEqual([9092, 9192])
  })

  test('come from the environment, and the command line wins', () => {
    const env = {
      BROKER_WORKBENCH_DATA_DIR: '/env',
      BROKER_WORKBENCH_PORT: '0',
      BROKER_WORKBENCH_COORDINATION_PORT: '0',
      BROKER_WORKBENCH_REGISTRY_PORT: '0',
      BROKER_WORKBENCH_BROKERS: '5',
    }
    const options = readLaunchOptions(['--data-dir=/line'], env)
    expect(options).toEqual({
      dataDirectory: '/line',
      brokerCount: 5,
      brokerPorts: [0],
      coordinationPort: 0,
      registryPort: 0,
      problems: [],
    })
  })

  test.each(['70000', '-1', '90a', '1.5', ''])('a port of "%s" is ignored and told', (value) => {
    const options = readLaunchOptions([`--port=${value}`], {})
    expect(options.brokerPorts).toBeNull()
    expect(options.problems).toEqual([`--port takes numbers from 0 to 65535; "${value}" is ignored.`])
  })
})
