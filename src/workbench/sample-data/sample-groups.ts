/** The groups of the sample data: offsets committed by nobody in particular, so that there is lag to look at without a consumer. */
import { ClientError, type KafkaClient, latestOffset, listOffsets, pause, protocolError } from '../../engine/client'
import { listGroups } from '../../engine/client/group/group-admin'
import { CoordinatorLink, GROUP } from '../../engine/client/transaction-coordinator-link'
import { ErrorCode } from '../../engine/wire/errors'
import { DeleteGroups, OffsetCommit } from '../../engine/wire/messages'
import { WorkbenchError } from '../../shared/ipc/errors'

const timeoutMs = 10_000
/** A broker that has just gone is no longer named by then. */
const listTimeoutMs = 15_000

/** The groups that are there, whatever their kind. Throws where a broker does not tell: a group that is not seen may be somebody's. */
export async function presentGroups(client: KafkaClient): Promise<ReadonlySet<string>> {
  const { clock } = client.platform
  const deadlineMs = clock.monotonicMs() + listTimeoutMs
  for (;;) {
    await client.refresh()
    const answers = await listGroups(client)
    const silent = answers.find(({ groups }) => groups === null)
    if (silent === undefined) return new Set(answers.flatMap(({ groups }) => (groups ?? []).map(({ groupId }) => groupId)))
    if (clock.monotonicMs() > deadlineMs)
      throw new WorkbenchError(
        'expected',
        'GROUPS_UNKNOWN',
        `Which groups there are is not known, so none was added: ${silent.problem} Add the sample data again when all brokers answer.`,
      )
    await pause(clock, 500)
  }
}

/** Leaves so many of a thousand records of each partition unread. Rejects with a ClientError. */
export async function commitBehind(
  client: KafkaClient,
  groupId: string,
  topics: readonly string[],
  behindPerMille: number,
): Promise<void> {
  const positions = await Promise.all(
    topics.map(async (name) => {
      const partitions = client.known?.topics.get(name)?.partitions.map(({ partition }) => partition) ?? []
      const ends = await listOffsets(client, name, partitions, latestOffset)
      return {
        name,
        partitions: [...ends].map(([partitionIndex, end]) => ({
          partitionIndex,
          committedOffset: BigInt(Math.max(0, end - Math.ceil((end * behindPerMille) / 1_000))),
          committedLeaderEpoch: -1,
          committedMetadata: '',
        })),
      }
    }),
  )
  const link = new CoordinatorLink(client, GROUP, groupId, () => undefined)
  await link.request({
    api: OffsetCommit,
    body: { groupId, generationIdOrMemberEpoch: -1, memberId: '', groupInstanceId: null, topics: positions },
    errorCodeOf: (response) =>
      response.topics
        .flatMap(({ partitions }) => partitions.map(({ errorCode }) => errorCode))
        .find((code) => code !== ErrorCode.NONE) ?? ErrorCode.NONE,
    timeoutMs,
  })
}

/** One that is not there is as good as deleted. Rejects with NON_EMPTY_GROUP where somebody reads as it. */
export async function deleteGroup(client: KafkaClient, groupId: string): Promise<void> {
  const link = new CoordinatorLink(client, GROUP, groupId, () => undefined)
  try {
    await link.request({
      api: DeleteGroups,
      body: { groupsNames: [groupId] },
      errorCodeOf: (response) => response.results[0]?.errorCode ?? ErrorCode.NONE,
      timeoutMs,
    })
  } catch (error) {
    if (!(error instanceof ClientError)) throw error
    if (error.code === ErrorCode.GROUP_ID_NOT_FOUND) return
    if (error.code === ErrorCode.NON_EMPTY_GROUP)
      throw protocolError(
        ErrorCode.NON_EMPTY_GROUP,
        `Group ${groupId} has members that read now, and is left. Stop them to delete it.`,
      )
    throw error
  }
}
