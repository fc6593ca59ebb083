/**
 * A planted bug: one slip that a person could make, as a replacement of text in one source of the engine. Kept here, outside of what is shipped, and
 * put in only where the simulator is bundled for `npm run sim:mutations`.
 */
export interface Mutation {
  /** In kebab case; the name by which it is asked for. */
  readonly name: string
  readonly file: string
  /** Stands in `file` exactly once; a test holds that. */
  readonly find: string
  readonly replace: string
  /** What goes wrong with it, for the table in docs/simulation.md. */
  readonly breaks: string
  /** It has not been found so far: why. Such a one is told apart, and not counted as found. */
  readonly survives?: string
}

/** Throws where the text to replace is not there exactly once: then the code has moved on, and the mutation with it must. */
export function applyMutation({ name, file, find, replace }: Mutation, source: string): string {
  const parts = source.split(find)
  if (parts.length !== 2) {
    throw new Error(
      `The planted bug ${name} looks for a text that stands in ${file} ${parts.length - 1} times, not once:\n${find}`,
    )
  }
  return parts.join(replace)
}
