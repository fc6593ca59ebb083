/**
 * The features that this cluster has finalized (KIP-584), as ApiVersions tells clients of them: by these, and by nothing else, a client decides whether it may
 * use the transactions of KIP-890. Each broker takes the level from its own configs, which are the same on all of them.
 */
import type { ConfigStore } from './config-store'

type Configs = Pick<ConfigStore, 'brokerNumber'>

const TRANSACTION_VERSION = 'transaction.version'
const TRANSACTION_VERSION_MAX = 2
/** Clients before it cannot read a feature whose lowest level is 0 (KAFKA-17011). */
const LEVEL_ZERO_VERSION = 4

/** Whether producers have a new epoch after each transaction, and need not announce where they write (KIP-890 part 2). */
export function isTransactionVersion2(configs: Configs): boolean {
  return configs.brokerNumber(TRANSACTION_VERSION) >= 2
}

/** The part of an ApiVersions response of `version`; nothing where no feature is finalized. */
export function featuresOf(configs: Configs, version: number) {
  const level = configs.brokerNumber(TRANSACTION_VERSION)
  if (level <= 0) return {}
  return {
    supportedFeatures:
      version < LEVEL_ZERO_VERSION ? [] : [{ name: TRANSACTION_VERSION, minVersion: 0, maxVersion: TRANSACTION_VERSION_MAX }],
    finalizedFeatures: [{ name: TRANSACTION_VERSION, minVersionLevel: level, maxVersionLevel: level }],
    finalizedFeaturesEpoch: 0,
  }
}
