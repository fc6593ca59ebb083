/** What a change of a broker's state is called in the timeline: each is a cause that effects can name. Told by the host, pure otherwise. */
import type { BrokerState } from '../shared/model/cluster'
import type { BrokerProcess } from './broker-process'
import type { Timeline } from './timeline'

export function tellBrokerState(
  timeline: Timeline,
  { id, state, reason }: Pick<BrokerProcess, 'id' | 'state' | 'reason'>,
  previous: BrokerState,
): void {
  switch (state) {
    case 'killed':
      return timeline.cause('broker-killed', `Broker ${id} killed`, { brokerId: id, severity: 'error' })
    case 'stopping':
      return timeline.cause('broker-stopped', `Broker ${id} stopped`, { brokerId: id, severity: 'warn' })
    case 'frozen':
      return timeline.cause('broker-frozen', `Broker ${id} frozen`, { brokerId: id, severity: 'warn' })
    case 'starting':
      return timeline.cause('broker-started', `Broker ${id} started`, { brokerId: id })
    case 'running':
      // After a start it is what was started; only a resume begins here.
      if (previous === 'frozen') timeline.cause('broker-resumed', `Broker ${id} resumed`, { brokerId: id })
      return
    case 'crashed':
      return timeline.cause('broker-crashed', `Broker ${id} crashed`, {
        brokerId: id,
        actor: 'auto',
        severity: 'error',
        detail: reason,
      })
    case 'stopped':
      return
  }
}
