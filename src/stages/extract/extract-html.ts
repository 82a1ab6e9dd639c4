import * as z from 'zod'
import { emptyVerdict } from '../../core/batch.ts'
import type { Batch, BinaryColumn, TextColumn } from '../../core/batch.ts'
import { definePrepareStage } from '../../core/component.ts'
import { textBuilder } from '../../core/text-builder.ts'
import { extractPages, pageOutcome } from '../../native/html.ts'

interface Config {
  readonly 'max-html-bytes': number
  readonly 'max-control-share': number
}

const rules = {
  empty: 'No text was left: an empty page, or one of images, scripts and controls only.',
  'too-large': 'The page has more than `max-html-bytes` bytes.',
  'not-text': 'More than `max-control-share` of the characters are control characters: an image or an archive under the name of a page.',
  crashed: 'The extractor itself failed on this page; please report it.',
}

/** Rule and limit of every outcome that drops. */
const drops: Readonly<Record<number, { readonly rule: keyof typeof rules; readonly limit: (config: Config) => number }>> = {
  [pageOutcome.empty]: { rule: 'empty', limit: () => 1 },
  [pageOutcome.tooLarge]: { rule: 'too-large', limit: (config) => config['max-html-bytes'] },
  [pageOutcome.notText]: { rule: 'not-text', limit: (config) => config['max-control-share'] },
  [pageOutcome.crashed]: { rule: 'crashed', limit: () => NaN },
}

function payloadOf(batch: Batch): BinaryColumn {
  const column = batch.columns['payload']
  if (column?.type !== 'binary')
    throw new TypeError(`column "payload" is ${column === undefined ? 'missing' : `of type ${column.type}`}, expected binary`)
  return column
}

function textOf(batch: Batch, name: string): TextColumn | undefined {
  const column = batch.columns[name]
  return column?.type === 'text' ? column : undefined
}

/** The column, or one of empty rows: not every source knows the media type or the address. */
function textOrEmpty(batch: Batch, name: string): TextColumn {
  return textOf(batch, name) ?? { type: 'text', values: new Uint8Array(0), offsets: new Int32Array(batch.rows + 1) }
}

/** What the source said of rows that hold no page, beside what the pages said. */
function withEarlier(batch: Batch, name: string, found: TextColumn, outcomes: Int32Array): TextColumn {
  const earlier = textOf(batch, name)
  if (earlier === undefined || !outcomes.includes(pageOutcome.skipped)) return found
  const builder = textBuilder()
  outcomes.forEach((outcome, row) => {
    builder.append(outcome === pageOutcome.skipped ? earlier : found, row)
  })
  return builder.take()
}

const ruleNames = Object.keys(rules)

export default definePrepareStage<Config>({
  name: 'extract-html',
  summary: 'Turns pages into plain text: finds the encoding, reads the HTML however broken, keeps the main content.',
  version: 2,
  group: 'extract',
  config: z.strictObject({
    'max-html-bytes': z
      .int()
      .positive()
      .max(2 ** 30)
      .default(16 * 2 ** 20)
      .describe('Largest page that is read, in bytes as decoded from the transfer.'),
    'max-control-share': z
      .number()
      .min(0)
      .max(1)
      .default(0.02)
      .describe('Largest share of control characters (tab, line ends, form feed and escape aside) that text may have.'),
  }),
  reads: ['payload', 'content_type', 'url'],
  writes: ['text', 'title', 'author', 'published', 'licence_link', 'html_language'],
  measures: {
    html_bytes: 'Bytes of the payload.',
    html_nodes: 'Elements and texts of the parsed page; at most a million and one.',
    text_bytes: 'Bytes of the extracted text, in UTF-8.',
    link_share: "Share of the page's characters, white space aside and before anything is left out, that lie inside links.",
    content_share: "Share of the page's characters, white space aside, that the extracted text keeps.",
    control_share:
      'Share of the characters of the decoded payload that are C0 controls (tab, line feed, form feed, carriage return and escape aside) or DEL.',
  },
  rules,
  examples: [
    {
      html: '<title>Mühle</title><nav><a href="/">Start</a> <a href="/shop">Laden</a></nav><main><h1>Die Mühle</h1><p>Das Korn wird seit vierhundert Jahren von Hand gemahlen, und niemand im Dorf will es anders.</p><ul><li>Roggen<li>Dinkel</ul></main>',
      gives: 'Die Mühle\n\nDas Korn wird seit vierhundert Jahren von Hand gemahlen, und niemand im Dorf will es anders.\n\n- Roggen\n- Dinkel',
    },
    { html: '<!doctype html><title>Nothing</title><img src="a.png"><script>start()</script>', drops: 'empty' },
    { html: '<p>Ein ganzer Absatz ist schon zu viel.</p>', config: { 'max-html-bytes': 16 }, drops: 'too-large' },
    { html: '<p>\u0001\u0002\u0003\u0004\u0005\u0006</p>', drops: 'not-text' },
  ],
  async open(config) {
    const limits = { maxHtmlBytes: config['max-html-bytes'], maxControlShare: config['max-control-share'] }
    return (batch) => {
      const pages = extractPages(
        {
          payload: payloadOf(batch),
          contentType: textOrEmpty(batch, 'content_type'),
          url: textOrEmpty(batch, 'url'),
          text: textOf(batch, 'text'),
        },
        limits,
      )
      const measured: Readonly<Record<number, Float64Array>> = {
        [pageOutcome.tooLarge]: pages.measures.html_bytes,
        [pageOutcome.notText]: pages.measures.control_share,
      }
      const verdict = emptyVerdict(batch.rows)
      pages.outcomes.forEach((outcome, row) => {
        const drop = drops[outcome]
        if (drop === undefined) return
        verdict.rule[row] = ruleNames.indexOf(drop.rule)
        verdict.limit[row] = drop.limit(config)
        verdict.measured[row] = outcome === pageOutcome.empty ? 0 : (measured[outcome]?.[row] ?? NaN)
      })
      const earlier = (name: string, found: TextColumn): TextColumn => withEarlier(batch, name, found, pages.outcomes)
      return {
        columns: {
          text: pages.text,
          title: earlier('title', pages.title),
          author: earlier('author', pages.author),
          published: earlier('published', pages.published),
          licence_link: earlier('licence_link', pages.licenceLink),
          html_language: earlier('html_language', pages.language),
        },
        measures: pages.measures,
        verdict,
      }
    }
  },
})
