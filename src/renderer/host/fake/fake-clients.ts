/** Connected programs of the fake cluster. */
import type { Handlers } from './fake-host'

type Name = Extract<keyof Handlers, `clients.${string}`>

export function clientsHandlers(): Pick<Handlers, Name> {
  return {
    'clients.list': () => ({ atMs: Date.now(), clients: [], silentBrokers: [] }),
    'clients.access': () => ({
      bootstrapServers: '127.0.0.1:19092',
      registryUrl: null,
      security: {
        protocol: 'PLAINTEXT',
        saslMechanism: null,
        username: null,
        password: null,
        authorityFile: null,
        certificateFile: null,
        keyFile: null,
      },
    }),
  }
}
