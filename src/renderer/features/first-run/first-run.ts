/**
 * Whether the cluster view has nothing to show yet. It stays so while sample data is being written into an empty cluster: its first topic must not
 * take the progress away.
 */
import { type Ref, ref, watchEffect } from 'vue'
import { useSampleDataStore } from '../sample-data/store'
import { useTopicsStore } from '../topics/store'

export function useIsFirstRun(): Readonly<Ref<boolean>> {
  const topics = useTopicsStore()
  const sample = useSampleDataStore()
  const isFirstRun = ref(false)
  watchEffect(() => {
    isFirstRun.value = topics.topics.length === 0 || (isFirstRun.value && sample.view?.state === 'installing')
  })
  return isFirstRun
}
