/**
 * Where Java's kafka-clients are, or its console tools, asked of Maven, which fetches them if it can; or why there are none. What it has said once of a
 * pom is kept beside what else the judges build, for Maven takes its time.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { err, ok, type Result } from '../../src/shared/lang/result'

const fetchTimeoutMs = 600_000
const cacheDirectory = join(__dirname, '../../node_modules/.cache/compat')

export function javaClassPath(pom: 'pom.xml' | 'tools-pom.xml' = 'pom.xml'): Result<string, string> {
  if (spawnSync('java', ['-version'], { stdio: 'ignore' }).status !== 0) return err('java is not installed')
  const pomFile = join(__dirname, pom)
  const name = createHash('sha256').update(readFileSync(pomFile)).digest('hex').slice(0, 16)
  const cached = join(cacheDirectory, `class-path-${name}`)
  if (existsSync(cached)) {
    const known = readFileSync(cached, 'utf8')
    if (known.split(delimiter).every((jar) => existsSync(jar))) return ok(known)
  }
  const said = askMaven(pomFile)
  if (said.ok) {
    mkdirSync(cacheDirectory, { recursive: true })
    writeFileSync(cached, said.value)
  }
  return said
}

function askMaven(pomFile: string): Result<string, string> {
  if (spawnSync('mvn', ['-version'], { stdio: 'ignore' }).status !== 0) return err('mvn is not installed')
  const directory = mkdtempSync(join(tmpdir(), 'broker-workbench-java-'))
  const file = join(directory, 'class-path')
  const goal = ['-q', '-B', '-f', pomFile, 'dependency:build-classpath', `-Dmdep.outputFile=${file}`]
  try {
    // What it has fetched once is enough, and quicker.
    const isThere = [['-o', ...goal], goal].some(
      (args) => spawnSync('mvn', args, { stdio: 'ignore', timeout: fetchTimeoutMs }).status === 0,
    )
    return isThere ? ok(readFileSync(file, 'utf8').trim()) : err(`Maven cannot fetch what ${pomFile} names`)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
