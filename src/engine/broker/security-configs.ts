/** The broker configs of security, under Kafka's names. What a listener asks of a client is fixed at start: it does not change under it. */
import { type ConfigDefinition, define } from './config-definition'

const FIXED = { isReadOnly: true } as const

/** Kafka's own name of what decides by ACLs in a cluster with ZooKeeper; any other word is refused. */
export const ACL_AUTHORIZER = 'kafka.security.authorizer.AclAuthorizer'

export const securityConfigDefinitions: readonly ConfigDefinition[] = [
  define(
    'allow.everyone.if.no.acl.found',
    'boolean',
    'false',
    'Whether a resource that no ACL is about is open to everybody, where ACLs count.',
    FIXED,
  ),
  define('authorizer.class.name', 'string', '', 'What decides who may do what; empty: nobody asks, everybody may everything.', {
    ...FIXED,
    validValues: ['', ACL_AUTHORIZER],
  }),
  define(
    'connection.failed.authentication.delay.ms',
    'int',
    '100',
    'How long a client waits for the answer that its credentials are wrong.',
    { ...FIXED, min: '0' },
  ),
  define(
    'connections.max.reauth.ms',
    'long',
    '0',
    'How long a SASL session lives before its client has to authenticate anew; 0: as long as the connection.',
    { ...FIXED, min: '0' },
  ),
  define('inter.broker.listener.name', 'string', '', 'The listener that brokers use among themselves.', FIXED),
  define('listener.security.protocol.map', 'string', '', 'The security protocol of each listener.', FIXED),
  define(
    'sasl.kerberos.min.time.before.relogin',
    'long',
    '60000',
    'How often a broker logs in anew at a Kerberos server. As with Kafka, it is kept and means nothing to brokers without such logins, which all are here.',
  ),
  define('sasl.enabled.mechanisms', 'list', 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512', 'The SASL mechanisms that clients may use.', {
    ...FIXED,
    validValues: ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'],
  }),
  define(
    'security.inter.broker.protocol',
    'string',
    'PLAINTEXT',
    'The security protocol that brokers speak with each other.',
    FIXED,
  ),
  define('ssl.client.auth', 'string', 'none', 'Whether a TLS listener asks clients for certificates.', {
    ...FIXED,
    validValues: ['none', 'requested', 'required'],
  }),
  define('super.users', 'string', '', 'Principals that may everything, with semicolons between them.', FIXED),
]
