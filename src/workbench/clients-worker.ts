/**
 * The worker of the workbench's own clients: browsing, decoding and producing happen here, over TCP like everybody's, so that neither the
 * window nor a broker ever waits for them.
 */
import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { KafkaClient, type SaslCredentials } from '../engine/client'
import type { Logger } from '../engine/platform'
import { createNodePlatform } from '../engine/platform/node'
import { initCompression } from '../engine/wire/records'
import { toWireError } from '../shared/ipc/errors'
import { createReplicasService } from './cluster/replicas-service'
import { CoordinationService } from './coordination/coordination-service'
import { createGroupsService } from './groups/groups-service'
import { createMessagesService } from './messages/messages-service'
import { createProducingService } from './producing/producing-service'
import type { BootstrapAddress, ClientHandlers, FromClients, ToClients } from './rpc'
import { SampleDataService } from './sample-data/sample-data-service'
import { SchemasService } from './schemas/schemas-service'
import type { Emit } from './services'
import { asWorkbenchError, createTopicsService } from './topics/topics-service'

const port = parentPort!
const post = (message: FromClients): void => port.postMessage(message)

const quiet: Logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }

const platform = createNodePlatform({ logger: quiet })

const { bootstrap, dataDirectory, credentials, idBase } = workerData as {
  readonly bootstrap: readonly BootstrapAddress[]
  readonly dataDirectory: string
  readonly credentials: SaslCredentials | null
  /** Ids of reads, tasks, analyses and consumers come after it. */
  readonly idBase: number
}

/** Brokers tell clients of the clients' listener: whoever comes in by their own has to know where that is. */
let addresses = bootstrap
function ownAddressOf(brokerId: number): BootstrapAddress | null {
  return addresses.find(({ id }) => id === brokerId) ?? null
}

const client = new KafkaClient({
  platform,
  bootstrap,
  clientId: 'broker-workbench',
  ...(credentials === null ? {} : { security: { sasl: credentials }, addressOf: (brokerId: number) => ownAddressOf(brokerId) }),
})

/** What belongs to the person and not to the cluster: saved messages, runs, the state of the sample data. */
const keptDirectory = join(dataDirectory, 'workbench')

const emit: Emit = (name, payload) => post({ type: 'event', name, payload })

const schemas = new SchemasService(client, emit, keptDirectory)

const coordination = new CoordinationService(platform, emit)

const sampleData = new SampleDataService({ client, emit, schemas, directory: keptDirectory })

const handlers: ClientHandlers = {
  ...coordination.handlers,
  ...createGroupsService(client, emit, idBase),
  ...createReplicasService(client, emit),
  ...createTopicsService(client, emit, idBase),
  ...createMessagesService(client, emit, schemas.decoder, idBase),
  ...schemas.handlers,
  ...sampleData.handlers,
  ...createProducingService({ client, emit, encoderFor: schemas.encoderFor, directory: keptDirectory }),
}

function setBootstrap(next: readonly BootstrapAddress[]): void {
  addresses = next
  client.setBootstrap(next)
}

port.on('message', (message: ToClients) => {
  if (message.type === 'bootstrap') setBootstrap(message.addresses)
  else if (message.type === 'registry') schemas.setRegistry(message.address)
  else if (message.type === 'coordination') coordination.setAddress(message.address)
  else void answer(message)
})

/** Nothing is encoded or decoded before the codecs are there. One that cannot be loaded says so where it is used, and nowhere else. */
const ready = initCompression().catch(() => undefined)

async function answer({ id, name, argument }: Extract<ToClients, { type: 'call' }>): Promise<void> {
  try {
    await ready
    const handler = handlers[name] as (argument: unknown) => unknown
    post({ type: 'answer', id, ok: true, value: await handler(argument) })
  } catch (error) {
    post({ type: 'answer', id, ok: false, error: toWireError(asWorkbenchError(error)) })
  }
}
