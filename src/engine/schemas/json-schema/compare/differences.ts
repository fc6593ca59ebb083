/**
 * The names of what can differ between two JSON Schemas, as the registry's API shows them (registry-and-coordination section 2.2), which of them
 * leave every value readable, strictly and under LENIENT, and the words that go with the others. Data only; compare/ says when they hold.
 */
import type { CompatibilityPolicy } from '../../format'

const keywordChange = <K extends string>(name: K) =>
  [`${name}_ADDED`, `${name}_REMOVED`, `${name}_INCREASED`, `${name}_DECREASED`] as const
const modelChange = <K extends string>(name: K) =>
  [`${name}_ADDED`, `${name}_REMOVED`, `${name}_EXTENDED`, `${name}_NARROWED`] as const

export const differenceTypes = [
  'ID_CHANGED',
  'DESCRIPTION_CHANGED',
  'TITLE_CHANGED',
  'DEFAULT_CHANGED',
  'SCHEMA_ADDED',
  'SCHEMA_REMOVED',
  'TYPE_EXTENDED',
  'TYPE_NARROWED',
  'TYPE_CHANGED',
  ...keywordChange('MAX_LENGTH'),
  ...keywordChange('MIN_LENGTH'),
  'PATTERN_ADDED',
  'PATTERN_REMOVED',
  'PATTERN_CHANGED',
  ...keywordChange('MAXIMUM'),
  ...keywordChange('MINIMUM'),
  ...keywordChange('EXCLUSIVE_MAXIMUM'),
  ...keywordChange('EXCLUSIVE_MINIMUM'),
  'MULTIPLE_OF_ADDED',
  'MULTIPLE_OF_REMOVED',
  'MULTIPLE_OF_EXPANDED',
  'MULTIPLE_OF_REDUCED',
  'MULTIPLE_OF_CHANGED',
  'REQUIRED_ATTRIBUTE_ADDED',
  'REQUIRED_ATTRIBUTE_WITH_DEFAULT_ADDED',
  'REQUIRED_ATTRIBUTE_REMOVED',
  ...keywordChange('MAX_PROPERTIES'),
  ...keywordChange('MIN_PROPERTIES'),
  ...modelChange('ADDITIONAL_PROPERTIES'),
  ...modelChange('UNEVALUATED_PROPERTIES'),
  'DEPENDENCY_ARRAY_ADDED',
  'DEPENDENCY_ARRAY_REMOVED',
  'DEPENDENCY_ARRAY_EXTENDED',
  'DEPENDENCY_ARRAY_NARROWED',
  'DEPENDENCY_ARRAY_CHANGED',
  'DEPENDENCY_SCHEMA_ADDED',
  'DEPENDENCY_SCHEMA_REMOVED',
  'REQUIRED_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL',
  'REQUIRED_PROPERTY_WITH_DEFAULT_ADDED_TO_OPEN_CONTENT_MODEL',
  'OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL',
  'PROPERTY_WITH_EMPTY_SCHEMA_ADDED_TO_OPEN_CONTENT_MODEL',
  'REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL',
  'REQUIRED_PROPERTY_WITH_DEFAULT_ADDED_TO_UNOPEN_CONTENT_MODEL',
  'OPTIONAL_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL',
  'PROPERTY_REMOVED_FROM_OPEN_CONTENT_MODEL',
  'PROPERTY_WITH_FALSE_REMOVED_FROM_CLOSED_CONTENT_MODEL',
  'PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL',
  'PROPERTY_REMOVED_IS_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL',
  'PROPERTY_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL',
  'PROPERTY_ADDED_IS_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL',
  'PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL',
  ...keywordChange('MAX_ITEMS'),
  ...keywordChange('MIN_ITEMS'),
  ...keywordChange('MAX_CONTAINS'),
  ...keywordChange('MIN_CONTAINS'),
  'UNIQUE_ITEMS_ADDED',
  'UNIQUE_ITEMS_REMOVED',
  ...modelChange('ADDITIONAL_ITEMS'),
  ...modelChange('UNEVALUATED_ITEMS'),
  'ITEM_ADDED_TO_OPEN_CONTENT_MODEL',
  'ITEM_WITH_EMPTY_SCHEMA_ADDED_TO_OPEN_CONTENT_MODEL',
  'ITEM_ADDED_TO_CLOSED_CONTENT_MODEL',
  'ITEM_REMOVED_FROM_OPEN_CONTENT_MODEL',
  'ITEM_WITH_FALSE_REMOVED_FROM_CLOSED_CONTENT_MODEL',
  'ITEM_REMOVED_FROM_CLOSED_CONTENT_MODEL',
  'ITEM_REMOVED_IS_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL',
  'ITEM_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL',
  'ITEM_ADDED_IS_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL',
  'ITEM_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL',
  'ENUM_ARRAY_EXTENDED',
  'ENUM_ARRAY_NARROWED',
  'ENUM_ARRAY_CHANGED',
  'COMBINED_TYPE_EXTENDED',
  'COMBINED_TYPE_CHANGED',
  'PRODUCT_TYPE_EXTENDED',
  'PRODUCT_TYPE_NARROWED',
  'SUM_TYPE_EXTENDED',
  'SUM_TYPE_NARROWED',
  'COMBINED_TYPE_SUBSCHEMAS_CHANGED',
  'NOT_TYPE_EXTENDED',
  'NOT_TYPE_NARROWED',
  'RESERVED_PROPERTY_REMOVED',
  'RESERVED_PROPERTY_CONFLICTS_WITH_PROPERTY',
] as const

