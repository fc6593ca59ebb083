import { describe, expect, it } from 'vitest'
import { graphAround, nodesMax } from './reference-graph'

const edge = (from: string, to: string, version = 1) => ({
  from: { subject: from, version },
  to: { subject: to, version: 1 },
  name: to,
})
const names = (subject: string, edges: Parameters<typeof graphAround>[1]) =>
  graphAround(subject, edges)
    .nodes.map((node) => node.id)
    .sort()

describe('the graph around a subject', () => {
  const edges = [edge('order', 'line'), edge('line', 'money'), edge('invoice', 'line'), edge('customer', 'address')]
  it('holds what it needs and what needs it, through others too, and nothing else', () => {
    expect(names('line', edges)).toEqual(['invoice v1', 'line v1', 'money v1', 'order v1'])
  })
  it('does not take in what merely needs the same', () => {
    expect(names('order', edges)).toEqual(['line v1', 'money v1', 'order v1'])
  })
  it('lays out what refers left of what is referred to', () => {
    const graph = graphAround('order', edges)
    const x = (id: string) => graph.nodes.find((node) => node.id === id)?.x ?? Number.NaN
    expect(x('order v1')).toBeLessThan(x('line v1'))
    expect(x('line v1')).toBeLessThan(x('money v1'))
    expect(graph.edges).toHaveLength(2)
  })
  it('ends where references go round', () => {
    expect(names('a', [edge('a', 'b'), edge('b', 'a')])).toEqual(['a v1', 'b v1'])
  })
  it('shows the references of a draft as those of the version to come', () => {
    expect(graphAround('order', [], [edge('order', 'line', 8)]).nodes.map((node) => node.id)).toEqual(['order v8', 'line v1'])
  })
  it('leaves out what cannot be read any more, and says how much', () => {
    const many = Array.from({ length: nodesMax + 20 }, (_, index) => edge('a', `b${index}`))
    expect(graphAround('a', many).leftOut).toBe(21)
  })
})
