/**
 * What the names in templates mean. Each is prepared once a run, with its arguments checked, and then asked once a message; what is random
 * in it comes from a seed, so that the same seed makes the same messages. Faker is the only generator of words.
 */
import type { Faker } from '@faker-js/faker'
import type { TemplateExpression } from '../../../shared/lang/template'
import { templateFunctions } from '../../../shared/lang/template'
import type { SeededRandom } from './random'

export interface Filling {
  readonly index: number
  /** The key of the message as text; null while the key itself is filled in. */
  readonly key: string | null
  readonly random: SeededRandom
  readonly nowMs: number
}

/** `isRaw`: stands in JSON as it is, as an object or a number; else it is text. */
export type Evaluate = (filling: Filling) => string

/** Thrown while it is prepared; the message is a sentence. */
export class TemplateError extends Error {}

export interface FakerSource {
  /** Faker over this chance, until it is asked for with another one. */
  readonly with: (random: SeededRandom) => Faker
  /** One of its own, for whoever keeps it. */
  readonly own: (random: SeededRandom) => Faker
}

type Prepare = (args: readonly string[]) => Evaluate

const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

const plain: Readonly<Record<string, Prepare>> = {
  index: none((filling) => String(filling.index)),
  seq: (args) => {
    const first = whole(args[0] ?? '0', 'The first number')
    const step = whole(args[1] ?? '1', 'The step')
    return ({ index }) => String(first + step * BigInt(index))
  },
  key: none(({ key }) => key ?? ''),
  uuid: none(({ random }) => {
    const hex = hexDigits(random, 32)
    const variant = '89ab'[random.below(4)]
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`
  }),
  now: ([offset]) => {
    const moveMs = offsetMs(offset)
    return ({ nowMs }) => new Date(nowMs + moveMs).toISOString()
  },
  timestamp: ([offset]) => {
    const moveMs = offsetMs(offset)
    return ({ nowMs }) => String(Math.floor(nowMs + moveMs))
  },
  random: (args) => {
    const min = whole(args[0] ?? '0', 'The least number')
    const max = whole(args[1] ?? '100', 'The greatest number')
    if (max < min) throw new TemplateError(`random ${min} ${max}: the greatest is less than the least.`)
    return ({ random }) => String(random.between(min, max))
  },
  float: (args) => {
    const [min, max] = [decimal(args[0] ?? '0'), decimal(args[1] ?? '1')]
    const digits = length(args[2] ?? '2', 15)
    if (max < min) throw new TemplateError(`float ${min} ${max}: the greatest is less than the least.`)
    return ({ random }) => (min + random.next() * (max - min)).toFixed(digits)
  },
  pick: (args) => {
    if (args.length === 0) throw new TemplateError('pick needs the words to pick from, as in {{pick card cash}}.')
    return ({ random }) => random.pick(args)
  },
  bool: ([percent = '50']) => {
    const chance = decimal(percent) / 100
    return ({ random }) => String(random.next() < chance)
  },
  hex: ([digits = '16']) => {
    const count = length(digits, 1_000_000)
    return ({ random }) => hexDigits(random, count)
  },
  string: ([characters = '16']) => {
    const count = length(characters, 1_000_000)
    return ({ random }) => Array.from({ length: count }, () => letters[random.below(letters.length)]).join('')
  },
  open: none(() => '{{'),
}

/** Of faker's modules, those that make data; helpers can run templates of their own. */
const fakerModules = new Set(
  'airline animal book color commerce company database date finance food git hacker image internet location lorem music number person phone science string system vehicle word datatype'.split(
    ' ',
  ),
)

/** Throws a TemplateError with what is wrong and what is meant instead. */
export function prepareExpression({ name, args }: Pick<TemplateExpression, 'name' | 'args'>, faker: FakerSource): Evaluate {
  if (name.startsWith('faker.')) return prepareFaker(name, args, faker)
  const prepare = Object.hasOwn(plain, name) ? plain[name] : undefined
  if (prepare !== undefined) return prepare(args)
  const known = templateFunctions.map(({ usage }) => usage.split(' ')[0]!)
  const near = known.find((each) => each.startsWith(name.slice(0, 3)))
  throw new TemplateError(
    near === undefined
      ? `There is no function ${name}. Known are ${known.join(', ')}, and faker. Write {{open}} where braces themselves are meant.`
      : `There is no function ${name}. Is ${near} meant?`,
  )
}

function prepareFaker(name: string, args: readonly string[], source: FakerSource): Evaluate {
  const [, module = '', method = '', ...rest] = name.split('.')
  const unknown = () =>
    new TemplateError(`Faker has no ${name}. It is written as {{faker.person.fullName}}: a module, a dot, a method.`)
  if (!fakerModules.has(module) || rest.length > 0) throw unknown()
  const call = (faker: Faker): unknown => {
    const of = faker[module as 'person'] as unknown as Record<string, (...values: unknown[]) => unknown> | undefined
    const run = of?.[method]
    if (of === undefined || typeof run !== 'function' || method === 'constructor' || method.startsWith('_')) throw unknown()
    return run.apply(of, values)
  }
  const values = args.map(argumentOf)
  return ({ random }) => {
    try {
      return wordsOf(call(source.with(random)))
    } catch (error) {
      if (error instanceof TemplateError) throw error
      throw new TemplateError(`${name} refuses what it was given: ${(error as Error).message.split('\n')[0]}`)
    }
  }
}

function wordsOf(made: unknown): string {
  if (made instanceof Date) return made.toISOString()
  return typeof made === 'object' && made !== null ? JSON.stringify(made) : String(made)
}

/** An argument of faker's: a number, true, false, or JSON where it looks like it, else a word. */
function argumentOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function none(evaluate: Evaluate): Prepare {
  return () => evaluate
}

function hexDigits(random: SeededRandom, count: number): string {
  let text = ''
  while (text.length < count) text += random.below(0x1000000).toString(16).padStart(6, '0')
  return text.slice(0, count)
}

function whole(text: string, what: string): bigint {
  if (!/^[+-]?\d{1,30}$/.test(text)) throw new TemplateError(`${what} is a whole number, not ${text}.`)
  return BigInt(text.replace(/^\+/, ''))
}

function decimal(text: string): number {
  const number = Number(text)
  if (text.trim() === '' || !Number.isFinite(number)) throw new TemplateError(`${text} is no number.`)
  return number
}

function length(text: string, max: number): number {
  if (!/^\d{1,7}$/.test(text) || Number(text) > max) throw new TemplateError(`${text} is no length from 0 to ${max}.`)
  return Number(text)
}

function offsetMs(text: string | undefined): number {
  if (text === undefined) return 0
  const match = /^([+-]?\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text)
  if (match === null) throw new TemplateError(`${text} is no time to move by: write -2h, +30s, 500ms.`)
  return Number(match[1]) * (unitsMs[match[2]!] ?? 1)
}
