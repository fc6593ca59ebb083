// The client's side of the exchange, for the clients of Node: writes each case to a topic with the JSON that it means beside it, and reads what the
// workbench makes of it from a second one. PROGRAM REGISTRY BOOTSTRAP FOLDER TOPIC; lines of `ok …` and `failed …: why`, as in ../registry.
const { bootstrap, check, requireClient } = require('../registry/program.cjs')

const topic = process.argv[5]
const answersLimitMs = 60_000

/** Cases: `{ name, json, serialize(topic, headers), read(value, headers) }`; `read` throws for what is another message than the one written. */
async function exchange(cases) {
  const { Kafka, logLevel } = requireClient('kafkajs')
  const kafka = new Kafka({ clientId: 'registry-serdes-client', brokers: bootstrap.split(','), logLevel: logLevel.NOTHING })
  const producer = kafka.producer()
  await producer.connect()
  const written = []
  for (const one of cases)
    await check(`${one.name}, the client writes`, async () => {
      const headers = {}
      const value = await one.serialize(topic, headers)
      await producer.send({ topic, acks: -1, messages: [{ key: one.name, value, headers: { ...headers, expected: one.json } }] })
      written.push(one)
    })
  await producer.disconnect()
  const answers = await readBack(kafka, written.length)
  for (const one of written)
    await check(`${one.name}, what is written here the client reads`, async () => {
      const answer = answers.get(one.name)
      if (answer === undefined) throw new Error('nothing came back')
      if (answer.headers.problem) throw new Error(String(answer.headers.problem))
      await one.read(answer.value, answer.headers)
    })
}

async function readBack(kafka, count) {
  const consumer = kafka.consumer({ groupId: `${topic}-client` })
  await consumer.connect()
  await consumer.subscribe({ topic: `${topic}-back`, fromBeginning: true })
  const answers = new Map()
  await new Promise((resolve, reject) => {
    setTimeout(resolve, answersLimitMs)
    const eachMessage = async ({ message }) => {
      answers.set(String(message.key), message)
      if (answers.size === count) resolve()
    }
    consumer.run({ eachMessage }).catch(reject)
  })
  await consumer.disconnect()
  return answers
}

function run(main) {
  main().then(
    () => process.exit(0),
    (error) => {
      console.error(error)
      process.exit(1)
    },
  )
}

module.exports = { exchange, run }
