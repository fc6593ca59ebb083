/** All snippets, in the order of their choice. */
import { dotnet } from './dotnet'
import { go } from './go'
import { java } from './java'
import { nodeConfluent, nodeKafkajs } from './node'
import { pythonConfluent, pythonKafka } from './python'
import { kafkaTools, kcat } from './shell'
import type { Snippet, SnippetInput } from './snippet'

export type { Snippet, SnippetFile, SnippetInput } from './snippet'

export const snippetsFor = (input: SnippetInput): readonly Snippet[] =>
  [java, pythonConfluent, pythonKafka, nodeKafkajs, nodeConfluent, go, dotnet, kcat, kafkaTools].map((make) => make(input))
