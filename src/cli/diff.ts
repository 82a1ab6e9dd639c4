import { pipelineRules } from '../audit/compare-pipelines.ts'
import { compareVerdicts, needsText, type VerdictMove } from '../audit/compare-rules.ts'
import { compareSnapshots, type Move, type Pair, type SnapshotDifference } from '../audit/compare-snapshots.ts'
import { readFates } from '../audit/fates.ts'
import { judgeAgain } from '../audit/judge-again.ts'
import { readMeasure } from '../audit/replay.ts'
import { openRules, type RulesInForce, rulesOf } from '../audit/rules-in-force.ts'
import { openDataset } from '../dataset/format.ts'
import { readSnapshot, type Snapshot } from '../dataset/snapshot.ts'
import { registry } from '../mill/registry.ts'
import type { Store } from '../storage/store.ts'
import type { Command, Terminal } from './command.ts'
import { countOption, snapshotOption, stringOption } from './dataset-options.ts'

const diff: Command = {
  name: 'diff',
  summary:
    'Compare two snapshots: what moved, by rule, language and source; or what two pipelines say of the documents of a snapshot, from its ledger alone.',
  args: [
    { name: 'dataset', summary: 'Path or URL of the dataset.', required: true },
    { name: 'before', summary: 'A version number, a tag, or a pipeline file (.yaml).', required: true },
    { name: 'after', summary: 'The same; two pipelines, or one and a snapshot, are compared by their verdicts.', required: true },
  ],
  options: [
    { ...snapshotOption, summary: 'Whose documents two pipelines judge: a version number or a tag; the newest when not given.' },
    { flags: '--top <n>', summary: 'How many moves are listed, default: 20.' },
    { flags: '--samples <n>', summary: 'How many documents of each are named, default: 2.' },
    { flags: '--json', summary: 'Print one JSON object.' },
  ],
  async run({ args, options }, terminal) {
    const store = await openDataset(args[0] ?? '')
    const [before = '', after = ''] = args.slice(1)
    const top = countOption(options, 'top', '--top', 1, 20)
    if (isPipeline(before) || isPipeline(after)) return comparePipelines(store, before, after, stringOption(options, 'snapshot'), top, terminal)
    return compare(store, before, after, top, countOption(options, 'samples', '--samples', 0, 2), terminal)
  },
}

export default diff

function isPipeline(which: string): boolean {
  return /\.ya?ml$/.test(which)
}

async function compare(store: Store, a: string, b: string, top: number, samples: number, terminal: Terminal): Promise<number> {
  const [{ snapshot: before }, { snapshot: after }] = await Promise.all([readSnapshot(store, a), readSnapshot(store, b)])
  const comparison = await compareSnapshots(store, before, after, {
    onRows: (rows) => terminal.progress(`reading the ledgers: ${figure(rows)} documents`),
  })
  terminal.progress('')
  const { difference } = comparison
  const moves = await Promise.all(
    difference.moves.slice(0, top).map(async (move) => ({ ...move, samples: samples === 0 ? [] : await comparison.sample(move, samples) })),
  )
  terminal.json({ before: before.version, after: after.version, ...difference, moves, allMoves: difference.moves.length })
  if (!terminal.asJson) tellSnapshots(before, after, difference, moves, terminal)
  return 0
}

