/** Where Java's kafka-clients are, or its console tools, asked of Maven, which fetches them if it can; or why there are none. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { err, ok, type Result } from '../../src/shared/lang/result'

const fetchTimeoutMs = 180_000

export function javaClassPath(pom: 'pom.xml' | 'tools-pom.xml' = 'pom.xml'): Result<string, string> {
  for (const command of ['java', 'mvn']) {
    if (spawnSync(command, ['-version'], { stdio: 'ignore' }).status !== 0) return err(`${command} is not installed`)
  }
  const directory = mkdtempSync(join(tmpdir(), 'broker-workbench-java-'))
  const file = join(directory, 'class-path')
  const goal = ['-q', '-B', '-f', join(__dirname, pom), 'dependency:build-classpath', `-Dmdep.outputFile=${file}`]
  try {
    // What it has fetched once is enough, and quicker.
    const isThere = ['-o', ''].some(
      (offline) =>
        spawnSync('mvn', offline === '' ? goal : [offline, ...goal], { stdio: 'ignore', timeout: fetchTimeoutMs }).status === 0,
    )
    return isThere ? ok(readFileSync(file, 'utf8').trim()) : err(`Maven cannot fetch what ${pom} names`)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
