/**
 * The design system: what the window is made of, after INTERFACE section 5. It knows no Kafka, no host and no store.
 *
 * How to use it (for whoever writes a feature):
 * - Colours, sizes and fonts come from styles/tokens.css. In templates use Tailwind with the tokens as its theme (`text-t-3`, `bg-s-2`,
 *   `text-small`, `font-medium`, `border-line`) for layout and text; write a scoped `<style>` with `var(--…)` where a component draws something.
 *   Never a literal colour, never a `style="…"` attribute in a template (the CSP forbids it; `:style` bindings are fine).
 * - Classes for all: `view-bar` `tool-bar` (bars), `mono` (what a machine wrote), `selectable`, `i` `i12` `i16` (icon sizes), `grow`, `sep`,
 *   `link`, `null` (the italic null), `menu-item`, `pop`.
 * - Icons: `import { Play } from '@lucide/vue'`, `<Play class="i" aria-hidden="true" />`.
 * - Buttons say `@press`, not `@click`, and take `disabled-reason` (a sentence) in place of `disabled`.
 * - `data-testid` falls through on every component (on UiField and UiSelect it lands on the control itself). Ids that journeys use stand in TESTIDS.md.
 * - Values are written by format.ts, nowhere else.
 * - UiTable: give `rows` in their order and `row-key`; cells are slots named after the column's key with `{ row, index }`; `@range` tells which
 *   rows are in sight, for data that is fetched by page. UiSplitPane holds a detail pane: `#first`, `#second`, `v-model:size`.
 */
export { chartCsv, nearestIndex } from './chart/chart-data'
export { brokerColor, type ChartMark, type ChartRange, type ChartSeries, type ChartUnit, seriesColor } from './chart/chart-model'
export { exactValue, shortValue } from './chart/chart-units'
export { copyTextKey, useCopyText } from './clipboard'
export * from './format'
export { provideKeyPrinting } from './key-printing'
export type { MenuEntry } from './menus'
export { momentOfClock, setTimeZone, zoned } from './time-zone'
export { useToasts } from './toasts'
export { default as UiBadge } from './UiBadge.vue'
export { default as UiBrokerTag } from './UiBrokerTag.vue'
export { default as UiButton } from './UiButton.vue'
export { default as UiChart } from './UiChart.vue'
export { default as UiCheckbox } from './UiCheckbox.vue'
export { default as UiChip } from './UiChip.vue'
export { default as UiContextMenu } from './UiContextMenu.vue'
export { default as UiCopyField } from './UiCopyField.vue'
export { default as UiDialog } from './UiDialog.vue'
export { default as UiEmpty } from './UiEmpty.vue'
export { default as UiField } from './UiField.vue'
export { default as UiIconButton } from './UiIconButton.vue'
export { default as UiKbd } from './UiKbd.vue'
export { default as UiMenu } from './UiMenu.vue'
export { default as UiNote } from './UiNote.vue'
export { default as UiProgress } from './UiProgress.vue'
export { default as UiProvider } from './UiProvider.vue'
export { default as UiSegmented } from './UiSegmented.vue'
export { default as UiSelect, type SelectOption } from './UiSelect.vue'
export { default as UiSparkline } from './UiSparkline.vue'
export { default as UiSplitPane } from './UiSplitPane.vue'
export { default as UiTable, type RowSource, type TableColumn } from './UiTable.vue'
export { default as UiTabs } from './UiTabs.vue'
export { default as UiToasts } from './UiToasts.vue'
export { default as UiTooltip } from './UiTooltip.vue'
export { default as UiTree, type TreeNode } from './UiTree.vue'
