import { createRequire } from 'node:module'
import type { DatabaseSync } from 'node:sqlite'
import { QuernError } from '../core/errors.ts'

/**
 * States of an address: waiting to be fetched, resting until `due`, or at an end (denied or failed for good; no visit is due).
 */
export const state = { waiting: 0, resting: 1, ended: 2 } as const

/** Raised when the tables change; an older frontier is refused by name. */
const tablesVersion = 1

const tables = `
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE hosts(
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, round INTEGER NOT NULL DEFAULT 0, pages INTEGER NOT NULL DEFAULT 0,
  bytes INTEGER NOT NULL DEFAULT 0, next_at INTEGER NOT NULL DEFAULT 0, slow_until INTEGER NOT NULL DEFAULT 0,
  judged INTEGER NOT NULL DEFAULT 0, useful INTEGER NOT NULL DEFAULT 0, left TEXT NOT NULL DEFAULT '');
CREATE TABLE urls(
  id INTEGER PRIMARY KEY, url TEXT NOT NULL UNIQUE, host INTEGER NOT NULL, kind INTEGER NOT NULL, state INTEGER NOT NULL,
  rank INTEGER NOT NULL, depth INTEGER NOT NULL, hops INTEGER NOT NULL DEFAULT 0, due INTEGER NOT NULL DEFAULT 0, tries INTEGER NOT NULL DEFAULT 0,
  interval INTEGER NOT NULL DEFAULT 0, via INTEGER, found INTEGER NOT NULL, fetched INTEGER, status INTEGER, reason TEXT,
  etag TEXT, modified TEXT, digest TEXT, record TEXT, warc TEXT, position INTEGER);
CREATE INDEX urls_waiting ON urls(host, rank, id) WHERE state = 0;
CREATE INDEX urls_resting ON urls(due) WHERE state = 1;
CREATE INDEX urls_retries ON urls(due) WHERE state = 1 AND tries > 0;
CREATE TABLE shapes(host INTEGER NOT NULL, shape TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY(host, shape)) WITHOUT ROWID;
CREATE TABLE traps(host INTEGER NOT NULL, trap TEXT NOT NULL, n INTEGER NOT NULL, example TEXT NOT NULL, PRIMARY KEY(host, trap)) WITHOUT ROWID;
CREATE TABLE robots(origin TEXT PRIMARY KEY, fetched INTEGER NOT NULL, until INTEGER NOT NULL, outcome TEXT NOT NULL, body BLOB) WITHOUT ROWID;
`

/**
 * Opens the database of a crawl and makes its tables. One process at a time: a second one gets `conflict`. Commits are not
 * flushed one by one: a killed process loses nothing, a power cut at most the last seconds, of which pages are then fetched again.
 */
export function openTables(path: string): DatabaseSync {
  const db = new (sqlite().DatabaseSync)(path)
  try {
    db.exec('PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY')
    const { user_version: version } = db.prepare('PRAGMA user_version').get() as { user_version: number }
    if (version === 0) db.exec(`BEGIN EXCLUSIVE;${tables};PRAGMA user_version=${tablesVersion};COMMIT`)
    else if (version !== tablesVersion)
      throw new QuernError('unsupported-input', `opening ${path}: the frontier is of version ${version}, this program reads ${tablesVersion}`, {
        remedy: 'Use the version of Quern that made it, or begin in another folder.',
      })
    // Taken now, so that a second crawl fails here and not at its first page.
    db.exec('BEGIN IMMEDIATE; COMMIT')
  } catch (error) {
    db.close()
    if (error instanceof Error && /database is locked/.test(error.message))
      throw new QuernError('conflict', `opening ${path}: another crawl is at work in this folder`, {
        remedy: 'Wait until it has ended, or stop it.',
        cause: error,
      })
    throw error
  }
  return db
}

function sqlite(): typeof import('node:sqlite') {
  try {
    // Loaded here and not at the top: an older Node runs everything but the crawler.
    return createRequire(import.meta.url)('node:sqlite') as typeof import('node:sqlite')
  } catch (cause) {
    throw new QuernError('bad-usage', `crawling needs Node 22.13 or newer; this is ${process.version}`, {
      remedy: 'Run npm ci: it installs the pinned Node 24.',
      cause,
    })
  }
}
