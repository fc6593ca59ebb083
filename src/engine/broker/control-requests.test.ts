/** What keeps the controller's requests in order, and long ones from holding the thread; and how a broker asks to stop. */
import { describe, expect, it } from 'vitest'
import { ClientError } from '../client/errors'
import { FakeReplicas, handleAsync, metadataOf } from '../testing/handler-kit'
import { RecordingLogger, StillClock } from '../testing/storage-kit'
import { ErrorCode } from '../wire/errors'
import { ConfigStore } from './config-store'
import { ControlQueue } from './control-queue'
import { controlledShutdown } from './controlled-shutdown'
import { leaderAndIsrHandler } from './handlers/04-leader-and-isr'
import { stopReplicaHandler } from './handlers/05-stop-replica'
import { updateMetadataHandler } from './handlers/06-update-metadata'
import { Purgatory } from './purgatory'
import { inTimeSlices } from './time-slices'

describe('ControlQueue', () => {
  it('keeps the order although a step has to wait, and goes on behind one that fails', async () => {
    const queue = new ControlQueue()
    const done: number[] = []
    let release = () => undefined as unknown
    const first = queue.run(async () => {
      await new Promise<void>((resolve) => {
        release = resolve
      })
      done.push(1)
    })
    const second = queue.run(() => Promise.reject(new Error('refused')))
    const third = queue.run(() => void done.push(3))
    expect(done).toEqual([])
    release()
    await first
    await expect(second).rejects.toThrow('refused')
    await third
    expect(done).toEqual([1, 3])
  })

  it('does at once what waits for nothing', () => {
    let isDone = false
    void new ControlQueue().run(() => {
      isDone = true
    })
    expect(isDone).toBe(true)
  })
})

describe('inTimeSlices', () => {
  it('lets others have their turn, and keeps the order', async () => {
    const clock = new StillClock()
    const done: string[] = []
    const ended = inTimeSlices(clock, ['a', 'b', 'c', 'd'], (item) => {
      clock.now += 15
      done.push(item)
    })
    expect(done).toEqual(['a', 'b'])
    await ended
    expect(done).toEqual(['a', 'b', 'c', 'd'])
  })

  it('is done at once with what is quick, and passes on what fails', async () => {
    const clock = new StillClock()
    expect(inTimeSlices(clock, [1, 2, 3], () => undefined)).toBe(undefined)
    const slow = (item: number) => {
      clock.now += 100
      if (item === 2) throw new Error('no')
    }
    await expect(inTimeSlices(clock, [1, 2, 3], slow)).rejects.toThrow('no')
  })
})

describe('requests of a controller that has been replaced', () => {
  const replicas = new FakeReplicas()
  replicas.admitController = ({ controllerEpoch }) => (controllerEpoch < 5 ? ErrorCode.STALE_CONTROLLER_EPOCH : ErrorCode.NONE)
  const logger = new RecordingLogger()
  const configs = new ConfigStore({
    ...{ brokerId: 1, staticConfigs: {}, logger, onDidChange: () => undefined, onDidAlter: () => undefined },
    coordination: () => {
      throw new Error('nothing is read for a request without topics')
    },
  })
  const clock = new StillClock()
  const fetches = new Purgatory(clock)
  const services = {
    replicas,
    metadata: metadataOf(1),
    configs,
    controlQueue: new ControlQueue(),
    fetches,
    logger,
    clock,
    coordinators: { onDidDeleteTopics: () => undefined },
  }
  const request = { controllerId: 1, controllerEpoch: 4, brokerEpoch: 1, topicStates: [] }

  it.each([
    ['LeaderAndIsr', () => handleAsync(leaderAndIsrHandler(services), { ...request, liveLeaders: [] })],
    ['StopReplica', () => handleAsync(stopReplicaHandler(services), request)],
    ['UpdateMetadata', () => handleAsync(updateMetadataHandler(services), { ...request, liveBrokers: [] })],
  ])('are refused where they name no partition, too: %s', async (_, ask) => {
    expect((await ask()).errorCode).toBe(ErrorCode.STALE_CONTROLLER_EPOCH)
  })
})

describe('a controlled shutdown', () => {
  const answers = async (given: (object | Error)[]) => {
    const clock = new StillClock()
    const logger = new RecordingLogger()
    let asked = 0
    const request = () => {
      const answer = given[asked++]!
      // The pause between two attempts is the clock's.
      queueMicrotask(() => queueMicrotask(() => queueMicrotask(() => clock.advance(500))))
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)
    }
    const remaining = await controlledShutdown({
      ...{ clock, logger, link: { request: request as never }, brokerId: 1, brokerEpoch: 5 },
      ...{ attemptsMax: 3, backoffMs: 500 },
    })
    return [remaining, asked]
  }
  const left = (count: number) => ({ errorCode: ErrorCode.NONE, remainingPartitions: Array(count).fill({}) })

  it('asks until nothing is left', async () => expect(await answers([left(2), left(0)])).toEqual([0, 2]))
  it('gives up after its attempts, and tells what is left', async () =>
    expect(await answers([left(2), left(1), left(1)])).toEqual([1, 3]))
  it('ends although no controller answers', async () => {
    const lost = new ClientError('connection', 'lost', true)
    expect(await answers([lost, { errorCode: ErrorCode.NOT_CONTROLLER }, lost])).toEqual([-1, 3])
  })
})
