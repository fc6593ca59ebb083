/** What the palette offers on one object once it is narrowed to it (Tab), and the offsets that `:` goes to. */
import { Copy, Crosshair, Layers, ListTree, Send, Settings2 } from '@lucide/vue'
import { useCopyText } from '../../ui'
import { useJumpStore } from '../messages/jump-store'
import { useTopicsStore } from '../topics/store'
import type { Command } from './commands'
import { useTabsStore } from './tabs-store'

const partitionsMax = 60

export function useObjectCommands() {
  const tabs = useTabsStore()
  const topics = useTopicsStore()
  const jump = useJumpStore()
  const copyText = useCopyText()

  function commandsOf(object: Command, all: readonly Command[]): readonly Command[] {
    if (object.brokerId !== undefined) return all.filter((each) => each.brokerId === object.brokerId)
    if (object.kind === 'topic') return topicCommands(object.title)
    if (object.kind === 'group' || object.kind === 'subject') return [{ ...object, title: 'Open it' }, copyName(object.title)]
    return []
  }

  const copyName = (name: string): Command => ({
    id: `copy:${name}`,
    kind: 'command',
    title: 'Copy its name',
    icon: Copy,
    run: () => void copyText(name),
  })

  function topicCommands(topic: string): readonly Command[] {
    const open = (section: 'messages' | 'partitions' | 'config') => () => tabs.openTopic(topic, { keep: true, section })
    return [
      { id: `topic:${topic}:messages`, kind: 'command', title: 'Read its messages', icon: Layers, run: open('messages') },
      { id: `topic:${topic}:produce`, kind: 'command', title: 'Produce to it', icon: Send, run: () => tabs.openProduce(topic) },
      { id: `topic:${topic}:partitions`, kind: 'command', title: 'Show its partitions', icon: ListTree, run: open('partitions') },
      { id: `topic:${topic}:config`, kind: 'command', title: 'Show its configs', icon: Settings2, run: open('config') },
      copyName(topic),
      ...partitionsOf(topic).map(
        ({ partition, leader }): Command => ({
          id: `topic:${topic}:from:${partition}`,
          kind: 'position',
          title: `${topic}-${partition}`,
          hint: leader === null ? 'no leader' : `from its first record, leader ${leader}`,
          icon: Crosshair,
          run: () => jump.openRecord(topic, partition, 0),
        }),
      ),
    ]
  }

  const partitionsOf = (topic: string) => topics.partitionsOf(topic).slice(0, partitionsMax)

  /** `4711` in each partition, `3@4711` in one, of the topic in front. Nothing where no topic is, or what was typed is no offset. */
  function positionCommands(text: string): readonly Command[] {
    const topic = tabs.active?.kind === 'topic' ? tabs.active.topic : null
    const typed = /^(?:(\d{1,9})@)?(\d{1,15})$/.exec(text)
    if (topic === null || !typed) return []
    const offset = Number(typed[2])
    return partitionsOf(topic)
      .filter(({ partition }) => typed[1] === undefined || partition === Number(typed[1]))
      .map(({ partition }) => ({
        id: `position:${topic}:${partition}`,
        kind: 'position',
        title: `${topic}-${partition} at ${offset}`,
        icon: Crosshair,
        run: () => jump.openRecord(topic, partition, offset),
      }))
  }

  return { commandsOf, positionCommands }
}
