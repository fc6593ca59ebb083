/**
 * Objects: properties by content model, required, patterns, dependencies, counts (registry-and-coordination section 2.2). Three things that the
 * registry overlooks are told of here, with its nearest names, because a reader would refuse what a writer may write: required names that are
 * no properties, patterns that come, go or change, and names of properties.
 */
import type { Child, ObjectShape } from '../shape'
import { type Comparison, type Difference, difference, type Step, step, under } from './comparison'
import { type ContentModel, compareModels, compareOptional, cover, isClosed, isOpen } from './content-model'
import type { DifferenceType } from './differences'
import { patternMatches } from './patterns'
import { compareBounds } from './scalars'

export function compareObjects(comparison: Comparison, original: ObjectShape, update: ObjectShape): readonly Difference[] {
  return [
    ...compareRequired(original, update),
    ...compareProperties(comparison, original, update),
    ...comparePatternProperties(comparison, original, update),
    ...compareDependencies(comparison, original, update),
    ...compareModels(
      comparison,
      'ADDITIONAL_PROPERTIES',
      step('additionalProperties'),
      original.additionalProperties,
      update.additionalProperties,
    ),
    ...compareModels(
      comparison,
      'UNEVALUATED_PROPERTIES',
      step('unevaluatedProperties'),
      original.unevaluatedProperties,
      update.unevaluatedProperties,
    ),
    ...compareOptional(comparison, 'propertyNames', original.propertyNames, update.propertyNames),
    ...compareBounds('MAX_PROPERTIES', 'maxProperties', original.maxProperties, update.maxProperties),
    ...compareBounds('MIN_PROPERTIES', 'minProperties', original.minProperties, update.minProperties),
  ]
}

const modelOf = (shape: ObjectShape): ContentModel => ({
  additional: shape.additionalProperties,
  unevaluated: shape.unevaluatedProperties,
})

/** Open in the registry's sense: no patterns either. */
const isOpenObject = (shape: ObjectShape): boolean => shape.patternProperties.size === 0 && isOpen(modelOf(shape))

const hasDefault = (shape: ObjectShape, name: string): boolean =>
  shape.properties.get(name)?.shape().annotations.default != null || declaresDefault(shape.properties.get(name))

/** A default beside a `$ref`, where it has been ever since people write schemas, whatever the draft reads there. */
const declaresDefault = (child: Child | undefined): boolean =>
  child?.node.kind === 'object' && child.node.members.some((entry) => entry.key.value === 'default')

function compareRequired(original: ObjectShape, update: ObjectShape): readonly Difference[] {
  const told: Difference[] = []
  const tell = (type: DifferenceType, name: string) =>
    told.push(difference(type, [step('required', name)], original.node, update.node))
  for (const name of original.required) {
    if (!update.required.has(name) && original.properties.has(name) === update.properties.has(name))
      tell('REQUIRED_ATTRIBUTE_REMOVED', name)
  }
  for (const name of update.required) {
    // What comes as a property and as required at once is told of with the property, unless any value may stand there.
    const isAdded = update.properties.has(name) && !original.properties.has(name)
    const isTold = isAdded && !(isOpenObject(original) && update.properties.get(name)!.shape().kind === 'true')
    if (original.required.has(name) || isTold) continue
    tell(hasDefault(update, name) ? 'REQUIRED_ATTRIBUTE_WITH_DEFAULT_ADDED' : 'REQUIRED_ATTRIBUTE_ADDED', name)
  }
  return told
}

function compareProperties(comparison: Comparison, original: ObjectShape, update: ObjectShape): readonly Difference[] {
  const told: Difference[] = []
  for (const name of new Set([...original.properties.keys(), ...update.properties.keys()])) {
    const [before, after] = [original.properties.get(name), update.properties.get(name)]
    const at = step('properties', name)
    if (before !== undefined && after !== undefined) told.push(...under(at, comparison.compare(before.shape(), after.shape())))
    else if (before !== undefined) told.push(...propertyRemoved(comparison, name, before, update, at))
    else if (after !== undefined) told.push(...propertyAdded(comparison, name, after, original, update, at))
  }
  return told
}

/** Whether a property may go hangs on what the reader's model says of its name. */
function propertyRemoved(
  comparison: Comparison,
  name: string,
  before: Child,
  update: ObjectShape,
  at: Step,
): readonly Difference[] {
  const told = (type: DifferenceType) => difference(type, [at], before.node, null)
  if (isOpenObject(update)) return [told('PROPERTY_REMOVED_FROM_OPEN_CONTENT_MODEL')]
  const covers = coversOf(update, name)
  if (covers.length > 0) {
    const inner = covers.flatMap((each) => under(at, comparison.compare(before.shape(), each.shape())))
    const type = comparison.isCompatible(inner)
      ? 'PROPERTY_REMOVED_IS_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL'
      : 'PROPERTY_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL'
    return [...inner, told(type)]
  }
  // No pattern speaks of the name and the rest is open: anything goes, as where there are no patterns at all.
  if (isOpen(modelOf(update))) return [told('PROPERTY_REMOVED_FROM_OPEN_CONTENT_MODEL')]
  return before.shape().kind === 'false'
    ? [told('PROPERTY_WITH_FALSE_REMOVED_FROM_CLOSED_CONTENT_MODEL')]
    : [told('PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL')]
}

