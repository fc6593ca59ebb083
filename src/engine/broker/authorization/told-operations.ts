/**
 * "Authorized operations": some answers tell, for a topic, a group or the cluster, what the asker may do with it, one bit an operation (KIP-430).
 * Where nobody is asked for permission, as by default, that is all there is. Put into responses on their way out, where the request wants it; pure.
 */
import { CLUSTER_NAME, ResourceType } from '../../security/acl/acl'
import { ErrorCode } from '../../wire/errors'
import type { AnyStruct } from '../interception/message-shape'
import { structsOf } from './special-steps'

/** The bits for a resource, as the asker may know them. */
export type BitsOf = (resourceType: number, name: string) => number

/** Null: this request does not want to know. */
export type Teller = (request: AnyStruct, bitsOf: BitsOf) => ((response: AnyStruct) => AnyStruct) | null

function clusterBits(bitsOf: BitsOf) {
  return { clusterAuthorizedOperations: bitsOf(ResourceType.CLUSTER, CLUSTER_NAME) }
}

function withTopicBits(response: AnyStruct, bitsOf: BitsOf): AnyStruct {
  const topics = structsOf(response['topics']).map((topic) => {
    const { name } = topic
    const isFine = topic['errorCode'] === ErrorCode.NONE && typeof name === 'string'
    return isFine ? { ...topic, topicAuthorizedOperations: bitsOf(ResourceType.TOPIC, name) } : topic
  })
  return { ...response, topics }
}

function withGroupBits(response: AnyStruct, bitsOf: BitsOf): AnyStruct {
  const groups = structsOf(response['groups']).map((group) => {
    const isFine = (group['errorCode'] ?? ErrorCode.NONE) === ErrorCode.NONE
    return isFine ? { ...group, authorizedOperations: bitsOf(ResourceType.GROUP, String(group['groupId'])) } : group
  })
  return { ...response, groups }
}

const ofGroups: Teller = (request, bitsOf) =>
  request['includeAuthorizedOperations'] === true ? (response) => withGroupBits(response, bitsOf) : null

export const TELLERS: ReadonlyMap<number, Teller> = new Map<number, Teller>([
  [
    /* Metadata */ 3,
    (request, bitsOf) => {
      const [ofTopics, ofCluster] = [request['includeTopicAuthorizedOperations'], request['includeClusterAuthorizedOperations']]
      if (ofTopics !== true && ofCluster !== true) return null
      return (response) => {
        const told = ofTopics === true ? withTopicBits(response, bitsOf) : response
        return ofCluster === true ? { ...told, ...clusterBits(bitsOf) } : told
      }
    },
  ],
  [/* DescribeGroups */ 15, ofGroups],
  [
    /* DescribeCluster */ 60,
    (request, bitsOf) =>
      request['includeClusterAuthorizedOperations'] === true ? (response) => ({ ...response, ...clusterBits(bitsOf) }) : null,
  ],
  [/* ConsumerGroupDescribe */ 69, ofGroups],
  [/* DescribeTopicPartitions */ 75, (_request, bitsOf) => (response) => withTopicBits(response, bitsOf)],
])
