import { afterEach, describe, expect, it } from 'vitest'
import { nextTick } from 'vue'
import { type Bench, createBench } from '../testing/render'
import UiTree from './UiTree.vue'

const find = (id: string) => document.querySelector<HTMLElement>(`[data-testid="tree-${id}"]`)
const nodes = Array.from({ length: 200 }, (_, index) => ({ id: `n${index}`, label: `node ${index}`, depth: 0, isOpen: null }))
let mounted: ReturnType<Bench['render']> | null = null
afterEach(() => {
  mounted?.unmount()
  mounted = null
})

async function render(selected: string | null): Promise<void> {
  const bench = await createBench()
  mounted = bench.render(UiTree, { label: 'Nodes', nodes, selected, testid: 'tree' })
  await nextTick()
}

describe('a tree of many rows', () => {
  it('begins at its first row', async () => {
    await render(null)
    expect(find('n0')).not.toBeNull()
    expect(find('n150')).toBeNull()
  })
  it('shows the selected row, wherever it was selected', async () => {
    await render('n150')
    expect(find('n150')?.getAttribute('aria-selected')).toBe('true')
    expect(find('n0')).toBeNull()
  })
})
