/** The `produce.` calls: runs, previews, lines of files, and what is saved. Lives in the clients worker. */
import { join } from 'node:path'
import type { KafkaClient } from '../../engine/client'
import { WorkbenchError } from '../../shared/ipc/errors'
import { partitionForKey } from '../../shared/lang/murmur2'
import type { ProducePreview, ProduceRequestInput } from '../../shared/model/producing'
import type { ClientHandlers } from '../rpc'
import type { Emit } from '../services'
import { LineSets } from './lines/line-sets'
import { ProducerRun, type RunSource } from './producer-run'
import { type EncoderFor, type FilledMessage, fillText, prepareMessages } from './record-encoder'
import { RunList } from './run-list'
import { SavedMessageStore } from './saved-messages'

export interface ProducingOptions {
  readonly client: KafkaClient
  readonly emit: Emit
  readonly encoderFor: EncoderFor
  /** Where runs and saved messages are kept. */
  readonly directory: string
}

const previewCharactersMax = 400

export function createProducingService(
  options: ProducingOptions,
): Pick<ClientHandlers, Extract<keyof ClientHandlers, `produce.${string}`>> {
  const { client, emit, encoderFor, directory } = options
  const { clock } = client.platform
  const nowMs = () => clock.nowMs()
  const lineSets = new LineSets(client, encoderFor)
  const saved = new SavedMessageStore(join(directory, 'saved-messages.json'), nowMs)
  const runs = new RunList(
    join(directory, 'produce-runs.json'),
    nowMs,
    (linesId) => lineSets.has(linesId),
    (views) => emit('produce.runsChanged', views),
    (message) => emit('app.problem', { message }),
  )

  async function sourceOf(input: ProduceRequestInput): Promise<RunSource> {
    if (input.lines == null) return prepareMessages(input, encoderFor)
    const records = lineSets.get(input.lines.linesId, input.lines.name)
    const { topic, partition } = input
    return {
      record: (index) => {
        const record = records[index % records.length]!
        return { topic, ...record, partition: partition ?? record.partition }
      },
    }
  }

  async function start(asked: ProduceRequestInput): Promise<{ readonly runId: number }> {
    if (asked.isIdempotent === true && asked.acks !== -1)
      throw new WorkbenchError(
        'expected',
        'INVALID_REQUEST',
        'An idempotent producer waits for all replicas in sync: set acks to all.',
      )
    if (asked.transaction != null && asked.acks !== -1)
      throw new WorkbenchError('expected', 'INVALID_REQUEST', 'Transactions are written with acks all.')
    const input: ProduceRequestInput =
      asked.lines == null ? asked : { ...asked, count: lineSets.get(asked.lines.linesId, asked.lines.name).length }
    const source = await sourceOf(input)
    const run = new ProducerRun(runs.takeId(), client, input, source, (progress) => emit('produce.progress', progress))
    runs.add(run)
    // It reports its own failures as progress.
    void run.run().finally(() => runs.ended(run))
    return { runId: run.id }
  }

  return {
    'produce.start': (input) => start(input),
    'produce.again': ({ runId }) => start(runs.request(runId)),
    // One that has ended by now has nothing left to cancel or to pause.
    'produce.cancel': ({ runId }) => runs.run(runId)?.cancel() as undefined,
    'produce.pause': ({ runId, isPaused }) => runs.run(runId)?.pause(isPaused) as undefined,
    'produce.runs': () => runs.views(),
    'produce.request': ({ runId }) => runs.request(runId),
    'produce.forget': ({ runId }) => runs.forget(runId) as undefined,
    'produce.preview': ({ request, count }) => preview(client, request, count, encoderFor),
    'produce.fillIn': async ({ text, seed, isJson }) => ({ text: await fillText(text, seed, isJson, nowMs()) }),
    'produce.checkLines': (request) => lineSets.check(request),
    'produce.saved': () => saved.view(),
    'produce.save': ({ messages, folders }) => saved.save(messages, folders),
    'produce.removeSaved': ({ ids, folders }) => saved.remove(ids, folders),
    'produce.renameFolder': ({ from, to }) => saved.renameFolder(from, to),
  }
}

async function preview(
  client: KafkaClient,
  request: ProduceRequestInput,
  count: number,
  encoderFor: EncoderFor,
): Promise<ProducePreview[]> {
  const { topic, partition } = request
  const known = topic === '' ? undefined : client.known?.topics.get(topic)
  const partitionCount = (known ?? (await client.metadata([topic]).catch(() => null))?.topics.get(topic))?.partitions.length ?? 0
  const nothing = { key: null, value: null, headers: [], partition: null }
  let at: (index: number) => FilledMessage
  try {
    const maker = await prepareMessages(request, encoderFor)
    at = (index) => maker.at(index, client.platform.clock.nowMs())
  } catch (error) {
    return [{ index: 0, ...nothing, problem: (error as Error).message }]
  }
  return Array.from({ length: Math.min(count, request.count ?? count) }, (_, index): ProducePreview => {
    try {
      const { record, key, value, headers } = at(index)
      const byKey = record.key === null || partitionCount === 0 ? null : partitionForKey(record.key, partitionCount)
      return {
        index,
        key: cut(key),
        value: cut(value),
        headers: headers.map((header) => ({ key: header.key, value: cut(header.value) })),
        partition: partition ?? byKey,
        problem: null,
      }
    } catch (error) {
      return { index, ...nothing, problem: (error as Error).message }
    }
  })
}

const cut = (text: string | null): string | null => (text === null ? null : text.slice(0, previewCharactersMax))
