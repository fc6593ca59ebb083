/** Which language a file is in, and that there is something in it. */
import type { SchemaProblem } from '../../format'
import type { ProtoFile } from '../syntax/nodes'
import { errorAt, replace, warningAt } from './problem'

export function checkSyntax(file: ProtoFile): readonly SchemaProblem[] {
  const { syntax } = file
  const start = { from: 0, to: Math.min(1, file.text.length) }
  const problems: SchemaProblem[] = []
  if (syntax === null) {
    if (file.types.length > 0)
      problems.push(
        warningAt(start, {
          message: 'No syntax is stated, which means proto2.',
          hint: `Put 'syntax = "proto3";' or 'syntax = "proto2";' at the top.`,
          fixes: ['proto3', 'proto2'].map((name) => replace(`State ${name}`, { from: 0, to: 0 }, `syntax = "${name}";\n\n`)),
        }),
      )
  } else if (syntax.isEdition)
    problems.push(
      errorAt(syntax, {
        message: `Editions of Protobuf ("${syntax.name}") are not supported yet.`,
        hint: 'State proto3, or proto2.',
        fixes: ['proto3', 'proto2'].map((name) => replace(`Change to ${name}`, syntax, `syntax = "${name}";`)),
      }),
    )
  else if (syntax.name !== 'proto3' && syntax.name !== 'proto2')
    problems.push(
      errorAt(syntax.nameRange, {
        message: `There is no syntax "${syntax.name}".`,
        hint: 'It is "proto3" or "proto2".',
        fixes: ['proto3', 'proto2'].map((name) => replace(`Change to "${name}"`, syntax.nameRange, `"${name}"`)),
      }),
    )
  const { types, imports, options, services } = file
  const isBare = syntax === null && file.package === null && file.extends.length === 0
  if (isBare && [...types, ...imports, ...options, ...services].length === 0)
    problems.push(errorAt(start, { message: 'The schema is empty.', hint: `Begin with 'syntax = "proto3";' and a message.` }))
  return problems
}
