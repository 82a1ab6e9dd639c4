import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { prepareAnswers } from '../audit/audited.ts'
import { labelsAsCsv, labelsAsParquet } from '../audit/label-export.ts'
import { readLabels } from '../audit/labels.ts'
import { type TableLimits, usualLimits } from '../audit/ledger-tables.ts'
import { writeReport } from '../audit/report.ts'
import { type AuditContext, closeAll, openedSnapshot } from '../audit/routes.ts'
import { serveAudit } from '../audit/server.ts'
import { loadPipeline } from '../config/pipeline-file.ts'
import { QuernError } from '../core/errors.ts'
import { openDataset } from '../dataset/format.ts'
import { readSnapshot } from '../dataset/snapshot.ts'
import { parseSize } from '../core/sizes.ts'
import { registry } from '../mill/registry.ts'
import type { Store } from '../storage/store.ts'
import type { Command, CommandInput, Terminal } from './command.ts'
import { countOption, stringOption } from './dataset-options.ts'

const leastBytes = 128 * 2 ** 20

const command: Command = {
  name: 'audit',
  summary: 'Open a page on this machine over the ledger of a dataset: every decision, what another limit would do, documents, labels.',
  args: [{ name: 'dataset', summary: 'Path, file:// or s3:// URL of the dataset.', required: true }],
  options: [
    { flags: '--port <number>', summary: 'Port on 127.0.0.1; when not given, always the same for a dataset, or a free one while that is taken.' },
    {
      flags: '--pipeline <file>',
      summary: 'The pipeline that made it: originals are read from its archives, limits are proposed for it, tokens are shown.',
    },
    { flags: '--export <dir>', summary: 'Write the page with its answers into one HTML file there, to be handed on, and end.' },
    { flags: '--labels <file>', summary: 'Write all labels into this file, .csv or .parquet by its name, and end.' },
    {
      flags: '--memory <size>',
      summary: 'Most memory for counting in the ledger of one snapshot, default: 2GiB; what does not fit goes to the temporary folder.',
    },
    { flags: '--threads <n>', summary: 'Threads for counting, default: one for each core.' },
    { flags: '--json', summary: 'Print one JSON object with the address of the page.' },
  ],
  async run({ args, options }, terminal) {
    const port = countOption(options, 'port', '--port', 0, 0)
    if (port > 65_535) throw new QuernError('bad-usage', `--port is "${port}"`, { remedy: 'Give a number up to 65535.' })
    const store = await openDataset(args[0] ?? '')
    const labels = stringOption(options, 'labels')
    if (labels !== undefined) return exportLabels(store, labels, terminal)
    const { snapshot } = await readSnapshot(store)
    const file = stringOption(options, 'pipeline')
    const pipeline = file === undefined ? undefined : await loadPipeline(file, registry)
    const context: AuditContext = { store, pipeline, limits: limitsOf(options), opened: new Map() }
    const folder = stringOption(options, 'export')
    if (folder !== undefined) {
      const path = await writeReport(context, folder, (question) => terminal.progress(`answering: ${question}`))
      terminal.progress('')
      terminal.print(`The report is ${path}`)
      terminal.json({ report: path, snapshot: snapshot.version })
      closeAll(context)
      return 0
    }
    await prepareAnswers(await openedSnapshot(context, ''), (what) => terminal.progress(what))
    terminal.progress('')
    const server =
      stringOption(options, 'port') === undefined
        ? await serveAudit(context, usualPort(store)).catch(() => serveAudit(context, 0))
        : await serveAudit(context, port)
    terminal.json({ url: server.url, snapshot: snapshot.version })
    terminal.print(
      `Snapshot ${snapshot.version} of ${store.url} is shown at\n\n  ${server.url}\n\nThe address holds a token: who has it may read the dataset. Ctrl+C ends it.`,
    )
    await new Promise<void>((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
    })
    await server.close()
    closeAll(context)
    return 0
  },
}

export default command

/** A browser keeps unsent comments by address: another port after a restart would hide them. Below the ports that systems give out. */
function usualPort({ url }: Store): number {
  return 10_000 + (createHash('sha256').update(url).digest().readUInt32BE() % 20_000)
}

async function exportLabels(store: Store, file: string, terminal: Terminal): Promise<number> {
  const write = file.endsWith('.csv') ? labelsAsCsv : file.endsWith('.parquet') ? labelsAsParquet : undefined
  if (write === undefined) throw new QuernError('bad-usage', `--labels is "${file}"`, { remedy: 'Give a name that ends in .csv or .parquet.' })
  const labels = await readLabels(store)
  await writeFile(file, write(labels)).catch((cause: unknown) => {
    throw new QuernError('output-not-writable', `writing ${file}: ${(cause as Error).message}`, { remedy: 'Choose another place.', cause })
  })
  terminal.json({ file, labels: labels.length })
  terminal.print(`${labels.length.toLocaleString('en')} labels are in ${file}`)
  return 0
}

function limitsOf(options: CommandInput['options']): TableLimits {
  const written = stringOption(options, 'memory')
  const bytes = written === undefined ? usualLimits.bytes : parseSize(written)
  if (bytes === undefined || bytes < leastBytes)
    throw new QuernError('bad-usage', `--memory ${written}: not a size that DuckDB can work in`, {
      remedy: 'Write a size from 128MiB up, such as 1GiB.',
    })
  const threads = countOption(options, 'threads', '--threads', 1, 0)
  return { bytes, threads: threads === 0 ? undefined : threads }
}
