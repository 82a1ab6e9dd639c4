import { QuernError } from '../core/errors.ts'
import type { Store } from '../storage/store.ts'
import { filesOfShard, readEntries } from './pages.ts'
import { ancestors, type FoundSnapshot, latestHint, readSnapshot } from './snapshot.ts'
import { type Findings, openFindings, type Verdict } from './verify/findings.ts'
import { checkLedger } from './verify/ledger.ts'
import { objectCheck } from './verify/objects.ts'
import { checkDropped, checkShard } from './verify/shards.ts'
import { checkSideFiles } from './verify/side-files.ts'
import { checkSnapshots } from './verify/snapshots.ts'

export interface Progress {
  readonly what: string
  /** From 0 to 1 within `what`. */
  readonly done: number
}

/**
 * Every checksum, count and law that can be checked from outside: of one snapshot, or, when none is named, of the newest
 * together with the checksums of all that its ancestors reach. Damage is a finding, never an error; the only errors are a
 * place that holds no dataset, a snapshot that does not exist, and bugs.
 * Memory: one page of each list, one batch, the ids and lengths of one shard, at most 4 million ids of the ledger at once,
 * and the paths of all objects.
 */
export async function verifyDataset(
  store: Store,
  which: number | string | undefined,
  onProgress: (progress: Progress) => void = () => undefined,
): Promise<Verdict> {
  const findings = openFindings()
  const found = await open(store, which, findings)
  if (found === undefined) return findings.verdict()
  const { snapshot, sha256 } = found
  await checkSnapshots(store, snapshot, sha256, findings)
  const objects = objectCheck(store, findings, (done) => onProgress({ what: 'checksums', done }))
  const readable = await objects.add(snapshot)
  if (readable) await checkContents(store, found, objects.damaged, findings, onProgress)
  if (which === undefined) {
    for await (const older of ancestors(store, snapshot)) await objects.add(older)
    const hint = (await latestHint(store)) ?? 0
    findings.check(hint <= snapshot.version, () => `snapshot ${hint} was published and is missing; the newest is ${snapshot.version}`)
  }
  return findings.verdict()
}

/** What is in the objects. Those that are damaged are passed over: their own problem stands for all that would follow from it. */
async function checkContents(
  store: Store,
  { snapshot }: FoundSnapshot,
  damaged: ReadonlySet<string>,
  findings: Findings,
  onProgress: (progress: Progress) => void,
): Promise<void> {
  const pages = Object.values(snapshot.shards).flat()
  const total = pages.reduce((sum, page) => sum + page.entries, 0)
  const seen = new Set<string>()
  for (const [language, own] of Object.entries(snapshot.shards))
    for await (const shard of readEntries(store, 'shards', own)) {
      findings.check(!seen.has(shard.path), () => `${shard.path} is listed twice`)
      seen.add(shard.path)
      if (!filesOfShard(shard).some(({ path }) => damaged.has(path))) await checkShard(store, snapshot, language, shard, findings)
      onProgress({ what: 'shards', done: seen.size / total })
    }
  for await (const entry of readEntries(store, 'dropped', snapshot.dropped)) if (!damaged.has(entry.path)) await checkDropped(store, entry, findings)
  if (damaged.size > 0) return
  await checkSideFiles(store, snapshot, findings)
  await findings.attempt(() => checkLedger(store, snapshot, findings, (pass, passes) => onProgress({ what: 'ledger', done: pass / passes })))
}

/** A snapshot that does not exist is the caller's mistake; one that does not parse is a finding. */
async function open(store: Store, which: number | string | undefined, findings: Findings): Promise<FoundSnapshot | undefined> {
  try {
    const found = await readSnapshot(store, which)
    findings.counted(1)
    return found
  } catch (error) {
    if (!(error instanceof QuernError) || error.code !== 'damaged-dataset') throw error
    findings.check(false, () => error.message)
    return undefined
  }
}
