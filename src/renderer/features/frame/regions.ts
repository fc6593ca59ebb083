/** F6: from region to region, in the order of the page, into the first thing of each that takes the focus. */
export function focusNextRegion(): void {
  const regions = [...document.querySelectorAll<HTMLElement>('[data-region]')].filter(
    (region) => region.offsetParent !== null || region.getClientRects().length > 0,
  )
  const at = regions.findIndex((region) => region.contains(document.activeElement))
  for (let step = 1; step <= regions.length; step++) {
    const region = regions[(at + step) % regions.length]
    const target = [
      ...(region?.querySelectorAll<HTMLElement>('[role=grid], [role=tree], button, input, [tabindex="0"]') ?? []),
    ].find((element) => element.getClientRects().length > 0)
    if (!target) continue
    target.focus()
    return
  }
}
