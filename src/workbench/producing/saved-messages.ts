/** Messages that a person keeps, in folders, in a file of the workspace. Every change is on disk before it is answered. */
import * as v from 'valibot'
import { savedMessage } from '../../shared/ipc/calls/producing'
import { WorkbenchError } from '../../shared/ipc/errors'
import type { SavedMessage, SavedMessages } from '../../shared/model/producing'
import { JsonFile } from '../json-file'

const fileSchema = v.object({ version: v.literal(1), folders: v.array(v.string()), messages: v.array(savedMessage) })
type Content = Pick<SavedMessages, 'folders' | 'messages'>

const messagesMax = 5_000

export class SavedMessageStore {
  private readonly file: JsonFile<typeof fileSchema>
  private content: Content | null = null
  private problem: string | null = null

  constructor(path: string, nowMs: () => number) {
    this.file = new JsonFile(path, fileSchema, nowMs)
  }

  view(): SavedMessages {
    const { folders, messages } = this.read()
    return { folders, messages, problem: this.problem }
  }

  save(messages: readonly SavedMessage[], folders: readonly string[]): SavedMessages {
    const before = this.read()
    const byId = new Map(before.messages.map((message) => [message.id, message]))
    for (const message of messages) byId.set(message.id, message)
    if (byId.size > messagesMax)
      throw new WorkbenchError('expected', 'TOO_MANY_SAVED', `No more than ${messagesMax} messages are kept. Delete some first.`)
    const named = messages.map(({ folder }) => folder).filter((folder) => folder !== '')
    return this.write({ folders: unique([...before.folders, ...folders, ...named]), messages: [...byId.values()] })
  }

  /** What stands in a folder that goes, goes with it. */
  remove(ids: readonly string[], folders: readonly string[]): SavedMessages {
    const { folders: all, messages } = this.read()
    const gone = new Set(ids)
    return this.write({
      folders: all.filter((folder) => !folders.includes(folder)),
      messages: messages.filter(({ id, folder }) => !gone.has(id) && !folders.includes(folder)),
    })
  }

  renameFolder(from: string, to: string): SavedMessages {
    const { folders, messages } = this.read()
    return this.write({
      folders: unique(folders.map((folder) => (folder === from ? to : folder))),
      messages: messages.map((message) => (message.folder === from ? { ...message, folder: to } : message)),
    })
  }

  private read(): Content {
    if (this.content === null) {
      const { value, problem } = this.file.read()
      this.problem = problem
      this.content = value ?? { folders: [], messages: [] }
    }
    return this.content
  }

  private write(content: Content): SavedMessages {
    try {
      this.file.write({
        version: 1,
        folders: [...content.folders],
        messages: content.messages.map((message) => ({
          ...message,
          request: { ...message.request, headers: [...message.request.headers] },
        })),
      })
    } catch (error) {
      throw new WorkbenchError('expected', 'NOT_KEPT', `Saved messages could not be written: ${(error as Error).message}.`)
    }
    this.content = content
    return this.view()
  }
}

const unique = (names: readonly string[]): string[] => [...new Set(names)].sort((a, b) => a.localeCompare(b))
