/** Topics as an administrator changes them: through the protocol, so it works against any cluster. Lives in the clients worker. */
import { Admin, ClientError, type KafkaClient } from '../../engine/client'
import { errorName } from '../../engine/wire/errors'
import { WorkbenchError } from '../../shared/ipc/errors'
import type { ConfigEntryView } from '../../shared/model/topics'
import type { ClientHandlers } from '../rpc'

export function createTopicsService(
  client: KafkaClient,
): Pick<ClientHandlers, 'topics.create' | 'topics.delete' | 'topics.configs'> {
  const admin = new Admin(client)
  return {
    'topics.create': (spec) => admin.createTopic(spec).then(() => undefined),
    'topics.delete': ({ topic }) => admin.deleteTopic(topic).then(() => undefined),
    'topics.configs': async ({ topic }) => (await admin.describeTopicConfigs(topic)).map(toView),
  }
}

/** DescribeConfigs' ConfigSource and ConfigType by number (Kafka's ConfigEntry). */
const sources = [
  'unknown',
  'topic',
  'broker, dynamic',
  'cluster default, dynamic',
  'broker, static',
  'default',
  'broker logger, dynamic',
  'client metrics, dynamic',
  'group, dynamic',
]
const types = ['unknown', 'boolean', 'string', 'int', 'short', 'long', 'double', 'list', 'class', 'password']

function toView(entry: Awaited<ReturnType<Admin['describeTopicConfigs']>>[number]): ConfigEntryView {
  const source = sources[entry.configSource] ?? 'unknown'
  return {
    name: entry.name,
    value: entry.value,
    isDefault: source === 'default',
    isReadOnly: entry.readOnly,
    source,
    type: types[entry.configType] ?? 'unknown',
    documentation: entry.documentation ?? '',
  }
}

/** A client's failure as the window's: Kafka's name as the code, the broker's sentence as the message. */
export function asWorkbenchError(error: unknown): unknown {
  if (!(error instanceof ClientError)) return error
  if (error.code === null) return new WorkbenchError('expected', error.kind.toUpperCase(), `${error.message}.`)
  const name = errorName(error.code)
  const message = error.message.startsWith(`${name}: `) ? error.message.slice(name.length + 2) : error.message
  return new WorkbenchError('protocol', name, message)
}
