import { sourceFiles } from '../config/source-files.ts'
import type { SourceBatch } from '../core/component.ts'
import { rowText } from '../core/batch.ts'
import { QuernError } from '../core/errors.ts'
import type { Pipeline } from '../core/pipeline.ts'
import type { Story } from '../dataset/why.ts'
import { openInput } from '../mill/inputs.ts'
import { sliceRows } from '../mill/slice-batch.ts'

/** Why an original cannot be shown; the page says it in words. */
export type Missing = 'suppressed' | 'no-pipeline' | 'no-source' | 'no-archive' | 'other-archive' | 'no-original'

export type Original = { readonly batch: SourceBatch } | { readonly missing: Missing; readonly detail: string }

/** What a source read the document from, by file and offset of its ledger row: one row as the stages get it. */
export async function readOriginal(story: Story, pipeline: Pipeline | undefined): Promise<Original> {
  if (story.suppressed) return { missing: 'suppressed', detail: '' }
  if (pipeline === undefined) return { missing: 'no-pipeline', detail: '' }
  const { source: name, file: path, offset } = story.ledger
  const source = pipeline.sources.find((one) => one.name === name)
  if (source === undefined) return { missing: 'no-source', detail: String(name) }
  const file = (await sourceFiles(source).catch(() => [])).find((one) => one.path === path)
  if (file === undefined || typeof offset !== 'number') return { missing: 'no-archive', detail: `${name}: ${path}` }
  const other = { missing: 'other-archive', detail: `${name}: ${path}, ${offset}` } as const
  const input = await openInput({ ...file, sha256: '' })
  try {
    const window = { start: offset, end: offset + 1 }
    for await (const batch of source.component.read(input, { ...file, sha256: '' }, window, offset, source.config)) {
      const row = rowOf(batch, story, offset)
      if (row !== -1) return { batch: sliceRows(batch, row, row + 1) }
    }
  } catch (error) {
    // An archive that was replaced has other records at other places.
    if (error instanceof QuernError) return other
    throw error
  } finally {
    await input.close()
  }
  return other
}

/** Sources may give more rows than the one that was asked for; one of another archive has another length or address there. */
function rowOf(batch: SourceBatch, { ledger, url }: Story, offset: number): number {
  const number = (name: string, row: number) => {
    const column = batch.columns[name]
    return column?.type === 'number' ? column.values[row] : undefined
  }
  const urls = batch.columns['url']
  for (let row = 0; row < batch.rows; row++) {
    const sameUrl = urls?.type !== 'text' || rowText(urls, row) === (url ?? '')
    if (number('offset', row) === offset && number('length', row) === ledger['length'] && sameUrl) return row
  }
  return -1
}

/** A page as HTML, or what else a source gave as text. `text` is what was extracted from it, if anything was. */
export function originalHtml(
  batch: SourceBatch,
  text: string | null,
  language: string,
): { readonly html: string } | { readonly plain: string } | undefined {
  const payload = batch.columns['payload']
  if (payload?.type === 'binary' && payload.values.byteLength > 0) {
    const type = batch.columns['content_type']
    return {
      html: decodePage(
        payload.values.subarray(payload.offsets[0], payload.offsets[1]),
        type?.type === 'text' ? rowText(type, 0) : '',
        text,
        language,
      ),
    }
  }
  const plain = batch.columns['text']
  return plain?.type === 'text' && plain.values.byteLength > 0 ? { plain: rowText(plain, 0) } : undefined
}

/** Encodings that pages without a true declaration have, by language. */
const legacy: Readonly<Record<string, string>> = {
  ...Object.fromEntries(['bg', 'ru', 'uk', 'sr', 'mk', 'be'].map((code) => [code, 'windows-1251'])),
  ...Object.fromEntries(['cs', 'sk', 'pl', 'hu', 'hr', 'sl', 'ro', 'bs', 'sq'].map((code) => [code, 'windows-1250'])),
  ...Object.fromEntries(['lt', 'lv', 'et'].map((code) => [code, 'windows-1257'])),
  el: 'windows-1253',
  tr: 'windows-1254',
}

/**
 * The page in the encoding that the extraction took it for: of those that the header and the page declare, UTF-8, and what
 * its language used to be written in, the first under which the page has most words of the extracted text.
 */
function decodePage(bytes: Uint8Array, contentType: string, text: string | null, language: string): string {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 4096)).toString('latin1')
  const declared = [contentType, head].map((where) => /charset\s*=\s*["']?\s*([\w-]+)/i.exec(where)?.[1])
  const marked = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : undefined
  const words = [...new Set((text ?? '').match(/[\p{L}\p{M}]{3,}/gu) ?? [])].filter((word) => /[^a-z]/i.test(word)).slice(0, 200)
  let best: { readonly page: string; readonly score: number } | undefined
  for (const name of [marked, ...declared, 'utf-8', legacy[language], 'windows-1252']) {
    const page = name === undefined ? undefined : decodeAs(bytes, name)
    if (page === undefined) continue
    const score = words.filter((word) => page.includes(word)).length - (page.includes('\uFFFD') ? 0.5 : 0)
    if (best === undefined || score > best.score) best = { page, score }
  }
  return best!.page
}

function decodeAs(bytes: Uint8Array, encoding: string): string | undefined {
  try {
    return new TextDecoder(encoding).decode(bytes)
  } catch {
    return undefined // a name that nobody knows
  }
}
