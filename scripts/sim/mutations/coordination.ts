/** Planted bugs in the coordination service (src/engine/coordination). */
import type { Mutation } from './mutation'

const coordination = 'src/engine/coordination'

export const coordinationMutations: readonly Mutation[] = [
  {
    name: 'watch-after-the-reply',
    file: `${coordination}/coordination-server.ts`,
    find: 'for (const change of changes) this.watches.fire(change)',
    replace: 'this.options.platform.clock.defer(() => { for (const change of changes) this.watches.fire(change) })',
    breaks: 'a client reads the new state before it hears that the old one has changed',
  },
  {
    name: 'session-renewed-by-a-dead-connection',
    file: `${coordination}/coordination-server.ts`,
    find: 'connection.destroy()\n    }\n    if (now >= this.nextContainerCheckMs)',
    replace:
      'connection.destroy()\n      else if (connection.hasSession) this.touch(connection)\n    }\n    if (now >= this.nextContainerCheckMs)',
    breaks: 'a session lives on as long as its connection is not closed, though nothing is heard of its client',
  },
  {
    name: 'session-moved-connection-stays',
    file: `${coordination}/coordination-server.ts`,
    find: 'this.connectionBySession.get(id)?.destroy()\n    this.attach(connection, id)',
    replace: 'this.attach(connection, id)',
    breaks: 'the connection that a client has left goes on acting for its session',
  },
  {
    name: 'ephemerals-left-behind',
    file: `${coordination}/coordination-server.ts`,
    find: 'paths2Delete: ephemerals }',
    replace: 'paths2Delete: ephemerals.slice(1) }',
    breaks: 'the first ephemeral of a session stays when the session ends',
  },
  {
    name: 'expired-session-comes-back',
    file: `${coordination}/coordination-state.ts`,
    find: 'this.sessions.delete(header.clientId)\n',
    replace: '',
    breaks: 'a session that has ended is there again after a restart',
  },
  {
    name: 'session-expires-early',
    file: `${coordination}/coordination-server.ts`,
    find: 'this.expiry.touch(connection.sessionId, connection.timeoutMs, this.nowMs())',
    replace: 'this.expiry.touch(connection.sessionId, connection.timeoutMs / 4, this.nowMs())',
    breaks: 'a session expires within its time-out, while its client takes it for good',
  },
  {
    name: 'znode-version-not-checked',
    file: `${coordination}/preparation.ts`,
    find: "if (expected !== -1 && expected !== current) throw new KeeperError('BADVERSION')",
    replace: '',
    breaks: 'a conditional write is done whatever the version is',
  },
  {
    name: 'coordination-answers-before-it-has-synced',
    file: `${coordination}/commit-queue.ts`,
    find: 'if (!hasWritten || !this.options.syncWrites) return this.finish(batch)',
    replace: 'if (hasWritten || !this.options.syncWrites) return this.finish(batch)',
    breaks: 'a change is acknowledged that a loss of power takes back',
  },
  {
    name: 'snapshot-forgets-sessions',
    file: `${coordination}/snapshot-file.ts`,
    find: 'for (const [id, timeoutMs] of sessions) state.sessions.set(id, timeoutMs)',
    replace: '',
    breaks: 'sessions that stand in a snapshot are unknown after a restart, their ephemerals ownerless',
  },
  {
    name: 'coordination-log-checksum-not-checked',
    file: `${coordination}/transaction-log-file.ts`,
    find: 'return adler32(entry) === checksum ? entry : null',
    replace: 'return checksum === null ? null : entry',
    breaks: 'a torn entry of the transaction log is applied',
  },
]
