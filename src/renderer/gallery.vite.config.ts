/** Serves the window in a plain browser over the fake host, for looking at it and for screenshots. Never part of the build. */
import tailwind from '@tailwindcss/vite'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  plugins: [vue(), tailwind()],
  server: { host: '127.0.0.1', port: 5199, strictPort: true, hmr: false, watch: null },
  build: { target: 'chrome114' },
  cacheDir: '../../node_modules/.cache/gallery',
})
