/**
 * What a person has set of the window: theme, zoom, time zone, keys. Main keeps it and tells Chromium, so `prefers-color-scheme` already answers
 * rightly before the first paint; this puts the answers where the page looks for them.
 */
import { defineStore } from 'pinia'
import { computed, ref, watchEffect } from 'vue'
import { useHost } from '../../host/host'
import { setTimeZone } from '../../ui'
import { keyOverrides } from './keys'

export type ThemeSetting = 'system' | 'light' | 'dark'

/** As browsers step. */
export const zoomSteps: readonly number[] = [50, 67, 75, 80, 90, 100, 110, 125, 150, 175, 200]

export const usePreferencesStore = defineStore('preferences', () => {
  const host = useHost()
  const theme = ref<ThemeSetting>('system')
  const zoomPercent = ref(100)
  /** An IANA name; null: the system's. */
  const timeZone = ref<string | null>(null)
  const media = window.matchMedia('(prefers-color-scheme: dark)')
  const systemIsDark = ref(media.matches)
  media.addEventListener('change', (event) => {
    systemIsDark.value = event.matches
    // The native menu sets the theme too: what is set is asked again, so that the rail does not say otherwise.
    load().catch(() => undefined)
  })
  const effectiveTheme = computed(() => (theme.value === 'system' ? (systemIsDark.value ? 'dark' : 'light') : theme.value))
  watchEffect(() => {
    document.documentElement.dataset['theme'] = effectiveTheme.value
  })
  watchEffect(() => setTimeZone(timeZone.value))

  async function load(): Promise<void> {
    const info = await host.call('app.info')
    theme.value = info.theme
    zoomPercent.value = info.zoomPercent
    timeZone.value = info.timeZone
    keyOverrides.value = info.keys
  }

  async function setZoom(percent: number): Promise<void> {
    zoomPercent.value = percent
    await host.call('app.setPreferences', { zoomPercent: percent })
  }

  return {
    theme,
    effectiveTheme,
    zoomPercent,
    timeZone,
    load,
    async setTheme(next: ThemeSetting): Promise<void> {
      theme.value = next
      await host.call('app.setTheme', { theme: next })
    },
    setZoom,
    /** One step larger (1) or smaller (-1). */
    async stepZoom(by: 1 | -1): Promise<void> {
      const next =
        by === 1
          ? zoomSteps.find((step) => step > zoomPercent.value)
          : [...zoomSteps].reverse().find((step) => step < zoomPercent.value)
      if (next !== undefined) await setZoom(next)
    },
    async setZone(zone: string | null): Promise<void> {
      timeZone.value = zone
      await host.call('app.setPreferences', { timeZone: zone })
    },
    /** '' takes the key away; null gives it back what it was. */
    async setKey(id: string, keys: string | null): Promise<void> {
      const { [id]: _, ...others } = keyOverrides.value
      keyOverrides.value = keys === null ? others : { ...others, [id]: keys }
      await host.call('app.setPreferences', { keys: { ...keyOverrides.value } })
    },
    async resetKeys(): Promise<void> {
      keyOverrides.value = {}
      await host.call('app.setPreferences', { keys: {} })
    },
  }
})
