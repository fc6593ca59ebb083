/**
 * What a field's name says of its values: `customerEmail` is an address, `totalPrice` money. Names are read as words, the last ones count most. Gives a
 * text or a range of numbers where the name is known, null elsewhere; the caller holds it to the schema's bounds.
 */
import type { SampleRandom } from './sample-random'

export interface NumberMeaning {
  readonly min: number
  readonly max: number
  /** Digits behind the point where fractions are allowed. */
  readonly digits: number
}

type TextMaker = (random: SampleRandom, parent: readonly string[]) => string

const person: TextMaker = ({ faker }) => faker.person.fullName()

/** By the last words of the name, more words before fewer. */
const texts: ReadonlyMap<string, TextMaker> = new Map<string, TextMaker>([
  ['email', ({ faker }) => faker.internet.exampleEmail().toLowerCase()],
  ['mail', ({ faker }) => faker.internet.exampleEmail().toLowerCase()],
  ['first name', ({ faker }) => faker.person.firstName()],
  ['given name', ({ faker }) => faker.person.firstName()],
  ['middle name', ({ faker }) => faker.person.middleName()],
  ['last name', ({ faker }) => faker.person.lastName()],
  ['family name', ({ faker }) => faker.person.lastName()],
  ['surname', ({ faker }) => faker.person.lastName()],
  ['full name', person],
  ['customer', person],
  ['author', person],
  ['owner', person],
  ['user name', ({ faker }) => faker.internet.username().toLowerCase()],
  ['username', ({ faker }) => faker.internet.username().toLowerCase()],
  ['login', ({ faker }) => faker.internet.username().toLowerCase()],
  ['name', nameByParent],
  ['company', ({ faker }) => faker.company.name()],
  ['company name', ({ faker }) => faker.company.name()],
  ['organization', ({ faker }) => faker.company.name()],
  ['vendor', ({ faker }) => faker.company.name()],
  ['product', ({ faker }) => faker.commerce.productName()],
  ['product name', ({ faker }) => faker.commerce.productName()],
  ['item name', ({ faker }) => faker.commerce.productName()],
  ['category', ({ faker }) => faker.commerce.department()],
  ['department', ({ faker }) => faker.commerce.department()],
  ['material', ({ faker }) => faker.commerce.productMaterial()],
  ['sku', (random) => `SKU-${random.between(10_000, 99_999)}`],
  ['isbn', ({ faker }) => faker.commerce.isbn()],
  ['phone', ({ faker }) => faker.phone.number({ style: 'international' })],
  ['phone number', ({ faker }) => faker.phone.number({ style: 'international' })],
  ['mobile', ({ faker }) => faker.phone.number({ style: 'international' })],
  ['address', ({ faker }) => faker.location.streetAddress()],
  ['street', ({ faker }) => faker.location.street()],
  ['street address', ({ faker }) => faker.location.streetAddress()],
  ['ip address', ({ faker }) => faker.internet.ipv4()],
  ['mac address', ({ faker }) => faker.internet.mac()],
  ['email address', ({ faker }) => faker.internet.exampleEmail().toLowerCase()],
  ['city', ({ faker }) => faker.location.city()],
  ['town', ({ faker }) => faker.location.city()],
  ['county', ({ faker }) => faker.location.county()],
  ['region', ({ faker }) => faker.location.state()],
  ['country', ({ faker }) => faker.location.country()],
  ['country code', ({ faker }) => faker.location.countryCode()],
  ['zip', ({ faker }) => faker.location.zipCode()],
  ['zip code', ({ faker }) => faker.location.zipCode()],
  ['postcode', ({ faker }) => faker.location.zipCode()],
  ['postal code', ({ faker }) => faker.location.zipCode()],
  ['time zone', ({ faker }) => faker.location.timeZone()],
  ['timezone', ({ faker }) => faker.location.timeZone()],
  ['currency', ({ faker }) => faker.finance.currencyCode()],
  ['currency code', ({ faker }) => faker.finance.currencyCode()],
  ['iban', ({ faker }) => faker.finance.iban()],
  ['bic', ({ faker }) => faker.finance.bic()],
  ['account', ({ faker }) => faker.finance.accountNumber()],
  ['account number', ({ faker }) => faker.finance.accountNumber()],
  ['card number', ({ faker }) => faker.finance.creditCardNumber()],
  ['price', ({ faker }) => faker.commerce.price()],
  ['amount', ({ faker }) => faker.commerce.price()],
  ['total', ({ faker }) => faker.commerce.price()],
  ['url', ({ faker }) => faker.internet.url({ appendSlash: false })],
  ['uri', ({ faker }) => faker.internet.url({ appendSlash: false })],
  ['link', ({ faker }) => faker.internet.url({ appendSlash: false })],
  ['website', ({ faker }) => faker.internet.url({ appendSlash: false })],
  ['host', ({ faker }) => faker.internet.domainName()],
  ['hostname', ({ faker }) => faker.internet.domainName()],
  ['domain', ({ faker }) => faker.internet.domainName()],
  ['ip', ({ faker }) => faker.internet.ipv4()],
  ['mac', ({ faker }) => faker.internet.mac()],
  ['user agent', ({ faker }) => faker.internet.userAgent()],
  ['password', ({ faker }) => faker.internet.password()],
  ['color', ({ faker }) => faker.color.human()],
  ['colour', ({ faker }) => faker.color.human()],
  ['title', ({ faker }) => faker.lorem.sentence({ min: 2, max: 4 }).replace(/\.$/, '')],
  ['job title', ({ faker }) => faker.person.jobTitle()],
  ['job', ({ faker }) => faker.person.jobTitle()],
  ['gender', ({ faker }) => faker.person.sex()],
  ['description', ({ faker }) => faker.commerce.productDescription()],
  ['summary', ({ faker }) => faker.lorem.sentence()],
  ['comment', ({ faker }) => faker.lorem.sentence()],
  ['message', ({ faker }) => faker.lorem.sentence()],
  ['note', ({ faker }) => faker.lorem.sentence()],
  ['text', ({ faker }) => faker.lorem.sentence()],
  ['reason', ({ faker }) => faker.lorem.sentence()],
  ['status', (random) => random.pick(['NEW', 'ACTIVE', 'PENDING', 'DONE', 'FAILED'])],
  [
    'state',
    (random, parent) =>
      parent.includes('address') ? random.faker.location.state() : random.pick(['NEW', 'PAID', 'SHIPPED', 'DONE']),
  ],
  ['language', (random) => random.pick(['en', 'de', 'fr', 'nl', 'es', 'ja'])],
  ['locale', (random) => random.pick(['en-GB', 'de-DE', 'fr-FR', 'nl-BE', 'ja-JP'])],
  ['version', ({ faker }) => faker.system.semver()],
  ['file', ({ faker }) => faker.system.fileName()],
  ['file name', ({ faker }) => faker.system.fileName()],
  ['path', ({ faker }) => faker.system.filePath()],
  ['mime type', ({ faker }) => faker.system.mimeType()],
  ['content type', ({ faker }) => faker.system.mimeType()],
  ['uuid', (random) => random.uuid()],
  ['guid', (random) => random.uuid()],
  ['id', (random) => random.uuid()],
  ['key', (random) => random.bytes(6).toString('hex')],
  ['hash', (random) => random.bytes(16).toString('hex')],
  ['token', (random) => random.bytes(12).toString('base64url')],
  ['code', (random) => `${random.pick(['A', 'B', 'C', 'X'])}${random.between(100, 999)}`],
  ['tag', (random) => random.pick(['new', 'sale', 'gift', 'express', 'returned', 'vip'])],
  ['type', (random) => random.pick(['standard', 'express', 'basic', 'premium'])],
  ['date', (random) => isoSeconds(random).slice(0, 10)],
  ['time', isoSeconds],
  ['timestamp', isoSeconds],
  ['at', isoSeconds],
])

