/**
 * Branded types for numbers and strings that must not be mixed up. A brand costs nothing at run time:
 * cast once at the edge where the value enters (`offset as Offset`), and let the types carry it from there.
 */
declare const brand: unique symbol
export type Brand<T, Name extends string> = T & { readonly [brand]: Name }

/** A broker's id, int32, 1 and on in a workspace of ours. */
export type BrokerId = Brand<number, 'BrokerId'>
