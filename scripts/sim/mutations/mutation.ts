/**
 * A planted bug: one slip that a person could make, as a replacement of text in a source of the engine. Kept here, outside of what is shipped, and put
 * in only where the simulator is bundled for `npm run sim:mutations`. Where another guard covers for the first on purpose, both are taken away: alone
 * neither is a bug that anybody could see, together they show that the rule behind them is watched.
 */
/** One text that stands in `file` exactly once, and what it becomes. */
export interface Replacement {
  readonly file: string
  readonly find: string
  readonly replace: string
}

export interface Mutation extends Replacement {
  /** In kebab case; the name by which it is asked for. */
  readonly name: string
  /** The other guards of the same rule, taken away with it; `breaks` names them. */
  readonly also?: readonly Replacement[]
  /** What goes wrong with it, for the table in docs/simulation.md. */
  readonly breaks: string
}

/** The files that it changes, each once. */
export function filesOf(mutation: Mutation): readonly string[] {
  return [...new Set(placesOf(mutation).map(({ file }) => file))]
}

/** `source` of `file` with what the mutation replaces there. Throws where a text is not there exactly once: the code has moved on, and the mutation must. */
export function applyMutation(mutation: Mutation, file: string, source: string): string {
  let changed = source
  for (const place of placesOf(mutation)) {
    if (place.file !== file) continue
    const parts = changed.split(place.find)
    if (parts.length !== 2) {
      throw new Error(
        `The planted bug ${mutation.name} looks for a text that stands in ${file} ${parts.length - 1} times, not once:\n${place.find}`,
      )
    }
    changed = parts.join(place.replace)
  }
  return changed
}

function placesOf(mutation: Mutation): readonly Replacement[] {
  return [mutation, ...(mutation.also ?? [])]
}
