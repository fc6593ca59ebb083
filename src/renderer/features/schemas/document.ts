/** A schema being read or written: its text, what it was before, and what is known of it. Shapes and pure rules; documents-store.ts holds them. */
import type {
  DraftAnalysis,
  InferredSchema,
  SchemaDraft,
  SchemaLanguage,
  SchemaReferenceView,
  SchemaType,
  SchemaVersionView,
  SourceRangeView,
  SubjectView,
} from '../../../shared/model/schemas'
import { prettyJson } from '../messages/json/json-colors'

export type RegistrationState =
  | { readonly kind: 'registered'; readonly version: number; readonly id: number }
  | { readonly kind: 'unchanged'; readonly version: number; readonly id: number }
  | { readonly kind: 'failed'; readonly message: string }

export interface SchemaDocument {
  /** The tab's: `subject:<name>`, or `schema-draft:<n>` while there is no subject. */
  readonly id: string
  readonly isNew: boolean
  /** '' while a new one has none; typed by a person until it is registered. */
  subject: string
  language: SchemaLanguage
  text: string
  references: readonly SchemaReferenceView[]
  /** What the document was when it was opened or last registered: what differs from it is a draft. */
  clean: string
  /** The version that the draft began from. */
  baseVersion: number | null
  editedAtMs: number | null
  view: SubjectView | null
  viewError: string | null
  isLoading: boolean
  analysis: DraftAnalysis | null
  /** The signature of what `analysis` is about. */
  analysed: string
  analysisError: string | null
  isAnalysing: boolean
  seed: number
  isRegistering: boolean
  registration: RegistrationState | null
  /** Which version the editor shows, read only; null: the draft. */
  shownVersion: number | null
  /** How the text was inferred; suggestions fit as long as the text is this one's. */
  inference: InferredSchema | null
  /** Where the editor is to go next; it takes it up. */
  wantedRange: SourceRangeView | null
}

export function blankDocument(id: string, isNew: boolean, subject: string): SchemaDocument {
  const document: SchemaDocument = {
    id,
    isNew,
    subject,
    language: 'avro',
    text: '',
    references: [],
    clean: '',
    baseVersion: null,
    editedAtMs: null,
    view: null,
    viewError: null,
    isLoading: false,
    analysis: null,
    analysed: '',
    analysisError: null,
    isAnalysing: false,
    seed: 1,
    isRegistering: false,
    registration: null,
    shownVersion: null,
    inference: null,
    wantedRange: null,
  }
  document.clean = signatureOf(document)
  return document
}

type Content = Pick<SchemaDocument, 'language' | 'text' | 'references'>

/** Equal for equal content. */
export const signatureOf = ({ language, text, references }: Content): string => JSON.stringify([language, text, references])

export const isDraft = (document: SchemaDocument): boolean =>
  signatureOf(document) !== document.clean && (!document.isNew || document.text.trim() !== '')

export const draftOf = ({ subject, language, text, references }: SchemaDocument): SchemaDraft => ({
  subject: subject.trim(),
  language,
  text,
  references: references.map((reference) => ({ ...reference })),
})

export const languageOf = (type: SchemaType): SchemaLanguage =>
  type === 'AVRO' ? 'avro' : type === 'JSON' ? 'json-schema' : 'protobuf'

export const typeOf = (language: SchemaLanguage): SchemaType =>
  language === 'json-schema' ? 'JSON' : language === 'protobuf' ? 'PROTOBUF' : 'AVRO'

export const languageNames: Readonly<Record<SchemaLanguage, string>> = {
  avro: 'Avro',
  'avro-idl': 'IDL',
  'json-schema': 'JSON Schema',
  protobuf: 'Protobuf',
}

export const typeNames: Readonly<Record<SchemaType, string>> = { AVRO: 'Avro', JSON: 'JSON Schema', PROTOBUF: 'Protobuf' }

/** Registered texts often stand on one line. JSON is indented for reading; the registry takes both for the same schema. */
export function readableText({ text, type }: Pick<SchemaVersionView, 'text' | 'type'>): string {
  return type === 'PROTOBUF' || text.includes('\n') ? text : prettyJson(text)
}

export const liveVersions = (view: SubjectView | null): readonly SchemaVersionView[] =>
  view?.versions.filter((version) => !version.isDeleted) ?? []

export const latestOf = (view: SubjectView | null): SchemaVersionView | null => liveVersions(view).at(-1) ?? null
