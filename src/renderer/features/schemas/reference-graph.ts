/**
 * Which versions refer to which, around one subject: what it needs, what needs it, through others too. Laid out by dagre, in layers from
 * what refers to what is referred to. Pure.
 */
import * as dagre from '@dagrejs/dagre'
import type { ReferenceEdge } from '../../../shared/model/schemas'

export interface GraphNode {
  readonly id: string
  readonly subject: string
  readonly version: number
  readonly isOwn: boolean
  readonly x: number
  readonly y: number
}

export interface GraphEdge {
  readonly from: string
  readonly to: string
  readonly name: string
  /** An SVG path. */
  readonly path: string
}

export interface ReferenceGraph {
  readonly nodes: readonly GraphNode[]
  readonly edges: readonly GraphEdge[]
  readonly width: number
  readonly height: number
  /** Nodes beyond `nodesMax` that were left out. */
  readonly leftOut: number
}

export const nodeWidth = 190
export const nodeHeight = 40
/** More cannot be read, and laying out thousands takes seconds. */
export const nodesMax = 150

const idOf = ({ subject, version }: { readonly subject: string; readonly version: number }): string => `${subject} v${version}`

/** `draft`: references of what is being written, which no version has yet. */
export function graphAround(
  subject: string,
  all: readonly ReferenceEdge[],
  draft: readonly ReferenceEdge[] = [],
): ReferenceGraph {
  const edges = [...all, ...draft]
  const nodes = new Map<string, { subject: string; version: number }>()
  const put = (node: { subject: string; version: number }): boolean => {
    if (nodes.has(idOf(node))) return false
    nodes.set(idOf(node), node)
    return true
  }
  const own = edges.flatMap(({ from, to }) => [from, to].filter((each) => each.subject === subject))
  for (const node of own) put(node)
  const walk = (next: (edge: ReferenceEdge) => readonly [ReferenceEdge['from'], ReferenceEdge['from']]): void => {
    const byStart = new Map<string, ReferenceEdge['from'][]>()
    for (const edge of edges) {
      const [start, end] = next(edge)
      byStart.set(idOf(start), [...(byStart.get(idOf(start)) ?? []), end])
    }
    const waiting = [...own]
    for (let node = waiting.shift(); node; node = waiting.shift())
      for (const end of byStart.get(idOf(node)) ?? []) if (put(end)) waiting.push(end)
  }
  walk((edge) => [edge.from, edge.to])
  walk((edge) => [edge.to, edge.from])

  const kept = [...nodes].slice(0, nodesMax)
  const ids = new Set(kept.map(([id]) => id))
  const graph = new dagre.graphlib.Graph()
  graph.setGraph({ rankdir: 'LR', nodesep: 14, ranksep: 70, marginx: 16, marginy: 16 })
  graph.setDefaultEdgeLabel(() => ({}))
  for (const [id] of kept) graph.setNode(id, { width: nodeWidth, height: nodeHeight })
  const drawn = edges.filter((edge) => ids.has(idOf(edge.from)) && ids.has(idOf(edge.to)))
  for (const edge of drawn) graph.setEdge(idOf(edge.from), idOf(edge.to))
  dagre.layout(graph)
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number }
  const placed = kept.map(([id, node]): GraphNode => {
    const { x, y } = graph.node(id) as { x: number; y: number }
    return { id, ...node, isOwn: node.subject === subject, x: x - nodeWidth / 2, y: y - nodeHeight / 2 }
  })
  const byId = new Map(placed.map((node) => [node.id, node]))
  return {
    nodes: placed,
    edges: drawn.map((edge) => {
      const from = byId.get(idOf(edge.from))!
      const to = byId.get(idOf(edge.to))!
      const start = { x: from.x + nodeWidth, y: from.y + nodeHeight / 2 }
      const end = { x: to.x, y: to.y + nodeHeight / 2 }
      const bend = Math.max(30, Math.abs(end.x - start.x) / 2)
      return {
        from: from.id,
        to: to.id,
        name: edge.name,
        path: `M${start.x},${start.y} C${start.x + bend},${start.y} ${end.x - bend},${end.y} ${end.x},${end.y}`,
      }
    }),
    width: Math.max(0, Number.isFinite(width) ? width : 0),
    height: Math.max(0, Number.isFinite(height) ? height : 0),
    leftOut: nodes.size - kept.length,
  }
}
