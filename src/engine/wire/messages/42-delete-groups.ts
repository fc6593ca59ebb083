/**
 * DeleteGroups (key 42): forgets groups without members, their offsets included. Versions 0–2.
 */
import { array, defineApi, int16, int32, string } from '../schema'

export const DeleteGroups = defineApi({
  key: 42,
  name: 'DeleteGroups',
  versions: [0, 2],
  flexibleFrom: 2,
  request: {
    groupsNames: array('0+', 'string'),
  },
  response: {
    throttleTimeMs: int32('0+'),
    results: array('0+', {
      groupId: string('0+'),
      errorCode: int16('0+'),
    }),
  },
})
