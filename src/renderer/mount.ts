/** Puts the app on the page over a given host. The entry and the gallery call it; tests mount single components instead. */
import { createPinia } from 'pinia'
import { createApp, type App as VueApp } from 'vue'
import App from './App.vue'
import { readWindowState, windowStateKey } from './features/frame/window-state'
import { type Host, hostKey } from './host/host'
import { copyTextKey } from './ui'

export async function mountWindow(host: Host, selector: string): Promise<VueApp> {
  const state = await readWindowState(host)
  const app = createApp(App)
  app.provide(hostKey, host)
  // Before the first paint: tabs that came up one after the other would be a flash.
  app.provide(windowStateKey, state)
  app.provide(copyTextKey, async (text) => {
    await host.call('app.copyText', { text })
  })
  app.use(createPinia())
  app.mount(selector)
  return app
}
