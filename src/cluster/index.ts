/** The cluster host's public interface. */

export { type InterceptionRule, parseInterceptionRule, topicConfigDefinitions } from '../engine'
export { Cluster, type OwnAccess } from './cluster'
export type { ClusterInterception } from './interceptions'
export { formatLogEntry } from './log-file'
export type { ClusterOptions, ClusterSecurity, LogEntry } from './options'
export { autoCreatingConfigs } from './options'
export type { SecurityFiles } from './security'
