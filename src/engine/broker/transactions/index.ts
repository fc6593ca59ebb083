/**
 * How transactions hang in a broker: their coordinator on the partitions of `__transaction_state` that this broker leads, and the two things that brokers
 * ask each other for: to write markers, and to verify. Both go over the wire also where the other is this broker. Made by assembleBroker.
 */
import { type CoordinatorLog, partitionFor } from '../../coordinator'
import { TransactionCoordinator } from '../../coordinator/transaction/transaction-coordinator'
import type { Clock, Logger } from '../../platform'
import { AddPartitionsToTxn, WriteTxnMarkers } from '../../wire/messages'
import type { ConfigStore } from '../config-store'
import { isTransactionVersion2 } from '../features'
import { TRANSACTION_STATE } from '../internal-topics'
import type { MetadataCache } from '../metadata-cache'
import { BrokerLinks, type LinkConnection } from './broker-links'
import { TransactionVerifier } from './transaction-verifier'

export interface TransactionsOptions {
  readonly clock: Clock
  readonly logger: Logger
  readonly metadata: MetadataCache
  readonly configs: Pick<ConfigStore, 'brokerNumber' | 'brokerValue'>
  /** Of `__transaction_state`. */
  readonly log: CoordinatorLog
  /** Where other brokers reach it; undefined where it is not known, or dead. */
  addressOf(brokerId: number): { readonly host: string; readonly port: number } | undefined
  connectTo(address: { readonly host: string; readonly port: number }, purpose: string): LinkConnection
  takeProducerId(): Promise<bigint>
}

const WRITE_TXN_MARKERS_VERSION = 2
const ADD_PARTITIONS_VERSION = 5
/** Markers wait for all in-sync replicas. */
const MARKERS_TIMEOUT_MS = 10_000
const VERIFY_TIMEOUT_MS = 5_000

export class Transactions {
  readonly coordinator: TransactionCoordinator
  readonly verifier: TransactionVerifier
  private readonly markerLinks: BrokerLinks
  private readonly verifyLinks: BrokerLinks

  constructor(private readonly options: TransactionsOptions) {
    const { clock, logger, configs } = options
    const linksFor = (purpose: string) =>
      new BrokerLinks({
        addressOf: (id) => options.addressOf(id),
        connectTo: (address) => options.connectTo(address, purpose),
      })
    this.markerLinks = linksFor('markers')
    this.verifyLinks = linksFor('verifier')
    this.coordinator = new TransactionCoordinator({
      clock,
      logger,
      runtime: {
        topic: TRANSACTION_STATE,
        log: options.log,
        commitTimeoutMs: configs.brokerNumber('offsets.commit.timeout.ms'),
        partitionCount: () => this.partitionCount(),
      },
      markers: {
        leaderOf: (topic, partition) => this.leaderOf(topic, partition),
        write: (brokerId, request) =>
          this.markerLinks.request(brokerId, WriteTxnMarkers, request, {
            version: WRITE_TXN_MARKERS_VERSION,
            timeoutMs: MARKERS_TIMEOUT_MS,
          }),
      },
      takeProducerId: () => options.takeProducerId(),
      logVersion: isTransactionVersion2(configs) ? 1 : 0,
      timeoutMsMax: configs.brokerNumber('transaction.max.timeout.ms'),
      idExpirationMs: configs.brokerNumber('transactional.id.expiration.ms'),
      abortCheckIntervalMs: configs.brokerNumber('transaction.abort.timed.out.transaction.cleanup.interval.ms'),
      expirationCheckIntervalMs: configs.brokerNumber('transaction.remove.expired.transaction.cleanup.interval.ms'),
    })
    this.verifier = new TransactionVerifier({
      logger,
      coordinatorOf: (transactionalId) => {
        const leader = this.leaderOf(TRANSACTION_STATE, partitionFor(transactionalId, this.partitionCount()))
        return leader === 'gone' ? null : leader
      },
      ask: (brokerId, request) =>
        this.verifyLinks.request(brokerId, AddPartitionsToTxn, request, {
          version: ADD_PARTITIONS_VERSION,
          timeoutMs: VERIFY_TIMEOUT_MS,
        }),
    })
  }

  /** Whether a producer's first write to a partition is verified. */
  get isVerifying(): boolean {
    return this.options.configs.brokerValue('transaction.partition.verification.enable') === 'true'
  }

  startTickers(): void {
    this.coordinator.startTickers()
  }

  /** Ends what it has under way, and answers nobody. The runtime is closed with the others. */
  close(): void {
    this.coordinator.close()
    this.markerLinks.close()
    this.verifyLinks.close()
  }

  private partitionCount(): number {
    const { metadata, configs } = this.options
    return metadata.topic(TRANSACTION_STATE)?.partitions.size ?? configs.brokerNumber('transaction.state.log.num.partitions')
  }

  private leaderOf(topic: string, partition: number): number | null | 'gone' {
    const { metadata } = this.options
    const known = metadata.partition(topic, partition)
    if (known === undefined) return 'gone'
    return metadata.broker(known.leader) === undefined ? null : known.leader
  }
}
