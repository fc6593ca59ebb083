/** Faker, loaded when a template first asks for it: its words take a moment to read, and most messages need none. */
import type { Faker } from '@faker-js/faker'
import type { FakerSource } from './functions'
import { SeededRandom } from './random'

let loading: Promise<FakerSource> | null = null

export function loadFaker(): Promise<FakerSource> {
  loading ??= load().catch((error: unknown) => {
    loading = null
    throw error
  })
  return loading
}

/** `with` exchanges the chance of one faker: making one takes longer than asking it. */
async function load(): Promise<FakerSource> {
  // Of one language only: all of them together are many megabytes.
  const { faker: english } = await import('@faker-js/faker/locale/en')
  const Made = english.constructor as typeof Faker
  const over = (random: () => SeededRandom): Faker =>
    new Made({
      locale: english.rawDefinitions,
      randomizer: { next: () => random().next(), seed: (seed) => random().seed(seed) },
    })
  let current = new SeededRandom(0)
  const shared = over(() => current)
  return {
    with: (random) => {
      current = random
      return shared
    },
    own: (random) => over(() => random),
  }
}

/** For templates without faker: asked for words, it says a bug of ours. */
export const noFaker: FakerSource = { with: notLoaded, own: notLoaded }

function notLoaded(): never {
  throw new Error('faker was not loaded')
}
