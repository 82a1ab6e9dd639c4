import { describe, expect, test } from 'vitest'
import { rowText, textColumn } from '../../src/core/batch.ts'
import type { Batch, BinaryColumn, TextColumn, Verdict } from '../../src/core/batch.ts'
import type { Context, StageResult } from '../../src/core/component.ts'
import { extractPages } from '../../src/native/html.ts'
import stage from '../../src/stages/extract/extract-html.ts'

const context: Context = {
  file: (path) => path,
  language: () => undefined,
}

function payloads(pages: readonly (string | Uint8Array)[]): BinaryColumn {
  const parts = pages.map((page) => (typeof page === 'string' ? new TextEncoder().encode(page) : page))
  const offsets = new Int32Array(pages.length + 1)
  parts.forEach((part, i) => {
    offsets[i + 1] = (offsets[i] ?? 0) + part.byteLength
  })
  return { type: 'binary', values: Buffer.concat(parts), offsets }
}

async function run(pages: readonly (string | Uint8Array)[], more: Batch['columns'] = {}, config: object = {}): Promise<StageResult> {
  const open = await stage.open(stage.config.parse(config), context)
  return open({ rows: pages.length, columns: { payload: payloads(pages), content_type: textColumn(pages.map(() => 'text/html')), ...more } })
}

function texts(result: StageResult, name = 'text'): readonly string[] {
  const column = result.columns?.[name] as TextColumn
  return Array.from({ length: column.offsets.length - 1 }, (_, row) => rowText(column, row))
}

function rules(result: StageResult): readonly (string | null)[] {
  return Array.from((result.verdict as Verdict).rule, (rule) => Object.keys(stage.rules)[rule] ?? null)
}

describe('extract-html', () => {
  test.each(stage.examples.map((example) => [example.drops ?? 'kept', example] as const))('example: %s', async (_, example) => {
    const result = await run([example.html ?? ''], {}, example.config)
    expect(rules(result)).toEqual([example.drops ?? null])
    if (example.gives !== undefined) expect(texts(result)).toEqual([example.gives])
  })

  test('a page gives text, title, language and measures', async () => {
    const page = '<html lang="lv"><title>Dzirnavas</title><body><p>Dzirnavas stāv <a href="/">pie upes</a>.</p></body></html>'
    const result = await run([page])
    expect(texts(result)).toEqual(['Dzirnavas stāv pie upes.'])
    expect(texts(result, 'title')).toEqual(['Dzirnavas'])
    expect(texts(result, 'html_language')).toEqual(['lv'])
    const measured = Object.fromEntries(Object.entries(result.measures ?? {}).map(([name, values]) => [name, values[0]]))
    expect(Object.keys(measured)).toEqual(Object.keys(stage.measures))
    expect(measured).toMatchObject({ html_bytes: Buffer.byteLength(page), html_nodes: 5, text_bytes: 25, content_share: 1, control_share: 0 })
    expect(measured['link_share']).toBeCloseTo(7 / 21)
  })

  test('rows without a page keep their text and have no measures', async () => {
    const result = await run(['', '<p>from the page', ''], { text: textColumn(['from the WET record', 'replaced', '']) })
    expect(texts(result)).toEqual(['from the WET record', 'from the page', ''])
    expect(rules(result)).toEqual([null, null, 'empty'])
    for (const values of Object.values(result.measures ?? {})) {
      expect(values[0]).toBeNaN()
      expect(values[2]).toBeNaN()
    }
  })

  test('a drop names what was measured and the limit', async () => {
    const result = await run(['x'.repeat(100), '<br>', '<p>\u0001\u0002'], {}, { 'max-html-bytes': 50 })
    expect(rules(result)).toEqual(['too-large', 'empty', 'not-text'])
    expect(Array.from(result.verdict?.measured ?? [])).toEqual([100, 0, 0.4])
    expect(Array.from(result.verdict?.limit ?? [])).toEqual([50, 1, 0.02])
    expect(texts(result)).toEqual(['', '', ''])
  })

  test('the header names the encoding and the kind of text', async () => {
    const polish = Uint8Array.from([0x3c, 0x70, 0x3e, 0x6d, 0xb3, 0x79, 0x6e]) // <p>młyn in ISO 8859-2
    const result = await run([polish, '<b>not</b> markup\r\nhere'], {
      content_type: textColumn(['text/html; charset=ISO-8859-2', 'text/plain']),
    })
    expect(texts(result)).toEqual(['młyn', '<b>not</b> markup\nhere'])
  })

  test('the result does not depend on how rows are batched', async () => {
    const pages = Array.from({ length: 40 }, (_, i) => `<title>${i}</title><nav>menu</nav><p>${'word '.repeat(i)}<p>${'<div>'.repeat(i)}é`)
    const whole = await run(pages)
    const single = await Promise.all(pages.map((page) => run([page])))
    expect(single.flatMap((result) => texts(result))).toEqual(texts(whole))
    expect(single.flatMap((result) => texts(result, 'title'))).toEqual(texts(whole, 'title'))
    for (const [name, values] of Object.entries(whole.measures ?? {}))
      expect(single.map((result) => result.measures?.[name]?.[0])).toEqual(Array.from(values))
  })

  test('a batch of no rows', async () => {
    expect(texts(await run([]))).toEqual([])
  })

  test('a buffer that is gone is refused', () => {
    const payload = payloads(['<p>text'])
    const detached: BinaryColumn = { ...payload, values: new Uint8Array(0) }
    expect(() =>
      extractPages(
        { payload: detached, contentType: textColumn(['']), url: textColumn(['']), text: undefined },
        { maxHtmlBytes: 1, maxControlShare: 1 },
      ),
    ).toThrow(/payload/)
  })

  // Each took minutes or all memory in some parser; what they cost here is bounded by counts in the kernel's own tests.
  test.each([
    ['nested elements', '<div>'],
    ['unclosed formatting', '<b><i>'],
    ['formatting across paragraphs', '<p><font color=red>x'],
    ['links around blocks', '<a href=x><div>'],
    ['tables', '<table>'],
    ['paragraphs', '<p>'],
    ['end tags', '</div>'],
  ])(
    '10 MB of %s',
    async (_, shape) => {
      const page = shape.repeat(Math.ceil((10 * 2 ** 20) / shape.length))
      const result = await run([page, '<p>the next page'])
      expect(texts(result)[1]).toBe('the next page')
    },
    20_000,
  )
})
