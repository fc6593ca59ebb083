/**
 * What the set-up says and how it runs programs. Everything it says goes to standard error, because standard output belongs to the
 * program that the person asked for (`npm run serve -- --json` is read by other programs). Plain JavaScript: it runs before any
 * dependency exists.
 */
import { spawn } from 'node:child_process'

/** A failure of the set-up that the person can do something about: shown as its sentence, without a stack. */
export class SetupError extends Error {}

/** @param {string} sentence */
export function say(sentence) {
  process.stderr.write(`${sentence}\n`)
}

/**
 * Runs a program to its end and answers what it wrote. Rejects with a SetupError that holds the end of its output.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, timeoutMs?: number }} [options]
 * @returns {Promise<string>}
 */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: options.timeoutMs,
      // npm is npm.cmd on Windows, which only a shell can start.
      shell: process.platform === 'win32' && !command.includes('\\'),
    })
    let output = ''
    child.stdout.on('data', (chunk) => {
      output += String(chunk)
    })
    child.stderr.on('data', (chunk) => {
      output += String(chunk)
    })
    child.once('error', (error) => reject(new SetupError(`${command} could not be started: ${error.message}`)))
    child.once('close', (code, signal) => {
      if (code === 0) {
        resolve(output)
        return
      }
      const end = output.trim().split('\n').slice(-15).join('\n')
      const how =
        signal === null ? `ended with code ${code}` : `was ended by ${signal}${options.timeoutMs ? ' (time limit)' : ''}`
      reject(new SetupError(`${command} ${args.join(' ')} ${how}.\n${end}`))
    })
  })
}

/**
 * The npm that started us, or the one on the path.
 *
 * @param {readonly string[]} args
 * @param {{ cwd?: string, timeoutMs?: number }} [options]
 */
export function runNpm(args, options) {
  const npm = process.env['npm_execpath']
  return npm?.endsWith('.js') ? run(process.execPath, [npm, ...args], options) : run('npm', args, options)
}

/**
 * Starts the program that the person asked for, with our own terminal, and ends as it ends. A signal sent to us alone (`kill`, a CI
 * runner, npm) is passed on; one from the keyboard reaches the whole process group by itself, and passing it on would deliver it twice.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<number>} the exit code; 128 + n after signal n, as a shell says it
 */
export function handOver(command, args, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', env: env ?? process.env })
    process.on('SIGTERM', () => child.kill('SIGTERM'))
    process.on('SIGHUP', () => child.kill('SIGHUP'))
    process.on('SIGINT', () => {
      if (!process.stdin.isTTY) {
        child.kill('SIGINT')
      }
    })
    child.once('error', (error) => reject(new SetupError(`${command} could not be started: ${error.message}`)))
    child.once('close', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : signal === 'SIGTERM' ? 143 : 1)))
  })
}
