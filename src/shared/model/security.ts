/** What clients of the cluster have to prove, as the window sets it. */
export type SaslMechanism = 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'

export interface SecurityWishes {
  readonly protocol: 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL'
  readonly saslMechanisms: readonly SaslMechanism[]
  readonly users: readonly { readonly name: string; readonly password: string }[]
  readonly clientCertificates: 'none' | 'requested' | 'required'
  readonly usesAcls: boolean
  readonly superUsers: readonly string[]
}

export interface SecurityView {
  readonly wishes: SecurityWishes
  /** What a client has to be given, as paths; null where it needs none. */
  readonly authorityFile: string | null
  readonly clientCertificateFile: string | null
  readonly clientKeyFile: string | null
}

export const openToAll: SecurityWishes = {
  protocol: 'PLAINTEXT',
  saslMechanisms: [],
  users: [],
  clientCertificates: 'none',
  usesAcls: false,
  superUsers: [],
}
