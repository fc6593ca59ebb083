/** The tokens of JSON, under the name by which the window's own JSON code knows them; they are shared with the workers that search in JSON. */
export { type JsonToken, type JsonTokenKind, nextToken, skipValue } from '../../../../shared/json-tokens'
