/**
 * Builds the simulator into one file that plain Node runs: seconds of tsx's start-up a child would cost more than the seeds. Built anew for
 * each command (a third of a second), into a folder of its own, so that two commands do not meet; the folder goes with the command.
 */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Plugin } from 'vite'
import { root } from '../lib/steps'

export interface Bundle {
  readonly file: string
  readonly folder: string
  remove(): void
}

/** `plugins` may change the sources on their way in, as the planted bugs do. */
export async function bundleSimulator(plugins: readonly Plugin[] = []): Promise<Bundle> {
  // Vite is a module, and this script may be loaded as CommonJS.
  const { build } = await import('vite')
  // Below node_modules, so that the native module is found from there.
  const parent = join(root, 'node_modules', '.cache', 'sim')
  mkdirSync(parent, { recursive: true })
  const folder = mkdtempSync(join(parent, 'build-'))
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  try {
    await build({
      configFile: false,
      root,
      logLevel: 'error',
      publicDir: false,
      plugins: [...plugins],
      ssr: { noExternal: true, external: ['@node-rs/crc32'] },
      build: {
        ssr: join(root, 'scripts', 'sim', 'child.ts'),
        outDir: folder,
        emptyOutDir: false,
        target: 'node20',
        minify: false,
        sourcemap: true,
        rolldownOptions: { output: { format: 'cjs', entryFileNames: 'child.cjs', codeSplitting: false, strict: true } },
      },
    })
    // The zstd codec reads its WebAssembly from beside the bundle.
    const codec = createRequire(__filename).resolve('@bokuweb/zstd-wasm')
    copyFileSync(join(dirname(codec), 'zstd.wasm'), join(folder, 'zstd.wasm'))
  } catch (error) {
    remove()
    throw error
  }
  return { file: join(folder, 'child.cjs'), folder, remove }
}
