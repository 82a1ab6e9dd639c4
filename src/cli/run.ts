import { availableParallelism } from 'node:os'
import { loadPipeline } from '../config/pipeline-file.ts'
import { QuernError } from '../core/errors.ts'
import type { Snapshot } from '../dataset/snapshot.ts'
import { addTotals, emptyTotals, type Totals } from '../dataset/totals.ts'
import { defaultBatchRows } from '../mill/executors/executor.ts'
import { checkSlurmOptions, requireSlurm } from '../mill/executors/slurm-commands.ts'
import { registry } from '../mill/registry.ts'
import { run, type Where } from '../mill/run.ts'
import type { Command, CommandInput, Terminal } from './command.ts'
import { reportHeld } from './held-report.ts'
import { printNextSteps } from './next-steps.ts'
import { duration, runProgress } from './run-progress.ts'

const command: Command = {
  name: 'run',
  summary: 'Read what is new, filter, deduplicate, tokenize and publish it as the next snapshot; resume what was stopped.',
  args: [{ name: 'pipeline', summary: 'The pipeline file (YAML).', required: true }],
  options: [
    { flags: '--out <url>', summary: 'Where the dataset lies: a path, file:// URL or s3://bucket/prefix, instead of output.dataset.' },
    { flags: '--set <path=value...>', summary: 'Override a value of the pipeline, such as stages.1.keep=[de,fr].' },
    {
      flags: '--workers <n>',
      summary: 'Worker threads, default: one a core; with slurm, jobs in flight, default: 64. The result does not depend on it.',
    },
    { flags: '--batch-rows <n>', summary: 'Most documents that stages get at once. The result does not depend on it.' },
    {
      flags: '--executor <name>',
      summary:
        'Where tasks run: local (default), or slurm: array jobs on nodes that see inputs, models, dataset and this program under the same paths.',
    },
    { flags: '--slurm <option...>', summary: 'With slurm: an option for sbatch, such as --slurm=--partition=cpu or --slurm=--mem=8G.' },
    {
      flags: '--tasks-per-job <n>',
      summary: 'With slurm: tasks that one array element does, one after the other, when parts are many and small; default: 1.',
    },
    { flags: '--single-writer', summary: 'No other run ever writes this dataset at the same time: for stores whose conditional writes do not hold.' },
    { flags: '--evolve', summary: 'The pipeline has changed: take the new rules for new input from now on.' },
    { flags: '--rebuild', summary: 'The pipeline has changed: do everything again under the new rules, as the next snapshot.' },
    { flags: '--accept', summary: 'Publish a night that was held back because a source lost too much (exit 3, output.alarms).' },
    { flags: '--json', summary: 'Print one JSON object on standard output and nothing else.' },
  ],
  async run({ args, options }, terminal) {
    const started = Date.now()
    const where = await readWhere(options)
    const workers =
      where.executor === 'slurm' ? readCount(options, 'workers', 64, 10_000) : readCount(options, 'workers', availableParallelism(), 1024)
    const batchRows = readCount(options, 'batchRows', defaultBatchRows, 1 << 20)
    if (options['evolve'] === true && options['rebuild'] === true)
      throw new QuernError('bad-usage', '--evolve and --rebuild exclude each other', { remedy: 'Choose one.' })
    const { out, set } = options
    const pipeline = await loadPipeline(args[0] ?? '', registry, {
      ...(typeof out === 'string' ? { out } : {}),
      set: [...(Array.isArray(set) ? (set as string[]) : []), ...(options['singleWriter'] === true ? ['output.single-writer=true'] : [])],
    })
    const change = options['rebuild'] === true ? 'rebuild' : options['evolve'] === true ? 'evolve' : 'refuse'
    const accept = options['accept'] === true
    const interrupted = (): void => {
      terminal.progress('')
      terminal.note('stopped: what is finished is kept, and the same command goes on from there')
      process.kill(process.pid, 'SIGINT') // nobody listens any more: a shell must see that it was the signal
    }
    process.once('SIGINT', interrupted)
    const progress = runProgress(terminal)
    const ran = run(pipeline, { where, workers, batchRows, change, accept }, progress).finally(() => process.off('SIGINT', interrupted))
    const { published, replaced, held } = await ran
    terminal.progress('')
    const seconds = (Date.now() - started) / 1000
    const totals = published.reduce((sum, { snapshot }) => addTotals(sum, snapshot.tonight), emptyTotals())
    const shards = published.reduce((sum, one) => sum + one.shards, 0)
    const pages = replaced.reduce((sum, one) => sum + one.pages, 0)
    // Each of the two lists is in order, and a night is published before its replacements, or after those of an earlier run.
    const last = [...published, ...replaced]
      .map(({ snapshot }) => snapshot)
      .toSorted((a, b) => a.version - b.version)
      .at(-1)
    terminal.json({
      ...summary(last, totals),
      ...(replaced.length === 0 ? {} : { replaced: pages }),
      shards,
      seconds,
      nothingNew: last === undefined && held === undefined,
      ...(held === undefined ? {} : { held }),
    })
    if (held !== undefined) {
      reportHeld(terminal, held, process.argv.slice(2))
      return 3
    }
    if (last === undefined) terminal.print('nothing new: every input is in the dataset already')
    else {
      const hasTests = pipeline.tests.length > 0
      report(terminal, {
        dataset: pipeline.output.dataset,
        pipelineFile: args[0] ?? '',
        hasTests,
        snapshot: last,
        totals,
        replaced: replaced.length === 0 ? undefined : pages,
        shards,
        seconds,
      })
    }
    return 0
  },
}

