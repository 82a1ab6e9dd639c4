import { createHash } from 'node:crypto'
import * as z from 'zod'
import { canonicalJson } from '../../core/canonical-json.ts'
import type { Store } from '../../storage/store.ts'
import { layout } from '../layout.ts'
import { parseObject } from '../parse-object.ts'
import { retiredSnapshots } from '../retired.ts'
import { Snapshot } from '../snapshot.ts'
import { addTotals, droppedOf, type Totals } from '../totals.ts'
import type { Findings } from './findings.ts'

/** The chain of parents down to the first, each the bytes its child names; the rules; the sums of the totals. */
export async function checkSnapshots(store: Store, snapshot: Snapshot, sha256: string, findings: Findings): Promise<void> {
  let child = snapshot
  const retired = retiredSnapshots(store)
  while (child.parent !== null) {
    const { version, sha256: expected } = child.parent
    const { version: childVersion } = child
    if (!findings.check(version < childVersion, () => `snapshot ${childVersion} names the later snapshot ${version} as its parent`)) break
    const key = layout.snapshot(version)
    const bytes = (await store.find(key)) ?? (await retired(version))
    if (bytes === undefined) {
      findings.check(false, () => `${key} is missing, and snapshot ${childVersion} names it as its parent`)
      break
    }
    const found = createHash('sha256').update(bytes).digest('hex')
    findings.check(found === expected, () => `${key} has SHA-256 ${found}, and snapshot ${childVersion} names ${expected} as its parent`)
    const parent = await findings.attempt(async () => parseObject(Snapshot, bytes, key))
    if (parent === undefined) break
    checkSums(child, parent, findings)
    child = parent
  }
  if (child.parent === null) checkSums(child, undefined, findings)
  await checkTags(store, snapshot.version, sha256, findings)
  await checkRules(store, snapshot, findings)
}

function checkSums(snapshot: Snapshot, parent: Snapshot | undefined, findings: Findings): void {
  const { totals, tonight, version } = snapshot
  for (const [name, sums] of Object.entries({ totals, tonight })) checkTotals(`the ${name} of snapshot ${version}`, sums, findings)
  if (snapshot.operation === 'erase' || snapshot.operation === 'replace') {
    // What was read stays read; what is left of it is counted in the ledger.
    findings.check(
      totals.read === parent?.totals.read,
      () => `snapshot ${version} ${snapshot.operation}s documents, but says that others were read than before`,
    )
    return
  }
  const expected = parent === undefined || snapshot.operation === 'rebuild' ? tonight : addTotals(parent.totals, tonight)
  findings.check(canonicalJson(totals) === canonicalJson(expected), () =>
    parent === undefined || snapshot.operation === 'rebuild'
      ? `snapshot ${version} starts from nothing, but its totals are not those of its own night`
      : `the totals of snapshot ${version} are not those of snapshot ${parent.version} and its own night together`,
  )
}

/** Law 1: read = kept + sum of drops; and what is counted by language, source and licence adds up to it. */
function checkTotals(name: string, totals: Totals, findings: Findings): void {
  const dropped = droppedOf(totals)
  findings.check(totals.read === totals.kept + dropped, () => `${name}: ${totals.read} were read, but ${totals.kept} kept and ${dropped} dropped`)
  const sums: [string, number, number][] = [
    ['kept by language', sum(totals.byLanguage, 'kept'), totals.kept],
    ['tokens by language', sum(totals.byLanguage, 'tokens'), totals.tokens],
    ['bytes by language', sum(totals.byLanguage, 'bytes'), totals.textBytes],
    ['read by source', sum(totals.bySource, 'read'), totals.read],
    ['kept by source', sum(totals.bySource, 'kept'), totals.kept],
    ['tokens by source', sum(totals.bySource, 'tokens'), totals.tokens],
    ['read by licence', sum(totals.byLicence, 'read'), totals.read],
    ['kept by licence', sum(totals.byLicence, 'kept'), totals.kept],
    ['tokens by licence', sum(totals.byLicence, 'tokens'), totals.tokens],
  ]
  for (const [what, parts, whole] of sums) findings.check(parts === whole, () => `${name}: ${what} adds up to ${parts}, not ${whole}`)
}

function sum<K extends string>(groups: Readonly<Record<string, Readonly<Record<K, number>>>>, field: K): number {
  return Object.values(groups).reduce((total, group) => total + group[field], 0)
}

async function checkTags(store: Store, version: number, sha256: string, findings: Findings): Promise<void> {
  for await (const { key } of store.list('tags/')) {
    const tag = await findings.attempt(async () => parseObject(z.looseObject({ version: z.int(), sha256: z.string() }), await store.get(key), key))
    if (tag?.version === version)
      findings.check(tag.sha256 === sha256, () => `${key} names snapshot ${version} with SHA-256 ${tag.sha256}, and it has ${sha256}`)
  }
}

/** Rules are kept by the hash of their canonical JSON. */
async function checkRules(store: Store, snapshot: Snapshot, findings: Findings): Promise<void> {
  findings.check(
    Object.hasOwn(snapshot.rules, snapshot.pipeline.rulesSha256),
    () => `snapshot ${snapshot.version} does not list the rules of its own pipeline`,
  )
  for (const [sha256, key] of Object.entries(snapshot.rules)) {
    const rules = await findings.attempt(async () => parseObject(z.unknown(), await store.get(key), key))
    if (rules === undefined) continue
    const found = createHash('sha256').update(canonicalJson(rules)).digest('hex')
    findings.check(found === sha256, () => `${key} holds rules with SHA-256 ${found}, and the snapshot says ${sha256}`)
  }
}
