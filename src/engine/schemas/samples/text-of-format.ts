/** A text of a `format` of JSON Schema, as ajv-formats checks it; null for formats that nobody knows, which allow anything. */
import type { SampleRandom } from './sample-random'

const makers: Readonly<Record<string, (random: SampleRandom) => string>> = {
  'date-time': isoTime,
  'iso-date-time': isoTime,
  date: (random) => isoTime(random).slice(0, 10),
  time: (random) => isoTime(random).slice(11),
  'iso-time': (random) => isoTime(random).slice(11),
  duration: (random) => `P${random.between(1, 12)}DT${random.between(1, 23)}H`,
  email: ({ faker }) => faker.internet.exampleEmail().toLowerCase(),
  'idn-email': ({ faker }) => faker.internet.exampleEmail().toLowerCase(),
  hostname: ({ faker }) => faker.internet.domainName(),
  'idn-hostname': ({ faker }) => faker.internet.domainName(),
  ipv4: ({ faker }) => faker.internet.ipv4(),
  ipv6: ({ faker }) => faker.internet.ipv6(),
  uri: ({ faker }) => faker.internet.url({ appendSlash: false }),
  url: ({ faker }) => faker.internet.url({ appendSlash: false }),
  iri: ({ faker }) => faker.internet.url({ appendSlash: false }),
  'uri-reference': ({ faker }) => `/${faker.lorem.slug()}`,
  'iri-reference': ({ faker }) => `/${faker.lorem.slug()}`,
  'uri-template': ({ faker }) => `/${faker.lorem.slug()}/{id}`,
  uuid: (random) => random.uuid(),
  'json-pointer': ({ faker }) => `/${faker.lorem.word()}`,
  'relative-json-pointer': ({ faker }) => `0/${faker.lorem.word()}`,
  regex: ({ faker }) => `^${faker.lorem.word()}$`,
  byte: (random) => random.bytes(9).toString('base64'),
  password: ({ faker }) => faker.internet.password(),
  binary: (random) => random.bytes(8).toString('hex'),
}

export function textOfFormat(format: string, random: SampleRandom): string | null {
  const maker = Object.hasOwn(makers, format) ? makers[format] : undefined
  return maker === undefined ? null : maker(random)
}

function isoTime(random: SampleRandom): string {
  return new Date(random.epochSeconds() * 1000).toISOString().replace('.000', '')
}
