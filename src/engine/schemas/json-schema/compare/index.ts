/** Comparison of two JSON Schemas as the registry compares them. Pure. */
export { compareShapes } from './compare'
export type { Difference } from './comparison'
export { type DifferenceType, differenceTypes, isCompatibleChange, registryWords } from './differences'
