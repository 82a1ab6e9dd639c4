import * as z from 'zod'
import type { Store } from '../storage/store.ts'
import { layout } from './layout.ts'
import { parseObject } from './parse-object.ts'

const Suppression = z.looseObject({ ids: z.array(z.string().regex(/^[0-9a-f]{32}$/)) })

/**
 * Documents that no reader may give out from now on, by id: the union of all files under `suppressed/`. Removing them
 * from the shards themselves comes later and is slower; this is what holds at once. A file that does not parse stops the
 * reader: giving out what should be hidden is worse than giving out nothing.
 */
export async function readSuppressed(store: Store): Promise<ReadonlySet<string>> {
  const ids = new Set<string>()
  for await (const { key } of store.list(layout.suppressed)) {
    if (!key.endsWith('.json')) continue
    for (const id of parseObject(Suppression, await store.get(key), key).ids) ids.add(id)
  }
  return ids
}
