import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import { openTables, state } from './frontier-tables.ts'

/** What is behind an address: decides what is looked for in the answer. */
export const kinds = { page: 0, sitemap: 1, feed: 2 } as const
export type Kind = keyof typeof kinds

/** An address that was found. */
export interface Found {
  readonly url: string
  readonly host: string
  readonly kind: Kind
  readonly rank: number
  readonly depth: number
  readonly hops: number
  readonly via: number | null
  /** When it should be visited, if it is known already and has changed since: sitemaps say so. */
  readonly changed?: number | undefined
}

/** An address that is to be fetched now. */
export interface Task {
  readonly id: number
  readonly url: string
  readonly host: number
  readonly kind: number
  readonly rank: number
  readonly depth: number
  readonly hops: number
  readonly tries: number
  readonly interval: number
  readonly fetched: number | null
  readonly etag: string | null
  readonly modified: string | null
  readonly digest: string | null
  readonly record: string | null
}

/** What became of a task. */
export interface Outcome {
  readonly state: (typeof state)[keyof typeof state]
  readonly due: number
  readonly tries: number
  readonly interval: number
  readonly fetched: number | null
  readonly status: number | null
  readonly reason: string | null
  readonly etag: string | null
  readonly modified: string | null
  readonly digest: string | null
  readonly record: string | null
  readonly warc: string | null
  readonly position: number | null
}

export interface HostRow {
  readonly id: number
  readonly name: string
  readonly pages: number
  readonly bytes: number
  readonly nextAt: number
  readonly slowUntil: number
  readonly judged: number
  readonly useful: number
  readonly left: string
}

/** Changes that are committed together. */
interface Batch {
  readonly committed: Promise<void>
  readonly commit: () => void
  readonly fail: (error: unknown) => void
}

/** Statements of the frontier over one database; changes of a page are made inside one `transaction` or `grouped`. */
export class Frontier {
  /** Called before changes that were `grouped` are committed, to add what holds for all of them. */
  beforeCommit: () => void = () => undefined
  #batch: Batch | undefined
  readonly db: DatabaseSync
  readonly #prepared = new Map<string, ReturnType<DatabaseSync['prepare']>>()
  readonly #hostIds = new Map<string, number>()

  constructor(path: string) {
    this.db = openTables(path)
  }

  /** Committed when it returns, with all that was `grouped` before. */
  transaction<T>(change: () => T): T {
    this.#commitBatch()
    this.#run('BEGIN')
    try {
      const result = change()
      this.#run('COMMIT')
      return result
    } catch (error) {
      this.#run('ROLLBACK')
      throw error
    }
  }

