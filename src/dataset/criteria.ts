import * as z from 'zod'
import type { TextColumn } from '../core/batch.ts'
import { QuernError } from '../core/errors.ts'
import { addressKeys, keyBytes } from '../native/document-keys.ts'
import { hostPattern } from './hosts.ts'
import type { Snapshot } from './snapshot.ts'

const names = z.array(z.string())

/** What is to be left out: a document goes if any of these names it. */
export const Criteria = z.strictObject({
  sources: names,
  /** Lower case, without a dot at the end; all below them goes too. */
  hosts: names,
  /** Of sources. */
  licences: names,
  /** Addresses; compared as `url-duplicates` compares them, without scheme, fragment and parameters of visits. */
  urls: names,
  /** Ids of 32 hex digits. */
  documents: z.array(z.string().regex(/^[0-9a-f]{32}$/)),
})

export type Criteria = z.infer<typeof Criteria>

/** Names of rules by their codes: why a document goes. The first that holds is given. */
export const suppressionRules = ['', 'suppressed/source', 'suppressed/licence', 'suppressed/host', 'suppressed/url', 'suppressed/document'] as const

export function isEmpty(criteria: Criteria): boolean {
  return Object.values(criteria).every((list) => list.length === 0)
}

/**
 * Refuses sources and licences that the snapshot has not: a typing error must not pass for a job done, or for "nothing of it
 * was seen". Hosts and addresses may be ones that no night has met yet.
 */
export function refuseUnknown(doing: string, { totals, version }: Pick<Snapshot, 'totals' | 'version'>, { sources, licences }: Criteria): void {
  for (const [what, names, known] of [
    ['source', sources, Object.keys(totals.bySource)],
    ['licence', licences, Object.keys(totals.byLicence)],
  ] as const) {
    const unknown = names.filter((name) => !known.includes(name))
    if (unknown.length > 0)
      throw new QuernError('not-found', `${doing}: snapshot ${version} has no ${what} "${unknown.join('", "')}"`, {
        remedy: `It has: ${known.join(', ')}.`,
      })
  }
}

/** All of several, each name once and sorted: the same criteria always give the same JSON. */
export function together(all: readonly Criteria[]): Criteria {
  const merge = (name: keyof Criteria): string[] => [...new Set(all.flatMap((one) => one[name]))].sort()
  return {
    sources: merge('sources'),
    hosts: merge('hosts'),
    licences: merge('licences'),
    urls: merge('urls'),
    documents: merge('documents'),
  }
}

export function plainHost(host: string): string {
  return host.toLowerCase().replace(/\.+$/, '')
}

export interface Matcher {
  /** A code of `suppressionRules` for everything that a source holds, or 0. */
  readonly source: (name: string, licence: string) => number
  /** Codes of rows by their ids (16 bytes each) and addresses; 0 for a row that stays. */
  readonly rows: (ids: Uint8Array, urls: TextColumn) => Uint8Array
  /** False where `rows` would find nothing anyway. */
  readonly looksAtRows: boolean
}

/**
 * Says what criteria name. Hosts cost a string a row, addresses one call of a kernel a batch; neither is made where no
 * criterion asks for it.
 */
export function matcher(criteria: Criteria): Matcher {
  const [sources, licences, hosts, documents] = [criteria.sources, criteria.licences, criteria.hosts, criteria.documents].map(
    (list) => new Set(list),
  ) as [Set<string>, Set<string>, Set<string>, Set<string>]
  const urls = new Set(keysOf(addressesOf(criteria.urls)))
  return {
    looksAtRows: hosts.size + documents.size + urls.size > 0,
    source: (name, licence) => (sources.has(name) ? 1 : licences.has(licence) ? 2 : 0),
    rows(ids, column) {
      const rows = ids.byteLength / 16
      const codes = new Uint8Array(rows)
      const hex = Buffer.from(ids.buffer, ids.byteOffset, ids.byteLength)
      for (let row = 0; documents.size > 0 && row < rows; row += 1) if (documents.has(hex.toString('hex', row * 16, row * 16 + 16))) codes[row] = 5
      if (urls.size > 0) for (const [row, key] of keysOf(column).entries()) if (urls.has(key)) codes[row] = 4
      if (hosts.size > 0) {
        const bytes = Buffer.from(column.values.buffer, column.values.byteOffset, column.values.byteLength)
        for (let row = 0; row < rows; row += 1)
          if (isBelow(hosts, hostPattern.exec(bytes.toString('utf8', column.offsets[row], column.offsets[row + 1]))?.[1] ?? '')) codes[row] = 3
      }
      return codes
    },
  }
}

function isBelow(hosts: ReadonlySet<string>, host: string): boolean {
  for (let rest = plainHost(host); rest !== '';) {
    if (hosts.has(rest)) return true
    const dot = rest.indexOf('.')
    rest = dot < 0 ? '' : rest.slice(dot + 1)
  }
  return false
}

function addressesOf(urls: readonly string[]): TextColumn {
  const bytes = urls.map((url) => Buffer.from(url))
  const offsets = new Int32Array(urls.length + 1)
  bytes.forEach((one, i) => (offsets[i + 1] = (offsets[i] ?? 0) + one.byteLength))
  return { type: 'text', values: Buffer.concat(bytes), offsets }
}

/** Keys of addresses as strings; those of rows without an address are never asked for. */
function keysOf(column: TextColumn): string[] {
  const keys = Buffer.from(addressKeys(column, []))
  return Array.from({ length: keys.byteLength / keyBytes }, (_, row) => {
    const at = row * keyBytes
    return keys.subarray(at, at + keyBytes).some((byte) => byte !== 0) ? keys.toString('latin1', at, at + keyBytes) : `none ${row}`
  })
}
