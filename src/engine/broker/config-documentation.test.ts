/** Holds docs/configs.md against the tables of configs, from which it is written: `npx vitest run --project unit src/engine/broker/config-documentation.test.ts -u`. */
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { brokerConfigDefinitions } from './broker-configs'
import type { ConfigDefinition } from './config-definition'
import { groupConfigDefinitions } from './group-configs'
import { topicConfigDefinitions } from './topic-configs'

const path = fileURLToPath(new URL('../../../docs/configs.md', import.meta.url))

function rangeOf({ validValues, min, max }: ConfigDefinition): string {
  if (validValues !== null) return validValues.map((value) => (value === '' ? 'nothing' : value)).join(', ')
  if (min !== null && max !== null) return `${min} to ${max}`
  return min === null ? '' : `from ${min}`
}

const cell = (text: string) => text.replaceAll('|', '\\|')

function row(definition: ConfigDefinition, more: readonly string[]): string {
  const { name, type, default: value, documentation } = definition
  const cells = [`\`${name}\``, type, value === '' ? '' : `\`${value}\``, rangeOf(definition), ...more, documentation]
  return `| ${cells.map(cell).join(' | ')} |`
}

function render(): string {
  const overBroker = (definition: ConfigDefinition) =>
    row(definition, [
      definition.brokerSynonym === null ? '' : `\`${definition.brokerSynonym}\``,
      definition.isReadOnly ? 'no' : 'yes',
    ])
  const topics = topicConfigDefinitions.map(overBroker)
  const groups = groupConfigDefinitions.map(overBroker)
  const defaults = new Set(topicConfigDefinitions.map(({ brokerSynonym }) => brokerSynonym))
  const brokers = brokerConfigDefinitions
    .filter(({ name }) => !defaults.has(name))
    .map((definition) => row(definition, [definition.isReadOnly ? 'no' : 'yes']))
  return `# Configs

Written from the tables in \`src/engine/broker/\` (\`topic-configs.ts\`, \`broker-configs.ts\`) by the test that holds this page against them,
\`config-documentation.test.ts\`. Clients read the same: DescribeConfigs tells type, documentation, source and synonyms of each.

Every config that Kafka 3.9 has for topics is here. One that can be changed is acted on, but for those of compaction, which wait for a cleaner
([protocol-support.md](protocol-support.md)). One that cannot be changed takes its default only, and a client that sets another value is told why.

## Topics

| Config | Type | Default | Values | The broker's default | Can be changed | |
|---|---|---|---|---|---|---|
${topics.join('\n')}

## Groups of the new protocol

Resource type 32 (KIP-848). Of the classic protocol members say these themselves.

| Config | Type | Default | Values | The broker's default | Can be changed | |
|---|---|---|---|---|---|---|
${groups.join('\n')}

## Brokers

Given at start (\`--config NAME=VALUE\`, or \`configs\` in a test). Those that can be changed while a broker runs can be set for one broker and for all.
Besides these there is the default of each topic config under the name in the table above, which can be changed where the topic's can.

| Config | Type | Default | Values | Can be changed | |
|---|---|---|---|---|---|
${brokers.join('\n')}
`
}

describe('the documentation of configs', () => {
  it('says what the tables say', async () => {
    await expect(render()).toMatchFileSnapshot(path)
  })

  it('says of each config what it means, and of each topic config that cannot be changed why', () => {
    for (const { name, documentation } of [...topicConfigDefinitions, ...groupConfigDefinitions, ...brokerConfigDefinitions])
      expect(documentation, name).toMatch(/^\S.{15,}[.]$/s)
    for (const { name, documentation, isReadOnly } of topicConfigDefinitions)
      if (isReadOnly) expect(documentation, name).toContain('cannot be changed')
  })
})
