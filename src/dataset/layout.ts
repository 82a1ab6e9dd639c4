/**
 * Where everything lies in a dataset. Keys that end in a hash are named by their content; the others are put once.
 * `.tmp/` and anything else that starts with a dot is the store's own.
 */
export const layout = {
  /** What this folder is, put once: `format.ts`. */
  format: 'format.json',
  /** What a run will read and by which rules, by hash. */
  plan: (key: string) => `plans/${key}.json`,
  /** A finished pure result, by the hash of all that decides it: the checkpoint of a run. */
  part: (key: string) => `parts/${key}.json`,
  /** What one phase leaves to the next; collected after publication. */
  staging: (name: string) => `staging/${name}`,
  /** Token shards, spread over 256 folders. The language is in the name, so that its list can be found from a path. */
  shard: (language: string) => (sha256: string) => `data/${sha256.slice(0, 2)}/${language}-${sha256.slice(0, 16)}.arrow`,
  /** Kept text, row for row beside its shard. */
  text: (language: string) => (sha256: string) => `text/${sha256.slice(0, 2)}/${language}-${sha256.slice(0, 16)}.arrow`,
  /** The host of every document, row for row beside its shard: `hosts.ts`. */
  hosts: (language: string) => (sha256: string) => `hosts/${sha256.slice(0, 2)}/${language}-${sha256.slice(0, 16)}.arrow`,
  /** The text of dropped documents of consecutive parts. */
  dropped: (sha256: string) => `dropped/${sha256.slice(0, 2)}/${sha256.slice(0, 16)}.arrow`,
  ledger: (sha256: string) => `ledger/${sha256.slice(0, 2)}/${sha256.slice(0, 16)}.parquet`,
  /** Sorted runs and sketches of the sequence index. */
  index: (sha256: string) => `index/${sha256.slice(0, 2)}/${sha256.slice(0, 16)}.run`,
  /** How many documents each kept one stands for: `group-sizes.ts`. */
  groups: (sha256: string) => `groups/${sha256.slice(0, 2)}/${sha256.slice(0, 16)}.arrow`,
  /** Second level of a snapshot: pages of entries, by content. */
  list: (sha256: string) => `lists/${sha256}.json`,
  /** Put-if-absent of this object is the commit. Twenty digits sort like numbers up to 2^64. */
  snapshot: (version: number) => `snapshots/${String(version).padStart(20, '0')}.json`,
  snapshots: 'snapshots/',
  /** Snapshots that retention removed, as they were: the chain of parents and its sums can still be proved. */
  retired: (version: number) => `retired/${String(version).padStart(20, '0')}.json`,
  /** Those of neighbouring versions together, once all have gone: `retired.ts`. */
  retiredPack: (first: number, last: number) => `retired/${String(first).padStart(20, '0')}-${String(last).padStart(20, '0')}.json`,
  retiredSnapshots: 'retired/',
  /** Snapshots that went because something in them was erased. */
  erased: (version: number) => `erased/${String(version).padStart(20, '0')}.json`,
  tags: 'tags/',
  tag: (name: string) => `tags/${name}.json`,
  /** What people said of documents, and the batches that they were shown: `audit/labels.ts`, `audit/label-batch.ts`. */
  labels: 'labels/',
  label: (name: string) => `labels/${name}.json`,
  labelBatches: 'labels/batches/',
  labelBatch: (name: string) => `labels/batches/${name}.json`,
  /** Documents that no reader may give out any more: `suppress.ts`. */
  suppressed: 'suppressed/',
  suppression: (sha256: string) => `suppressed/${sha256.slice(0, 32)}.json`,
  /** What was done on somebody's demand: `receipts.ts`. */
  receipts: 'receipts/',
  receipt: (version: number, commitId: string) => `receipts/${String(version).padStart(20, '0')}-${commitId}.json`,
  /** Who is at work here: `lease.ts`. */
  leases: 'leases/',
  /** What nothing reaches, and since when that is known: `garbage.ts`. */
  garbage: '_garbage.json',
  /** The newest version that somebody saw; only saves a listing. */
  latest: '_latest.json',
} as const

/** `data/ab/de-0123456789abcdef.arrow` -> `de`; undefined for a path of another form. */
export function languageOfShard(path: string): string | undefined {
  return /^data\/[0-9a-f]{2}\/(.+)-[0-9a-f]{16}\.arrow$/.exec(path)?.[1]
}

/** `snapshots/00000000000000000007.json` -> 7. */
export function versionOfSnapshot(key: string): number | undefined {
  const digits = /^snapshots\/(\d{20})\.json$/.exec(key)?.[1]
  return digits === undefined ? undefined : Number(digits)
}
