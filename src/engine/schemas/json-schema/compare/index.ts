/**
 * Comparison of two JSON Schemas as the registry compares them (registry-and-coordination section 2.2). Pure.
 *
 * truth.test.ts holds it against values: what is called compatible is. Where the registry's own rules are not true of values they are kept:
 * - a property that becomes required with a default counts as filled in by the reader;
 * - a oneOf may get further branches, though a value may then fit two of them;
 * - unevaluatedProperties and unevaluatedItems are compared by themselves, without regard to what the combinators beside them evaluate;
 * - `format` is not compared; LENIENT trusts that nobody writes properties that the schema does not name.
 * Where the registry does not look at all, this does, with its nearest names, and so refuses what the registry lets pass: required names that
 * are no properties, patternProperties, propertyNames, contains, conditions, a `type` that comes to keywords without one, the end of
 * `minContains: 0`. And one thing is judged otherwise: a name that no pattern matches, in an object with patterns whose rest is open. The
 * registry takes such an object for closed; here the name is as free as it is.
 */
export { compareShapes } from './compare'
export type { Difference } from './comparison'
export { type DifferenceType, differenceTypes, isCompatibleChange, registryWords } from './differences'
export { reservedIncompatibilities, reservedMetadataProperty, reservedNames } from './reserved'
