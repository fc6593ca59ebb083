/**
 * A write to the registry as somebody who waits before a window has it: with an end, and with what is wrong and what to do where it fails. A registry
 * waits up to half a minute for its brokers, and what it says then is for whoever runs brokers.
 */
import type { Clock } from '../../engine/platform'
import { WorkbenchError } from '../../shared/ipc/errors'
import { RegistryRefusal } from './registry-http'

/** An election takes two or three seconds; who waits longer wants to know why. */
const waitMs = 12_000

/** `problem`: what the registry last said of itself; with one it could not write, and is not asked. */
export async function writing<T>(clock: Clock, problem: () => string | null, action: () => Promise<T>): Promise<T> {
  const known = problem()
  if (known !== null) throw cannotWrite(known, null)
  let timer: { cancel(): void } | null = null
  const late = new Promise<never>((_resolve, reject) => {
    timer = clock.setTimer(waitMs, () => reject(stillWaiting(problem())))
  })
  try {
    return await Promise.race([action(), late])
  } catch (error) {
    throw inWords(error)
  } finally {
    ;(timer as { cancel(): void } | null)?.cancel()
  }
}

const advice = 'Look under Cluster whether the brokers run and start one, then try again.'

function stillWaiting(problem: string | null): WorkbenchError {
  const why = problem === null ? 'It waits for its brokers, as it seems.' : problem
  return cannotWrite(
    `The schema registry has not written this within ${waitMs / 1_000} s. ${why} It may still be written; trying again then writes nothing twice.`,
    null,
  )
}

function inWords(error: unknown): unknown {
  if (!(error instanceof RegistryRefusal)) return error
  if (error.errorCode === 50001) return cannotWrite(`Nothing was written: ${error.message}`, error.code)
  if (error.errorCode === 50002)
    return cannotWrite(
      `Whether it was written is not known: ${error.message} If it was, trying again finds it and writes nothing twice.`,
      error.code,
    )
  return error
}

function cannotWrite(what: string, cause: string | null): WorkbenchError {
  return new WorkbenchError('expected', 'REGISTRY_CANNOT_WRITE', `${what} ${advice}`, cause)
}
