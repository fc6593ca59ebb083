/** Ways into a topic's messages from elsewhere: a link to a record opens its topic at that offset. The topic's view takes the jump up. */
import { defineStore } from 'pinia'
import { reactive } from 'vue'
import { useTabsStore } from '../frame/tabs-store'

export interface Jump {
  readonly partition: number
  readonly offset: number
}

export const useJumpStore = defineStore('jump', () => {
  const tabs = useTabsStore()
  const waiting = reactive(new Map<string, Jump>())
  return {
    waiting,
    openRecord(topic: string, partition: number, offset: number): void {
      waiting.set(topic, { partition, offset })
      tabs.openTopic(topic, { keep: true, section: 'messages' })
    },
    take(topic: string): Jump | null {
      const jump = waiting.get(topic) ?? null
      waiting.delete(topic)
      return jump
    },
  }
})
