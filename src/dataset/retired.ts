import * as z from 'zod'
import { canonicalJson } from '../core/canonical-json.ts'
import type { Store } from '../storage/store.ts'
import { layout } from './layout.ts'
import { parseObject } from './parse-object.ts'

/** Snapshots that retention removed, by version, each as the text that it was: its SHA-256 is what its child names. */
const Pack = z.strictObject({ format: z.literal('quern-retired/1'), snapshots: z.record(z.string(), z.string()) })

/** Versions that share an object once all of them have gone, from a multiple of this on. Some 10 kB each. */
export const packVersions = 64

const packOf = (version: number): string => {
  const first = version - (version % packVersions)
  return layout.retiredPack(first, first + packVersions - 1)
}

/** Finds snapshots that retention removed: alone, or in the pack of their versions. The last pack stays in memory, for walks along the chain. */
export function retiredSnapshots(store: Store): (version: number) => Promise<Uint8Array | undefined> {
  let last: { readonly key: string; readonly snapshots: Readonly<Record<string, string>> } | undefined
  return async (version) => {
    const key = packOf(version)
    // Alone first: what is packed is deleted after its pack is there.
    const alone = last?.key === key && Object.hasOwn(last.snapshots, version) ? undefined : await store.find(layout.retired(version))
    if (alone !== undefined) return alone
    if (last?.key !== key) {
      const snapshots = await readPack(store, key)
      // A pack that is not there may come at any time, and is not remembered as missing.
      last = snapshots && { key, snapshots }
    }
    const text = last !== undefined && Object.hasOwn(last.snapshots, version) ? last.snapshots[version] : undefined
    return text === undefined ? undefined : new TextEncoder().encode(text)
  }
}

/**
 * Packs removed snapshots where no version among their neighbours is still to go: a year of nights leaves six objects and not 365.
 * `published` are versions that will be removed one day; what a tag held until later stays alone.
 */
export async function packRetired(store: Store, published: readonly number[]): Promise<void> {
  const newest = Math.max(0, ...published)
  const packs = new Map<string, number[]>()
  for await (const { key } of store.list(layout.retiredSnapshots)) {
    const digits = /^retired\/(\d{20})\.json$/.exec(key)?.[1]
    if (digits === undefined) continue
    const pack = packOf(Number(digits))
    packs.set(pack, [...(packs.get(pack) ?? []), Number(digits)])
  }
  for (const [pack, versions] of packs) {
    const there = await readPack(store, pack)
    const isOpen = published.some((version) => packOf(version) === pack) || packOf(newest) === pack
    if (there === undefined && (isOpen || versions.length < 2)) continue
    const texts = there ?? (await textsOf(store, versions))
    if (there === undefined) await store.put(pack, canonicalJson({ format: 'quern-retired/1', snapshots: texts }))
    for (const version of versions) if (Object.hasOwn(texts, version)) await store.delete(layout.retired(version))
  }
}

async function textsOf(store: Store, versions: readonly number[]): Promise<Record<string, string>> {
  const texts: Record<string, string> = {}
  for (const version of versions) texts[version] = new TextDecoder().decode(await store.get(layout.retired(version)))
  return texts
}

async function readPack(store: Store, key: string): Promise<Readonly<Record<string, string>> | undefined> {
  const bytes = await store.find(key)
  return bytes === undefined ? undefined : parseObject(Pack, bytes, key).snapshots
}
