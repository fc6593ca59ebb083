/** From text to schema: syntax, referenced texts in their order, then the two walks. All problems at once; with an error there is no schema. */
import { err, ok, type Result } from '../../../../shared/lang/result'
import type { ParseOptions, ReferencedTexts, SchemaProblem } from '../../format'
import { type JsonNode, readJson } from '../../json-text'
import { type AvroSchema, type AvroType, isNamed, type NamedType } from '../model'
import type { ParserContext } from './context'
import { collectDeclarations } from './declarations'
import { AvroParser } from './parser'
import { ProblemList } from './problems'

/**
 * Errors and warnings in the order of the text when it fails. Referenced texts are registered ones and taken as they are; one that cannot be
 * read is an error of the whole.
 */
export function parseAvro(
  text: string,
  references: ReferencedTexts,
  options: ParseOptions,
): Result<AvroSchema, readonly SchemaProblem[]> {
  const problems = new ProblemList()
  const { root, problems: syntaxProblems } = readJson(text, { comments: true })
  problems.addAll(syntaxProblems)
  return root ? parseAvroTree(text, root, references, options, problems) : err(problems.inOrder())
}

/** The same for a tree that was made from `text` by somebody else (IDL), with the problems met on the way. */
export function parseAvroTree(
  text: string,
  root: JsonNode,
  references: ReferencedTexts,
  options: ParseOptions,
  problems: ProblemList,
): Result<AvroSchema, readonly SchemaProblem[]> {
  const known = new Map<string, NamedType>()
  const referencedNames: string[] = []
  for (const [name, referencedText] of references) {
    const outcome = parseReferenced(name, referencedText, known)
    if (outcome.ok) {
      if (isNamed(outcome.value)) referencedNames.push(outcome.value.name.fullName)
    } else
      problems.error({ from: root.from, to: root.to }, '', `The referenced schema "${name}" cannot be read: ${outcome.error}`, {
        hint: 'Choose another version of it.',
      })
  }
  const type = parseTree(root, { text, options, reference: null, known, problems })
  if (problems.hasErrors) return err(problems.inOrder())
  return ok({ root: type.root, text, names: new Map([...known, ...type.names]), referencedNames, warnings: problems.inOrder() })
}

/** Adds its named types to `known`. The error is its first problem, a sentence. */
function parseReferenced(name: string, text: string, known: Map<string, NamedType>): Result<AvroType, string> {
  const problems = new ProblemList()
  const { root, problems: syntaxProblems } = readJson(text, { comments: true })
  problems.addAll(syntaxProblems)
  if (!root) return err('It is empty.')
  const { root: type, names } = parseTree(root, { text, options: { isNew: false }, reference: name, known, problems })
  if (problems.hasErrors) return err(problems.inOrder().find((problem) => problem.severity === 'error')!.message)
  for (const [fullName, named] of names) if (!known.has(fullName)) known.set(fullName, named)
  return ok(type)
}

function parseTree(
  root: JsonNode,
  context: Omit<ParserContext, 'declarations' | 'afterwards'>,
): { readonly root: AvroType; readonly names: ReadonlyMap<string, NamedType> } {
  const declarations = collectDeclarations(root, context.reference)
  return { root: new AvroParser({ ...context, declarations, afterwards: [] }).parse(root), names: declarations.byName }
}
