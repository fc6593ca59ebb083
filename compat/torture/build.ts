/** Bundles the cluster's process and its tortured workers from the present sources into a folder of this run's own. */
import { copyFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { build } from 'vite'

const here = join(__dirname, 'cluster')

export async function buildCluster(outDirectory: string): Promise<void> {
  await build({
    configFile: false,
    root: join(__dirname, '../..'),
    logLevel: 'error',
    ssr: { noExternal: true, target: 'node' },
    build: {
      ssr: true,
      target: 'node18',
      outDir: outDirectory,
      emptyOutDir: true,
      minify: false,
      sourcemap: true,
      rolldownOptions: {
        input: {
          server: join(here, 'server.ts'),
          'broker-worker': join(here, 'broker-worker.ts'),
          'coordination-worker': join(here, 'coordination-worker.ts'),
        },
        external: [/^@node-rs\//],
        output: { format: 'cjs', strict: true, entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
      },
    },
  })
  // The codec reads it from beside the bundle.
  const zstd = createRequire(__filename).resolve('@bokuweb/zstd-wasm')
  copyFileSync(join(dirname(zstd), 'zstd.wasm'), join(outDirectory, 'zstd.wasm'))
}
