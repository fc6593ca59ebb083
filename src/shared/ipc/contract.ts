/**
 * The one contract between the window and the main process: every call with the schema of its argument, every event with its type. Each part
 * of the product declares its own in calls/. Main validates each argument against the schema here before any service sees it; nothing else crosses.
 */
import type * as v from 'valibot'
import { type AppEvents, type AppResults, appArguments, appEventNames } from './calls/app'
import { type ClientsEvents, type ClientsResults, clientsArguments, clientsEventNames } from './calls/clients'
import { type ClusterEvents, type ClusterResults, clusterArguments, clusterEventNames } from './calls/cluster'
import {
  type CoordinationEvents,
  type CoordinationResults,
  coordinationArguments,
  coordinationEventNames,
} from './calls/coordination'
import { type GroupsEvents, type GroupsResults, groupsArguments, groupsEventNames } from './calls/groups'
import { type MessagesEvents, type MessagesResults, messagesArguments, messagesEventNames } from './calls/messages'
import { type MetricsEvents, type MetricsResults, metricsArguments, metricsEventNames } from './calls/metrics'
import { type ProduceEvents, type ProduceResults, produceArguments, produceEventNames } from './calls/producing'
import { type SampleDataEvents, type SampleDataResults, sampleDataArguments, sampleDataEventNames } from './calls/sample-data'
import { type SchemasEvents, type SchemasResults, schemasArguments, schemasEventNames } from './calls/schemas'
import { type TopicsEvents, type TopicsResults, topicsArguments, topicsEventNames } from './calls/topics'
import type { WireError } from './errors'

export type { AppInfo } from './calls/app'

/** What each call takes. */
export const argumentSchemas = {
  ...appArguments,
  ...clientsArguments,
  ...clusterArguments,
  ...coordinationArguments,
  ...groupsArguments,
  ...messagesArguments,
  ...metricsArguments,
  ...produceArguments,
  ...sampleDataArguments,
  ...schemasArguments,
  ...topicsArguments,
} as const

export type CallName = keyof typeof argumentSchemas
export type CallArgument<N extends CallName> = v.InferOutput<(typeof argumentSchemas)[N]>

/** What each call answers. A failure is thrown as a WorkbenchError. */
export interface CallResults
  extends AppResults,
    ClientsResults,
    ClusterResults,
    CoordinationResults,
    GroupsResults,
    MessagesResults,
    MetricsResults,
    ProduceResults,
    SampleDataResults,
    SchemasResults,
    TopicsResults {}

/** What main tells the window unasked, at most four times a second. Views are whole, but for topics and partitions: of those what changed (`topics.changed`). */
export interface EventPayloads
  extends AppEvents,
    ClientsEvents,
    ClusterEvents,
    CoordinationEvents,
    GroupsEvents,
    MessagesEvents,
    MetricsEvents,
    ProduceEvents,
    SampleDataEvents,
    SchemasEvents,
    TopicsEvents {}

export type EventName = keyof EventPayloads

export const eventNames: readonly EventName[] = [
  ...appEventNames,
  ...clientsEventNames,
  ...clusterEventNames,
  ...coordinationEventNames,
  ...groupsEventNames,
  ...messagesEventNames,
  ...metricsEventNames,
  ...produceEventNames,
  ...sampleDataEventNames,
  ...schemasEventNames,
  ...topicsEventNames,
]

/** How an answer crosses: Electron loses the fields of thrown errors, so failures travel as values. */
export type CallReply<N extends CallName> =
  | { readonly ok: true; readonly value: CallResults[N] }
  | { readonly ok: false; readonly error: WireError }

/** The two channels of the bridge. */
export const callChannel = 'workbench:call'
export const eventChannel = 'workbench:event'

/** What the preload exposes as `window.workbench`, and nothing more. */
export interface Bridge {
  call<N extends CallName>(name: N, argument: CallArgument<N>): Promise<CallReply<N>>
  /** Answers a function that stops the subscription. */
  on<N extends EventName>(name: N, listener: (payload: EventPayloads[N]) => void): () => void
}
