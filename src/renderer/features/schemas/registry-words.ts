/** What the registry's modes mean, in a sentence each. */
import type { RegistryMode } from '../../../shared/model/schemas'

export const modeWords: Readonly<Record<RegistryMode, string>> = {
  READWRITE: 'Schemas can be read and registered.',
  READONLY: 'Schemas can be read. Registering and deleting is refused.',
  READONLY_OVERRIDE: 'Nothing can be registered anywhere, whatever the subjects say.',
  IMPORT: 'Schemas are registered with ids and versions that the caller gives, and nothing is compared. For moving a registry.',
  FORWARD: 'Requests are passed on to another registry.',
}
