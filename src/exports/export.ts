import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { canonicalJson } from '../core/canonical-json.ts'
import { QuernError } from '../core/errors.ts'
import { readFormat } from '../dataset/format.ts'
import type { FoundSnapshot, Snapshot } from '../dataset/snapshot.ts'
import { readSuppressed } from '../dataset/suppress.ts'
import { openFileStore } from '../storage/file-store.ts'
import type { Store } from '../storage/store.ts'
import { datatrove } from './datatrove.ts'
import { readDocuments } from './documents.ts'
import { type ExportFolder, localPlace, lookAt, manifestName, openExportFolder } from './export-folder.ts'
import type { ExportFormat, ExportLimits, StreamWriter } from './format.ts'
import { litdata } from './litdata.ts'
import { mds } from './mds.ts'
import { megatron } from './megatron.ts'
import { olmo } from './olmo.ts'
import { parquet } from './parquet.ts'
import { type Counts, ExportManifest, type FormatName } from './manifest.ts'
import { readme } from './readme.ts'

const formats: Readonly<Record<FormatName, ExportFormat>> = { megatron, mds, datatrove, litdata, olmo, parquet }

export interface ExportOptions {
  readonly format: FormatName
  /** Empty: all that the snapshot has. */
  readonly languages: readonly string[]
  readonly seqLen: number | null
  /** A token to put behind every document of a dataset that has none there. */
  readonly endToken: number | null
  /** For tests; the defaults are those of the formats' own writers where they have some. */
  readonly limits?: ExportLimits
}

const limits: ExportLimits = { fileTokens: 2 ** 30, chunkBytes: 1 << 26 }

/**
 * Writes the documents of a snapshot for another trainer into a new folder, which appears whole or not at all. An export
 * of the same is found to be there, its files checked; one of anything else is not replaced.
 */
export async function exportDataset(
  store: Store,
  found: FoundSnapshot,
  folder: string,
  options: ExportOptions,
  onProgress: (language: string, done: number) => void = () => undefined,
): Promise<{ manifest: ExportManifest; present: boolean }> {
  const { snapshot, sha256 } = found
  const place = localPlace(folder)
  if (place.startsWith(join(store.url, '/')))
    throw new QuernError('bad-usage', `exporting to ${place}: it lies in the dataset`, { remedy: 'Give a folder outside of it.' })
  const format: ExportFormat = formats[options.format]
  const languages = chooseLanguages(store, snapshot, options.languages)
  const endOfDocument = checkOptions(format, snapshot, options)
  const hidden = await readSuppressed(store)
  const vocabularySize = Math.max(snapshot.tokenizer.vocabularySize, (endOfDocument ?? 0) + 1)
  const head = {
    format: 'quern-export/1',
    to: options.format,
    dataset: (await readFormat(store)).datasetId,
    snapshot: { version: snapshot.version, sha256 },
    tokenizer: { name: snapshot.tokenizer.name, sha256: snapshot.tokenizer.sha256, vocabularySize: snapshot.tokenizer.vocabularySize },
    dtype: format.tokenType(vocabularySize),
    endOfDocument,
    seqLen: options.seqLen,
    suppressionsSha256: createHash('sha256')
      .update(canonicalJson([...hidden].sort()))
      .digest('hex'),
  } as const
  if ((await lookAt(place)) === 'export') return { manifest: await compare(place, head, languages), present: true }

  const target = await openExportFolder(place)
  try {
    const counts: Record<string, Counts> = {}
    const all = languages.reduce((sum, language) => sum + (snapshot.totals.byLanguage[language]?.tokens ?? 0), 0)
    let read = 0
    for (const language of languages)
      counts[language] = await exportLanguage(
        store,
        found,
        target,
        language,
        { ...options, type: head.dtype, format, hidden, endOfDocument },
        (tokens) => onProgress(language, all === 0 ? 0 : (read += tokens) / all),
      )
    const sum = total(Object.values(counts))
    await target.write(
      'README.md',
      readme(
        head,
        languages.filter((language) => (counts[language]?.documents ?? 0) > 0),
      ),
    )
    const files = [...target.files].sort((a, b) => (a.path < b.path ? -1 : 1))
    const manifest: ExportManifest = { ...head, ...sum, languages: counts, files }
    await target.write(manifestName, canonicalJson(manifest))
    await target.finish()
    return { manifest, present: false }
  } catch (error) {
    await target.abandon().catch(() => undefined) // why it failed is the first error
    throw error
  }
}

