/**
 * A small JSON file of the workspace, read once and written whole: beside itself first and then in its place, so that a crash leaves the old
 * or the new. One that cannot be read is kept aside under another name, and said.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import * as v from 'valibot'

export interface ReadJson<T> {
  /** null: there is none, or none that can be read. */
  readonly value: T | null
  /** In a sentence, with where it was put. */
  readonly problem: string | null
}

export class JsonFile<Schema extends v.GenericSchema> {
  constructor(
    private readonly path: string,
    private readonly schema: Schema,
    private readonly nowMs: () => number,
  ) {}

  read(): ReadJson<v.InferOutput<Schema>> {
    let text: string
    try {
      text = readFileSync(this.path, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { value: null, problem: null }
      return { value: null, problem: `${this.path} could not be read: ${(error as Error).message}.` }
    }
    let why: string
    try {
      const read = v.safeParse(this.schema, JSON.parse(text))
      if (read.success) return { value: read.output, problem: null }
      const [issue] = read.issues
      why = `${v.getDotPath(issue) ?? 'the whole'}: ${issue.message}`
    } catch (error) {
      why = (error as Error).message
    }
    const aside = `${this.path}.unreadable-${new Date(this.nowMs()).toISOString().replace(/[:.]/g, '-')}`
    try {
      renameSync(this.path, aside)
    } catch (error) {
      return { value: null, problem: `${this.path} cannot be read (${why}), nor kept aside: ${(error as Error).message}.` }
    }
    return { value: null, problem: `${this.path} could not be read (${why}). It is kept as ${aside}.` }
  }

  /** Throws where the disk refuses. */
  write(value: v.InferInput<Schema>): void {
    mkdirSync(dirname(this.path), { recursive: true })
    const beside = `${this.path}.new`
    writeFileSync(beside, JSON.stringify(value))
    renameSync(beside, this.path)
  }
}
