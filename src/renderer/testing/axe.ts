/**
 * Axe over what a test has mounted. In happy-dom nothing has a place or a colour, so what needs layout is left to the journeys, which let axe look
 * at the real window; names, roles, states and nesting are checked here.
 */
import axe from 'axe-core'

const needLayout = ['color-contrast', 'target-size', 'scrollable-region-focusable', 'link-in-text-block']
/** Of a whole page; what a test mounts is a part of one. */
const ofPages = ['region', 'page-has-heading-one', 'landmark-one-main', 'document-title', 'html-has-lang', 'bypass']

/** Nothing here has a place: a whole cascade for each element would be most of the time that a test takes, and what no rule below asks for. */
function plainStyle(element: Element): CSSStyleDeclaration {
  const inline = element instanceof HTMLElement ? element.style.display : ''
  const known: Readonly<Record<string, string>> = {
    display: inline || 'block',
    visibility: 'visible',
    position: 'static',
    opacity: '1',
  }
  return new Proxy({} as CSSStyleDeclaration, {
    get: (_, name) => (name === 'getPropertyValue' ? (property: string) => known[property] ?? '' : (known[String(name)] ?? '')),
  })
}

/** What is serious or critical, one line each; none where all is well. */
export async function accessibilityFaults(element: Element): Promise<readonly string[]> {
  const computed = window.getComputedStyle
  window.getComputedStyle = plainStyle
  const { violations } = await axe
    .run(element, {
      rules: Object.fromEntries([...needLayout, ...ofPages].map((rule) => [rule, { enabled: false }])),
      resultTypes: ['violations'],
    })
    .finally(() => {
      window.getComputedStyle = computed
    })
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 200)}`))
}
