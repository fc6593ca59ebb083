/** JSON text with its places and its numbers as written. For schema formats, codecs and services; pure. */
export * from './edits'
export * from './layout'
export * from './pointer'
export * from './read'
export * from './tree'
export * from './write'
