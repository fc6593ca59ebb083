/** Puts one planted bug into the simulator while it is bundled: the only place where it ever meets the engine. */
import { join } from 'node:path'
import type { Plugin } from 'vite'
import { root } from '../../lib/steps'
import { applyMutation, type Mutation } from './mutation'

export function mutationPlugin(mutation: Mutation): Plugin {
  const target = join(root, mutation.file)
  let isApplied = false
  return {
    name: `broker-workbench:planted-bug-${mutation.name}`,
    enforce: 'pre',
    transform(source, id) {
      if (id !== target) return null
      isApplied = true
      return { code: applyMutation(mutation, source), map: null }
    },
    buildEnd(error) {
      if (error === undefined && !isApplied)
        throw new Error(`${mutation.file} is no part of the simulator, so ${mutation.name} changes nothing`)
    },
  }
}
