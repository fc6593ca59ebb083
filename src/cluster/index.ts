/** The cluster host's public interface. */

export { topicConfigDefinitions } from '../engine'
export { Cluster } from './cluster'
export { formatLogEntry } from './log-file'
export type { ClusterOptions, LogEntry } from './options'
