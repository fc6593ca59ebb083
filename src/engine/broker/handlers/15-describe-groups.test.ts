import { describe, expect, it } from 'vitest'
import { handleAsync } from '../../testing/handler-kit'
import { ErrorCode } from '../../wire/errors'
import { describeGroupsHandler } from './15-describe-groups'
import type { GroupServices } from './group-requests'

/** There is no group at all, or none is coordinated here. */
function servicesOf(errorCode: number): GroupServices {
  const groups = { partitionFor: () => 0, read: () => Promise.resolve({ errorCode, answer: null }) }
  return { coordinators: { groups } } as unknown as GroupServices
}

describe('DescribeGroups of a group that there is not', () => {
  it('is a dead group, and from version 6 on an error in words as well', async () => {
    const handler = describeGroupsHandler(servicesOf(ErrorCode.NONE))
    const [before] = (await handleAsync(handler, { groups: ['g'] }, 5)).groups
    expect(before).toMatchObject({ errorCode: ErrorCode.NONE, groupState: 'Dead', errorMessage: null })
    const [since] = (await handleAsync(handler, { groups: ['g'] }, 6)).groups
    expect(since).toMatchObject({
      errorCode: ErrorCode.GROUP_ID_NOT_FOUND,
      errorMessage: 'Group g not found.',
      groupState: 'Dead',
    })
  })

  it('is not said to be missing by who does not coordinate it', async () => {
    const handler = describeGroupsHandler(servicesOf(ErrorCode.NOT_COORDINATOR))
    const [group] = (await handleAsync(handler, { groups: ['g'] }, 6)).groups
    expect(group).toMatchObject({ errorCode: ErrorCode.NOT_COORDINATOR, errorMessage: null, groupState: '' })
  })
})
