/**
 * The features that this cluster has finalized (KIP-584), as ApiVersions tells clients of them: by these, and by nothing else, a client decides whether it may
 * use the transactions of KIP-890. Each broker takes the level from its own configs, which are the same on all of them. The new consumer protocol
 * (KIP-848) is always there.
 */
import type { ConfigStore } from './config-store'

type Configs = Pick<ConfigStore, 'brokerNumber'>

const GROUP_VERSION = 'group.version'
const GROUP_VERSION_MAX = 1
const TRANSACTION_VERSION = 'transaction.version'
const TRANSACTION_VERSION_MAX = 2
/** Clients before it cannot read a feature whose lowest level is 0 (KAFKA-17011). */
const LEVEL_ZERO_VERSION = 4

/** Whether producers have a new epoch after each transaction, and need not announce where they write (KIP-890 part 2). */
export function isTransactionVersion2(configs: Configs): boolean {
  return configs.brokerNumber(TRANSACTION_VERSION) >= 2
}

/** The part of an ApiVersions response of `version`. A feature at level 0 is not finalized. */
export function featuresOf(configs: Configs, version: number) {
  const features = [
    { name: GROUP_VERSION, levelMax: GROUP_VERSION_MAX, level: GROUP_VERSION_MAX },
    { name: TRANSACTION_VERSION, levelMax: TRANSACTION_VERSION_MAX, level: configs.brokerNumber(TRANSACTION_VERSION) },
  ].filter(({ level }) => level > 0)
  return {
    supportedFeatures:
      version < LEVEL_ZERO_VERSION ? [] : features.map(({ name, levelMax }) => ({ name, minVersion: 0, maxVersion: levelMax })),
    finalizedFeatures: features.map(({ name, level }) => ({ name, minVersionLevel: level, maxVersionLevel: level })),
    finalizedFeaturesEpoch: 0,
  }
}
