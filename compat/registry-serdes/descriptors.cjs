// Descriptors of Protobuf files as JSON, as protoc would make them: what generated code hands to a serializer.
const { basename } = require('node:path')

const file = (name, imports, messageType, enumType = []) => ({
  name: `${name}.proto`,
  package: 'shop',
  syntax: 'proto3',
  dependency: imports.map((one) => `${one}.proto`),
  messageType,
  enumType,
  options: { javaPackage: `test.${basename(name)}` },
})

const message = (name, field, more = {}) => ({ name, field, ...more })

/** `type`: a scalar's name, `.a.Message`, or `=.an.Enum`. */
const field = (name, number, type, more = {}) => ({
  name,
  number,
  label: 'LABEL_OPTIONAL',
  jsonName: name.replace(/_(.)/g, (_, letter) => letter.toUpperCase()),
  ...(type.startsWith('=')
    ? { type: 'TYPE_ENUM', typeName: type.slice(1) }
    : type.startsWith('.')
      ? { type: 'TYPE_MESSAGE', typeName: type }
      : { type: `TYPE_${type}` }),
  ...more,
})

const mapEntry = (name, key, value) => message(name, [field('key', 1, key), field('value', 2, value)], { options: { mapEntry: true } })

module.exports = { file, message, field, mapEntry }
