import { diffWords } from 'diff'
import { Parser } from 'htmlparser2'
import { rowText } from '../core/batch.ts'
import type { SourceBatch } from '../core/component.ts'
import type { Pipeline } from '../core/pipeline.ts'
import { judge, type OpenStage, openStages } from '../mill/judge.ts'

/** What a stage that writes text made of it. */
export interface Cut {
  readonly stage: string
  /** Null: too different to be compared in time. */
  readonly parts: readonly { readonly value: string; readonly in: 'both' | 'cut' | 'added' }[] | null
}

const mostCharacters = 200_000
const mostMs = 1500

/**
 * What was cut from a document on its way, by running the stages that write text on its original again: extraction is
 * compared with all the text that the page has, later stages with what they got. What the dataset holds is compared last,
 * where it differs: what stages that see all documents cut, or another version of the pipeline.
 */
export async function cutsOf(
  pipeline: Pipeline,
  original: SourceBatch,
  page: { readonly html: string } | { readonly plain: string },
  stored: string | null,
): Promise<readonly Cut[]> {
  const opened = await stagesOf(pipeline)
  let before = 'html' in page ? pageText(page.html) : page.plain
  const cuts: Cut[] = []
  const step = (stage: string, after: string): void => {
    if (after !== before) cuts.push({ stage, parts: partsOf(before, after) })
    before = after
  }
  for (const [i, { component }] of opened.entries()) {
    if (!component.writes.includes('text')) continue
    const text = judge(original, opened.slice(0, i + 1)).columns['text']
    if (text?.type === 'text') step(component.name, rowText(text, 0))
  }
  if (stored !== null) step('', stored)
  return cuts
}

/** Models and lists take a second to load: once a pipeline. */
const stages = new WeakMap<Pipeline, Promise<readonly OpenStage[]>>()

async function stagesOf(pipeline: Pipeline): Promise<readonly OpenStage[]> {
  const known = stages.get(pipeline) ?? openStages(pipeline)
  stages.set(pipeline, known)
  return known
}

function partsOf(before: string, after: string): Cut['parts'] {
  const parts = diffWords(before.slice(0, mostCharacters), after.slice(0, mostCharacters), { timeout: mostMs })
  return parts?.map(({ value, added, removed }) => ({ value, in: added ? 'added' : removed ? 'cut' : 'both' })) ?? null
}

const silent = new Set(['script', 'style', 'noscript', 'template', 'svg', 'iframe', 'object', 'textarea', 'select'])
const inline = new Set([
  'a',
  'abbr',
  'b',
  'bdi',
  'bdo',
  'cite',
  'code',
  'data',
  'dfn',
  'em',
  'i',
  'kbd',
  'mark',
  'q',
  's',
  'samp',
  'small',
  'span',
  'strong',
  'sub',
  'sup',
  'time',
  'u',
  'var',
  'font',
  'wbr',
])

/** All that a person could read on a page, a line for each block: what any extraction chooses from. */
export function pageText(html: string): string {
  const parts: string[] = []
  let hidden = 0
  const parser = new Parser(
    {
      onopentag(name) {
        if (silent.has(name)) hidden++
        else if (!inline.has(name)) parts.push('\n')
      },
      onclosetag(name) {
        if (silent.has(name)) hidden--
        else if (!inline.has(name)) parts.push('\n')
      },
      ontext(text) {
        if (hidden === 0) parts.push(text.replaceAll(/\s+/g, ' '))
      },
    },
    { decodeEntities: true },
  )
  parser.end(html)
  return parts
    .join('')
    .replaceAll(/ *\n[ \n]*/g, '\n')
    .trim()
}
