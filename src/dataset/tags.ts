import * as z from 'zod'
import { canonicalJson } from '../core/canonical-json.ts'
import { QuernError } from '../core/errors.ts'
import type { Store } from '../storage/store.ts'
import { layout } from './layout.ts'
import { leaseToWrite } from './lease.ts'
import { parseObject } from './parse-object.ts'
import { readSnapshot } from './snapshot.ts'

const Tag = z.looseObject({ version: z.int().positive(), sha256: z.string() })

export interface Tagged {
  readonly name: string
  readonly version: number
}

/** All tags, by name. One that does not parse is `damaged-dataset`: what it pins is not known, so nothing may be deleted. */
export async function readTags(store: Store): Promise<Tagged[]> {
  const tags: Tagged[] = []
  for await (const { key } of store.list(layout.tags)) {
    const bytes = await store.find(key)
    if (bytes !== undefined && key.endsWith('.json'))
      tags.push({ name: key.slice(layout.tags.length, -'.json'.length), version: parseObject(Tag, bytes, key).version })
  }
  return tags
}

/** Names a snapshot. A name that stands for another already is refused unless it is to be moved. Returns the version. */
export async function tagSnapshot(store: Store, name: string, which: string | undefined, move: boolean): Promise<number> {
  checkName(name)
  const lease = await leaseToWrite(store) // retention may be about to remove that very snapshot
  try {
    const { snapshot, sha256 } = await readSnapshot(store, which)
    const key = layout.tag(name)
    const content = canonicalJson({ version: snapshot.version, sha256 })
    if (!(await store.putIfAbsent(key, content))) {
      const now = parseObject(Tag, await store.get(key), key).version
      if (now !== snapshot.version && !move)
        throw new QuernError('conflict', `tagging snapshot ${snapshot.version}: "${name}" is snapshot ${now} already`, {
          remedy: 'Choose another name, or move it with --move.',
        })
      if (now !== snapshot.version) await store.replace(key, content)
    }
    return snapshot.version
  } finally {
    await lease.release()
  }
}

export async function removeTag(store: Store, name: string): Promise<void> {
  checkName(name)
  if ((await store.find(layout.tag(name))) === undefined)
    throw new QuernError('not-found', `removing a tag of ${store.url}: it has no tag "${name}"`, { remedy: 'List the tags with quern snapshots.' })
  await store.delete(layout.tag(name))
}

function checkName(name: string): void {
  if (!/^[A-Za-z_][A-Za-z0-9._-]{0,63}$/.test(name))
    throw new QuernError('bad-usage', `"${name}" cannot be the name of a tag`, {
      remedy: 'Use 1 to 64 of A-Z, a-z, 0-9, ".", "_", "-", beginning with a letter: a number is a version.',
    })
}
