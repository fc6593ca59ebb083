/**
 * Who may import whom. The layers keep three promises: the engine runs on a simulated clock, disk and network, so nothing in it may reach
 * Node's own; it can become a package of its own, so it may know nothing of the app; and the window shows strangers' data, so its page may
 * reach nothing but the contract. One table; a new folder gets a row, and a row is widened only with a reason.
 *
 * Held by `npm run check`; scripts/layers.test.ts plants violations and expects each to be caught.
 */
const rows = [
  // folder, what it may import besides itself
  ['src/shared', []],

  ['src/engine/platform', ['src/shared/lang']],
  // The frame reader implements the network port's connection handler: a type, no code.
  ['src/engine/wire', ['src/engine/platform/network', 'src/shared/lang']],
  ['src/engine/jute', ['src/shared/lang']],
  ['src/engine/storage', ['src/engine/wire', 'src/engine/platform', 'src/shared/lang']],
  ['src/engine/security', ['src/shared/lang']],
  ['src/engine/client', ['src/engine/security', 'src/engine/wire', 'src/engine/platform', 'src/shared/lang']],
  ['src/engine/coordination', ['src/engine/jute', 'src/engine/platform', 'src/shared/lang']],
  ['src/engine/replication', ['src/engine/storage', 'src/engine/client', 'src/engine/wire', 'src/engine/platform', 'src/shared/lang']],
  ['src/engine/controller', ['src/engine/coordination', 'src/engine/client', 'src/engine/wire', 'src/engine/platform', 'src/shared/lang']],
  ['src/engine/coordinator', ['src/engine/wire', 'src/engine/platform', 'src/shared/lang']],
  ['src/engine/schemas', ['src/engine/client', 'src/engine/wire', 'src/engine/platform', 'src/shared/lang']],
  ['src/engine', ['src/shared/lang']],

  ['src/cluster', ['src/engine/index', 'src/engine/platform', 'src/shared']],
  [
    'src/workbench',
    ['src/cluster/index', 'src/engine/index', 'src/engine/client', 'src/engine/coordination/coordination-client', 'src/engine/wire', 'src/engine/schemas', 'src/engine/platform', 'src/shared'],
  ],
  ['src/main', ['src/workbench/index', 'src/workbench/services', 'src/shared']],
  ['src/preload', ['src/shared']],
  ['src/renderer', ['src/shared']],
  ['src/cli', ['src/cluster/index', 'src/engine/index', 'src/shared']],
]

const folder = (path) => `^${path}(/|\\.ts$)`
const notTests = '\\.test\\.ts$|^src/engine/testing/|^src/[^/]+/testing/'

const layers = rows.map(([from, allowed]) => {
  // A row of its own inside this folder has its own rule.
  const inner = rows.map(([path]) => path).filter((path) => path.startsWith(`${from}/`))
  return {
    name: `layer ${from}`,
    comment: `${from} may import ${allowed.join(', ') || 'nothing of the other folders'}.`,
    severity: 'error',
    from: { path: folder(from), pathNot: [notTests, ...inner.map(folder)] },
    to: { path: '^src/', pathNot: [folder(from), ...allowed.map(folder)] },
  }
})

/** Pure rules take state and input and answer state and effects; they may name the types of others, never run their code. */
const pure = (path, allowed) => ({
  name: `pure ${path}`,
  comment: `${path} is pure: it may import types, the error table and shared/lang, and runs nothing else.`,
  severity: 'error',
  from: { path: folder(path), pathNot: notTests },
  to: { path: '^src/', pathNot: [folder(path), folder('src/shared/lang'), ...allowed.map(folder)], dependencyTypesNot: ['type-only'] },
})

/** Files of the engine that use Node beside the ports, each for something that has no effect a simulator could see. */
const portExceptions = [
  // node:module, to load the native checksum if there is one.
  '^src/engine/wire/records/crc32c\\.ts$',
  // node:net for isIPv4 and isIPv6, which are pure.
  '^src/engine/coordination/access\\.ts$',
  '^src/engine/security/x509/(authority|certificate)\\.ts$',
]

module.exports = {
  forbidden: [
    ...layers,
    pure('src/engine/replication/core', ['src/engine/wire/errors']),
    {
      name: 'electron only in main and preload',
      comment: 'Everything else must run without Electron: headless, in tests, on a worker.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(main|preload)/' },
      to: { path: '^electron$|node_modules/electron/' },
    },
    {
      name: 'engine reaches the world through its ports',
      comment: "Clock, disk, network and randomness come from engine/platform, or the simulator could not hold them. zlib's and crypto's sync functions are pure.",
      severity: 'error',
      from: { path: '^src/engine/', pathNot: [notTests, '^src/engine/platform/node/', ...portExceptions] },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(zlib|crypto|buffer)$' },
    },
    {
      name: 'shared and the page run without Node',
      comment: 'They are bundled for a sandboxed page.',
      severity: 'error',
      from: { path: '^src/(shared|renderer)/', pathNot: ['\\.test\\.ts$', 'vite\\.config\\.ts$'] },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'testing is for tests',
      comment: 'Simulators and fixtures never reach the product.',
      severity: 'error',
      from: { path: '^src/', pathNot: notTests },
      to: { path: '^src/(engine/|[^/]+/)testing/' },
    },
    {
      name: 'no cycles',
      comment: 'Two files that need each other are one file, or a third one is missing. Types may refer to each other.',
      severity: 'error',
      from: { path: '^src/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'every import is found',
      severity: 'error',
      from: { path: '^src/' },
      to: { couldNotResolve: true, pathNot: '[.](woff2|css|svg|png)' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], extensions: ['.ts', '.vue', '.mjs', '.js', '.json', '.css'], conditionNames: ['import', 'require', 'node', 'default', 'types'] },
  },
}
