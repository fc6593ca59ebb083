/** What can be done to a topic, as entries of a menu: the same in the table of topics and on a topic's own page. */
import { ClipboardCopy, CopyPlus, Eraser, Split, Trash2 } from '@lucide/vue'
import type { TopicView } from '../../../shared/model/topics'
import type { MenuEntry } from '../../ui'

export type TopicQuestion = { readonly kind: 'delete' | 'clone' | 'purge' | 'partitions'; readonly topic: string }

/** `ask` opens the dialog of a question. Internal topics are the cluster's own: what would break it is off, with the reason. */
export function topicChanges(topic: TopicView | undefined, ask: (question: TopicQuestion) => void): readonly MenuEntry[] {
  if (!topic) return []
  const { name } = topic
  const internal = topic.isInternal ? 'it is internal: the cluster keeps its own state there' : null
  const compacted = topic.cleanupPolicy === 'compact' ? 'it is compacted only: set cleanup.policy to compact,delete first' : null
  return [
    {
      id: 'topic-clone',
      label: 'New topic like it',
      icon: CopyPlus,
      startsGroup: true,
      run: () => ask({ kind: 'clone', topic: name }),
    },
    {
      id: 'topic-partitions',
      label: 'Add partitions',
      icon: Split,
      disabledReason: internal,
      run: () => ask({ kind: 'partitions', topic: name }),
    },
    {
      id: 'topic-purge',
      label: 'Delete records',
      icon: Eraser,
      isDanger: true,
      startsGroup: true,
      disabledReason: internal ?? compacted,
      run: () => ask({ kind: 'purge', topic: name }),
    },
    {
      id: 'topic-delete',
      label: 'Delete',
      icon: Trash2,
      isDanger: true,
      disabledReason: internal,
      run: () => ask({ kind: 'delete', topic: name }),
    },
  ]
}

export function topicCopies(topic: TopicView | undefined, copy: (text: string) => void): readonly MenuEntry[] {
  if (!topic) return []
  return [
    { id: 'topic-copy-name', label: 'Copy its name', icon: ClipboardCopy, run: () => copy(topic.name) },
    { id: 'topic-copy-id', label: 'Copy its topic id', icon: ClipboardCopy, run: () => copy(topic.topicId) },
  ]
}
