/**
 * What Kafka keeps in a znode and who goes by it, in a sentence, and the object that it is about. Source: Kafka's ZkData.scala, with the paths
 * that this cluster uses. Others are somebody's own, and nothing is said of them.
 */
export interface ZnodeMeaning {
  readonly text: string
  readonly brokerId?: number
  readonly topic?: string
}

const rules: readonly (readonly [RegExp, (match: RegExpExecArray) => ZnodeMeaning])[] = [
  [/^\/$/, () => ({ text: 'The root. Brokers, the controller and any ZooKeeper client keep what they agree on below it.' })],
  [/^\/brokers$/, () => ({ text: 'Brokers, and the topics that they hold.' })],
  [
    /^\/brokers\/ids$/,
    () => ({
      text: 'One ephemeral znode for each broker that is alive. The controller watches this list: a name that goes is a broker that failed or left.',
    }),
  ],
  [
    /^\/brokers\/ids\/(\d+)$/,
    ([, id]) => ({
      text: `Broker ${id} is alive as long as this znode is here. It goes with the session that made it, and the controller then elects new leaders.`,
      brokerId: Number(id),
    }),
  ],
  [/^\/brokers\/seqid$/, () => ({ text: 'Its version numbers brokers that ask for an id.' })],
  [/^\/brokers\/topics$/, () => ({ text: 'One znode for each topic. The controller watches this list for new ones.' })],
  [
    /^\/brokers\/topics\/([^/]+)$/,
    ([, topic]) => ({
      text: `Where the replicas of ${topic} are: broker ids by partition, the preferred leader first.`,
      topic: topic ?? '',
    }),
  ],
  [/^\/brokers\/topics\/([^/]+)\/partitions$/, ([, topic]) => ({ text: `The partitions of ${topic}.`, topic: topic ?? '' })],
  [
    /^\/brokers\/topics\/([^/]+)\/partitions\/(\d+)(?:\/state)?$/,
    ([, topic, partition]) => ({
      text: `Leader, leader epoch and in-sync replicas of ${topic}-${partition}. Only a controller of the newest epoch may change it; its version is the partition epoch.`,
      topic: topic ?? '',
    }),
  ],
  [
    /^\/controller$/,
    () => ({
      text: 'The broker that made this znode is the controller. It is ephemeral: when its session ends it goes, the other brokers are told by their watch, and the first to make it anew leads.',
    }),
  ],
  [
    /^\/controller_epoch$/,
    () => ({
      text: 'Counts controllers. It rises in the same transaction that makes /controller, and every write of a controller checks it: one that was deposed is refused.',
    }),
  ],
  [/^\/cluster\/id$/, () => ({ text: 'The id of the cluster, made once.' })],
  [/^\/config$/, () => ({ text: 'Configs that were set while the cluster ran.' })],
  [
    /^\/config\/topics\/([^/]+)$/,
    ([, topic]) => ({ text: `Configs of ${topic} that differ from the brokers' own.`, topic: topic ?? '' }),
  ],
  [/^\/config\/brokers\/(\d+)$/, ([, id]) => ({ text: `Configs of broker ${id} alone.`, brokerId: Number(id) })],
  [/^\/config\/brokers\/<default>$/, () => ({ text: 'Configs of all brokers.' })],
  [
    /^\/config\/users(\/|$)/,
    () => ({ text: 'Quotas and SCRAM credentials of users. A credential holds a salted hash, never the password.' }),
  ],
  [/^\/config\/clients(\/|$)/, () => ({ text: 'Quotas of client ids.' })],
  [
    /^\/config\/changes(\/|$)/,
    () => ({ text: 'A numbered znode for each change of a config. Brokers watch this list to learn what to read again.' }),
  ],
  [
    /^\/admin\/delete_topics(\/|$)/,
    () => ({
      text: 'Topics that are to be deleted. The controller takes them from here and removes a name once every replica is gone.',
    }),
  ],
  [
    /^\/admin\/reassign_partitions$/,
    () => ({ text: 'Reassignments asked for in the old way. The controller takes them from here.' }),
  ],
  [/^\/admin\/preferred_replica_election$/, () => ({ text: 'An election of preferred leaders that was asked for.' })],
  [/^\/admin(\/|$)/, () => ({ text: 'Work for the controller.' })],
  [
    /^\/isr_change_notification(\/|$)/,
    () => ({ text: 'A numbered znode for each change of in-sync replicas that a leader made by itself.' }),
  ],
  [/^\/log_dir_event_notification(\/|$)/, () => ({ text: 'A numbered znode for each broker whose log directory failed.' })],
  [
    /^\/latest_producer_id_block$/,
    () => ({ text: 'The last block of producer ids that a broker took for idempotent producers.' }),
  ],
  [/^\/kafka-acl(?:-extended)?(\/|$)/, () => ({ text: 'Who may do what, by resource.' })],
  [
    /^\/kafka-acl(?:-extended)?-changes(\/|$)/,
    () => ({ text: 'A numbered znode for each change of an ACL, which brokers watch.' }),
  ],
  [/^\/feature$/, () => ({ text: 'The finalized features of the cluster.' })],
  [/^\/zookeeper(\/|$)/, () => ({ text: "The coordination service's own." })],
]

export function meaningOf(path: string): ZnodeMeaning | null {
  for (const [pattern, say] of rules) {
    const match = pattern.exec(path)
    if (match) return say(match)
  }
  return null
}
