/**
 * Tells of the size of the page, now and whenever it changes. The resize event alone is not enough: a page that starts before its window has
 * its size reads a wrong one, and Chromium sends no event for what changes before the first layout.
 */
export function onViewport(listener: (width: number, height: number) => void): void {
  const tell = (): void => listener(window.innerWidth, window.innerHeight)
  tell()
  window.addEventListener('resize', tell)
  new ResizeObserver(tell).observe(document.documentElement)
}
