/**
 * Names that a subject's metadata keeps free (`confluent:reserved`, a list with commas): none may be taken off the list, and no property may bear
 * one. The registry asks where its configuration says `validateFields`; metadata is the registry's, so it brings both lists.
 */
import type { Incompatibility } from '../../format'
import { pointerOf } from '../../json-text'
import { member, membersOf } from '../json'
import type { JsonSchema } from '../parse'
import { registryWords } from './differences'

export const reservedMetadataProperty = 'confluent:reserved'

/** The names of a list, empty for none. */
export const reservedNames = (list: string | undefined): ReadonlySet<string> =>
  new Set((list ?? '').split(',').flatMap((name) => (name.trim() === '' ? [] : [name.trim()])))

/** `schema` is the new version, `before` and `now` are the reserved names of the version before it and of its own. */
export function reservedIncompatibilities(
  schema: JsonSchema,
  before: ReadonlySet<string>,
  now: ReadonlySet<string>,
): readonly Incompatibility[] {
  const removed = [...before].filter((name) => !now.has(name))
  const properties = member(schema.root, 'properties')
  const borne = properties?.kind === 'object' ? [...now].filter((name) => membersOf(properties).has(name)) : []
  return [
    ...removed.map(
      (name): Incompatibility => ({
        type: 'RESERVED_PROPERTY_REMOVED',
        path: '#',
        writerPath: null,
        description: registryWords('RESERVED_PROPERTY_REMOVED', name),
        additionalInfo: null,
        explanation: `'${name}' was reserved by the version before and no longer is: what was promised to stay free could be taken.`,
        mend: `Keep '${name}' in the metadata property '${reservedMetadataProperty}'.`,
      }),
    ),
    ...borne.map((name): Incompatibility => {
      const path = `#${pointerOf(['properties', name])}`
      return {
        type: 'RESERVED_PROPERTY_CONFLICTS_WITH_PROPERTY',
        path,
        writerPath: null,
        description: registryWords('RESERVED_PROPERTY_CONFLICTS_WITH_PROPERTY', `#/properties/${name}`),
        additionalInfo: null,
        explanation: `The metadata reserves '${name}', so no property may be called so.`,
        mend: `Give the property another name, or do not reserve '${name}'.`,
      }
    }),
  ]
}
