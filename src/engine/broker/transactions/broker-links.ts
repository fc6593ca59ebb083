/**
 * Connections from this broker to the others, and to itself, for one purpose: made when first needed, made anew where a broker has another address,
 * closed when it is gone. What has to wait for nothing shares none with what waits.
 */
import type { Api, Encodable } from '../../wire/schema'

/** What is needed of a BrokerConnection. */
export interface LinkConnection {
  readonly host: string
  readonly port: number
  request<Req, Res>(api: Api<Req, Res>, body: Encodable<Req>, options?: { version?: number; timeoutMs?: number }): Promise<Res>
  close(): void
}

export interface BrokerLinksOptions {
  /** Undefined where the broker is not known, or dead. */
  addressOf(brokerId: number): { readonly host: string; readonly port: number } | undefined
  connectTo(address: { readonly host: string; readonly port: number }): LinkConnection
}

export class BrokerLinks {
  private readonly links = new Map<number, LinkConnection>()
  private isClosed = false

  constructor(private readonly options: BrokerLinksOptions) {}

  /** Rejects where no answer came. */
  request<Req, Res>(
    brokerId: number,
    api: Api<Req, Res>,
    body: Encodable<Req>,
    options: { version: number; timeoutMs: number },
  ): Promise<Res> {
    const link = this.linkTo(brokerId)
    return link === null ? Promise.reject(new Error(`broker ${brokerId} is not there`)) : link.request(api, body, options)
  }

  close(): void {
    this.isClosed = true
    for (const link of this.links.values()) link.close()
    this.links.clear()
  }

  private linkTo(brokerId: number): LinkConnection | null {
    const address = this.isClosed ? undefined : this.options.addressOf(brokerId)
    const known = this.links.get(brokerId)
    if (known !== undefined && known.host === address?.host && known.port === address.port) return known
    known?.close()
    this.links.delete(brokerId)
    if (address === undefined) return null
    const link = this.options.connectTo(address)
    this.links.set(brokerId, link)
    return link
  }
}