/** Whether a property may come hangs on what writers could put under its name before. */
function propertyAdded(
  comparison: Comparison,
  name: string,
  after: Child,
  original: ObjectShape,
  update: ObjectShape,
  at: Step,
): readonly Difference[] {
  const told = (type: DifferenceType) => difference(type, [at], null, after.node)
  const isRequired = update.required.has(name)
  const covers = coversOf(original, name)
  if (covers.length === 0 && isOpen(modelOf(original))) {
    if (after.shape().kind === 'true') return [told('PROPERTY_WITH_EMPTY_SCHEMA_ADDED_TO_OPEN_CONTENT_MODEL')]
    if (!isRequired) return [told('OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL')]
    return hasDefault(update, name)
      ? [told('REQUIRED_PROPERTY_WITH_DEFAULT_ADDED_TO_OPEN_CONTENT_MODEL')]
      : [told('REQUIRED_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL')]
  }
  const differences: Difference[] = []
  if (covers.length > 0) {
    // What holds for the name is all that covers it together; one that the new schema takes in is enough.
    const inner = covers.map((each) => under(at, comparison.compare(each.shape(), after.shape())))
    const fitting = inner.find((found) => comparison.isCompatible(found))
    differences.push(...(fitting ?? inner[0]!))
    differences.push(
      told(
        fitting === undefined
          ? 'PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL'
          : 'PROPERTY_ADDED_IS_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL',
      ),
    )
  }
  if (!isRequired) differences.push(told('OPTIONAL_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL'))
  else if (hasDefault(update, name)) differences.push(told('REQUIRED_PROPERTY_WITH_DEFAULT_ADDED_TO_UNOPEN_CONTENT_MODEL'))
  else differences.push(told('REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL'))
  return differences
}

/** The schemas that hold for a name that is no property: every pattern that matches it, else the schema for the rest. */
function coversOf(shape: ObjectShape, name: string): readonly Child[] {
  const matching = [...shape.patternProperties].filter(([pattern]) => patternMatches(pattern, name)).map(([, child]) => child)
  if (matching.length > 0) return matching
  const rest = cover(modelOf(shape))
  return rest === null ? [] : [rest]
}

/**
 * Patterns. One that stays is compared. One that goes leaves its names to the rest of the reader's model. One that comes must take what the
 * writer allowed under any name that it may match: the rest, other patterns, and properties whose names it does match.
 */
function comparePatternProperties(comparison: Comparison, original: ObjectShape, update: ObjectShape): readonly Difference[] {
  const told: Difference[] = []
  for (const [pattern, before] of original.patternProperties) {
    const at = step('patternProperties', pattern)
    const after = update.patternProperties.get(pattern)
    if (after !== undefined) told.push(...under(at, comparison.compare(before.shape(), after.shape())))
    else if (isClosed(modelOf(update)) && before.shape().kind !== 'false') {
      told.push(difference('ADDITIONAL_PROPERTIES_REMOVED', [at], before.node, null))
    } else {
      const rest = cover(modelOf(update))
      if (rest !== null) told.push(...under(at, comparison.compare(before.shape(), rest.shape())))
    }
  }
  for (const [pattern, after] of update.patternProperties) {
    if (original.patternProperties.has(pattern) || after.shape().kind === 'true') continue
    const at = step('patternProperties', pattern)
    const rest = cover(modelOf(original))
    if (isOpen(modelOf(original))) told.push(difference('ADDITIONAL_PROPERTIES_NARROWED', [at], null, after.node))
    const held = [
      ...(rest === null ? [] : [rest]),
      ...original.patternProperties.values(),
      ...[...original.properties].filter(([name]) => patternMatches(pattern, name)).map(([, child]) => child),
    ]
    for (const child of held) told.push(...under(at, comparison.compare(child.shape(), after.shape())))
  }
  return told
}

function compareDependencies(comparison: Comparison, original: ObjectShape, update: ObjectShape): readonly Difference[] {
  const told: Difference[] = []
  const place = (name: string, keyword: 'dependentRequired' | 'dependentSchemas'): Step => ({
    shown: `dependencies/${name}`,
    reader: [update.spelling[keyword], name],
    writer: [original.spelling[keyword], name],
  })
  for (const name of new Set([...original.dependentRequired.keys(), ...update.dependentRequired.keys()])) {
    const [before, after] = [original.dependentRequired.get(name), update.dependentRequired.get(name)]
    const type = dependencyChange(before, after)
    if (type !== null) told.push(difference(type, [place(name, 'dependentRequired')], original.node, update.node))
  }
  for (const name of new Set([...original.dependentSchemas.keys(), ...update.dependentSchemas.keys()])) {
    const [before, after] = [original.dependentSchemas.get(name), update.dependentSchemas.get(name)]
    const at = place(name, 'dependentSchemas')
    if (before === undefined) told.push(difference('DEPENDENCY_SCHEMA_ADDED', [at], null, after!.node))
    else if (after === undefined) told.push(difference('DEPENDENCY_SCHEMA_REMOVED', [at], before.node, null))
    else told.push(...under(at, comparison.compare(before.shape(), after.shape())))
  }
  return told
}

function dependencyChange(
  before: ReadonlySet<string> | undefined,
  after: ReadonlySet<string> | undefined,
): DifferenceType | null {
  if (after === undefined) return 'DEPENDENCY_ARRAY_REMOVED'
  if (before === undefined) return 'DEPENDENCY_ARRAY_ADDED'
  const keeps = [...before].every((name) => after.has(name))
  const addsNone = [...after].every((name) => before.has(name))
  if (keeps && addsNone) return null
  return keeps ? 'DEPENDENCY_ARRAY_EXTENDED' : addsNone ? 'DEPENDENCY_ARRAY_NARROWED' : 'DEPENDENCY_ARRAY_CHANGED'
}
