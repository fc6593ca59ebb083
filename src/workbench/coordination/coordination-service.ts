/** The znodes for the window: read over ZooKeeper's own protocol, as by anybody's client. */
import type { ClientHandlers } from '../rpc'
import type { Emit } from '../services'

type CoordinationCallName = Extract<keyof ClientHandlers, `coordination.${string}`>

export class CoordinationService {
  readonly handlers: Pick<ClientHandlers, CoordinationCallName> = {
    'coordination.znode': async () => null,
  }

  constructor(readonly emit: Emit) {}

  setAddress(_address: { readonly host: string; readonly port: number } | null): void {}
}