export type DifferenceType = (typeof differenceTypes)[number]

/** Upper bounds that rise, lower ones that fall, and any that go. */
const loosened = (names: readonly string[], direction: 'INCREASED' | 'DECREASED'): string[] =>
  names.flatMap((name) => [`${name}_${direction}`, `${name}_REMOVED`])

const strict: ReadonlySet<string> = new Set([
  'ID_CHANGED',
  'DESCRIPTION_CHANGED',
  'TITLE_CHANGED',
  'DEFAULT_CHANGED',
  'SCHEMA_REMOVED',
  'TYPE_EXTENDED',
  ...loosened(['MAX_LENGTH', 'MAXIMUM', 'EXCLUSIVE_MAXIMUM', 'MAX_PROPERTIES', 'MAX_ITEMS', 'MAX_CONTAINS'], 'INCREASED'),
  ...loosened(['MIN_LENGTH', 'MINIMUM', 'EXCLUSIVE_MINIMUM', 'MIN_PROPERTIES', 'MIN_ITEMS', 'MIN_CONTAINS'], 'DECREASED'),
  'PATTERN_REMOVED',
  'MULTIPLE_OF_REDUCED',
  'MULTIPLE_OF_REMOVED',
  'REQUIRED_ATTRIBUTE_WITH_DEFAULT_ADDED',
  'REQUIRED_ATTRIBUTE_REMOVED',
  'DEPENDENCY_ARRAY_NARROWED',
  'DEPENDENCY_ARRAY_REMOVED',
  'DEPENDENCY_SCHEMA_REMOVED',
  'ADDITIONAL_PROPERTIES_ADDED',
  'ADDITIONAL_PROPERTIES_EXTENDED',
  'UNEVALUATED_PROPERTIES_ADDED',
  'UNEVALUATED_PROPERTIES_EXTENDED',
  'PROPERTY_WITH_EMPTY_SCHEMA_ADDED_TO_OPEN_CONTENT_MODEL',
  'REQUIRED_PROPERTY_WITH_DEFAULT_ADDED_TO_UNOPEN_CONTENT_MODEL',
  'OPTIONAL_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL',
  'PROPERTY_WITH_FALSE_REMOVED_FROM_CLOSED_CONTENT_MODEL',
  'PROPERTY_REMOVED_FROM_OPEN_CONTENT_MODEL',
  'PROPERTY_ADDED_IS_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL',
  'PROPERTY_REMOVED_IS_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL',
  'UNIQUE_ITEMS_REMOVED',
  'ADDITIONAL_ITEMS_ADDED',
  'ADDITIONAL_ITEMS_EXTENDED',
  'UNEVALUATED_ITEMS_ADDED',
  'UNEVALUATED_ITEMS_EXTENDED',
  'ITEM_WITH_EMPTY_SCHEMA_ADDED_TO_OPEN_CONTENT_MODEL',
  'ITEM_ADDED_TO_CLOSED_CONTENT_MODEL',
  'ITEM_WITH_FALSE_REMOVED_FROM_CLOSED_CONTENT_MODEL',
  'ITEM_REMOVED_FROM_OPEN_CONTENT_MODEL',
  'ITEM_ADDED_IS_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL',
  'ITEM_REMOVED_IS_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL',
  'ENUM_ARRAY_EXTENDED',
  'COMBINED_TYPE_EXTENDED',
  'PRODUCT_TYPE_NARROWED',
  'SUM_TYPE_EXTENDED',
  'NOT_TYPE_NARROWED',
])

