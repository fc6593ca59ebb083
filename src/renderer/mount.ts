/** Puts the app on the page over a given host. The entry and the gallery call it; tests mount single components instead. */
import { createPinia } from 'pinia'
import { createApp, type App as VueApp } from 'vue'
import App from './App.vue'
import { type Host, hostKey } from './host/host'
import { copyTextKey } from './ui'

export function mountWindow(host: Host, selector: string): VueApp {
  const app = createApp(App)
  app.provide(hostKey, host)
  app.provide(copyTextKey, async (text) => {
    await host.call('app.copyText', { text })
  })
  app.use(createPinia())
  app.mount(selector)
  return app
}
