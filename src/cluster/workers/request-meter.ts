/** Counts and times the requests of a service that is no broker, and tells the supervisor once a second what there was since the last time. */
import type { Clock } from '../../engine/platform'
import type { FromWorker } from '../worker-protocol'

const reportIntervalMs = 1_000

export class RequestMeter {
  private requestCount = 0
  private errorCount = 0
  private latencyMs = 0
  private latencyMsMax = 0
  private lastMs: number

  constructor(
    private readonly clock: Clock,
    post: (message: FromWorker) => void,
  ) {
    this.lastMs = clock.monotonicMs()
    clock.setTicker(reportIntervalMs, () => post({ type: 'service-metrics', report: this.take() }))
  }

  async measure<T extends { readonly status: number }>(work: () => Promise<T>): Promise<T> {
    const startedMs = this.clock.monotonicMs()
    const answer = await work()
    const tookMs = this.clock.monotonicMs() - startedMs
    this.requestCount++
    if (answer.status >= 400) this.errorCount++
    this.latencyMs += tookMs
    this.latencyMsMax = Math.max(this.latencyMsMax, tookMs)
    return answer
  }

  private take() {
    const nowMs = this.clock.monotonicMs()
    const { requestCount, errorCount, latencyMs, latencyMsMax } = this
    const elapsedMs = Math.max(1, nowMs - this.lastMs)
    this.lastMs = nowMs
    this.requestCount = 0
    this.errorCount = 0
    this.latencyMs = 0
    this.latencyMsMax = 0
    return { service: 'registry', elapsedMs, requestCount, errorCount, latencyMs, latencyMsMax } as const
  }
}