  /**
   * Changes of answers that came in at the same time are committed together, right after them: a commit costs as much as
   * the changes of a page. What must not be done before they are safe, such as to ask the host again, waits for the promise.
   */
  grouped(change: () => void): Promise<void> {
    if (this.#batch === undefined) {
      this.#run('BEGIN')
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      this.#batch = { committed: promise, commit: resolve, fail: reject }
      setImmediate(() => this.#commitBatch())
    }
    const { committed, fail } = this.#batch
    try {
      change()
    } catch (error) {
      this.#batch = undefined
      this.#run('ROLLBACK')
      fail(error)
    }
    return committed
  }

  #commitBatch(): void {
    if (this.#batch === undefined) return
    const { commit, fail } = this.#batch
    this.#batch = undefined
    try {
      this.beforeCommit()
      this.#run('COMMIT')
      commit()
    } catch (error) {
      fail(error)
    }
  }

  close(): void {
    this.#commitBatch()
    this.#prepared.clear()
    this.db.close()
  }

  meta(key: string): string | undefined {
    return (this.#get('SELECT value FROM meta WHERE key=?', key) as { value: string } | undefined)?.value
  }

  setMeta(key: string, value: string): void {
    this.#run('INSERT INTO meta VALUES(?,?) ON CONFLICT DO UPDATE SET value=excluded.value', key, value)
  }

  removeMeta(key: string): void {
    this.#run('DELETE FROM meta WHERE key=?', key)
  }

  hostId(name: string): number {
    const known = this.#hostIds.get(name)
    if (known !== undefined) return known
    this.#run('INSERT INTO hosts(name) VALUES(?) ON CONFLICT DO NOTHING', name)
    const { id } = this.#get('SELECT id FROM hosts WHERE name=?', name) as { id: number }
    // The map is a shortcut; a crawl of millions of hosts must not keep all of them.
    if (this.#hostIds.size > 100_000) this.#hostIds.clear()
    this.#hostIds.set(name, id)
    return id
  }

  /** Adds what is not known; true when it was new, or known and due again because it has changed. */
  add({ url, host, kind, rank, depth, hops, via, changed }: Found, now: number): boolean {
    const id = this.hostId(host)
    const { changes } = this.#run(
      'INSERT INTO urls(url,host,kind,state,rank,depth,hops,via,found) VALUES(?,?,?,0,?,?,?,?,?) ON CONFLICT DO NOTHING',
      url,
      id,
      kinds[kind],
      rank,
      depth,
      hops,
      via,
      now,
    )
    if (changes !== 0) return true
    // A shorter way to a known address lets its links live; a visit is due earlier when its sitemap says that it has changed.
    this.#run('UPDATE urls SET depth=?, rank=min(rank,?) WHERE url=? AND depth>? AND state=0', depth, rank, url, depth)
    if (changed === undefined) return false
    return this.#run('UPDATE urls SET state=0, tries=0 WHERE url=? AND state=1 AND fetched<? AND reason IS NULL', url, changed).changes !== 0
  }

  known(url: string): boolean {
    return this.#get('SELECT 1 FROM urls WHERE url=?', url) !== undefined
  }

  /** The first `most` waiting addresses of a host, in order. */
  next(host: number, most: number): readonly Task[] {
    return this.#all(
      `SELECT id,url,host,kind,rank,depth,hops,tries,interval,fetched,etag,modified,digest,record FROM urls INDEXED BY urls_waiting
       WHERE host=? AND state=0 ORDER BY rank, id LIMIT ?`,
      host,
      most,
    ) as unknown as readonly Task[]
  }

  finish(id: number, outcome: Outcome): void {
    const { due, tries, interval, fetched, status, reason, etag, modified, digest, record, warc, position } = outcome
    this.#run(
      `UPDATE urls SET state=?,due=?,tries=?,interval=?,fetched=?,status=?,reason=?,etag=?,modified=?,digest=?,record=?,warc=?,position=? WHERE id=?`,
      outcome.state,
      due,
      tries,
      interval,
      fetched,
      status,
      reason,
      etag,
      modified,
      digest,
      record,
      warc,
      position,
      id,
    )
  }

  setKind(id: number, kind: Kind): void {
    this.#run('UPDATE urls SET kind=? WHERE id=?', kinds[kind], id)
  }

  /** Not to be fetched now; nothing else about it changes. */
  deny(id: number, due: number, reason: string): void {
    this.#run('UPDATE urls SET state=1, due=?, tries=0, reason=? WHERE id=?', due, reason, id)
  }

