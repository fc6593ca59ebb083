/**
 * Starts the app that is named on the command line, as the default app of an Electron download does: `electron [switches] <folder>`.
 * Copied into the Electron runtime's resources when that runtime comes without a default app (see electron-runtime.mjs). It runs in
 * Electron's main process and knows nothing of Broker Workbench.
 */

const { app } = require('electron')
const { existsSync, readFileSync, statSync } = require('node:fs')
const Module = require('node:module')
const { join, resolve } = require('node:path')

const preloaded = []
let target = null
let wantsAbi = false
let wantsVersion = false
for (let index = 1; index < process.argv.length && target === null; index++) {
  const argument = process.argv[index]
  if (argument === '-r' || argument === '--require') {
    preloaded.push(process.argv[++index])
  } else if (argument.startsWith('--require=')) {
    preloaded.push(argument.slice('--require='.length))
  } else if (argument.startsWith('--app=')) {
    target = argument.slice('--app='.length)
  } else if (argument === '-v' || argument === '--version') {
    wantsVersion = true
  } else if (argument === '-a' || argument === '--abi') {
    wantsAbi = true
  } else if (!argument.startsWith('-')) {
    target = argument
  }
}

function end(code, text) {
  ;(code === 0 ? process.stdout : process.stderr).write(`${text}\n`)
  process.exit(code)
}

if (wantsVersion) {
  end(0, `v${process.versions.electron}`)
} else if (wantsAbi) {
  end(0, process.versions.modules)
} else {
  if (preloaded.length > 0) {
    Module._preloadModules(preloaded)
  }
  if (target === null) {
    end(1, 'No app was named. Usage: electron [switches] <folder of an app>')
  }
  start(resolve(target))
}

function start(path) {
  Object.defineProperty(process, 'defaultApp', { configurable: false, enumerable: true, value: true })
  if (!existsSync(path)) {
    end(1, `Unable to find Electron app at ${path}`)
  }
  if (statSync(path).isDirectory()) {
    const manifestPath = join(path, 'package.json')
    if (existsSync(manifestPath)) {
      const manifest = JSON.parse(readFileSync(manifestPath, 'utf8'))
      if (manifest.version) app.setVersion(manifest.version)
      app.name = manifest.productName || manifest.name || app.name
      app.setDesktopName(manifest.desktopName || `${app.name}.desktop`)
      if (manifest.v8Flags) require('node:v8').setFlagsFromString(manifest.v8Flags)
    }
    app.setAppPath(path)
  }
  try {
    Module._load(path, Module, true)
  } catch (error) {
    end(1, `App threw an error during load\n${error.stack || error}`)
  }
}
