/** Puts one planted bug into the simulator while it is bundled: the only place where it ever meets the engine. */
import { join } from 'node:path'
import type { Plugin } from 'vite'
import { root } from '../../lib/steps'
import { applyMutation, filesOf, type Mutation } from './mutation'

export function mutationPlugin(mutation: Mutation): Plugin {
  const targets = new Map(filesOf(mutation).map((file) => [join(root, file), file]))
  const missing = new Set(targets.values())
  return {
    name: `broker-workbench:planted-bug-${mutation.name}`,
    enforce: 'pre',
    transform(source, id) {
      const file = targets.get(id)
      if (file === undefined) return null
      missing.delete(file)
      return { code: applyMutation(mutation, file, source), map: null }
    },
    buildEnd(error) {
      if (error === undefined && missing.size > 0)
        throw new Error(`${[...missing].join(', ')} is no part of the simulator, so ${mutation.name} is not what it says`)
    },
  }
}
