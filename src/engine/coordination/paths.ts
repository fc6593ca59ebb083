/** The rules of znode paths (ZooKeeper's PathUtils) and the paths that every server has. Pure; used by the tree, by preparation and by the client. */

export const ROOT = '/'
export const ZOOKEEPER = '/zookeeper'
export const QUOTA = '/zookeeper/quota'
export const CONFIG = '/zookeeper/config'

const special = new Set([ROOT, ZOOKEEPER, QUOTA, CONFIG])

/** Paths that nobody may delete. */
export function isSpecialPath(path: string): boolean {
  return special.has(path)
}

export function isValidPath(path: string): boolean {
  if (path === ROOT) return true
  if (!path.startsWith('/') || path.endsWith('/')) return false
  for (let index = 1; index < path.length; index++) {
    const unit = path.charCodeAt(index)
    if (unit <= 0x1f || (unit >= 0x7f && unit <= 0x9f) || (unit >= 0xd800 && unit <= 0xf8ff) || unit >= 0xfff0) return false
  }
  for (const name of path.slice(1).split('/')) if (name === '' || name === '.' || name === '..') return false
  return true
}

/** The path of the parent; `path` has a slash. */
export function parentOf(path: string): string {
  const slash = path.lastIndexOf('/')
  return slash <= 0 ? ROOT : path.slice(0, slash)
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

export function childPath(parent: string, name: string): string {
  return parent === ROOT ? `/${name}` : `${parent}/${name}`
}

/** The suffix of a sequential znode: the parent's count of creates in ten digits (Java's %010d, which counts the sign). */
export function sequenceSuffix(createCount: number): string {
  return createCount < 0 ? `-${String(-createCount).padStart(9, '0')}` : String(createCount).padStart(10, '0')
}
