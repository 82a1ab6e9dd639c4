import { runPython } from '../python.ts'

export interface Fate {
  readonly url: string
  readonly outcome: string
  readonly rule: string | null
  readonly survivor: string | null
  readonly similarity: number | null
}

/** What the ledger of a dataset says of every document, by id; read by DuckDB as a linguist would. */
export function fates(dataset: string): Record<string, Fate> {
  const script = `
import duckdb, json, sys
rows = duckdb.sql(f"""select hex(doc_id) id, url, outcome, stage || '/' || rule as rule, hex(survivor) survivor, similarity
  from read_parquet('{sys.argv[1]}/ledger/**/*.parquet', union_by_name=true) order by id""").fetchall()
print(json.dumps({r[0]: dict(url=r[1], outcome=r[2], rule=r[3], survivor=r[4], similarity=r[5]) for r in rows}))
`
  return JSON.parse(runPython(script, [dataset])) as Record<string, Fate>
}
