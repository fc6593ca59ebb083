/** A softly deleted version, back as it was. */
import { WorkbenchError } from '../../shared/ipc/errors'
import type { ImportMode } from './import-mode'
import type { RegistryClient } from './registry-client'
import type { CatalogSnapshot, VersionName } from './schema-catalog'

/**
 * Under its number and id: a registry has no call for it, but takes in mode IMPORT a version under the number and id that it is given, and
 * that of a softly deleted one is its own again. Registering it anew would give it the next number.
 */
export async function restoreVersion(
  client: RegistryClient,
  importMode: ImportMode,
  snapshot: CatalogSnapshot,
  name: VersionName,
): Promise<void> {
  const { subject, version } = name
  const found = snapshot.version(name)
  if (found === null)
    throw new WorkbenchError(
      'expected',
      'VERSION_NOT_FOUND',
      `Version ${version} of ${subject} is gone for good: it was deleted permanently. Import it from an export to have it back.`,
    )
  if (!found.isDeleted) return
  const { type, text, references, metadata, ruleSet, id } = found
  for (const reference of references) {
    const needed = snapshot.version(reference)
    if (needed === null || needed.isDeleted)
      throw new WorkbenchError(
        'expected',
        'REFERENCE_DELETED',
        `Version ${version} of ${subject} refers to version ${reference.version} of ${reference.subject}, which is deleted. Restore that one first.`,
      )
  }
  await importMode.within(subject, () =>
    client.register(subject, { type, text, references, metadata, ruleSet, id, version }, false),
  )
}
