/**
 * Associations of subjects with resources: made, changed and given up. Of one resource each type of association (key, value) has one
 * subject; a frozen one keeps it. A STRONG one owns its subject, which goes with the resource where that is asked for. Pure.
 */
import { createHash } from 'node:crypto'
import { associationConflict, associationNotFound, invalidAssociation } from '../errors'
import type { Association } from '../model'
import type { RegistryRecord } from '../records'
import type { RegistryState } from '../state'
import { normalSubject, requireValidSubject } from '../subject-name'
import { isObject } from '../values'
import { deleteSubject } from './delete'
import { liveVersions } from './lookup'
import type { Decision, OperationContext } from './operation'

type Resource = Pick<Association, 'resourceName' | 'resourceNamespace' | 'resourceId' | 'resourceType'>

export interface AssociationRequest extends Resource {
  readonly associations: readonly {
    readonly subject: string
    readonly associationType: string
    readonly lifecycle: Association['lifecycle'] | null
    readonly frozen: boolean
  }[]
}

export interface AssociationAnswer extends Resource {
  readonly associations: readonly Pick<Association, 'subject' | 'associationType' | 'lifecycle' | 'frozen'>[]
}

/** Throws 42212 for what names no resource or no subject. */
export function readAssociationRequest(body: Record<string, unknown>): AssociationRequest {
  const text = (from: Record<string, unknown>, name: string, otherwise: string) =>
    typeof from[name] === 'string' && from[name] !== '' ? (from[name] as string) : otherwise
  const resourceName = text(body, 'resourceName', '')
  const resourceNamespace = text(body, 'resourceNamespace', '-')
  const resourceId = text(body, 'resourceId', '')
  if (resourceId === '') throw invalidAssociation('An association names a resource by "resourceId"')
  const list = body['associations']
  if (!Array.isArray(list) || list.length === 0) throw invalidAssociation('"associations" must be a list with something in it')
  const associations = (list as unknown[]).map((entry) => {
    if (!isObject(entry)) throw invalidAssociation('Each of "associations" must be an object')
    const subject = normalSubject(text(entry, 'subject', ''))
    requireValidSubject(subject)
    const lifecycle = text(entry, 'lifecycle', '').toUpperCase()
    if (lifecycle !== '' && lifecycle !== 'STRONG' && lifecycle !== 'WEAK')
      throw invalidAssociation(`There is no lifecycle ${lifecycle}: it is STRONG or WEAK`)
    const associationType = text(entry, 'associationType', 'value')
    return {
      subject,
      associationType,
      lifecycle: lifecycle === '' ? null : (lifecycle as Association['lifecycle']),
      frozen: entry['frozen'] === true,
    }
  })
  return { resourceName, resourceNamespace, resourceId, resourceType: text(body, 'resourceType', 'topic'), associations }
}

export function findAssociations(state: RegistryState, isWanted: (association: Association) => boolean): Association[] {
  return [...state.associations()].filter(isWanted).sort((a, b) => (a.guid < b.guid ? -1 : 1))
}

export function associate(
  { state }: OperationContext,
  request: AssociationRequest,
  dryRun: boolean,
): Decision<AssociationAnswer> {
  const { associations, ...given } = request
  const known = findAssociations(state, ({ resourceId }) => resourceId === request.resourceId)[0]
  const resource = { ...given, resourceName: given.resourceName === '' ? (known?.resourceName ?? '') : given.resourceName }
  if (resource.resourceName === '') throw invalidAssociation('An association names its resource by "resourceName"')
  const made = associations.map(({ subject, associationType, lifecycle, frozen }): Association => {
    const guid = guidOfAssociation(request.resourceId, associationType)
    const before = state.association(guid)
    if (before?.frozen === true && before.subject !== subject)
      throw associationConflict(
        `The ${associationType} association of '${resource.resourceName}' is frozen with subject '${before.subject}'`,
      )
    if (liveVersions(state, subject).length === 0 && before?.subject !== subject)
      throw invalidAssociation(`Subject '${subject}' has no schema to be associated`)
    return {
      guid,
      subject,
      ...resource,
      associationType,
      lifecycle: lifecycle ?? before?.lifecycle ?? 'STRONG',
      frozen: frozen || before?.frozen === true,
    }
  })
  const answer: AssociationAnswer = {
    ...resource,
    associations: made.map(({ subject, associationType, lifecycle, frozen }) => ({
      subject,
      associationType,
      lifecycle,
      frozen,
    })),
  }
  const records = made.map((value): RegistryRecord => ({ kind: 'association', guid: value.guid, value }))
  return { records: dryRun ? [] : records, answer: () => answer }
}

/** `cascade`: the subjects that a STRONG one owns are softly deleted with it. Throws 40410 where there is none. */
export function dissociate(
  context: OperationContext,
  resourceId: string,
  isWanted: (association: Association) => boolean,
  cascade: boolean,
): Decision<null> {
  const { state } = context
  const doomed = findAssociations(state, (association) => association.resourceId === resourceId && isWanted(association))
  if (doomed.length === 0) throw associationNotFound(`resource '${resourceId}'`)
  const owned = doomed.filter(({ lifecycle, subject }) => lifecycle === 'STRONG' && liveVersions(state, subject).length > 0)
  return {
    records: [
      ...(cascade ? owned.flatMap(({ subject }) => deleteSubject(context, subject, false).records) : []),
      ...doomed.map(({ guid }): RegistryRecord => ({ kind: 'association', guid, value: null })),
    ],
    answer: () => null,
  }
}

/** One for each resource and type, so that a second one replaces the first. */
function guidOfAssociation(resourceId: string, associationType: string): string {
  const hex = createHash('md5')
    .update(JSON.stringify([resourceId, associationType]))
    .digest('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
