/** The produce runs under way. Lives in the clients worker. */
import type { KafkaClient } from '../../engine/client'
import type { ClientHandlers } from '../rpc'
import type { Emit } from '../services'
import { ProducerRun } from './producer-run'
import { type EncoderFor, prepareRecords } from './record-encoder'

export function createProducingService(
  client: KafkaClient,
  emit: Emit,
  encoderFor: EncoderFor,
): Pick<ClientHandlers, 'produce.start' | 'produce.cancel'> {
  const runs = new Map<number, ProducerRun>()
  let nextId = 1
  return {
    'produce.start': async (input) => {
      const recordAt = await prepareRecords(input, encoderFor)
      const id = nextId++
      const run = new ProducerRun(id, client, input, recordAt, (progress) => emit('produce.progress', progress))
      runs.set(id, run)
      // It reports its own failures as progress.
      void run.run().finally(() => runs.delete(id))
      return { runId: id }
    },
    // One that has ended by now has nothing left to cancel.
    'produce.cancel': ({ runId }) => runs.get(runId)?.cancel() as undefined,
  }
}
