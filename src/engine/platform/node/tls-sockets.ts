/**
 * TLS as NodeNetwork uses it: servers that ask for client certificates as Kafka's `ssl.client.auth` says, outgoing sockets that check whom they
 * speak to, and the name of a peer as Kafka reads it out of its certificate. Makes sockets; NodeConnection runs them.
 */
import type { X509Certificate } from 'node:crypto'
import net from 'node:net'
import tls from 'node:tls'
import type { ConnectOptions, TlsConnectOptions, TlsListenOptions } from '../network'

/** Who connects and then does not shake hands goes after this long; Node would wait two minutes. */
const HANDSHAKE_TIMEOUT_MS = 10_000

export interface TlsServerEvents {
  /** `peerName`: see {@link nameOf}; null where the client has shown no certificate. */
  onSecure(socket: tls.TLSSocket, peerName: string | null): void
  /** A handshake that came to nothing: of somebody who speaks no TLS, trusts no such server, or has no certificate that is good here. */
  onFailure(error: Error, remoteAddress: string | undefined): void
}

export function createTlsServer(options: TlsListenOptions, events: TlsServerEvents): tls.Server {
  const { certificate, privateKey, clientAuthorities, clientAuthentication } = options
  const server = tls.createServer(
    {
      cert: certificate,
      key: privateKey,
      ...(clientAuthorities === undefined ? {} : { ca: clientAuthorities }),
      minVersion: 'TLSv1.2',
      noDelay: true,
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      requestCert: clientAuthentication !== 'none',
      // Without it a certificate of somebody else's would count as none; below such a client is sent away, as Kafka does it.
      rejectUnauthorized: clientAuthentication === 'required',
    },
    (socket) => {
      const shown = clientAuthentication === 'none' ? undefined : socket.getPeerX509Certificate()
      if (shown !== undefined && !socket.authorized) {
        events.onFailure(socket.authorizationError ?? new Error('an unknown certificate'), socket.remoteAddress)
        socket.destroy()
        return
      }
      events.onSecure(socket, shown === undefined ? null : nameOf(shown))
    },
  )
  server.on('tlsClientError', (error, socket) => {
    events.onFailure(error, socket.remoteAddress)
    socket.destroy()
  })
  return server
}

/** Emits 'secureConnect' once the server is known to be the right one, else 'error'. */
export function connectTls({ host, port }: ConnectOptions, options: TlsConnectOptions): tls.TLSSocket {
  const { authorities, certificate, privateKey, verifiesHost = true } = options
  const socket = tls.connect({
    host,
    port,
    // An address is no server name (RFC 6066); the certificate is still held against it.
    ...(net.isIP(host) === 0 ? { servername: host } : {}),
    ...(authorities === undefined ? {} : { ca: authorities }),
    ...(certificate === undefined || privateKey === undefined ? {} : { cert: certificate, key: privateKey }),
    ...(verifiesHost ? {} : { checkServerIdentity: () => undefined }),
    minVersion: 'TLSv1.2',
  })
  socket.setNoDelay(true)
  return socket
}

/**
 * The subject as Java's X500Principal.getName() writes it (RFC 2253), which Kafka's default principal mapping takes whole: the most specific part
 * first, commas between. Node gives one part a line, the most general first, with RFC 2253's escapes.
 */
export function nameOf(certificate: Pick<X509Certificate, 'subject'>): string {
  // An empty subject is undefined to Node.
  const subject = (certificate.subject ?? '') as string
  return subject
    .split('\n')
    .filter((part) => part !== '')
    .reverse()
    .join(',')
}
