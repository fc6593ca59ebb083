/**
 * The declarations of the oldest Electron that we support, for a second type check of main and preload: those of the pinned Electron
 * accept what it has not. Only the one file is kept; installing that package itself would start a download.
 */
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run, runNpm } from './setup/terminal.mjs'

const version = '25.1.1'

/** The tsconfig to check with, or null where the declarations cannot be had (offline). */
export async function electron25Config(root: string): Promise<string | null> {
  const directory = join(root, 'node_modules', '.cache', `electron-${version}-types`)
  const config = join(directory, 'tsconfig.json')
  if (!existsSync(join(directory, 'electron.d.ts'))) {
    const work = mkdtempSync(join(tmpdir(), 'electron-types-'))
    try {
      await runNpm(['pack', `electron@${version}`, '--silent', '--pack-destination', work], { cwd: work, timeoutMs: 60_000 })
      await run('tar', ['-xzf', join(work, `electron-${version}.tgz`), '-C', work, 'package/electron.d.ts'])
      mkdirSync(directory, { recursive: true })
      writeFileSync(
        config,
        JSON.stringify({
          extends: '../../../tsconfig.base.json',
          compilerOptions: {
            types: ['node'],
            typeRoots: ['../../@types'],
            paths: { electron: ['./electron.d.ts'] },
            incremental: true,
            tsBuildInfoFile: './tsbuildinfo',
          },
          include: ['../../../src/main/**/*.ts', '../../../src/preload/**/*.ts'],
        }),
      )
      renameSync(join(work, 'package', 'electron.d.ts'), join(directory, 'electron.d.ts'))
    } catch {
      return null
    } finally {
      rmSync(work, { recursive: true, force: true })
    }
  }
  return config
}
