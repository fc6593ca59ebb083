/**
 * Takes one call of the window from its raw form to its reply: is it a call of the contract, is its argument what the schema says, and
 * what did the service answer. The only place where the window's data meets the main process. Knows nothing of Electron, never throws.
 */
import * as v from 'valibot'
import { argumentSchemas, type CallArgument, type CallName, type CallReply, type CallResults } from '../../shared/ipc/contract'
import { toWireError, WorkbenchError } from '../../shared/ipc/errors'
import type { Logger } from '../../workbench/services'

export type Services = { readonly [N in CallName]: (argument: CallArgument<N>) => Promise<CallResults[N]> }

export async function dispatch(
  name: unknown,
  argument: unknown,
  serviceFor: <N extends CallName>(name: N) => Promise<Services[N]>,
  log: Logger,
): Promise<CallReply<CallName>> {
  try {
    if (!isCallName(name)) {
      throw new WorkbenchError('bug', 'UNKNOWN_CALL', `There is no call ${JSON.stringify(name)}.`)
    }
    return { ok: true, value: await invoke(name, argument, serviceFor) }
  } catch (thrown) {
    const error = toWireError(thrown)
    if (error.kind === 'bug') {
      log.error('A call of the window failed by a fault of ours', {
        call: String(name),
        error: error.message,
        cause: error.cause,
      })
    }
    return { ok: false, error }
  }
}

async function invoke<N extends CallName>(
  name: N,
  argument: unknown,
  serviceFor: <M extends CallName>(name: M) => Promise<Services[M]>,
): Promise<CallResults[N]> {
  const parsed = v.safeParse(argumentSchemas[name], argument)
  if (!parsed.success) {
    const issue = parsed.issues[0]
    const path = v.getDotPath(issue)
    throw new WorkbenchError('bug', 'INVALID_ARGUMENT', `${name}${path === null ? '' : `, ${path}`}: ${issue.message}.`)
  }
  const service = await serviceFor(name)
  return service(parsed.output as CallArgument<N>)
}

function isCallName(name: unknown): name is CallName {
  return typeof name === 'string' && Object.hasOwn(argumentSchemas, name)
}
