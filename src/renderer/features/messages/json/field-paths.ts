/** The paths of a JSON text's fields, the outer ones first: what can be filtered by and shown as columns. Of a list, those of its first entry. */
import { type PathStep, writePath } from '../../../../shared/json-field'
import { childrenOf, type JsonNode, rootOf } from './json-tree'

const pathsMax = 60
const depthMax = 4

export function fieldPaths(json: string): string[] {
  if (!/^\s*[{[]/.test(json)) return []
  const paths: string[] = []
  let level: { readonly node: JsonNode; readonly steps: readonly PathStep[] }[] = [{ node: rootOf(json), steps: [] }]
  for (let depth = 0; depth < depthMax && level.length > 0; depth++) {
    const next: typeof level = []
    for (const { node, steps } of level) {
      for (const child of childrenOf(json, node).slice(0, node.kind === 'array' ? 1 : pathsMax)) {
        const path = [...steps, child.key ?? child.index ?? 0]
        const isContainer = child.kind === 'object' || child.kind === 'array'
        if (!isContainer && paths.length < pathsMax) paths.push(writePath(path))
        if (isContainer) next.push({ node: child, steps: path })
      }
    }
    level = next
  }
  return paths
}