function tellSnapshots(
  before: Snapshot,
  after: Snapshot,
  difference: SnapshotDifference,
  moves: readonly (Move & { readonly samples: readonly { readonly document: string; readonly url: string | null }[] })[],
  terminal: Terminal,
): void {
  terminal.print(`snapshot ${before.version} (${before.createdAt}) → ${after.version} (${after.createdAt})\n`)
  for (const name of ['read', 'kept', 'tokens'] as const) terminal.print(`  ${name.padEnd(34)}${change(difference[name])}`)
  const section = (title: string, rows: readonly (readonly [string, Pair])[]) => {
    const changed = rows.filter(([, [was, is]]) => was !== is).toSorted(([, a], [, b]) => Math.abs(b[1] - b[0]) - Math.abs(a[1] - a[0]))
    if (changed.length === 0) return
    terminal.print(`\n${title}`)
    for (const [name, pair] of changed) terminal.print(`  ${(name === '' ? '(no language)' : name).padEnd(34)}${change(pair)}`)
  }
  section('Dropped, by rule', Object.entries(difference.rules))
  section(
    'Tokens, by language',
    Object.entries(difference.languages).map(([code, { tokens }]) => [code, tokens] as const),
  )
  section(
    'Tokens, by source',
    Object.entries(difference.sources).map(([name, { tokens }]) => [name, tokens] as const),
  )
  terminal.print(moves.length === 0 ? '\nNo document moved.' : '\nDocuments that moved')
  for (const move of moves) {
    const where = [move.language === '' ? 'no language' : move.language, move.source].join(', ')
    terminal.print(`  ${figure(move.documents).padStart(9)}  ${move.from} → ${move.to} (${where})`)
    for (const { document, url } of move.samples) terminal.print(`             ${document}  ${url ?? ''}`)
  }
  if (moves.length < difference.moves.length) terminal.print(`  … and ${figure(difference.moves.length - moves.length)} more kinds of move: --top`)
}

async function comparePipelines(store: Store, a: string, b: string, which: string | undefined, top: number, terminal: Terminal): Promise<number> {
  const named = [a, b].find((one) => !isPipeline(one))
  const { snapshot } = await readSnapshot(store, named ?? which)
  const rules = await Promise.all(
    [a, b].map(async (one) => (isPipeline(one) ? pipelineRules(one) : openRules(await rulesOf(store, snapshot), registry))),
  )
  const [before, after] = rules as [RulesInForce, RulesInForce]
  const made = openRules(await rulesOf(store, snapshot), registry)
  const unsure = [...new Set([...needsText(made, before), ...needsText(made, after)])]
  const progress = (rows: number) => terminal.progress(`reading the ledger: ${figure(rows)} documents`)
  const fates = await readFates(store, snapshot, made, progress)
  const judged = (of: RulesInForce) => judgeAgain(fates, made, of, (name) => readMeasure(store, snapshot, name))
  const moves = compareVerdicts(await judged(before), await judged(after))
  terminal.progress('')
  terminal.json({
    snapshot: snapshot.version,
    before: a,
    after: b,
    exact: unsure.length === 0,
    needsText: unsure,
    moves: moves.slice(0, top),
    allMoves: moves.length,
  })
  if (terminal.asJson) return 0
  const sum = (keep: (move: VerdictMove) => boolean) => moves.filter(keep).reduce((total, { documents }) => total + documents, 0)
  terminal.print(`What ${a} and ${b} say of the ${figure(snapshot.totals.read)} documents of snapshot ${snapshot.version}, before deduplication\n`)
  terminal.print(`  ${'enter'.padEnd(34)}${figure(sum(({ to }) => to === 'passes')).padStart(9)}`)
  terminal.print(`  ${'leave'.padEnd(34)}${figure(sum(({ from }) => from === 'passes')).padStart(9)}`)
  terminal.print(`  ${'dropped by another rule'.padEnd(34)}${figure(sum(({ from, to }) => from !== 'passes' && to !== 'passes')).padStart(9)}\n`)
  for (const { from, to, language, documents } of moves.slice(0, top))
    terminal.print(`  ${figure(documents).padStart(9)}  ${from} → ${to} (${language === '' ? 'no language' : language})`)
  if (unsure.length > 0) {
    terminal.print('\nNot known without the text (run the pipeline on a sample to see):')
    for (const sentence of unsure) terminal.print(`  ${sentence}`)
  }
  return 0
}

function figure(count: number): string {
  return count.toLocaleString('en')
}

function change([was, is]: Pair): string {
  const way = is > was ? '+' : ''
  return `${figure(was).padStart(14)} → ${figure(is).padStart(14)}   ${way}${figure(is - was)}`
}
