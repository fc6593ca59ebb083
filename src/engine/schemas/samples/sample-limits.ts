/** Bounds of samples, and what making one fails with. */

/** From this depth on, whatever can end ends: lists are empty, what may be null is. */
export const sampleDepthMax = 5
/** From this many values on, likewise. */
export const valuesMax = 2_000

/** No message can be of the schema, or none was found. */
export class SampleError extends Error {
  override readonly name = 'SampleError'
}
