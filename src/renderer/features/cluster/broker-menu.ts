/** What can be done to a broker, as menu entries: those that do not fit its state say why. */
import { Play, Snowflake, Square, Zap } from '@lucide/vue'
import type { BrokerView } from '../../../shared/model/cluster'
import type { MenuEntry } from '../../ui'
import { actionsIn, type BrokerAction } from './store'

export function brokerMenu(
  broker: BrokerView,
  cluster: { readonly busy: ReadonlyMap<number, BrokerAction> },
  act: (action: BrokerAction) => void,
): readonly MenuEntry[] {
  const possible = actionsIn[broker.state]
  const reason = (action: BrokerAction): string | null =>
    cluster.busy.has(broker.id) ? 'being changed' : possible.includes(action) ? null : `it is ${broker.state}`
  const isFrozen = broker.state === 'frozen'
  return [
    {
      id: 'kill',
      label: `Kill broker ${broker.id}`,
      icon: Zap,
      keys: 'Shift K',
      disabledReason: reason('kill'),
      run: () => act('kill'),
    },
    isFrozen
      ? {
          id: 'resume',
          label: `Resume broker ${broker.id}`,
          icon: Play,
          keys: 'Shift F',
          disabledReason: reason('resume'),
          run: () => act('resume'),
        }
      : {
          id: 'freeze',
          label: `Freeze broker ${broker.id}`,
          icon: Snowflake,
          keys: 'Shift F',
          disabledReason: reason('freeze'),
          run: () => act('freeze'),
        },
    { id: 'stop', label: `Stop broker ${broker.id}`, icon: Square, disabledReason: reason('stop'), run: () => act('stop') },
    {
      id: 'start',
      label: `Start broker ${broker.id}`,
      icon: Play,
      keys: 'S',
      disabledReason: reason('start'),
      run: () => act('start'),
    },
  ]
}
