/** What encoding and decoding fail with: where in the data, which value, and why. Thrown by codecs only; crosses to the window as its fields. */

/** A place in data: names of fields and keys, numbers of items. */
export type PathSegment = string | number

/** `message` is a sentence without the path; callers put the path before it. */
export class SerdeError extends Error {
  override readonly name = 'SerdeError'
  private segments: PathSegment[] = []

  constructor(
    message: string,
    /** An excerpt of the value as JSON text, where there is one. */
    readonly value: string | null = null,
    /** Decoding: at which byte of the payload it stopped. */
    readonly offset: number | null = null,
  ) {
    super(message)
  }

  /** `items[2].price`; names that are no plain words in brackets: `tags["a b"]`. '' for the whole. */
  get path(): string {
    return formatPath(this.segments)
  }

  /** The same as a JSON pointer: `/items/2/price`. */
  get pointer(): string {
    return this.segments.map((segment) => `/${String(segment).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
  }

  /** Called on the way out of each container with its own segment. */
  within(segment: PathSegment): this {
    this.segments.unshift(segment)
    return this
  }

  /** With the whole path at once, for codecs that know it. */
  at(segments: readonly PathSegment[]): this {
    this.segments = [...segments]
    return this
  }
}

export function formatPath(segments: readonly PathSegment[]): string {
  let path = ''
  for (const segment of segments) {
    if (typeof segment === 'number') path += `[${segment}]`
    else if (/^[A-Za-z_$][A-Za-z0-9_$]*$/.test(segment)) path += path === '' ? segment : `.${segment}`
    else path += `[${JSON.stringify(segment)}]`
  }
  return path
}

/** Rethrows with one more segment in front; what is no SerdeError passes. */
export function rethrowWithin(error: unknown, segment: PathSegment): never {
  if (error instanceof SerdeError) throw error.within(segment)
  throw error
}
