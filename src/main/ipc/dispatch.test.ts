import { expect, test } from 'vitest'
import type { CallName } from '../../shared/ipc/contract'
import { WorkbenchError } from '../../shared/ipc/errors'
import type { Logger } from '../../workbench/services'
import { dispatch, type Services } from './dispatch'

function setUp(service: (argument: unknown) => Promise<unknown>) {
  const errors: string[] = []
  const calls: [CallName, unknown][] = []
  const log: Logger = {
    debug: () => undefined,
    info: () => undefined,
    warn: () => undefined,
    error: (message) => void errors.push(message),
  }
  const serviceFor = async <N extends CallName>(name: N) =>
    ((argument: unknown) => {
      calls.push([name, argument])
      return service(argument)
    }) as Services[N]
  return { errors, calls, send: (name: unknown, argument?: unknown) => dispatch(name, argument, serviceFor, log) }
}

test('a valid call reaches its service and answers its value', async () => {
  const { calls, send } = setUp(async () => 'done')
  expect(await send('cluster.killBroker', { brokerId: 2 })).toEqual({ ok: true, value: 'done' })
  expect(calls).toEqual([['cluster.killBroker', { brokerId: 2 }]])
})

test.each([
  ['cluster.killBroker', { brokerId: '2' }],
  ['cluster.killBroker', { brokerId: 2, force: true }],
  ['cluster.killBroker', undefined],
  ['cluster.view', 1],
  ['topics.create', { name: 'a', partitionCount: 0, replicationFactor: 1, configs: {} }],
])('a wrong argument of %s reaches no service', async (name, argument) => {
  const { calls, errors, send } = setUp(async () => 'done')
  expect(await send(name, argument)).toMatchObject({ ok: false, error: { kind: 'bug', code: 'INVALID_ARGUMENT' } })
  expect(calls).toEqual([])
  expect(errors).toHaveLength(1)
})

test.each(['cluster.explode', 'toString', '__proto__', 7, null])('what is not of the contract (%s) is refused', async (name) => {
  const { calls, send } = setUp(async () => 'done')
  expect(await send(name)).toMatchObject({ ok: false, error: { code: 'UNKNOWN_CALL' } })
  expect(calls).toEqual([])
})

test('an expected failure crosses as it is and is not logged as a fault', async () => {
  const { errors, send } = setUp(async () => {
    throw new WorkbenchError('protocol', 'TOPIC_ALREADY_EXISTS', 'There is a topic orders.')
  })
  expect(await send('topics.delete', { topic: 'orders' })).toEqual({
    ok: false,
    error: { kind: 'protocol', code: 'TOPIC_ALREADY_EXISTS', message: 'There is a topic orders.', cause: null },
  })
  expect(errors).toEqual([])
})

test('anything else thrown is a fault of ours, logged once', async () => {
  const { errors, send } = setUp(async () => {
    throw new TypeError('undefined is not a function')
  })
  expect(await send('cluster.view')).toMatchObject({ ok: false, error: { kind: 'bug', message: 'undefined is not a function' } })
  expect(errors).toHaveLength(1)
})