async function exportLanguage(
  store: Store,
  { snapshot }: FoundSnapshot,
  folder: ExportFolder,
  language: string,
  options: Pick<ExportOptions, 'seqLen' | 'endToken' | 'limits'> & {
    readonly format: ExportFormat
    readonly type: ReturnType<ExportFormat['tokenType']>
    readonly hidden: ReadonlySet<string>
    readonly endOfDocument: number | null
  },
  onTokens: (tokens: number) => void,
): Promise<Counts> {
  const counts = { documents: 0, tokens: 0, suppressed: 0, empty: 0, endsInside: 0, leftOver: 0 }
  let writer: StreamWriter | undefined
  const stream = { language, snapshot, type: options.type, seqLen: options.seqLen, limits: options.limits ?? limits }
  for await (const documents of readDocuments(store, snapshot, language, options)) {
    counts.suppressed += documents.suppressed
    counts.empty += documents.empty
    onTokens(documents.read)
    if (documents.rows === 0) continue
    writer ??= await options.format.open(folder, stream)
    await writer.write(documents)
    counts.documents += documents.rows
    counts.tokens += documents.ids.length
    counts.endsInside += documents.endsInside
  }
  counts.leftOver = (await writer?.close()) ?? 0
  return counts
}

function chooseLanguages(store: Store, snapshot: Snapshot, wanted: readonly string[]): readonly string[] {
  const has = Object.keys(snapshot.shards).sort()
  const absent = wanted.filter((language) => !has.includes(language))
  if (absent.length > 0)
    throw new QuernError(
      'not-found',
      `exporting from ${store.url}: snapshot ${snapshot.version} has no shard in ${absent.map((name) => `"${name}"`).join(', ')}`,
      {
        remedy: has.length === 0 ? 'It has no shards at all.' : `It has: ${has.join(', ')}.`,
      },
    )
  return wanted.length === 0 ? has : has.filter((language) => wanted.includes(language))
}

const longestRow = 1 << 24

/** Returns the id that every document ends with. */
function checkOptions(format: ExportFormat, { tokenizer }: Snapshot, { format: name, seqLen, endToken }: ExportOptions): number | null {
  if (format.seqLen === 'required' && seqLen === null)
    throw new QuernError('bad-usage', `${name} needs --seq-len`, { remedy: 'Give the block size that its loader will be opened with.' })
  if (format.seqLen === 'never' && seqLen !== null)
    throw new QuernError('bad-usage', `${name} has no use for --seq-len`, { remedy: 'Leave it out: its reader cuts by itself.' })
  if (seqLen !== null && seqLen > longestRow)
    throw new QuernError('bad-usage', `--seq-len is ${seqLen}`, { remedy: `Give at most ${longestRow}: a row is gathered in memory.` })
  if (endToken !== null && tokenizer.endOfDocument !== null)
    throw new QuernError('bad-usage', `--end-token is ${endToken}, and every document of this dataset ends with ${tokenizer.endOfDocument} already`, {
      remedy: 'Leave it out.',
    })
  const end = tokenizer.endOfDocument ?? endToken
  if (format.needsEndToken && end === null)
    throw new QuernError('bad-usage', `${name} finds documents by the token at their end, and this dataset has none there`, {
      remedy: 'Give --end-token, or run the pipeline with end-of-document.',
    })
  return end
}

function total(counts: readonly Counts[]): Counts {
  const sum: Counts = { documents: 0, tokens: 0, suppressed: 0, empty: 0, endsInside: 0, leftOver: 0 }
  for (const one of counts) for (const name of Object.keys(sum) as (keyof Counts)[]) sum[name] += one[name]
  return sum
}

const pieceBytes = 8 << 20

/** The manifest of the export that is there, if it is the one that is asked for and its files are whole. */
async function compare(place: string, head: Partial<ExportManifest>, languages: readonly string[]): Promise<ExportManifest> {
  const manifest = await readManifest(place)
  const { version } = manifest.snapshot
  const same =
    Object.entries(head).every(([name, value]) => canonicalJson(manifest[name as keyof ExportManifest]) === canonicalJson(value)) &&
    canonicalJson(Object.keys(manifest.languages).sort()) === canonicalJson(languages)
  if (!same)
    throw new QuernError(
      'output-not-writable',
      `exporting to ${place}: another export is there, of snapshot ${version} for ${manifest.to}, or with other options or suppressions`,
      { remedy: 'Give another folder, or delete this one first.' },
    )
  const there = openFileStore(place)
  for (const { path, bytes, sha256 } of manifest.files) {
    const hash = createHash('sha256')
    const is = (await there.stat(path))?.bytes
    for (let at = 0; is === bytes && at < bytes; at += pieceBytes)
      hash.update(await there.get(path, { offset: at, length: Math.min(pieceBytes, bytes - at) }))
    if (is !== bytes || hash.digest('hex') !== sha256) throw spoilt(place, path)
  }
  return manifest
}

async function readManifest(place: string): Promise<ExportManifest> {
  try {
    return ExportManifest.parse(JSON.parse(await readFile(join(place, manifestName), 'utf8')))
  } catch (cause) {
    throw spoilt(place, manifestName, cause)
  }
}

function spoilt(place: string, path: string, cause?: unknown): QuernError {
  return new QuernError('output-not-writable', `exporting to ${place}: an export is there, and its ${path} is not what was written`, {
    remedy: 'Delete the folder and export again.',
    cause,
  })
}
