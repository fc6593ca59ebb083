/** The sample data as it stands, and what is done with it. One store for the first-run page, the settings and the palette. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type { SampleDataView } from '../../../shared/model/sample-data'
import { useHost } from '../../host/host'
import { messageOf } from '../cluster/store'

export const useSampleDataStore = defineStore('sample-data', () => {
  const host = useHost()
  const view = shallowRef<SampleDataView | null>(null)
  /** Why the last thing asked for was not done. */
  const error = ref<string | null>(null)
  const isAsking = ref(false)

  host.on('sampleData.changed', (changed) => {
    view.value = changed
  })

  // A generator that was running goes on with the worker's next life.
  host.on('app.clientsEnded', ({ isAgain }) => {
    if (view.value === null || isAgain) return
    void host.call('sampleData.view').then(
      (now) => {
        view.value = now
      },
      () => undefined,
    )
  })

  async function ask(work: () => Promise<SampleDataView>): Promise<boolean> {
    if (isAsking.value) return false
    isAsking.value = true
    error.value = null
    try {
      view.value = await work()
      return true
    } catch (thrown) {
      error.value = messageOf(thrown)
      return false
    } finally {
      isAsking.value = false
    }
  }

  return {
    view,
    error,
    /** While it adds or removes, here or asked for elsewhere. */
    isBusy: computed(() => isAsking.value || view.value?.state === 'installing' || view.value?.state === 'removing'),
    isInstalled: computed(() => view.value?.state === 'installed'),
    load: (): Promise<boolean> => ask(() => host.call('sampleData.view')),
    install: (generatorPerSecond: number | null): Promise<boolean> =>
      ask(() => host.call('sampleData.install', { generatorPerSecond })),
    setGenerator: (perSecond: number | null): Promise<boolean> => ask(() => host.call('sampleData.setGenerator', { perSecond })),
    remove: (): Promise<boolean> => ask(() => host.call('sampleData.remove')),
  }
})
