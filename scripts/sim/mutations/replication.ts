/** Planted bugs in leaders, followers and ISRs (src/engine/replication). */
import type { Mutation } from './mutation'

const core = 'src/engine/replication/core'
const leadershipRequests = 'src/engine/replication/leadership-requests.ts'

export const replicationMutations: readonly Mutation[] = [
  {
    name: 'high-watermark-on-append',
    file: `${core}/leader.ts`,
    find: "assert(log.latestEpoch === state.leaderEpoch, 'a leader appends in its own epoch')\n  return advance(state, log.logEndOffset, nowMs, env)",
    replace:
      "state.highWatermark = log.logEndOffset\n  return [{ kind: 'high-watermark-advanced', highWatermark: state.highWatermark }]",
    breaks: 'the high watermark follows the leader’s own log end, without waiting for the ISR',
  },
  {
    name: 'high-watermark-passes-a-slow-isr-member',
    file: `${core}/high-watermark.ts`,
    find: 'isInMaximalIsr(state.isr, follower.replicaId) ||\n',
    replace: '',
    breaks: 'the high watermark waits for those that are caught up by time, not for those in the ISR',
  },
  {
    name: 'shrinking-counts-before-it-is-committed',
    file: `${core}/high-watermark.ts`,
    find: "(isr.kind === 'pending-expand' && isr.added === replicaId) || isr.isr.includes(replicaId)",
    replace:
      "(isr.kind === 'pending-expand' && isr.added === replicaId) || (isr.isr.includes(replicaId) && !(isr.kind === 'pending-shrink' && isr.removed.includes(replicaId)))",
    breaks:
      'a replica whose removal is only proposed no longer holds the high watermark, though the controller may still elect it',
  },
  {
    name: 'expanding-counts-late',
    file: `${core}/high-watermark.ts`,
    find: "(isr.kind === 'pending-expand' && isr.added === replicaId) || ",
    replace: '',
    breaks: 'a replica whose joining is proposed, and perhaps committed, does not hold the high watermark yet',
  },
  {
    name: 'isr-expanded-on-log-end-alone',
    file: `${core}/isr.ts`,
    find: 'follower.logEndOffset >= state.highWatermark && follower.logEndOffset >= state.leaderEpochStartOffset',
    replace: 'follower.logEndOffset >= state.highWatermark',
    breaks: 'a follower joins the ISR without the records up to the start of the leader epoch (KAFKA-7128)',
  },
  {
    name: 'isr-expanded-below-high-watermark',
    file: `${core}/isr.ts`,
    find: 'follower.logEndOffset >= state.highWatermark && follower.logEndOffset >= state.leaderEpochStartOffset',
    replace: 'follower.logEndOffset >= state.leaderEpochStartOffset',
    breaks: 'a follower joins the ISR without all that is committed',
  },
  {
    name: 'positions-kept-over-missed-epochs',
    file: `${core}/transitions.ts`,
    find: 'wasLeader && command.leaderEpoch === epochBefore + 1',
    replace: 'wasLeader',
    breaks:
      'a leader that is elected again after epochs it was not told of counts its followers at where they were before they truncated to another leader (as Kafka does)',
  },
  {
    name: 'truncation-to-high-watermark',
    file: `${core}/transitions.ts`,
    find: 'const effects: Effect[] = []\n  // The fetcher carries the leader epoch',
    replace:
      "const effects: Effect[] = [{ kind: 'truncate', offset: follower.highWatermark }]\n  // The fetcher carries the leader epoch",
    breaks: 'a new follower cuts its log at its own high watermark, which may be old, instead of asking by epoch (KIP-101)',
  },
  {
    name: 'histories-not-compared',
    file: `${core}/leader.ts`,
    find: "if (divergence) return { kind: 'diverging', divergingEpoch: divergence }",
    replace: '',
    breaks: 'a leader does not tell a follower that its history has left the leader’s',
  },
  {
    name: 'truncation-by-the-other-sides-epoch',
    file: `${core}/truncation.ts`,
    find: 'offset = Math.min(own.endOffset, diverging.endOffset)',
    replace: 'offset = diverging.endOffset',
    breaks: 'a follower takes the leader’s end of an epoch where its own ends before',
  },
  {
    name: 'epoch-start-not-assigned',
    file: `${core}/transitions.ts`,
    find: "effects.push({ kind: 'assign-epoch-start', epoch: command.leaderEpoch, startOffset: log.logEndOffset })",
    replace: '',
    breaks: 'a leader does not note where its epoch begins, and answers followers of later epochs wrongly',
  },
  {
    name: 'acks-all-answered-on-append',
    file: `${core}/leader.ts`,
    find: "if (state.highWatermark < requiredOffset) return 'pending'",
    replace: '',
    breaks: 'acks=all is answered as soon as the leader has the record',
  },
  {
    name: 'append-of-an-earlier-leadership-acknowledged',
    file: `${core}/leader.ts`,
    find: "if (state.role !== 'leader' || leaderEpochAtAppend < state.leadsSinceEpoch) return 'NOT_LEADER_OR_FOLLOWER'",
    replace: "if (state.role !== 'leader') return 'pending'",
    breaks:
      'with both guards taken away: a produce waits on while its broker does not lead, and its record, truncated since, is acknowledged when others have filled its offset',
  },
  {
    name: 'timed-out-produce-acknowledged',
    file: 'src/engine/broker/handlers/00-produce.ts',
    find: 'this.settle(outcome, ErrorCode.REQUEST_TIMED_OUT)',
    replace: 'this.settle(outcome, ErrorCode.NONE)',
    breaks: 'acks=all is answered with success when its time is over, replicated or not',
  },
  {
    name: 'ack-without-append',
    file: 'src/engine/replication/replica.ts',
    find: "if (appended === null) return this.refuseAppend('KAFKA_STORAGE_ERROR')",
    replace:
      'if (appended === null) return { errorCode: ErrorCode.NONE, logStartOffset: this.log.logStartOffset, leaderEpoch: state.leaderEpoch, requiredOffset: 0 }',
    breaks: 'a record that the disk has refused is acknowledged',
  },
  {
    name: 'min-isr-not-checked',
    file: `${core}/high-watermark.ts`,
    find: 'return Math.min(env.minInSyncReplicas(), state.followers.size + 1)',
    replace: 'return 1',
    breaks: 'min.insync.replicas is not looked at',
  },
  {
    name: 'fetch-not-fenced-by-epoch',
    file: `${core}/leader.ts`,
    find: 'const epochError = checkLeaderEpoch(state, question.currentLeaderEpoch)',
    replace: 'const epochError = null as ReplicationError | null',
    breaks: 'a fetch from another leader epoch is served',
  },
  {
    name: 'consumers-read-the-log-end',
    file: `${core}/leader.ts`,
    find: 'maxOffset: isFromFollower ? log.logEndOffset : state.highWatermark',
    replace: 'maxOffset: log.logEndOffset',
    breaks: 'a consumer is given records that are not committed, and may vanish',
  },
  {
    name: 'follower-claims-more-than-it-has',
    file: `${core}/high-watermark.ts`,
    find: 'return Math.min(leaderHighWatermark, logEndOffset)',
    replace: 'return leaderHighWatermark',
    breaks: 'a follower takes the leader’s high watermark over where its own log ends before',
  },
  {
    name: 'high-watermark-restored-to-the-log-end',
    file: `${core}/high-watermark.ts`,
    find: 'return Math.max(logStartOffset, Math.min(checkpoint, logEndOffset))',
    replace: 'return Math.max(logStartOffset, logEndOffset)',
    breaks: 'after a restart a replica takes all of its log for committed',
  },
  {
    name: 'log-start-not-moved-on-followers',
    file: `${core}/follower.ts`,
    find: "if (logStartOffset > log.logStartOffset) effects.push({ kind: 'increment-log-start', offset: logStartOffset })",
    replace: '',
    breaks: 'followers keep records that were deleted on the leader',
  },
  {
    name: 'older-controller-obeyed',
    file: leadershipRequests,
    find: 'if (controllerEpoch < this.controllerEpoch) {',
    replace: 'if (controllerEpoch < 0) {',
    breaks: 'a broker obeys LeaderAndIsr and StopReplica of a controller that has been replaced',
  },
  {
    name: 'older-leader-epoch-obeyed',
    file: `${core}/transitions.ts`,
    find: "if (command.leaderEpoch < state.leaderEpoch) return 'STALE_CONTROLLER_EPOCH'",
    replace: '',
    also: [
      ...['only the leader named by the controller leads', 'nobody follows itself'].map((words) => ({
        file: `${core}/transitions.ts`,
        find: `'${words}')\n  if (command.partitionEpoch < state.partitionEpoch) return { state, effects: NO_EFFECTS }`,
        replace: `'${words}')`,
      })),
      { file: leadershipRequests, find: 'if (controllerEpoch < this.controllerEpoch) {', replace: 'if (controllerEpoch < 0) {' },
      {
        file: leadershipRequests,
        find: "assert(controllerEpoch >= this.controllerEpoch, 'controller epochs only grow')\n",
        replace: '',
      },
    ],
    breaks:
      'with all guards taken away: a LeaderAndIsr in an older leader epoch is obeyed, which only a replaced controller sends',
  },
  {
    name: 'records-of-an-earlier-topic-kept',
    file: leadershipRequests,
    find: 'if (onDisk && topicId !== null && onDisk.topicId !== null && onDisk.topicId !== topicId) {',
    replace: 'if (onDisk === null) {',
    also: [
      {
        file: 'src/engine/controller/topic-deletion.ts',
        find: "return progress === 'deleted' || (isStray && progress !== 'started')",
        replace: "return progress !== 'started'",
      },
    ],
    breaks:
      'with both guards taken away: a topic that is made anew under an old name begins with the old one’s records, where a replica had missed the deletion',
  },
]