  /** All waiting addresses of a host get the same end for now; how many there were. */
  restHost(host: number, due: number, reason: string): number {
    return Number(this.#run('UPDATE urls SET state=1, due=?, reason=? WHERE host=? AND state=0', due, reason, host).changes)
  }

  /** Addresses that have rested until `now` wait again. A round does it when it begins: what becomes due meanwhile is for the next. */
  wake(now: number): void {
    this.#run('UPDATE urls SET state=0 WHERE state=1 AND due<=?', now)
  }

  /** Failed addresses that are to be tried again wait again; the hosts concerned. */
  wakeRetries(now: number): readonly number[] {
    const rows = this.#all('UPDATE urls SET state=0 WHERE state=1 AND due<=? AND tries>0 RETURNING host', now) as readonly { host: number }[]
    return [...new Set(rows.map(({ host }) => host))]
  }

  /** When the first address that is tried again (and not visited again) is due. */
  nextRetry(): number | undefined {
    return (this.#get('SELECT min(due) AS due FROM urls WHERE state=1 AND tries>0') as { due: number | null }).due ?? undefined
  }

  waitingHosts(): readonly HostRow[] {
    return this.#hosts('WHERE id IN (SELECT DISTINCT host FROM urls WHERE state=0)')
  }

  host(id: number): HostRow {
    return this.#hosts('WHERE id=?', id)[0]!
  }

  hosts(): readonly HostRow[] {
    return this.#hosts('ORDER BY id')
  }

  saveHost({ id, pages, bytes, nextAt, slowUntil, judged, useful, left }: HostRow): void {
    this.#run(
      'UPDATE hosts SET pages=?,bytes=?,next_at=?,slow_until=?,judged=?,useful=?,left=? WHERE id=?',
      pages,
      bytes,
      nextAt,
      slowUntil,
      judged,
      useful,
      left,
      id,
    )
  }

  /** Counts of a round begin again. */
  newRound(): void {
    this.#run("UPDATE hosts SET pages=0, bytes=0, left=''")
  }

  /** How many addresses of this shape a host has by now, this one included. */
  countShape(host: number, shape: string): number {
    const row = this.#get('INSERT INTO shapes VALUES(?,?,1) ON CONFLICT DO UPDATE SET n=n+1 RETURNING n', host, shape) as { n: number }
    return row.n
  }

  shapeCount(host: number, shape: string): number {
    return (this.#get('SELECT n FROM shapes WHERE host=? AND shape=?', host, shape) as { n: number } | undefined)?.n ?? 0
  }

  noteTrap(host: number, trap: string, example: string): void {
    this.#run('INSERT INTO traps VALUES(?,?,1,?) ON CONFLICT DO UPDATE SET n=n+1', host, trap, example)
  }

  traps(): readonly { readonly host: string; readonly trap: string; readonly n: number; readonly example: string }[] {
    return this.#all('SELECT hosts.name AS host, trap, n, example FROM traps JOIN hosts ON hosts.id=traps.host ORDER BY traps.host, trap') as never
  }

  robots(
    origin: string,
  ): { readonly fetched: number; readonly until: number; readonly outcome: string; readonly body: Uint8Array | null } | undefined {
    return this.#get('SELECT fetched,until,outcome,body FROM robots WHERE origin=?', origin) as never
  }

  saveRobots(origin: string, fetched: number, until: number, outcome: string, body: Uint8Array | null): void {
    this.#run('INSERT OR REPLACE INTO robots VALUES(?,?,?,?,?)', origin, fetched, until, outcome, body)
  }

  /** Pages whose records a power cut took are fetched again. */
  forget(warc: string, position: number): void {
    this.#run('UPDATE urls SET state=0, etag=NULL, modified=NULL, digest=NULL WHERE warc=? AND position>=?', warc, position)
  }

  #hosts(where: string, ...values: readonly SQLInputValue[]): readonly HostRow[] {
    return this.#all(
      `SELECT id,name,pages,bytes,next_at AS nextAt,slow_until AS slowUntil,judged,useful,left FROM hosts ${where}`,
      ...values,
    ) as unknown as readonly HostRow[]
  }

  #statement(sql: string): ReturnType<DatabaseSync['prepare']> {
    let statement = this.#prepared.get(sql)
    if (statement === undefined) this.#prepared.set(sql, (statement = this.db.prepare(sql)))
    return statement
  }

  #run(sql: string, ...values: readonly SQLInputValue[]) {
    return this.#statement(sql).run(...values)
  }

  #get(sql: string, ...values: readonly SQLInputValue[]): unknown {
    return this.#statement(sql).get(...values)
  }

  #all(sql: string, ...values: readonly SQLInputValue[]): readonly unknown[] {
    return this.#statement(sql).all(...values)
  }
}
