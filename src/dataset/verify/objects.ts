import type { Store } from '../../storage/store.ts'
import { type ListName, type PageRef, readPage } from '../pages.ts'
import { objectsOf, pagesOf } from '../reachable.ts'
import type { Snapshot } from '../snapshot.ts'
import { checkObject, type Findings } from './findings.ts'

/** Everything that snapshots reach, each object hashed once however many of them name it. */
export interface ObjectCheck {
  /** Checks what a snapshot reaches and no earlier call did. False when a list cannot be read: then nothing it names was checked. */
  add(snapshot: Snapshot): Promise<boolean>
  /** Objects that are not what they should be. */
  readonly damaged: ReadonlySet<string>
}

export function objectCheck(store: Store, findings: Findings, onProgress: (done: number) => void): ObjectCheck {
  const pagesSeen = new Map<string, boolean>()
  const seen = new Set<string>()
  const damaged = new Set<string>()

  async function pageIsReadable(list: ListName, page: PageRef): Promise<boolean> {
    const known = pagesSeen.get(page.path)
    if (known !== undefined) return known
    const entries = await findings.attempt(() => readPage(store, list, page))
    const readable = findings.check(entries !== undefined, () => `the list ${page.path} cannot be used: what it names was not checked`)
    pagesSeen.set(page.path, readable)
    return readable
  }

  return {
    damaged,
    async add(snapshot) {
      let readable = true
      for (const [list, page] of pagesOf(snapshot)) readable = (await pageIsReadable(list, page)) && readable
      if (!readable) return false
      let total = 0
      for await (const { path, bytes } of objectsOf(store, snapshot)) if (!seen.has(path)) total += bytes
      let hashed = 0
      for await (const object of objectsOf(store, snapshot)) {
        if (seen.has(object.path)) continue
        seen.add(object.path)
        const right = await findings.attempt(() => checkObject(store, object, findings, (bytes) => onProgress((hashed += bytes) / total)))
        if (right !== true) damaged.add(object.path)
      }
      return true
    },
  }
}