export default command

async function readWhere(options: CommandInput['options']): Promise<Where> {
  const { executor = 'local', slurm, tasksPerJob } = options
  if (executor !== 'local' && executor !== 'slurm')
    throw new QuernError('bad-usage', `--executor ${String(executor)}: there is no such executor`, { remedy: 'Use local or slurm.' })
  if (executor === 'local') {
    if (slurm === undefined && tasksPerJob === undefined) return { executor }
    throw new QuernError('bad-usage', `${slurm === undefined ? '--tasks-per-job' : '--slurm'} is for --executor slurm`, {
      remedy: 'Add --executor slurm, or leave it out.',
    })
  }
  const given = Array.isArray(slurm) ? (slurm as string[]) : []
  checkSlurmOptions(given)
  await requireSlurm()
  return { executor, tasksPerJob: readCount(options, 'tasksPerJob', 1, 1000), options: given }
}

function readCount(options: CommandInput['options'], name: string, otherwise: number, most: number): number {
  const given = options[name]
  if (given === undefined) return otherwise
  const count = Number(given)
  if (!Number.isInteger(count) || count < 1 || count > most) {
    const flag = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
    throw new QuernError('bad-usage', `--${flag} ${String(given)}: not a count`, { remedy: `Give a whole number from 1 to ${most}.` })
  }
  return count
}

function summary(last: Snapshot | undefined, totals: Totals): Record<string, unknown> {
  const languages = Object.fromEntries(Object.entries(totals.byLanguage).map(([language, { kept, tokens }]) => [language, { kept, tokens }]))
  const benchmarks = totals.byBenchmark === undefined ? {} : { benchmarks: totals.byBenchmark }
  return {
    snapshot: last?.version ?? null,
    read: totals.read,
    kept: totals.kept,
    dropped: totals.dropped,
    languages,
    tokens: totals.tokens,
    ...benchmarks,
  }
}

interface Report {
  readonly dataset: string
  readonly pipelineFile: string
  readonly hasTests: boolean
  readonly snapshot: Snapshot
  readonly totals: Totals
  /** Published pages that a newer version stands for now; undefined where none was to be replaced. */
  readonly replaced: number | undefined
  readonly shards: number
  readonly seconds: number
}

/** What a person wants to know when a night is over. */
function report(terminal: Terminal, { dataset, pipelineFile, hasTests, snapshot, totals, replaced, shards, seconds }: Report): void {
  const count = (n: number): string => n.toLocaleString('en')
  const share = (n: number): string => (totals.read === 0 ? '' : `${((100 * n) / totals.read).toFixed(1)} %`)
  const print = (line = ''): void => terminal.print(line)
  print()
  print(`Snapshot ${snapshot.version} of ${dataset}`)
  print()
  print(`  read     ${count(totals.read).padStart(12)} documents`)
  print(`  kept     ${count(totals.kept).padStart(12)}   ${share(totals.kept)}`)
  print(`  tokens   ${count(totals.tokens).padStart(12)}   in ${count(shards)} ${shards === 1 ? 'shard' : 'shards'}`)
  if (replaced !== undefined) print(`  replaced ${count(replaced).padStart(12)}   pages of earlier runs by newer versions`)
  print(`  seconds  ${seconds.toFixed(1).padStart(12)}   ${count(Math.round(totals.read / Math.max(seconds, 0.001)))} documents a second`)
  const dropped = Object.entries(totals.dropped).sort((a, b) => b[1] - a[1])
  if (dropped.length > 0) {
    print()
    print('Dropped by')
    const width = Math.max(...dropped.map(([rule]) => rule.length))
    for (const [rule, n] of dropped) print(`  ${rule.padEnd(width)} ${count(n).padStart(10)}   ${share(n)}`)
  }
  const benchmarks = Object.entries(totals.byBenchmark ?? {}).sort((a, b) => b[1].found - a[1].found)
  if (benchmarks.length > 0) {
    print()
    print('Evaluation sets            found in        dropped')
    for (const [name, { found, dropped }] of benchmarks) print(`  ${name.padEnd(20)} ${count(found).padStart(12)} ${count(dropped).padStart(14)}`)
  }
  const languages = Object.entries(totals.byLanguage)
    .filter(([, { kept }]) => kept > 0)
    .sort((a, b) => b[1].tokens - a[1].tokens)
  if (languages.length > 0) {
    print()
    print('Kept by language      documents         tokens')
    for (const [language, { kept, tokens }] of languages) print(`  ${language.padEnd(14)} ${count(kept).padStart(14)} ${count(tokens).padStart(14)}`)
  }
  print()
  print('Next')
  printNextSteps(terminal, [
    [['verify', dataset], 'every checksum, count and law'],
    [['why', dataset, 'URL'], 'the whole story of one document'],
    [['audit', dataset, '--pipeline', pipelineFile], 'every decision, on a page in the browser'],
    [['pull', dataset, 'DIR'], 'the shards, checked, for a trainer'],
    ...(hasTests ? [[['test', pipelineFile], "the pipeline's own tests"] as const] : []),
  ])
  print(`  done in ${duration(seconds)}`)
}
