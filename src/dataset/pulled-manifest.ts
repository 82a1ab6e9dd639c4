import * as z from 'zod'
import type { Store } from '../storage/store.ts'
import { ShardEntry } from './pages.ts'
import { parseObject } from './parse-object.ts'
import { Snapshot } from './snapshot.ts'

/** At the root of a pulled folder, where a dataset has its `format.json`. */
export const manifestKey = 'manifest.json'

/** A snapshot as `quern pull` leaves it in a folder: its shard lists written out, and where they are from. */
const Manifest = Snapshot.extend({
  /** All shards of the languages that were pulled, whichever rank took them. */
  shards: z.record(z.string(), z.array(ShardEntry)),
  /** Of the snapshot's own object: with `version` it names exactly these shards. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** The dataset's URL, which never holds credentials. */
  pulledFrom: z.string(),
  /** The kept text was pulled too. */
  withText: z.boolean(),
})
export type Manifest = z.infer<typeof Manifest>

/** Undefined in a folder that `quern pull` did not finish, or never began. */
export async function readManifest(store: Store): Promise<Manifest | undefined> {
  const bytes = await store.find(manifestKey)
  return bytes === undefined ? undefined : parseObject(Manifest, bytes, manifestKey)
}
