/** Planted bugs in the coordinators of groups (src/engine/coordinator). */
import type { Mutation } from './mutation'

const coordinator = 'src/engine/coordinator'
const group = `${coordinator}/group`
const consumer = `${group}/consumer`

export const groupMutations: readonly Mutation[] = [
  {
    name: 'commit-of-another-generation-taken',
    file: `${group}/offset-access.ts`,
    find: 'if (generationId !== group.generationId) return ErrorCode.ILLEGAL_GENERATION',
    replace: '',
    breaks: 'a member that was left behind commits over those who came after it',
  },
  {
    name: 'coordinator-answers-before-commit',
    file: `${coordinator}/led-shard.ts`,
    find: 'if (this.queue.isEmpty && led.highWatermark >= this.position) {',
    replace: 'if (led.highWatermark >= 0) {',
    breaks: 'offsets and assignments are acknowledged that only their coordinator has',
  },
  {
    name: 'offsets-not-replayed',
    file: `${coordinator}/led-shard.ts`,
    find: 'this.position = logStartOffset',
    replace: 'this.position = options.log.led(options.partition)?.logEndOffset ?? logStartOffset',
    breaks: 'a coordinator that takes over knows nothing of what the one before has written',
  },
  {
    name: 'groups-not-replayed',
    file: `${group}/group-shard.ts`,
    find: "else if (origin === 'load') this.groups.set(key.group, ClassicGroup.load(key.group, GroupMetadataValue.decode(record.value)))",
    replace: '',
    breaks: 'a coordinator that takes over counts generations from the beginning',
  },
  {
    name: 'coordinator-reads-committed-records-only',
    file: `${coordinator}/led-shard.ts`,
    find: 'if (this.position >= led.logEndOffset) return',
    replace: 'if (this.position >= led.highWatermark) return',
    breaks: 'a coordinator that takes over passes over the records that its log has and that are not committed yet',
  },
  {
    name: 'assignment-of-a-rebalance-before',
    file: `${group}/classic-membership.ts`,
    find: 'if (request.generationId !== group.generationId) return ErrorCode.ILLEGAL_GENERATION',
    replace: '',
    breaks: 'a member takes the assignment of another generation for its own',
  },
  {
    name: 'everybody-leads',
    file: `${group}/classic-membership.ts`,
    find: 'if (group.leaderId === member.memberId) this.takeAssignment(',
    replace: 'if (request.assignments.size > 0 || group.leaderId === member.memberId) this.takeAssignment(',
    breaks: 'whoever brings an assignment is believed',
  },
  {
    name: 'handed-over-before-given-up',
    file: `${consumer}/consumer-group.ts`,
    find: 'for (const [topicId, partition] of each(revoking))',
    replace: 'for (const [topicId, partition] of [])',
    breaks: 'a partition has a new owner before the old one has said that it gave it up (KIP-848)',
  },
  {
    name: 'silence-taken-for-giving-up',
    file: `${consumer}/reconcile.ts`,
    find: 'if (owned === null || overlaps(current.revoking, owned)) return current',
    replace: 'if (owned !== null && overlaps(current.revoking, owned)) return current',
    breaks: 'a member that does not say what it owns is taken to have given up what it was told to (KIP-848)',
  },
  {
    name: 'fenced-member-epoch-accepted',
    file: `${consumer}/consumer-groups.ts`,
    find: 'if (why !== null) return refused(why)',
    replace: '',
    breaks: 'a member goes on in an epoch that is over (KIP-848)',
  },
  {
    name: 'commit-of-another-epoch-taken',
    file: `${group}/offset-access.ts`,
    find: 'const isOver = member.current.memberEpoch !== memberEpoch',
    replace: 'const isOver = false',
    breaks: 'a member commits in an epoch that is over (KIP-848)',
  },
  {
    name: 'converted-members-own-nothing',
    file: `${group}/group-migration.ts`,
    find: 'return [memberId, { memberEpoch, previousMemberEpoch: memberEpoch, state, assigned, revoking }]',
    replace: 'return [memberId, { memberEpoch, previousMemberEpoch: memberEpoch, state, assigned: NO_PARTITIONS, revoking }]',
    breaks: 'members of a classic group that goes over keep their partitions, and the new one gets them (KIP-848)',
  },
  {
    name: 'heartbeat-in-a-consumer-group-without-its-generation',
    file: `${consumer}/classic-members.ts`,
    find: 'if (current.memberEpoch !== generationId) return ErrorCode.ILLEGAL_GENERATION\n    const { timers }',
    replace: 'const { timers }',
    breaks: 'a classic member goes on in a generation that is over, in a group of the new protocol',
  },
  {
    name: 'members-not-replayed',
    file: `${group}/group-shard.ts`,
    find: "if (key.kind === 'consumer') this.replayConsumer(key, record.value, origin)",
    replace: "if (key.kind === 'consumer') { if (origin === 'write') this.replayConsumer(key, record.value, origin) }",
    breaks: 'a coordinator that takes over knows no members of the new protocol, and deals out anew what they own',
  },
]
