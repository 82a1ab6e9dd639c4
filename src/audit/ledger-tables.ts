import { DuckDBInstance } from '@duckdb/node-api'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as z from 'zod'
import { QuernError } from '../core/errors.ts'
import { ledgerColumns } from '../dataset/ledger-schema.ts'
import type { LedgerEntry } from '../dataset/pages.ts'
import type { ParquetKind } from '../native/parquet-write.ts'
import type { Store } from '../storage/store.ts'

/** Ledger files as tables of DuckDB in this process: nothing is imported, columns are read from Parquet as a query needs them. */
export interface LedgerTables {
  /** A view of the rows of some files, with every column of the ledger: those that older files lack are null. */
  view(name: string, entries: readonly LedgerEntry[]): Promise<void>
  /** The rows of a query, checked. 64-bit counts come as numbers; ids as 32 hex digits if the query says `lower(hex(…))`. */
  rows<T>(row: z.ZodType<T>, sql: string, parameters?: readonly (string | number | null)[]): Promise<T[]>
  close(): void
}

const types: Readonly<Record<ParquetKind, string>> = {
  double: 'DOUBLE',
  int64: 'BIGINT',
  text: 'VARCHAR',
  label: 'VARCHAR',
  id: 'BLOB',
  'optional-id': 'BLOB',
}

/** What DuckDB may use: sums and joins that do not fit go to a temporary folder. */
export interface TableLimits {
  readonly bytes: number
  /** Undefined: one for each core. */
  readonly threads: number | undefined
}

export const usualLimits: TableLimits = { bytes: 2 * 2 ** 30, threads: undefined }

export async function openLedgerTables(store: Store, limits: TableLimits = usualLimits): Promise<LedgerTables> {
  // Values of the web lie in the ledger, and queries are ours alone: nothing may load extensions or reach the network.
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: `${Math.ceil(limits.bytes / 2 ** 20)}MiB`,
    ...(limits.threads === undefined ? {} : { threads: String(limits.threads) }),
    // Its own choice is a folder in the current one.
    temp_directory: join(tmpdir(), `quern-audit-${process.pid}`),
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  })
  const connection = await instance.connect()

  async function run(sql: string, parameters: readonly (string | number | null)[]): Promise<Record<string, unknown>[]> {
    try {
      const result = await connection.runAndReadAll(sql, [...parameters])
      return result.getRowObjectsJS().map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)])))
    } catch (cause) {
      throw new QuernError('damaged-dataset', `querying the ledger of ${store.url}: ${cause instanceof Error ? cause.message : String(cause)}`, {
        remedy: 'Run quern verify on the dataset.',
        cause,
      })
    }
  }

  return {
    async view(name, entries) {
      const paths = await Promise.all(entries.map(({ path }) => store.localPath(path)))
      const files = paths.map((path) => `'${path.replaceAll("'", "''")}'`).join(', ')
      const from = `read_parquet([${files}], union_by_name = true)`
      const there = paths.length === 0 ? [] : await run(`DESCRIBE SELECT * FROM ${from}`, [])
      const names = new Set(there.map(({ column_name: column }) => column))
      const missing = Object.entries(ledgerColumns).filter(([column]) => !names.has(column))
      const added = missing.map(([column, { kind }]) => `NULL::${types[kind]} AS "${column}"`).join(', ')
      const columns = [paths.length === 0 ? '' : '*', added].filter((part) => part !== '').join(', ')
      await run(`CREATE OR REPLACE TEMP VIEW "${name}" AS SELECT ${columns} ${paths.length === 0 ? 'WHERE false' : `FROM ${from}`}`, [])
    },
    rows: async (row, sql, parameters = []) => z.array(row).parse(await run(sql, parameters)),
    close() {
      connection.closeSync()
      instance.closeSync()
    },
  }
}

/** Counts of documents and tokens stay far under 2^53. */
function plain(value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value
}
