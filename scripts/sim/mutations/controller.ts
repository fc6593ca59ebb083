/** Planted bugs in the controller (src/engine/controller). */
import type { Mutation } from './mutation'

const controller = 'src/engine/controller'

export const controllerMutations: readonly Mutation[] = [
  {
    name: 'leader-epoch-not-raised',
    file: `${controller}/partition-changes.ts`,
    find: 'leaderEpoch: state.leaderEpoch + 1, partitionEpoch: state.partitionEpoch + 1',
    replace: 'leaderEpoch: state.leaderEpoch, partitionEpoch: state.partitionEpoch + 1',
    breaks: 'a new leader gets the epoch of the one before',
  },
  {
    name: 'controller-writes-not-fenced',
    file: `${controller}/fenced-store.ts`,
    find: 'await this.coordination.multi([check, ...ops])',
    replace: 'await this.coordination.multi(ops)',
    breaks: 'a controller that has been replaced goes on writing',
  },
  {
    name: 'controller-epoch-not-raised',
    file: `${controller}/election.ts`,
    find: 'const epoch = current.epoch + 1',
    replace: 'const epoch = Math.max(1, current.epoch)',
    breaks: 'a new controller takes the epoch of the one before, and brokers cannot tell them apart',
  },
  {
    name: 'leader-elected-from-outside-the-isr',
    file: `${controller}/elections.ts`,
    find: 'if (!isUncleanAllowed) return null\n',
    replace: '',
    breaks: 'an unclean election is held where the topic forbids it',
  },
  {
    name: 'election-does-not-look-at-the-isr',
    file: `${controller}/elections.ts`,
    find: 'const clean = replicas.find((id) => isOnline(id) && isr.includes(id))',
    replace: 'const clean = replicas.find((id) => isOnline(id))',
    breaks: 'the first replica that is online leads, in sync or not',
  },
  {
    name: 'preferred-leader-not-in-sync',
    file: `${controller}/elections.ts`,
    find: 'isOnline(preferred) && isr.includes(preferred)',
    replace: 'isOnline(preferred)',
    breaks: 'the preferred leader takes over before it has caught up',
  },
  {
    name: 'dead-broker-elected',
    file: `${controller}/partition-changes.ts`,
    find: 'if (hasServingLeader && isOnline(state.leader)) return withIsr(state, onlineIsr)',
    replace: 'if (state.leader !== NO_LEADER) return withIsr(state, onlineIsr)',
    breaks: 'a leader that has died stays leader',
  },
  {
    name: 'isr-emptied',
    file: `${controller}/partition-changes.ts`,
    find: 'return onlineIsr.length === 0 ? isr : onlineIsr',
    replace: 'return onlineIsr',
    breaks: 'the last members leave the ISR, and nobody knows any more who has everything',
  },
  {
    name: 'stale-partition-epoch-accepted',
    file: `${controller}/alter-partition.ts`,
    find: 'if (proposal.partitionEpoch < current.partitionEpoch) {',
    replace: 'if (proposal.partitionEpoch < 0) {',
    breaks: 'an ISR is taken that its leader proposed before it heard of the last change',
  },
  {
    name: 'isr-with-a-restarted-member-accepted',
    file: `${controller}/alter-partition.ts`,
    find: 'const isEligible = brokerEpoch !== null && (member.brokerEpoch === -1 || member.brokerEpoch === brokerEpoch)',
    replace: 'const isEligible = true || brokerEpoch !== null',
    breaks: 'a replica joins the ISR by what it had before its broker died or was started anew (KIP-903)',
  },
  {
    name: 'quick-restart-not-noticed',
    file: `${controller}/broker-changes.ts`,
    find: 'context.brokers.get(id)?.epoch !== epoch)\n    if (gone',
    replace: '!context.brokers.has(id))\n    if (gone',
    breaks: 'a broker that came back before it was missed is taken for gone',
  },
  {
    name: 'state-written-over-another',
    file: `${controller}/fenced-store.ts`,
    find: "return { type: 'setData', path: statePath(topic, partition), data, version: state.partitionEpoch - 1 }",
    replace: "return { type: 'setData', path: statePath(topic, partition), data, version: -1 }",
    breaks: 'the state of a partition is written whatever stands there',
  },
  {
    name: 'replicas-removed-before-the-new-ones-are-in-sync',
    file: `${controller}/reassignment.ts`,
    find: 'return target.every((id) => state.isr.includes(id)) && elect',
    replace: 'return elect',
    breaks: 'old replicas are stopped when the first of the new ones is in sync, and what is acknowledged then is on it alone',
  },
  {
    name: 'removed-replica-stays-in-the-isr',
    file: `${controller}/reassignment.ts`,
    find: 'const isr = state.isr.filter((id) => replicas.includes(id))',
    replace: 'const isr = state.isr',
    breaks: 'who is told to delete its replica stays a member of the ISR, and may lead',
  },
  {
    name: 'removal-forgotten-by-the-next-controller',
    file: `${controller}/znodes.ts`,
    find: 'removing_replicas: lists((assignment) => assignment.removingReplicas)',
    replace: 'removing_replicas: lists(() => [])',
    breaks: 'a controller that takes over does not know which replicas were to go, and keeps them',
  },
  {
    name: 'stray-replicas-forgotten',
    file: `${controller}/reassignments.ts`,
    find: 'if (strayReplicas.length > 0)',
    replace: 'if (strayReplicas.length < 0)',
    breaks: 'a broker that was away keeps the replica that it was to give up',
  },
]
