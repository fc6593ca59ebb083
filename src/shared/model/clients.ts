/** Programs connected to the brokers. */

export interface ConnectedClient {
  readonly brokerId: number
  readonly connectionId: string
  /** `127.0.0.1:40312`. */
  readonly address: string
  readonly clientId: string
  /** As the client told in ApiVersions (KIP-511); null: it told nothing. */
  readonly softwareName: string | null
  readonly softwareVersion: string | null
  readonly sinceMs: number
}