const numbers: ReadonlyMap<string, NumberMeaning> = new Map<string, NumberMeaning>([
  ['price', { min: 1, max: 500, digits: 2 }],
  ['amount', { min: 1, max: 1_000, digits: 2 }],
  ['total', { min: 1, max: 2_000, digits: 2 }],
  ['cost', { min: 1, max: 500, digits: 2 }],
  ['balance', { min: 0, max: 10_000, digits: 2 }],
  ['discount', { min: 0, max: 50, digits: 2 }],
  ['cents', { min: 100, max: 100_000, digits: 0 }],
  ['quantity', { min: 1, max: 20, digits: 0 }],
  ['qty', { min: 1, max: 20, digits: 0 }],
  ['count', { min: 0, max: 100, digits: 0 }],
  ['size', { min: 1, max: 10_000, digits: 0 }],
  ['age', { min: 18, max: 90, digits: 0 }],
  ['year', { min: 1990, max: 2025, digits: 0 }],
  ['month', { min: 1, max: 12, digits: 0 }],
  ['day', { min: 1, max: 28, digits: 0 }],
  ['hour', { min: 0, max: 23, digits: 0 }],
  ['minute', { min: 0, max: 59, digits: 0 }],
  ['latitude', { min: -60, max: 70, digits: 6 }],
  ['lat', { min: -60, max: 70, digits: 6 }],
  ['longitude', { min: -180, max: 179, digits: 6 }],
  ['lon', { min: -180, max: 179, digits: 6 }],
  ['lng', { min: -180, max: 179, digits: 6 }],
  ['percent', { min: 0, max: 100, digits: 1 }],
  ['rate', { min: 0, max: 1, digits: 3 }],
  ['ratio', { min: 0, max: 1, digits: 3 }],
  ['rating', { min: 1, max: 5, digits: 1 }],
  ['score', { min: 0, max: 100, digits: 1 }],
  ['temperature', { min: -10, max: 35, digits: 1 }],
  ['weight', { min: 1, max: 100, digits: 2 }],
  ['height', { min: 1, max: 200, digits: 1 }],
  ['width', { min: 1, max: 200, digits: 1 }],
  ['port', { min: 1024, max: 65_535, digits: 0 }],
  ['version', { min: 1, max: 9, digits: 0 }],
  ['priority', { min: 1, max: 5, digits: 0 }],
  ['id', { min: 1_000, max: 999_999, digits: 0 }],
])

