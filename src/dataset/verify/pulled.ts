import { QuernError } from '../../core/errors.ts'
import type { Store } from '../../storage/store.ts'
import { readManifest } from '../pulled-manifest.ts'
import { checkObject, openFindings, type Verdict } from './findings.ts'
import { filesOfShard } from '../pages.ts'
import { checkShard } from './shards.ts'

export interface PulledVerdict extends Verdict {
  /** Shards that the manifest names and the folder does not hold: another rank's, or not pulled yet. No damage. */
  readonly absent: number
}

/**
 * A folder that `quern pull` wrote: the bytes, contents and sums of every shard that is in it, and of the text beside it where
 * that was pulled. Undefined where there is no manifest. What only the whole dataset can prove (ledger, lists, chain) is left to it.
 */
export async function verifyPulled(
  store: Store,
  which: string | undefined,
  onProgress: (done: number) => void = () => undefined,
): Promise<PulledVerdict | undefined> {
  const manifest = await readManifest(store)
  if (manifest === undefined) return undefined
  if (which !== undefined && which !== String(manifest.version))
    throw new QuernError('not-found', `checking ${store.url}: snapshot ${manifest.version} was pulled, not ${which}`, {
      remedy: 'Leave --snapshot out, or pull that one to another folder.',
    })
  const findings = openFindings()
  const total = Object.values(manifest.shards).flat().length
  let seen = 0
  let absent = 0
  for (const [language, shards] of Object.entries(manifest.shards)) {
    let tokens = 0
    for (const shard of shards) {
      tokens += shard.tokens
      onProgress(seen++ / total)
      if ((await store.stat(shard.path)) === undefined) {
        absent++
        continue
      }
      // A shard that a reader brought by itself came without its hosts until that reader asks for them.
      const withHosts = shard.hosts !== undefined && (await store.stat(shard.hosts.path)) !== undefined
      const objects = filesOfShard(withHosts ? shard : { ...shard, hosts: undefined }, manifest.withText)
      let right = true
      for (const object of objects) right = ((await findings.attempt(() => checkObject(store, object, findings, () => undefined))) ?? false) && right
      if (right) await checkShard(store, manifest, language, shard, findings, manifest.withText, withHosts)
    }
    const told = manifest.totals.byLanguage[language]?.tokens
    findings.check(tokens === told, () => `the shards in ${language} have ${tokens} tokens, and the snapshot says ${told}`)
  }
  return { ...findings.verdict(), absent }
}
