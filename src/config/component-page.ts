import type { Source, Stage } from '../core/component.ts'
import type { Registry } from '../core/pipeline.ts'
import { type Field, fieldsOf } from './fields.ts'

/** All that is said about a component: `explain` and the reference pages print this and nothing else. */
export interface ComponentPage {
  readonly name: string
  /** `source`, or the stage's group. */
  readonly kind: string
  /** When it runs: `read` for a source, else the stage's phase. */
  readonly phase: string
  readonly summary: string
  readonly version: number
  readonly reads: readonly string[]
  readonly writes: readonly string[]
  readonly options: readonly Field[]
  readonly measures: Readonly<Record<string, string>>
  readonly rules: Readonly<Record<string, string>>
  readonly examples: readonly ExampleLine[]
}

export interface ExampleLine {
  /** The text or page, cut for reading. */
  readonly given: string
  readonly with: string
  /** What becomes of it: `kept`, `dropped by rule`, or the text that comes out. */
  readonly outcome: string
}

/** What a reader of an example needs to see of it. */
const shown = 300

export function componentPage(component: Source | Stage): ComponentPage {
  const common = {
    name: component.name,
    summary: component.summary,
    version: component.version,
    writes: component.writes,
    options: fieldsOf(component.config),
    rules: component.rules,
  }
  if (component.kind === 'source') return { ...common, kind: 'source', phase: 'read', reads: [], measures: {}, examples: [] }
  const examples = component.phase === 'prepare' ? component.examples : []
  return {
    ...common,
    kind: component.group,
    phase: component.phase,
    reads: component.reads,
    measures: component.measures,
    examples: examples.map(({ text, html, url, signals, language, config, drops, gives }) => ({
      given: cut(text ?? html ?? url ?? ''),
      with: [signals ?? '', language === undefined ? '' : `language ${language}`, config === undefined ? '' : JSON.stringify(config)]
        .filter((part) => part !== '')
        .join(', '),
      outcome: drops !== undefined ? `dropped by ${drops}` : gives === undefined ? 'kept' : `gives ${cut(JSON.stringify(gives))}`,
    })),
  }
}

function cut(text: string): string {
  return text.length > shown ? `${text.slice(0, shown)} … (${text.length} characters)` : text
}

/** Every component, sources first, then stages in the order of their groups and names. */
export function allComponents(registry: Registry): readonly (Source | Stage)[] {
  const groups = ['extract', 'rights', 'language', 'filters', 'redact', 'duplicates', 'tokenize']
  const stages = Object.values(registry.stages).toSorted((a, b) => groups.indexOf(a.group) - groups.indexOf(b.group) || (a.name < b.name ? -1 : 1))
  return [...Object.values(registry.sources), ...stages]
}
