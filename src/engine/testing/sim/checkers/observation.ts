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
          const from = fresh.batches[0] === undefined ? followed.batches.length : followed.indexOf(fresh.batches[0].baseOffset)
          for (const [index, batch] of fresh.batches.entries()) {
            const known = followed.batches[from + index]
            require(known === undefined ? index === 0 : isSameBatch(batch, known), rules.wholeBatches, () =>
              `${followed.name} has ${describeBatch(batch)}, where ${describeBatch(known)} was appended`)
          }
        }
      }
    },
  }
}
