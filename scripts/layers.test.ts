/** Plants one violation of each kind in an empty tree and expects the layer rules to name it: a rule that never fires holds nothing. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { cruise, type ICruiseResult, type IFlattenedRuleSet } from 'dependency-cruiser'
import { afterAll, beforeAll, expect, test } from 'vitest'

const files: Record<string, string> = {
  'src/shared/model/topics.ts': "import '../../engine/wire/errors'",
  'src/engine/wire/errors.ts': 'export const errors = 1',
  'src/engine/wire/frame.ts': "import '../storage/log'",
  'src/engine/storage/log.ts': "import '../wire/errors'",
  'src/engine/storage/file.ts': "import 'node:fs'",
  'src/engine/storage/zip.ts': "import 'node:zlib'",
  'src/engine/broker/broker.ts': "import '../storage/log'\nimport '../testing/sim'",
  'src/engine/broker/broker.test.ts': "import '../testing/sim'",
  'src/engine/broker/window.ts': "import 'electron'",
  'src/engine/broker/host.ts': "import '../../cluster/index'",
  'src/engine/testing/sim.ts': 'export const sim = 1',
  'src/engine/replication/core/leader.ts': "import type { Log } from '../../storage/types'\nimport '../../storage/log'",
  'src/engine/replication/core/state.ts': "import type { Log } from '../../storage/types'",
  'src/engine/storage/types.ts': 'export interface Log { readonly end: number }',
  'src/cluster/index.ts': "import '../engine/storage/log'",
  'src/workbench/index.ts': "import '../cluster/index'",
  'src/main/index.ts': "import 'electron'\nimport '../workbench/index'\nimport '../engine/wire/errors'",
  'src/renderer/main.ts': "import '../preload/index'\nimport 'node:path'",
  'src/preload/index.ts': "import 'electron'",
  'src/workbench/first.ts': "import { second } from './second'\nexport const first = () => second",
  'src/workbench/second.ts': "import { first } from './first'\nexport const second = () => first",
}

let directory = ''
let violations: string[] = []

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'broker-workbench-layers-'))
  for (const [path, content] of Object.entries({ ...files, 'package.json': '{}', 'tsconfig.json': '{}' })) {
    mkdirSync(dirname(join(directory, path)), { recursive: true })
    writeFileSync(join(directory, path), content)
  }
  const configuration = createRequire(import.meta.url)('../.dependency-cruiser.cjs') as { forbidden: unknown }
  const result = await cruise(['src'], {
    baseDir: directory,
    validate: true,
    ruleSet: { forbidden: configuration.forbidden } as IFlattenedRuleSet,
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { extensions: ['.ts'] },
  })
  violations = (result.output as ICruiseResult).summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`)
})

afterAll(() => rmSync(directory, { recursive: true, force: true }))

test.each([
  'layer src/shared: src/shared/model/topics.ts -> src/engine/wire/errors.ts',
  'layer src/engine/wire: src/engine/wire/frame.ts -> src/engine/storage/log.ts',
  'layer src/engine: src/engine/broker/host.ts -> src/cluster/index.ts',
  'layer src/cluster: src/cluster/index.ts -> src/engine/storage/log.ts',
  'layer src/main: src/main/index.ts -> src/engine/wire/errors.ts',
  'layer src/renderer: src/renderer/main.ts -> src/preload/index.ts',
  'engine reaches the world through its ports: src/engine/storage/file.ts -> fs',
  'shared and the page run without Node: src/renderer/main.ts -> path',
  'electron only in main and preload: src/engine/broker/window.ts -> electron',
  'pure src/engine/replication/core: src/engine/replication/core/leader.ts -> src/engine/storage/log.ts',
  'testing is for tests: src/engine/broker/broker.ts -> src/engine/testing/sim.ts',
])('catches %s', (violation) => {
  expect(violations).toContain(violation)
})

test('catches a cycle', () => {
  expect(violations.some((violation) => violation.startsWith('no cycles: src/workbench/'))).toBe(true)
})

test('lets through what is allowed', () => {
  for (const path of [
    'src/engine/storage/zip.ts',
    'src/engine/broker/broker.test.ts',
    'src/engine/replication/core/state.ts',
    'src/engine/storage/log.ts',
  ]) {
    expect(violations.filter((violation) => violation.includes(`: ${path} ->`))).toEqual([])
  }
})