/** Names of whole numbers that count time since 1970. */
const epochNames = new Set(['timestamp', 'ts', 'at', 'time', 'date', 'millis', 'ms', 'created', 'updated', 'modified', 'on'])

/** "customerEmail", "customer_email" and "CustomerEMail"'s words in small letters. */
export function wordsOf(name: string): readonly string[] {
  return name
    .split(/[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/)
    .filter((word) => word !== '')
    .map((word) => word.toLowerCase())
}

/** A text for a field of this name within a type of that one, or null where the name says nothing. */
export function textByName(name: string, parentName: string, random: SampleRandom): string | null {
  const maker = byLastWords(texts, wordsOf(name))
  return maker === null ? null : maker(random, wordsOf(parentName))
}

export function numberByName(name: string): NumberMeaning | null {
  return byLastWords(numbers, wordsOf(name))
}

export function isEpochName(name: string): boolean {
  const words = wordsOf(name)
  return words.length > 0 && epochNames.has(words[words.length - 1]!)
}

function byLastWords<T>(table: ReadonlyMap<string, T>, words: readonly string[]): T | null {
  for (let count = Math.min(words.length, 3); count > 0; count--) {
    const last = words.slice(-count)
    const plain = [...last.slice(0, -1), last[count - 1]!.replace(/(?<=[a-z]{2})s$/, '')].join(' ')
    const found = table.get(last.join(' ')) ?? table.get(plain)
    if (found !== undefined) return found
  }
  return null
}

/** `name` alone means what it is the name of. */
function nameByParent({ faker }: SampleRandom, parent: readonly string[]): string {
  const of = (...words: readonly string[]): boolean => words.some((word) => parent.includes(word))
  if (of('product', 'item', 'article', 'sku', 'line')) return faker.commerce.productName()
  if (of('company', 'vendor', 'supplier', 'organization', 'merchant', 'shop')) return faker.company.name()
  if (of('city', 'town')) return faker.location.city()
  if (of('country')) return faker.location.country()
  if (of('file', 'attachment')) return faker.system.fileName()
  if (of('category', 'department')) return faker.commerce.department()
  return faker.person.fullName()
}

function isoSeconds(random: SampleRandom): string {
  return new Date(random.epochSeconds() * 1000).toISOString().replace('.000', '')
}
