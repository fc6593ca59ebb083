/**
 * A shop that only exists here: people come, look around, order, pay, get their parcels or not. Each event follows from an earlier one, so that an
 * order can be followed through all topics by its id. Pure: time comes in with each step, chance from a seed; words from faker.
 */
import type { Faker } from '@faker-js/faker'
import type { SeededRandom } from '../producing/template/random'
import type { SampleTopicName } from './sample-topics'

export interface ShopRecord {
  readonly topic: SampleTopicName
  /** null: none. */
  readonly key: string | null
  /** Text, or JSON for the topic's schema; null: a tombstone. */
  readonly value: string | null
  readonly headers: readonly { readonly key: string; readonly value: string }[]
  readonly atMs: number
}

export interface ShopPosition {
  /** Decimal. */
  readonly orderCount: string
  readonly customerCount: number
}

interface Customer {
  readonly id: string
  readonly name: string
  email: string | null
  tier: 'STANDARD' | 'PLUS' | 'BUSINESS'
  address: { street: string; zip: string; city: string; country: string }
  readonly registeredAtMs: number
}

interface Product {
  readonly sku: string
  readonly name: string
  readonly cents: number
}

interface Order {
  readonly id: bigint
  readonly customer: Customer
  readonly lines: readonly { readonly product: Product; readonly quantity: number }[]
  readonly cents: number
  readonly note: string | null
  readonly traceId: string
}

/** Something that will happen at its time. */
interface Due {
  readonly atMs: number
  readonly happen: (atMs: number) => void
}

const firstOrderId = 7_205_759_403_792_793_601n
const startingCustomers = 240
const productCount = 60
const minuteMs = 60_000
const pages = ['/', '/sale', '/new', '/search', '/basket', '/checkout', '/account', '/help'] as const
const agents = ['Firefox/132', 'Chrome/131', 'Safari/18.1', 'ShopApp/4.2 iOS', 'ShopApp/4.1 Android'] as const
const carriers = [
  { name: 'NordPost', country: 'SE' },
  { name: 'Rhein Kurier', country: 'DE' },
  { name: 'Aquitaine Express', country: 'FR' },
] as const
const countries = ['DE', 'FR', 'SE', 'NL', 'ES', 'PL'] as const

export class Shop {
  private readonly customers: Customer[] = []
  private readonly products: Product[] = []
  private readonly due: Due[] = []
  private made: ShopRecord[] = []
  private nextOrder = 0n
  private nextCustomer = 1

  constructor(
    private readonly random: SeededRandom,
    /** Over the same chance. */
    private readonly faker: Faker,
  ) {
    for (let at = 0; at < productCount; at++)
      this.products.push({
        sku: `SKU-${String(1_000 + at * 7)}`,
        name: faker.commerce.productName(),
        cents: 199 + random.below(29_900),
      })
  }

  /** What has to be remembered so that another shop goes on where this one is. */
  get position(): ShopPosition {
    return { orderCount: String(this.nextOrder), customerCount: this.nextCustomer }
  }

  /** After begin: with the same seed it has the same customers, and gives no id again that was given. */
  resume({ orderCount, customerCount }: ShopPosition): void {
    this.nextOrder = BigInt(orderCount)
    this.nextCustomer = Math.max(this.nextCustomer, customerCount)
  }

  /** Those who were there before anybody looked. */
  begin(atMs: number): ShopRecord[] {
    return this.collect(() => {
      for (let at = 0; at < startingCustomers; at++) this.register(atMs - this.random.below(60) * minuteMs)
    })
  }

  /** What somebody does at this time, and all that was due by then; in the order in which it happened. */
  step(atMs: number): ShopRecord[] {
    return this.collect(() => {
      this.catchUp(atMs)
      const chance = this.random.next()
      if (chance < 0.62) this.browse(atMs)
      else if (chance < 0.84) this.order(atMs)
      else if (chance < 0.94) this.log(atMs, 'INFO', `GET ${this.random.pick(pages)} 200 ${3 + this.random.below(90)}ms`)
      else if (chance < 0.975) this.change(atMs)
      else if (chance < 0.995) this.register(atMs)
      else this.leave(atMs)
    })
  }

  private collect(happen: () => void): ShopRecord[] {
    this.made = []
    happen()
    return this.made
  }

