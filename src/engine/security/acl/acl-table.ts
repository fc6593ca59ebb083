/**
 * All ACLs of a cluster in memory, found by the name of a resource: literal ones, those of the wildcard, and prefixed ones, in as many look-ups as there
 * are different lengths of prefixes. Filled by broker/acl-store.ts, asked by Authorizer. Pure.
 */
import { type AccessControlEntry, type AclBinding, PatternType, type ResourcePattern, WILDCARD } from './acl'

interface ResourceAcls {
  readonly literal: Map<string, readonly AccessControlEntry[]>
  readonly prefixed: Map<string, readonly AccessControlEntry[]>
  /** Of the prefixes that there are. */
  prefixLengths: readonly number[]
}

export class AclTable {
  private readonly byType = new Map<number, ResourceAcls>()

  /** Replaces what is known of a pattern; none takes it away. */
  set({ resourceType, patternType, name }: ResourcePattern, entries: readonly AccessControlEntry[]): void {
    const acls = this.of(resourceType)
    const map = patternType === PatternType.PREFIXED ? acls.prefixed : acls.literal
    if (entries.length === 0) map.delete(name)
    else map.set(name, entries)
    acls.prefixLengths = [...new Set([...acls.prefixed.keys()].map((prefix) => prefix.length))]
  }

  clear(): void {
    this.byType.clear()
  }

  get(pattern: ResourcePattern): readonly AccessControlEntry[] {
    const acls = this.byType.get(pattern.resourceType)
    return (pattern.patternType === PatternType.PREFIXED ? acls?.prefixed : acls?.literal)?.get(pattern.name) ?? []
  }

  /** False where `visit` has stopped it by answering false. */
  forEachMatching(resourceType: number, name: string, visit: (entry: AccessControlEntry) => boolean): boolean {
    const acls = this.byType.get(resourceType)
    if (acls === undefined) return true
    const visitAll = (entries: readonly AccessControlEntry[] | undefined) => entries === undefined || entries.every(visit)
    if (!visitAll(acls.literal.get(name))) return false
    if (name !== WILDCARD && !visitAll(acls.literal.get(WILDCARD))) return false
    for (const length of acls.prefixLengths) {
      if (length <= name.length && !visitAll(acls.prefixed.get(name.slice(0, length)))) return false
    }
    return true
  }

  /** Every binding, patterns together. */
  *bindings(resourceType: number | null = null): Iterable<AclBinding> {
    for (const [type, acls] of this.byType) {
      if (resourceType !== null && resourceType !== type) continue
      for (const [patternType, map] of [
        [PatternType.LITERAL, acls.literal],
        [PatternType.PREFIXED, acls.prefixed],
      ] as const) {
        for (const [name, entries] of map) for (const entry of entries) yield { resourceType: type, patternType, name, ...entry }
      }
    }
  }

  private of(resourceType: number): ResourceAcls {
    let acls = this.byType.get(resourceType)
    if (acls === undefined) {
      acls = { literal: new Map(), prefixed: new Map(), prefixLengths: [] }
      this.byType.set(resourceType, acls)
    }
    return acls
  }
}
