/**
 * What the window waits for with 5,000 subjects of 3 versions each: the list, a search in all texts, a subject, and the analysis of a draft while somebody
 * types. Measured at the services that the window calls, over a real cluster and registry.
 *
 *   npx tsx bench/schema-studio.ts [--subjects 5000]
 *
 * Needs a headless build (`npm run serve` makes one).
 */
import { parseArgs } from 'node:util'
import { percentile } from '../compat/kafka-clients/history'
import { WorkbenchKit } from '../src/workbench/testing/workbench-kit'
import { fillSchemasTopic, versionsPerSubject } from './schemas-topic'

const runs = 15

async function timed(action: () => Promise<unknown>): Promise<number> {
  const from = performance.now()
  await action()
  return performance.now() - from
}

async function several(action: () => Promise<unknown>, before: () => Promise<unknown> = async () => undefined): Promise<string> {
  const times: number[] = []
  for (let run = 0; run < runs; run++) {
    await before()
    times.push(await timed(action))
  }
  return `median ${percentile(times, 0.5).toFixed(1)} ms, worst of ${runs} ${Math.max(...times).toFixed(1)} ms`
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { subjects: { type: 'string', default: '5000' } } })
  const subjectCount = Number(values.subjects)
  const kit = new WorkbenchKit()
  await kit.open()
  try {
    await kit.untilWhole()
    await kit.untilRegistry()
    // A first write makes the topic, as it does for everybody.
    await kit.services['schemas.setLevel']({ subject: 'bench-own', level: 'NONE' })
    await fillSchemasTopic((await kit.view()).bootstrapServers, subjectCount)
    const { services } = kit
    const filledAtMs = performance.now()
    await kit.until('the list has all', async () => {
      const subjects = await services['schemas.subjects']({ deleted: false })
      return subjects.length >= subjectCount || undefined
    })
    console.log(`from the last record in the topic to the list: ${(performance.now() - filledAtMs).toFixed(0)} ms`)
    const list = () => services['schemas.subjects']({ deleted: false })
    const search = (text: string) => services['schemas.searchTexts']({ text })
    let registered = 0
    const register = () => {
      const text = JSON.stringify({ type: 'record', name: `Own${registered++}`, fields: [] })
      const draft = { subject: 'bench-own', language: 'avro' as const, text, references: [] }
      return services['schemas.register']({ draft, normalize: false })
    }
    console.log(`registering: ${await several(register)}`)
    console.log(`${subjectCount} subjects, ${subjectCount * versionsPerSubject} versions`)
    console.log(`list of subjects: ${await several(list)}`)
    console.log(`list of subjects after a registration of ours: ${await several(list, register)}`)
    console.log(`search in all texts, one found: ${await several(() => search('Event4321'))}`)
    console.log(`search in all texts, all found: ${await several(() => search('field10'))}`)
    console.log(`references: ${await several(() => services['schemas.references'](undefined))}`)
    const subject = 'bench-00777-value'
    console.log(`one subject: ${await several(() => services['schemas.subject']({ subject }))}`)
    const field = (index: number) => ({ name: `field${index}`, type: ['null', 'string'], default: null })
    let typed = 0
    const analyse = () => {
      const fields = [...Array.from({ length: 11 }, (_, index) => field(index)), { name: `typed${typed++}`, type: 'string' }]
      const text = JSON.stringify({ type: 'record', name: 'Event777', namespace: 'bench', fields }, null, 2)
      return services['schemas.analyse']({ draft: { subject, language: 'avro', text, references: [] }, sampleSeed: 1 })
    }
    console.log(`analysis of a draft against ${versionsPerSubject} versions: ${await several(analyse)}`)
  } finally {
    await kit.dispose()
  }
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error)
    process.exit(1)
  },
)