/** What LENIENT lets pass besides: it trusts that nobody writes properties that their schema does not name. Of arrays it relaxes nothing. */
const lenientBesides: ReadonlySet<string> = new Set([
  'ADDITIONAL_PROPERTIES_NARROWED',
  'ADDITIONAL_PROPERTIES_REMOVED',
  'UNEVALUATED_PROPERTIES_NARROWED',
  'UNEVALUATED_PROPERTIES_REMOVED',
  'REQUIRED_PROPERTY_WITH_DEFAULT_ADDED_TO_OPEN_CONTENT_MODEL',
  'OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL',
  'PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL',
  'PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL',
  'PROPERTY_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL',
])

/** Whether a difference of this type leaves everything readable that was readable. */
export const isCompatibleChange = (type: DifferenceType, policy: CompatibilityPolicy): boolean =>
  strict.has(type) || (policy === 'LENIENT' && lenientBesides.has(type))

/**
 * The registry's kind of sentence for an incompatible difference, at its path: the first %s is for 'new' or 'old' as the reader is, the second
 * for the writer's schema (format.ts, Incompatibility.description). Its tenor is the registry's, its words are ours.
 */
export function registryWords(type: DifferenceType, path: string): string {
  if (type === 'RESERVED_PROPERTY_REMOVED') return `The %s schema no longer reserves '${path}', which the %s schema does`
  if (type === 'RESERVED_PROPERTY_CONFLICTS_WITH_PROPERTY') {
    return `The property at path '${path}' of the %s schema has a reserved name, which the %s schema leaves free`
  }
  if (type.includes('_NOT_COVERED_BY_')) {
    return type.includes('_ADDED_')
      ? `A property or item at path '${path}' is new in the %s schema, and the partially open content model of the %s schema does not cover it`
      : `A property or item at path '${path}' is gone from the %s schema, whose partially open content model does not cover what the %s schema allows`
  }
  if (type.endsWith('_TO_OPEN_CONTENT_MODEL')) {
    return `A property or item at path '${path}' of the %s schema is missing in the %s schema, whose content model is open`
  }
  if (type === 'REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL') {
    return `A required property at path '${path}' of the %s schema is missing in the %s schema`
  }
  if (type.endsWith('_FROM_CLOSED_CONTENT_MODEL')) {
    return `A property or item at path '${path}' is missing in the %s schema, whose content model is closed, and present in the %s schema`
  }
  if (/^(TYPE|COMBINED_TYPE|ENUM_ARRAY_CHANGED)/.test(type)) {
    return `The type at path '${path}' in the %s schema differs from the one in the %s schema`
  }
  if (/^(ADDITIONAL|UNEVALUATED)_\w+_REMOVED$/.test(type)) {
    return `The content model at path '${path}' is closed in the %s schema and not in the %s schema`
  }
  if (type.endsWith('_NARROWED')) return `The value or type at path '${path}' allows less in the %s schema than in the %s schema`
  if (type.endsWith('_INCREASED') || type === 'MULTIPLE_OF_EXPANDED') {
    return `The value at path '${path}' is greater in the %s schema than in the %s schema`
  }
  if (type.endsWith('_DECREASED')) return `The value at path '${path}' is less in the %s schema than in the %s schema`
  if (type.endsWith('_EXTENDED'))
    return `An array or combined type at path '${path}' has more elements in the %s schema than in the %s schema`
  if (type.endsWith('_ADDED')) return `The keyword at path '${path}' of the %s schema is not present in the %s schema`
  return `The value at path '${path}' in the %s schema differs from the one in the %s schema`
}
