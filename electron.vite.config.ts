import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import tailwindcss from '@tailwindcss/vite'
import vue from '@vitejs/plugin-vue'
import { defineConfig, type UserConfig } from 'electron-vite'
import type { Plugin } from 'vite'

// electron-vite decides by this what it may emit; the oldest Electron that we support is 25, whatever the types are of.
process.env['ELECTRON_MAJOR_VER'] ??= '25'
// electron-vite knows only its own variable for where Electron is.
const distPath = process.env['ELECTRON_OVERRIDE_DIST_PATH']
if (distPath !== undefined) {
  process.env['ELECTRON_EXEC_PATH'] ??= join(distPath, process.platform === 'win32' ? 'electron.exe' : 'electron')
}

/** Each becomes out/main/<name>.js. The workers are entries of their own, because they are started by file name. */
const mainEntries = {
  index: 'src/main/index.ts',
  cli: 'src/cli/index.ts',
  'broker-worker': 'src/cluster/workers/broker-worker.ts',
  'coordination-worker': 'src/cluster/workers/coordination-worker.ts',
  'registry-worker': 'src/cluster/workers/registry-worker.ts',
  'clients-worker': 'src/workbench/clients-worker.ts',
}

/** `npm run serve` builds without the window: neither Electron nor the renderer's tools are touched then. */
const isHeadless = process.env['BROKER_WORKBENCH_BUILD'] === 'headless'

/** The zstd codec reads its WebAssembly from beside the bundle. */
function zstdWasm(): Plugin {
  const entry = createRequire(import.meta.url).resolve('@bokuweb/zstd-wasm')
  return {
    name: 'broker-workbench:zstd-wasm',
    apply: 'build',
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: 'zstd.wasm', source: readFileSync(join(dirname(entry), 'zstd.wasm')) })
    },
  }
}

const main: UserConfig['main'] = {
  plugins: [zstdWasm()],
  build: {
    target: 'node18',
    sourcemap: true,
    // A running server loads its workers by name when a broker restarts: a build beside it must not take them away.
    emptyOutDir: false,
    // All is bundled, so that a packaged app needs no node_modules but the native module.
    externalizeDeps: false,
    rolldownOptions: {
      input: Object.fromEntries(
        Object.entries(mainEntries).filter(([name, path]) => existsSync(path) && !(isHeadless && name === 'index')),
      ),
      external: [/^@node-rs\//],
      // Flat, so that __dirname is out/main in every chunk. `strict`: without it the files carry no "use strict".
      output: { format: 'cjs', strict: true, entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
    },
  },
}

const preload: UserConfig['preload'] = {
  build: {
    target: 'node18',
    sourcemap: true,
    // A sandboxed preload can require nothing but electron.
    externalizeDeps: false,
    rolldownOptions: { input: { index: 'src/preload/index.ts' }, output: { format: 'cjs', strict: true } },
  },
}

const renderer: UserConfig['renderer'] = {
  root: 'src/renderer',
  plugins: [vue(), tailwindcss()],
  server: { host: '127.0.0.1' },
  build: {
    target: 'chrome114',
    cssTarget: 'chrome114',
    sourcemap: true,
    minify: 'oxc',
    // Nothing is inlined as a data: URL, which the content security policy would have to allow for fonts and scripts.
    assetsInlineLimit: 0,
    rolldownOptions: { input: resolve('src/renderer/index.html') },
  },
}

export default defineConfig(isHeadless ? { main } : { main, preload, renderer })
