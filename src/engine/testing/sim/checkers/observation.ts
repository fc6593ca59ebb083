/** The first of all checkers: moves the view that the others listen to. At the end it reads every log anew, and finds what following it had missed. */
import type { SimEvent } from '../scheduler'
import { type Checker, require, type World } from './checker'
import { viewOf } from './cluster-view'
import { describeBatch, isSameBatch, LogView } from './log-view'
import { rules } from './rules'

export function observation(world: World): Checker {
  const view = viewOf(world)
  return {
    name: 'observation',
    afterEvent: (event: SimEvent) => view.afterEvent(event),
    atEnd() {
      view.stored.workOff()
      for (const seen of view.brokers.values()) {
        if (!seen.isUp) continue
        for (const { view: followed, sight } of seen.logs.values()) {
          const fresh = new LogView(seen.machine.disk, followed.directory, followed.name)
          fresh.load(sight.logEndOffset)
          // What was dropped from its beginning may be forgotten sooner or later here than there.
          let at = fresh.indexOf(followed.batches[0]?.baseOffset ?? sight.logEndOffset)
          const first = fresh.batches[0]?.baseOffset ?? sight.logEndOffset
          for (const batch of followed.batches) {
            if (batch.baseOffset < first) continue
            const found = fresh.batches[at++]
            require(isSameBatch(found, batch), rules.wholeBatches, () =>
              `${followed.name} has ${describeBatch(found)}, where ${describeBatch(batch)} was appended`)
          }
        }
      }
    },
  }
}
