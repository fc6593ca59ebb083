/** What somebody has sent and saved in the fake workspace. */
import {
  latencyBoundsMs,
  type ProduceProgress,
  type ProduceRequestInput,
  type ProduceRunView,
  type SavedMessages,
} from '../../../shared/model/producing'

const order = `{
  "orderId": {{seq 7205759403792793601}},
  "customerId": "{{key}}",
  "customer": "{{faker.person.fullName}}",
  "status": "{{pick PLACED PAID SHIPPED}}",
  "total": {{float 5 900 2}},
  "placedAt": "{{now -2h}}"
}`

const request = (topic: string, change: Partial<ProduceRequestInput> = {}): ProduceRequestInput => ({
  topic,
  partition: null,
  key: { format: 'text', text: 'cus_{{index}}' },
  value: { format: 'json', text: order },
  headers: [],
  acks: -1,
  timestamp: null,
  compression: 'none',
  count: 1,
  ...change,
})

export function fakeSaved(nowMs: number): SavedMessages {
  const names: [string, string, Partial<ProduceRequestInput>, string][] = [
    ['Paid order', 'Orders', {}, 'orders'],
    ['Order without a customer', 'Orders', { key: { format: 'null', text: '' } }, 'orders'],
    [
      'Refund, partial',
      'Payments',
      { value: { format: 'json', text: '{"paymentId":"{{uuid}}","kind":"REFUND","amount":-12.80}' } },
      'payments',
    ],
    [
      'Refund, negative amount',
      'Payments',
      { value: { format: 'json', text: '{"paymentId":"{{uuid}}","kind":"REFUND","amount":-128.50}' } },
      'payments',
    ],
    ['Tombstone cus_8hk2', '', { key: { format: 'text', text: 'cus_8hk2' }, value: { format: 'null', text: '' } }, 'customers'],
    [
      'Raw bytes',
      '',
      { key: { format: 'null', text: '' }, value: { format: 'hex', text: '9f 3c 00 e1 7a 42 b0 11 c4' } },
      'clickstream.raw',
    ],
  ]
  return {
    folders: ['Load', 'Orders', 'Payments'],
    messages: names.map(([name, folder, change, topic], at) => ({
      id: `saved-${at}`,
      name,
      folder,
      request: request(topic, change),
      savedAtMs: nowMs - (at + 1) * 86_400_000,
    })),
    problem: null,
  }
}

export function fakeRuns(nowMs: number): { view: ProduceRunView; request: ProduceRequestInput }[] {
  const progress = (runId: number, count: number, change: Partial<ProduceProgress> = {}): ProduceProgress => ({
    runId,
    state: 'finished',
    sentCount: count,
    acknowledgedCount: count,
    failedCount: 0,
    retryCount: 0,
    elapsedMs: 5_020,
    ratePerSecond: Math.round(count / 5.02),
    last: { partition: 3, offset: 1421377, timestamp: String(nowMs - 600_000) },
    partitions: [0, 1, 2, 3].map((partition) => ({
      partition,
      firstOffset: 1419446 + partition,
      lastOffset: 1421117 + partition,
      count: Math.round(count / 4),
    })),
    error: null,
    errors: [],
    latencyMs: { p50: 1.18, p95: 3.71, p99: 6.04, max: 11.9 },
    latencyCounts: latencyBoundsMs
      .map((_, at) => Math.round(count * ([0.01, 0.08, 0.3, 0.34, 0.16, 0.07, 0.03, 0.01][at] ?? 0)))
      .concat(0),
    transactions: null,
    nextAtMs: null,
    ...change,
  })
  const run = (
    runId: number,
    topic: string,
    label: string,
    agoMs: number,
    count: number,
    change: Partial<ProduceProgress> = {},
    source: ProduceRunView['source'] = 'message',
  ) => ({
    view: {
      runId,
      topic,
      label,
      source,
      count,
      startedAtMs: nowMs - agoMs,
      endedAtMs: nowMs - agoMs + 5_020,
      progress: progress(runId, count, change),
      againProblem: source === 'lines' ? `The lines of ${label} are not kept. Choose the file again.` : null,
    },
    request: request(topic, { count }),
  })
  const lost = {
    name: 'MESSAGE_TOO_LARGE',
    message:
      "The request included a message larger than the max message size the server will accept. Raise the topic's max.message.bytes, send less at once, or compress it.",
  }
  return [
    run(3, 'payments', 'cus_{{index}}', 600_000, 10_000, {
      retryCount: 41,
      errors: [{ name: 'NOT_LEADER_OR_FOLLOWER', message: 'The leader has moved. Trying again.', count: 0, retryCount: 41 }],
      latencyMs: { p50: 1.18, p95: 3.71, p99: 1552, max: 1604 },
    }),
    run(2, 'payments', 'pay_7', 3_600_000, 1, {
      state: 'failed',
      acknowledgedCount: 0,
      failedCount: 1,
      last: null,
      partitions: [],
      error: lost,
      errors: [{ ...lost, count: 1, retryCount: 0 }],
      latencyMs: null,
    }),
    run(1, 'orders', 'orders-2026-11.jsonl', 90_000_000, 500, {}, 'lines'),
  ]
}
