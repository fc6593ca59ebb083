/** What other programs may have written into the znodes that controller and brokers go by, and the values of configs. */
import { brokerConfigTable } from '../../../broker/broker-configs'
import { whyInvalid } from '../../../broker/config-definition'
import { topicConfigTable } from '../../../broker/topic-configs'
import * as znodes from '../../../controller/znodes'
import { Writer } from '../../../wire/writer'
import { check, type FuzzTarget } from '../fuzz-target'
import { mutateText } from '../mutations'

const ASSIGNMENT = { replicas: [1, 2, 3], addingReplicas: [3], removingReplicas: [1], strayReplicas: [4] }
const VALUES: readonly string[] = [
  znodes.encodeBroker({ id: 1, host: 'localhost', port: 9092, rack: 'a' }, 1),
  znodes.encodeController(1, 1),
  '12',
  znodes.encodeTopic('3Lx5mLbTQQq1qBXHfHLtVQ', new Map([[0, ASSIGNMENT]])),
  znodes.encodeState({ leader: 1, leaderEpoch: 3, isr: [1, 2], leaderRecoveryState: 1, partitionEpoch: 4 }, 2),
  znodes.encodeConfigs({ 'retention.ms': '1000', 'cleanup.policy': 'compact' }),
  znodes.encodeConfigChange('topics/orders'),
  '{"version":1,"entity_type":"topics","entity_name":"orders"}',
  znodes.encodeLogDirEvent(2),
  znodes.encodeProducerIdBlock(1, 0n, 999n),
  '{"version":1,"partitions":[{"topic":"orders","partition":0}]}',
  znodes.encodeClusterId('Y2x1c3Rlci1vZi1vbmUtMQ'),
  '{"partitions":{"0":[1],"1":[2,1]}}',
]

const isInt32 = (value: number): boolean => Number.isInteger(value) && value >= -0x80000000 && value <= 0x7fffffff
const areIds = (ids: readonly number[]): boolean => ids.every((id) => isInt32(id) && id >= 0)

/** Whatever is decoded can go into a request to a broker and into a socket's address. */
const values: FuzzTarget = {
  name: 'controller/znodes',
  share: 6,
  minimum: 50_000,
  seed: (random) => Buffer.from(random.pick(VALUES)),
  mutate: mutateText,
  run(input) {
    const broker = znodes.decodeBroker(1, input)
    check(broker === null || (isInt32(broker.port) && broker.port >= 0 && broker.port <= 65_535), 'a port is one')
    const controller = znodes.decodeController(input)
    check(controller === null || isInt32(controller), 'a broker id is an int32')
    const epoch = znodes.decodeControllerEpoch(input)
    check(isInt32(epoch) && epoch >= 0, 'a controller epoch is an int32')
    checkTopic(input)
    const state = znodes.decodeState(input, 1)
    if (state !== null) {
      const { leader, leaderEpoch, isr } = state.state
      const isState = isInt32(leader) && isInt32(leaderEpoch) && areIds(isr) && isInt32(state.controllerEpoch)
      check(isState, 'a partition state is of int32s')
    }
    const configs = Object.values(znodes.decodeConfigs(input))
    check(
      configs.every((value) => typeof value === 'string'),
      'configs are texts',
    )
    znodes.decodeTopicConfigChange(input)
    const failed = znodes.decodeLogDirEvent(input)
    check(failed === null || isInt32(failed), 'a broker id is an int32')
    check(znodes.decodeProducerIdBlockEnd(input) < 2n ** 63n, 'a producer id is an int64')
    const arePartitions = znodes.decodePreferredElection(input).every(({ partition }) => isInt32(partition))
    check(arePartitions, 'a partition is an int32')
    znodes.decodeClusterId(input)
  },
}

function checkTopic(input: Buffer): void {
  const topic = znodes.decodeTopic(input)
  if (topic === null) return
  for (const [partition, { replicas, addingReplicas, removingReplicas, strayReplicas }] of topic.assignments) {
    check(isInt32(partition) && partition >= 0, 'a partition is an int32')
    const lists = [replicas, addingReplicas, removingReplicas, strayReplicas]
    check(lists.every(areIds), 'replicas are int32s')
  }
  if (topic.topicId !== null) new Writer().uuid(topic.topicId)
  const again = znodes.decodeTopic(Buffer.from(znodes.encodeTopic(topic.topicId ?? '', topic.assignments)))
  check(again?.assignments.size === topic.assignments.size, 'an assignment that was decoded can be written again')
}

const DEFINITIONS = [...topicConfigTable.values(), ...brokerConfigTable.values()]
const TEXTS = ['1000', 'true', 'compact,delete', '-1', '0.5', '9223372036854775807', 'lz4', 'CreateTime', 'a:b,c:d', '1e3', '']

/** The first byte says which config. */
const configValues: FuzzTarget = {
  name: 'broker/config-values',
  share: 24,
  minimum: 30_000,
  seed: (random) => Buffer.concat([random.bytes(1), Buffer.from(random.pick(TEXTS))]),
  mutate: mutateText,
  run(input) {
    const definition = DEFINITIONS[(input[0] ?? 0) % DEFINITIONS.length]!
    const problem = whyInvalid(definition, input.subarray(1).toString('utf8'))
    check(problem === null || problem.length > 0, 'a value is taken, or it is said why not')
  },
}

export const znodeTargets: readonly FuzzTarget[] = [values, configValues]
