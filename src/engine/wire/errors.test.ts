import { describe, expect, it } from 'vitest'
import { ErrorCode, errorMessage, errorName, isRetriable } from './errors'

describe('protocol errors', () => {
  it('have names, also those that Kafka has not', () => {
    expect(errorName(6)).toBe('NOT_LEADER_OR_FOLLOWER')
    expect(errorName(-1)).toBe('UNKNOWN_SERVER_ERROR')
    expect(errorName(9999)).toBe('UNKNOWN_ERROR_CODE_9999')
  })

  it('say whether trying again can help', () => {
    expect(isRetriable(ErrorCode.NOT_LEADER_OR_FOLLOWER)).toBe(true)
    expect(isRetriable(ErrorCode.NOT_ENOUGH_REPLICAS)).toBe(true)
    expect(isRetriable(ErrorCode.MESSAGE_TOO_LARGE)).toBe(false)
    expect(isRetriable(ErrorCode.NONE)).toBe(false)
    expect(isRetriable(ErrorCode.UNKNOWN_SERVER_ERROR)).toBe(false)
  })

  it('have a sentence each', () => {
    for (const code of Object.values(ErrorCode)) expect(errorMessage(code)).toMatch(/^[A-Z].*\.$/)
    expect(errorMessage(9999)).toContain('9999')
  })
})
