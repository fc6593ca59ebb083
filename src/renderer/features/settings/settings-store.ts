/** Which page of the settings is open, and what they are called: the list beside, the palette and the view itself read it here. */
import { defineStore } from 'pinia'
import { ref } from 'vue'
import { useKeptState } from '../frame/window-state'

export type SettingsSection = 'appearance' | 'keys' | 'cluster' | 'security' | 'sample' | 'about'

export const settingsSections: readonly { readonly id: SettingsSection; readonly label: string; readonly words: string }[] = [
  { id: 'appearance', label: 'Appearance', words: 'theme, zoom, time zone' },
  { id: 'keys', label: 'Keys', words: 'search, change, reset' },
  { id: 'cluster', label: 'Cluster', words: 'data folder, ports, defaults' },
  { id: 'security', label: 'Security', words: 'SASL, TLS, ACLs, users' },
  { id: 'sample', label: 'Sample data', words: 'a small shop: add, keep going, remove' },
  { id: 'about', label: 'About', words: 'versions, licences' },
]

export const useSettingsStore = defineStore('settings', () => {
  const kept = useKeptState()?.settingsPage
  const section = ref<SettingsSection>(settingsSections.find(({ id }) => id === kept)?.id ?? 'appearance')
  return { section }
})
