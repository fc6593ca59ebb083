/** Producing with a schema: JSON as a person wrote it to bytes in the registry's wire format, and whether it could be. */
import { writePrefix } from '../../engine/schemas/serde'
import { WorkbenchError } from '../../shared/ipc/errors'
import type { SchemaEncoder } from '../producing/record-encoder'
import { pathOf, SchemaCodec, sayWhy } from './codecs'
import type { RegisteredSchema, RegistryClient } from './registry-client'
import { RegistryRefusal } from './registry-http'
import type { SchemaTexts } from './schema-texts'

export class SchemaEncoders {
  constructor(
    private readonly client: RegistryClient,
    private readonly texts: SchemaTexts,
  ) {}

  /** The registry is asked each time: what is written has to be what is latest now. */
  async encoderFor(subject: string, version: number | null): Promise<SchemaEncoder> {
    const { codec, id } = await this.codecOf(subject, version)
    return (json) => {
      try {
        const { payload, messageIndexes } = codec.encode(json)
        return writePrefix(id, messageIndexes, payload)
      } catch (error) {
        throw new WorkbenchError('expected', 'INVALID_PAYLOAD', sayWhy(error))
      }
    }
  }

  /** null: it can be written. */
  async problemOf(
    subject: string,
    version: number | null,
    json: string,
  ): Promise<{ readonly path: string; readonly message: string } | null> {
    const { codec } = await this.codecOf(subject, version)
    try {
      codec.encode(json)
      return null
    } catch (error) {
      return { path: pathOf(error), message: sayWhy(error) }
    }
  }

  private async codecOf(subject: string, version: number | null): Promise<{ codec: SchemaCodec; id: number }> {
    const registered = await this.registered(subject, version)
    return { codec: new SchemaCodec(await this.texts.whole(registered)), id: registered.id }
  }

  private async registered(subject: string, version: number | null): Promise<RegisteredSchema> {
    try {
      return await this.client.version(subject, version ?? 'latest')
    } catch (error) {
      if (!(error instanceof RegistryRefusal) || error.status !== 404) throw error
      throw new WorkbenchError(
        'expected',
        'VERSION_NOT_FOUND',
        version === null
          ? `There is no subject ${subject}, so there is nothing to write with. Register a schema under it, or choose another subject.`
          : `Subject ${subject} has no version ${version}. It may have been deleted.`,
      )
    }
  }
}
