import { expect, it } from 'vitest'
import { ProducerKit } from '../../testing/producer-kit'
import { SchemasLog } from './schemas-log'

/** What happens to it as its own reader has it: all was read up to an end, or nothing that was read counts any more. */
interface Steps {
  position: number
  onCaughtUp(): void
  forget(): void
}

it('lets readers wait while the topic is read anew: of what is known by then most is missing', async () => {
  const client = await new ProducerKit().start()
  let resets = 0
  const log = new SchemasLog({
    client,
    reader: client,
    topic: '_schemas',
    replicationFactorMax: 1,
    usableTimeoutMs: 1_000,
    onRecord: () => undefined,
    onReset: () => {
      resets++
    },
  })
  const steps = log as unknown as Steps
  steps.onCaughtUp()
  await log.whenRead(1_000)
  steps.position = 7
  steps.forget()
  expect(resets).toBe(1)
  let isAnswered = false
  const reading = log.whenRead(1_000).then(() => {
    isAnswered = true
  })
  await new Promise((resolve) => setImmediate(resolve))
  expect(isAnswered).toBe(false)
  steps.onCaughtUp()
  await reading
  log.close()
})
