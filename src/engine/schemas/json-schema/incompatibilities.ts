/** The reasons why a reader cannot read what a writer wrote, in the shape that the registry and the studio take them in. Called by index.ts. */
import type { CompatibilityPolicy, Incompatibility } from '../format'
import { pointerOf } from '../json-text'
import { compareShapes, type Difference, isCompatibleChange, registryWords } from './compare'
import { explain, pinpoint, segmentsOf, writerSegmentsOf } from './explain'
import { nodeAlong } from './locate'
import type { JsonSchema } from './parse'

/** `reader` must accept every value that is valid for `writer`. */
export function incompatibilities(
  reader: JsonSchema,
  writer: JsonSchema,
  policy: CompatibilityPolicy,
): readonly Incompatibility[] {
  const seen = new Set<string>()
  const found: Incompatibility[] = []
  for (const difference of compareShapes(writer.shapes.root(), reader.shapes.root(), policy)) {
    if (isCompatibleChange(difference.type, policy)) continue
    const told = incompatibility(difference, writer)
    const key = `${told.type} ${told.path} ${told.description}`
    if (!seen.has(key)) found.push(told)
    seen.add(key)
  }
  return found
}

function incompatibility(difference: Difference, writer: JsonSchema): Incompatibility {
  const place = pinpoint(difference)
  const writerSegments = writerSegmentsOf(place)
  const { explanation, mend } = explain(difference)
  return {
    type: difference.type,
    path: pathOf(segmentsOf(place)),
    writerPath: nodeAlong(writer.graph, writerSegments) === null ? null : pathOf(writerSegments),
    description: registryWords(difference.type, shownPath(difference)),
    additionalInfo: null,
    explanation,
    mend,
  }
}

/** '#/properties/a'; '#' is the whole. */
export const pathOf = (segments: readonly string[]): string => `#${pointerOf(segments)}`

/** As the registry writes it: names stand as they are, the whole is '#/'. */
const shownPath = (difference: Difference): string => {
  const shown = difference.steps.map((each) => each.shown).filter((each) => each !== '')
  return `#/${shown.join('/')}`
}
