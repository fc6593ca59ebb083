/**
 * Who somebody is, as Kafka writes it: a type, a colon, a name. A connection has one principal: of its SASL user, of its client certificate,
 * or ANONYMOUS. Pure.
 */
export const USER = 'User'
/** Of those that came in by the brokers' own listener. */
const BROKER = 'Broker'

/** Of a connection on a listener that authenticates nobody (KafkaPrincipal.ANONYMOUS). */
export const ANONYMOUS = `${USER}:ANONYMOUS`

/** In an ACL: every user. */
export const EVERY_USER = `${USER}:*`

export function userPrincipal(name: string): string {
  return `${USER}:${name}`
}

/** Not a user's: whoever gets itself the name of the brokers' user on the clients' listener is no broker. */
export function brokerPrincipal(name: string): string {
  return `${BROKER}:${name}`
}

export function isBrokerPrincipal(principal: string): boolean {
  return principal.startsWith(`${BROKER}:`)
}

/** Null where there is no colon, or nothing before it or after it (SecurityUtils.parseKafkaPrincipal). */
export function whyNoPrincipal(text: string): string | null {
  if (text === '') return 'expected a string in format principalType:principalName but got '
  const at = text.indexOf(':')
  return at > 0 && at < text.length - 1 ? null : `expected a string in format principalType:principalName but got ${text}`
}

/** `super.users`: principals with semicolons between them, for names out of certificates have commas. */
export function principalsOf(superUsers: string): string[] {
  return superUsers
    .split(';')
    .map((principal) => principal.trim())
    .filter((principal) => principal !== '')
}
