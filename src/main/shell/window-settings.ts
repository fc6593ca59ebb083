/**
 * What the window remembers between starts: where it was, and what a person has set of it (theme, zoom, time zone, keys). One small file in the profile folder, written whole and renamed;
 * an unreadable one counts as none, because a lost window position must never keep the app from starting.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import * as v from 'valibot'

const rectangle = v.object({ x: v.number(), y: v.number(), width: v.number(), height: v.number() })

const schema = v.object({
  theme: v.fallback(v.picklist(['system', 'light', 'dark']), 'system'),
  bounds: v.fallback(v.nullable(rectangle), null),
  isMaximized: v.fallback(v.boolean(), false),
  zoomPercent: v.fallback(v.pipe(v.number(), v.integer(), v.minValue(50), v.maxValue(200)), 100),
  timeZone: v.fallback(v.nullable(v.string()), null),
  keys: v.fallback(v.record(v.string(), v.string()), {}),
})

export type Theme = 'system' | 'light' | 'dark'
export type Rectangle = v.InferOutput<typeof rectangle>
export type WindowSettings = v.InferOutput<typeof schema>

export class WindowSettingsFile {
  private settings: WindowSettings

  constructor(private readonly path: string) {
    this.settings = read(path)
  }

  get current(): WindowSettings {
    return this.settings
  }

  /** Throws when the file cannot be written; the new values hold for this run nevertheless. */
  update(change: Partial<WindowSettings>): void {
    this.settings = { ...this.settings, ...change }
    mkdirSync(dirname(this.path), { recursive: true })
    writeFileSync(`${this.path}.tmp`, `${JSON.stringify(this.settings, null, 2)}\n`)
    renameSync(`${this.path}.tmp`, this.path)
  }
}

function read(path: string): WindowSettings {
  let content: unknown = {}
  try {
    content = JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    // None yet, or not ours.
  }
  const parsed = v.safeParse(schema, content)
  return parsed.success ? parsed.output : v.parse(schema, {})
}

const defaultSize = { width: 1440, height: 900 }

/**
 * Where to open the window: where it was, if enough of it lies on a display that is there now to be seen and dragged; else in the middle
 * of the primary one.
 */
export function windowBounds(
  remembered: Rectangle | null,
  workAreas: readonly Rectangle[],
): Partial<Rectangle> & { width: number; height: number } {
  if (remembered !== null && workAreas.some((area) => overlap(remembered, area) >= 0.25)) {
    return remembered
  }
  const primary = workAreas[0]
  if (primary === undefined) {
    return defaultSize
  }
  return { width: Math.min(defaultSize.width, primary.width), height: Math.min(defaultSize.height, primary.height) }
}

/** The share of the rectangle that lies on the area. */
function overlap(rectangle: Rectangle, area: Rectangle): number {
  const width = Math.min(rectangle.x + rectangle.width, area.x + area.width) - Math.max(rectangle.x, area.x)
  const height = Math.min(rectangle.y + rectangle.height, area.y + area.height) - Math.max(rectangle.y, area.y)
  return width > 0 && height > 0 ? (width * height) / (rectangle.width * rectangle.height) : 0
}
