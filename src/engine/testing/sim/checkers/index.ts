/** All checkers of a world, in the order in which they are called: the view moves first, and the wire is read when coordination's transactions are known. */
import { acknowledgements } from './acknowledgements'
import { beliefs } from './beliefs'
import type { Checker, World } from './checker'
import { conditionalWrites } from './conditional-writes'
import { controllerRequests } from './controller-requests'
import { coordinationRestart } from './coordination-restart'
import { wireOf } from './coordination-wire'
import { durability } from './durability'
import { fetchEpochs } from './fetch-epochs'
import { histories } from './histories'
import { inSync } from './in-sync'
import { isrProposals } from './isr-proposals'
import { leadership } from './leadership'
import { observation } from './observation'
import { offsets } from './offsets'
import { reassignments } from './reassignments'
import { recovery } from './recovery'
import { sequences } from './sequences'
import { sessions } from './sessions'
import { storedStates } from './stored-states'
import { watchOrder } from './watch-order'

export { promises } from './promises'

/** Listeners of the view are called in this order, too: what a broker believes is told before it is judged. */
export const checkerFactories: readonly ((world: World) => Checker)[] = [
  observation,
  beliefs,
  (world) => ({ name: 'coordination-wire', afterEvent: (event) => wireOf(world).afterEvent(event) }),
  leadership,
  offsets,
  storedStates,
  reassignments,
  isrProposals,
  recovery,
  histories,
  inSync,
  durability,
  sequences,
  acknowledgements,
  fetchEpochs,
  controllerRequests,
  conditionalWrites,
  sessions,
  coordinationRestart,
  watchOrder,
]