  private catchUp(atMs: number): void {
    for (
      let next = this.due[this.due.length - 1];
      next !== undefined && next.atMs <= atMs;
      next = this.due[this.due.length - 1]
    ) {
      this.due.pop()
      next.happen(next.atMs)
    }
  }

  private later(atMs: number, minMs: number, maxMs: number, happen: (atMs: number) => void): void {
    const due = { atMs: atMs + minMs + this.random.below(Math.max(1, maxMs - minMs)), happen }
    // Latest first, so that the next one is taken from the end.
    let [low, high] = [0, this.due.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.due[middle]!.atMs > due.atMs) low = middle + 1
      else high = middle
    }
    this.due.splice(low, 0, due)
  }

  private register(atMs: number): void {
    const first = this.faker.person.firstName()
    const last = this.faker.person.lastName()
    const customer: Customer = {
      id: `cus_${(0x9f1d0 + this.nextCustomer++ * 7_919).toString(36)}`,
      name: `${first} ${last}`,
      email: this.random.next() < 0.06 ? null : `${first}.${last}@example.com`.toLowerCase().replace(/[^a-z0-9.@]/g, ''),
      tier: this.random.next() < 0.75 ? 'STANDARD' : this.random.next() < 0.7 ? 'PLUS' : 'BUSINESS',
      address: this.address(),
      registeredAtMs: atMs,
    }
    this.customers.push(customer)
    this.tellCustomer(customer, atMs)
  }

  private address(): Customer['address'] {
    const { faker } = this
    return {
      street: faker.location.streetAddress(),
      zip: faker.location.zipCode('#####'),
      city: faker.location.city(),
      country: this.random.pick(countries),
    }
  }

  /** A few customers buy most, as everywhere. */
  private someone(): Customer {
    return this.customers[Math.floor(this.random.next() ** 2 * this.customers.length)]!
  }

  private change(atMs: number): void {
    const customer = this.someone()
    if (this.random.next() < 0.5) customer.address = this.address()
    else customer.tier = customer.tier === 'STANDARD' ? 'PLUS' : 'BUSINESS'
    this.tellCustomer(customer, atMs)
  }

  private leave(atMs: number): void {
    if (this.customers.length < 20) return
    const [gone] = this.customers.splice(this.random.below(this.customers.length), 1)
    if (gone !== undefined) this.tell('customers', gone.id, null, atMs, [['reason', 'account closed']])
  }

  private browse(atMs: number): void {
    const customer = this.random.next() < 0.6 ? this.someone() : null
    const visitor = customer?.id ?? `anon-${this.hex(8)}`
    const product = this.random.pick(this.products)
    const page = this.random.next() < 0.5 ? `/product/${product.sku}` : this.random.pick(pages)
    const seen = {
      visitor,
      session: this.hex(12),
      page,
      referrer: this.random.next() < 0.3 ? 'https://search.example/' : null,
      agent: this.random.pick(agents),
      durationMs: 200 + this.random.below(40_000),
      at: new Date(atMs).toISOString(),
    }
    this.tell('clickstream', visitor, JSON.stringify(seen), atMs)
  }

  private order(atMs: number): void {
    const customer = this.someone()
    const lines = Array.from({ length: 1 + this.random.below(4) }, () => ({
      product: this.random.pick(this.products),
      quantity: 1 + this.random.below(3),
    }))
    const order: Order = {
      id: firstOrderId + this.nextOrder++,
      customer,
      lines,
      cents: lines.reduce((sum, { product, quantity }) => sum + product.cents * quantity, 0),
      note: this.random.next() < 0.08 ? this.faker.lorem.sentence() : null,
      traceId: this.hex(32),
    }
    this.tellOrder(order, 'PLACED', atMs)
    this.log(atMs, 'INFO', `order ${order.id} placed by ${customer.id}, ${money(order.cents)} EUR`)
    this.later(atMs, 1_500, 40_000, (at) => this.pay(order, at))
  }

  private pay(order: Order, atMs: number): void {
    const isDeclined = this.random.next() < 0.07
    this.tellPayment(order, isDeclined ? 'DECLINED' : 'CAPTURED', atMs)
    if (isDeclined) {
      this.log(atMs, 'WARN', `payment of order ${order.id} declined: insufficient funds`)
      this.later(atMs, 500, 5_000, (at) => this.tellOrder(order, 'CANCELLED', at))
      return
    }
    this.later(atMs, 100, 1_500, (at) => this.tellOrder(order, 'PAID', at))
    this.later(atMs, 4 * minuteMs, 40 * minuteMs, (at) => this.ship(order, at))
  }

  private ship(order: Order, atMs: number): void {
    const parcels = order.lines.map((_, at) => ({
      weight_grams: 120 + this.random.below(4_000),
      label: `P${at + 1}/${order.lines.length}`,
    }))
    const carrier = this.random.pick(carriers)
    const trackingCode = `${carrier.country}${this.hex(10).toUpperCase()}`
    const tell = (status: string) => (at: number) =>
      this.tell(
        'shipments',
        String(order.id),
        // 64-bit numbers stand in the text as they are.
        `{"shipment_id":"shp_${order.id}","order_id":"${order.id}","status":"${status}","carrier":${JSON.stringify(carrier)},"tracking_code":"${trackingCode}","parcels":${JSON.stringify(parcels)},"at_ms":"${at}"}`,
        at,
        [['trace-id', order.traceId]],
      )
    tell('PACKED')(atMs)
    this.tellOrder(order, 'SHIPPED', atMs)
    this.later(atMs, minuteMs, 20 * minuteMs, tell('HANDED_OVER'))
    this.later(atMs, 25 * minuteMs, 60 * minuteMs, tell('IN_TRANSIT'))
    const isBack = this.random.next() < 0.05
    this.later(atMs, 70 * minuteMs, 160 * minuteMs, tell(isBack ? 'RETURNED' : 'DELIVERED'))
    if (isBack) this.later(atMs, 170 * minuteMs, 200 * minuteMs, (at) => this.tellPayment(order, 'REFUNDED', at))
  }

  private tellCustomer(customer: Customer, atMs: number): void {
    const { id, name, email, tier, address, registeredAtMs } = customer
    const value = {
      customerId: id,
      name,
      email: email === null ? null : { string: email },
      tier,
      address,
      registeredAt: registeredAtMs,
      updatedAt: atMs,
    }
    this.tell('customers', id, JSON.stringify(value), atMs)
  }

  private tellOrder(order: Order, status: string, atMs: number): void {
    const lines = order.lines.map(({ product, quantity }) => ({
      sku: product.sku,
      product: product.name,
      quantity,
      price: money(product.cents),
    }))
    const note = order.note === null ? 'null' : JSON.stringify({ string: order.note })
    const value = `{"orderId":${order.id},"customerId":"${order.customer.id}","status":"${status}","lines":${JSON.stringify(lines)},"total":"${money(order.cents)}","currency":"EUR","note":${note},"at":${atMs}}`
    this.tell('orders', String(order.id), value, atMs, [
      ['trace-id', order.traceId],
      ['source', 'web-shop'],
    ])
  }

  private tellPayment(order: Order, status: string, atMs: number): void {
    const isCard = this.random.next() < 0.7
    const method = isCard ? { type: 'CARD', last4: String(this.random.below(10_000)).padStart(4, '0') } : { type: 'WALLET' }
    const decline = status === 'DECLINED' ? ',"declineReason":"insufficient funds"' : ''
    const hex = this.hex(32)
    const paymentId = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`
    const value = `{"paymentId":"${paymentId}","orderId":${order.id},"customerId":"${order.customer.id}","status":"${status}","amount":${money(order.cents)},"currency":"EUR","method":${JSON.stringify(method)}${decline},"at":"${new Date(atMs).toISOString()}"}`
    this.tell('payments', String(order.id), value, atMs, [['trace-id', order.traceId]])
  }

  private log(atMs: number, level: string, words: string): void {
    this.tell(
      'shop.log',
      null,
      `${new Date(atMs).toISOString()} ${level.padEnd(5)} [web-${1 + this.random.below(3)}] ${words}`,
      atMs,
    )
  }

  private tell(
    topic: SampleTopicName,
    key: string | null,
    value: string | null,
    atMs: number,
    headers: readonly (readonly [string, string])[] = [],
  ): void {
    this.made.push({ topic, key, value, headers: headers.map(([name, text]) => ({ key: name, value: text })), atMs })
  }

  private hex(length: number): string {
    let text = ''
    while (text.length < length) text += this.random.below(0x10000).toString(16).padStart(4, '0')
    return text.slice(0, length)
  }
}

const money = (cents: number): string => `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`
