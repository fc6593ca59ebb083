/** All planted bugs. `npm run sim:mutations` shows that each is found; catalogue.test.ts holds them to the code as it is. */
import { controllerMutations } from './controller'
import { coordinationMutations } from './coordination'
import { groupMutations } from './groups'
import type { Mutation } from './mutation'
import { replicationMutations } from './replication'
import { storageMutations } from './storage'
import { transactionMutations } from './transactions'

export const mutations: readonly Mutation[] = [
  ...replicationMutations,
  ...controllerMutations,
  ...coordinationMutations,
  ...storageMutations,
  ...groupMutations,
  ...transactionMutations,
]
