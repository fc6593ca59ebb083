/**
 * The two failures of the wire layer. A DecodeError is the peer's doing and never a bug of ours: the only thing that any decoder throws,
 * whatever bytes it is given. An EncodeError is ours: a value that the message cannot carry in the chosen version.
 */

abstract class WireError extends Error {
  #path = ''

  protected constructor(
    readonly reason: string,
    private readonly where: string,
  ) {
    super(`${reason}${where}`)
  }

  /** The field, as in `topicData[3].partitionData[0].records`; empty where the fault is in no field. */
  get path(): string {
    return this.#path
  }

  /** Called on the way out of each level, so that the way in costs nothing. */
  within(segment: string): this {
    const separator = this.#path === '' || this.#path.startsWith('[') ? '' : '.'
    this.#path = `${segment}${separator}${this.#path}`
    this.message = `${this.#path}: ${this.reason}${this.where}`
    return this
  }
}

export class DecodeError extends WireError {
  override readonly name = 'DecodeError'

  /** `position` counts from the start of the frame or batch that is being read. */
  constructor(
    reason: string,
    readonly position: number,
  ) {
    super(reason, ` (at byte ${position})`)
  }
}

export class EncodeError extends WireError {
  override readonly name = 'EncodeError'

  constructor(reason: string) {
    super(reason, '')
  }
}

/** Adds `segment` to the path of a wire error; everything else passes as it is. */
export function within(error: unknown, segment: string): unknown {
  return error instanceof WireError ? error.within(segment) : error
}
