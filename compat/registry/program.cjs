// What the registry's clients of Node share: one line a check (`ok …`, `failed …: why`), a limit for each, a way to write to a topic and read it back.
// A program of its own, in a folder of the cache, on which nothing of ours is on the path: PROGRAM REGISTRY BOOTSTRAP.
const { createRequire } = require('node:module')
const { join } = require('node:path')

const checkLimitMs = 60_000
const [, , registry, bootstrap, folder] = process.argv
const requireClient = createRequire(join(folder, 'package.json'))

async function check(name, action) {
  let timer
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${checkLimitMs} ms`)), checkLimitMs)
  })
  try {
    await Promise.race([action(), late])
    console.log(`ok ${name}`)
  } catch (error) {
    console.log(`failed ${name}: ${String(error && error.message ? error.message : error).replaceAll('\n', ' ')}`)
  } finally {
    clearTimeout(timer)
  }
}

function same(actual, expected) {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (a !== b) throw new Error(`${a}, not ${b}`)
}

/** What an action is refused with; throws for what is not refused. */
async function refusal(action) {
  try {
    await action()
  } catch (error) {
    return error
  }
  throw new Error('it was not refused')
}

/** Writes the values to a new topic and answers what is read back from its beginning. */
async function throughTopic(topic, values) {
  const { Kafka, logLevel } = requireClient('kafkajs')
  const kafka = new Kafka({ clientId: 'registry-check', brokers: bootstrap.split(','), logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic, numPartitions: 1, replicationFactor: 3 }], waitForLeaders: true })
  await admin.disconnect()
  const producer = kafka.producer()
  await producer.connect()
  await producer.send({ topic, acks: -1, messages: values.map((value) => ({ value })) })
  await producer.disconnect()
  const consumer = kafka.consumer({ groupId: `registry-check-${topic}` })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  const read = []
  await new Promise((resolve, reject) => {
    consumer
      .run({
        eachMessage: async ({ message }) => {
          read.push(message.value)
          if (read.length === values.length) resolve()
        },
      })
      .catch(reject)
  })
  await consumer.disconnect()
  return read
}

module.exports = { registry, bootstrap, requireClient, check, same, refusal, throughTopic }
