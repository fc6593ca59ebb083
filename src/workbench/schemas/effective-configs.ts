/** Level, policy and normalization as they hold for a subject, kept until something is written to the registry: an analysis asks at every pause. */
import type { RegistryClient, RegistryConfig } from './registry-client'

const registryDefault: RegistryConfig = { level: 'BACKWARD', policy: 'STRICT', normalize: false }

export class EffectiveConfigs {
  private readonly bySubject = new Map<string, Promise<RegistryConfig>>()

  constructor(private readonly client: RegistryClient) {}

  /** '' for a draft that has no subject yet: the global one. */
  of(subject: string): Promise<RegistryConfig> {
    const known = this.bySubject.get(subject)
    if (known !== undefined) return known
    const asked =
      subject === ''
        ? this.client.ownConfig(null).then((config) => config ?? registryDefault)
        : this.client.effectiveConfig(subject)
    this.bySubject.set(subject, asked)
    asked.catch(() => {
      if (this.bySubject.get(subject) === asked) this.bySubject.delete(subject)
    })
    return asked
  }

  clear(): void {
    this.bySubject.clear()
  }
}
