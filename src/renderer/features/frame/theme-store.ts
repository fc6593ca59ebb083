/**
 * Light or dark: the system's unless set. Main keeps the setting and tells Chromium, so `prefers-color-scheme` already answers rightly
 * before the first paint; this puts the answer where the tokens look for it.
 */
import { defineStore } from 'pinia'
import { computed, ref, watchEffect } from 'vue'
import { useHost } from '../../host/host'

export type ThemeSetting = 'system' | 'light' | 'dark'

export const useThemeStore = defineStore('theme', () => {
  const host = useHost()
  const setting = ref<ThemeSetting>('system')
  const media = window.matchMedia('(prefers-color-scheme: dark)')
  const systemIsDark = ref(media.matches)
  media.addEventListener('change', (event) => {
    systemIsDark.value = event.matches
    // The native menu sets the theme too: what is set is asked again, so that the rail does not say otherwise.
    load().catch(() => undefined)
  })
  const effective = computed(() => (setting.value === 'system' ? (systemIsDark.value ? 'dark' : 'light') : setting.value))
  watchEffect(() => {
    document.documentElement.dataset['theme'] = effective.value
  })

  async function load(): Promise<void> {
    setting.value = (await host.call('app.info')).theme
  }

  return {
    setting,
    effective,
    load,
    async set(theme: ThemeSetting): Promise<void> {
      setting.value = theme
      await host.call('app.setTheme', { theme })
    },
  }
})
