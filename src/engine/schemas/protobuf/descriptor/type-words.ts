/** Types and labels as descriptors name them. */
import { type ScalarName, scalarNames } from '../types'

export const GROUP = 'TYPE_GROUP'
export const MESSAGE = 'TYPE_MESSAGE'
export const ENUM = 'TYPE_ENUM'
export const OPTIONAL = 'LABEL_OPTIONAL'
export const REQUIRED = 'LABEL_REQUIRED'
export const REPEATED = 'LABEL_REPEATED'

export const wordOfScalar = (name: ScalarName): string => `TYPE_${name.toUpperCase()}`
export const scalarOf = (word: string): ScalarName | null => scalarNames.find((name) => wordOfScalar(name) === word) ?? null
