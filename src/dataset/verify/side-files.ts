import type { Store } from '../../storage/store.ts'
import { readGroupSizes } from '../group-sizes.ts'
import { readLedger } from '../ledger-reader.ts'
import { type Fates, readLosses } from '../losses.ts'
import type { Snapshot } from '../snapshot.ts'
import type { Findings } from './findings.ts'

/** What stands beside a snapshot by group: the night's losses against its totals, group sizes against the ledger. */
export async function checkSideFiles(store: Store, snapshot: Snapshot, findings: Findings): Promise<void> {
  const losses = await findings.attempt(() => readLosses(store, snapshot))
  for (const [what, groups] of Object.entries(losses ?? {})) {
    const { read, dropped } = together(Object.values(groups))
    const { tonight } = snapshot
    findings.check(read === tonight.read, () => `the losses ${what} hold ${read} documents, and ${tonight.read} were read that night`)
    for (const rule of new Set([...dropped.keys(), ...Object.keys(tonight.dropped)])) {
      const [found, said] = [dropped.get(rule) ?? 0, tonight.dropped[rule] ?? 0]
      findings.check(found === said, () => `the losses ${what} count ${found} drops by ${rule}, the snapshot ${said}`)
    }
  }
  const { byBenchmark } = snapshot.tonight
  if (byBenchmark !== undefined) {
    const named = Object.values(byBenchmark).reduce((sum, { dropped }) => sum + dropped, 0)
    const said = Object.entries(snapshot.tonight.dropped).reduce((sum, [rule, n]) => sum + (rule.startsWith('contaminated/') ? n : 0), 0)
    findings.check(named === said, () => `${said} documents were dropped as contaminated, and ${named} of them name an evaluation set`)
  }
  if (snapshot.groups !== undefined) await findings.attempt(() => checkGroups(store, snapshot, findings))
}

function together(groups: readonly Fates[]): { readonly read: number; readonly dropped: ReadonlyMap<string, number> } {
  const dropped = new Map<string, number>()
  let read = 0
  for (const fates of groups) {
    read += fates.read
    for (const [rule, n] of Object.entries(fates.dropped)) dropped.set(rule, (dropped.get(rule) ?? 0) + n)
  }
  return { read, dropped }
}

async function checkGroups(store: Store, snapshot: Snapshot, findings: Findings): Promise<void> {
  let members = 0
  for (const file of snapshot.groups ?? []) {
    let before = ''
    let groups = 0
    let sorted = true
    for await (const sizes of readGroupSizes(store, [file])) {
      const ids = Buffer.from(sizes.ids.buffer, sizes.ids.byteOffset, sizes.ids.byteLength)
      for (const [row, size] of sizes.members.entries()) {
        const id = ids.toString('latin1', row * 16, row * 16 + 16)
        sorted &&= before < id && size > 0
        before = id
        members += size
      }
      groups += sizes.members.length
    }
    findings.check(sorted, () => `${file.path}: its groups are not in order of their ids, or one is empty`)
    findings.check(groups === file.groups, () => `${file.path} holds ${groups} groups, and the snapshot says ${file.groups}`)
  }
  let duplicates = 0
  for await (const { columns } of readLedger(store, snapshot, ['survivor']))
    if (columns['survivor']?.type === 'id') duplicates += columns['survivor'].present?.reduce((sum, one) => sum + one, 0) ?? 0
  findings.check(members === duplicates, () => `the groups hold ${members} members, and the ledger ${duplicates} documents that name a survivor`)
}
