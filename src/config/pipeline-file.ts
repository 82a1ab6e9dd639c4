import { stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Context } from '../core/component.ts'
import { QuernError, QuernErrors } from '../core/errors.ts'
import type { Pipeline, PipelineStage, Registry } from '../core/pipeline.ts'
import { checkValue, mistakeAt } from './issues.ts'
import { loadLanguages, shippedLanguages } from './language-files.ts'
import { outputPlace, whyNotWritable } from './output-place.ts'
import { type Loading, readSources, readStages } from './pipeline-parts.ts'
import { fileSha256, pipelineRules } from './pipeline-rules.ts'
import { frameSchema, outputSchema } from './pipeline-schema.ts'
import { readTests } from './pipeline-tests.ts'
import { applySettings } from './settings.ts'
import { checkOrder } from './stage-order.ts'
import { readYaml } from './yaml-file.ts'

export interface LoadOptions {
  /** The dataset, instead of `output.dataset`; relative to the current folder. */
  readonly out?: string | undefined
  /** `path=value` texts, laid over the file in order. */
  readonly set?: readonly string[] | undefined
  /** False when nothing will be written: an output that is in the way does not matter then. */
  readonly checkOutput?: boolean
}

const packages = fileURLToPath(new URL('../../node_modules', import.meta.url))

/**
 * Reads, checks and resolves a pipeline file. All mistakes of the file (and of language files) are thrown together as
 * QuernErrors, in the order of their lines; inputs are not looked for yet (`sourceFiles` does), nothing is opened or created.
 */
export async function loadPipeline(path: string, registry: Registry, options: LoadOptions = {}): Promise<Pipeline> {
  const file = applySettings(await readYaml(path), options.set ?? [])
  const mistakes: QuernError[] = []
  const loading: Loading = { file, folder: dirname(resolve(path)), root: file.value as Record<string, unknown>, mistakes }
  const { output: _, tests: __, ...frame } = loading.root
  checkValue(file, [], frame, frameSchema, mistakes, ['output', 'tests'])
  const sources = readSources(loading, registry)
  const stages = readStages(loading, registry)
  if (sources !== undefined && stages !== undefined) checkOrder(file, sources, stages, mistakes)
  const languages = await readLanguages(loading, registry)
  const context: Context = {
    file: (written) => resolveFile(written, loading.folder),
    language: (code) => languages.get(code),
    languages: [...languages.keys()],
  }
  const assets = await Promise.all((stages ?? []).map((stage) => hashAssets(stage, context, mistakes)))
  const output = await readOutput(loading, options)
  const tests = await readTests(loading, stages)
  // What the parts left undefined has a mistake; the type checker wants to be told.
  if (mistakes.length > 0 || sources === undefined || stages === undefined || output === undefined) throw new QuernErrors(inOrder(mistakes, path))
  const pipeline = { name: loading.root['name'] as string, file: resolve(path), sources, stages, output, tests, languages, context }
  return { ...pipeline, rules: pipelineRules(pipeline, assets) }
}

/** A file named in a pipeline: `package:NAME/FILE` lies in an installed package, everything else beside the pipeline. */
export function resolveFile(written: string, folder: string): string {
  if (written.startsWith('package:')) return join(packages, written.slice('package:'.length))
  return written.startsWith('file://') ? fileURLToPath(written) : resolve(folder, written)
}

async function readLanguages({ file, folder, root, mistakes }: Loading, registry: Registry) {
  const written = root['languages']
  const own = resolve(folder, typeof written === 'string' ? written : 'languages')
  if (typeof written === 'string' && !((await stat(own).catch(() => undefined))?.isDirectory() ?? false))
    mistakes.push(
      mistakeAt(file, ['languages'], `languages: there is no folder ${own}`, {
        code: 'missing-file',
        remedy: 'Check the path; it is relative to the pipeline file.',
      }),
    )
  return loadLanguages(own === shippedLanguages ? [own] : [shippedLanguages, own], Object.keys(registry.stages), mistakes)
}

/** SHA-256 of a stage's assets by path; one that is missing is a mistake at the option that names it. */
async function hashAssets({ component, config }: PipelineStage, context: Context, mistakes: QuernError[]): Promise<ReadonlyMap<string, string>> {
  try {
    const paths = config === undefined ? [] : (component.assets?.(config, context) ?? [])
    return new Map(await Promise.all(paths.map(async (path) => [path, await fileSha256(path)] as const)))
  } catch (error) {
    if (!(error instanceof QuernError)) throw error
    mistakes.push(error)
    return new Map()
  }
}

async function readOutput(
  { file, folder, root, mistakes }: Loading,
  { out, checkOutput = true }: LoadOptions,
): Promise<Pipeline['output'] | undefined> {
  const written = root['output']
  const block = typeof written === 'object' && written !== null && !Array.isArray(written) ? written : {}
  const checked =
    block === written || (written === undefined && out !== undefined)
      ? checkValue(file, ['output'], out === undefined ? block : { ...block, dataset: out }, outputSchema, mistakes)
      : checkValue(file, ['output'], written, outputSchema, mistakes)
  if (checked === undefined) return undefined
  const resolved = outputPlace(checked.dataset, out === undefined ? folder : process.cwd())
  const wrong = 'wrong' in resolved ? resolved : checkOutput ? await whyNotWritable(resolved.place) : undefined
  if (wrong !== undefined) {
    const options = { code: 'output-not-writable', remedy: wrong.remedy } as const
    mistakes.push(
      out === undefined
        ? mistakeAt(file, ['output', 'dataset'], `output.dataset: ${wrong.wrong}`, options)
        : new QuernError(options.code, `--out ${out}: ${wrong.wrong}`, options),
    )
  }
  if ('wrong' in resolved) return undefined
  return {
    dataset: resolved.place,
    retainDropped: checked['retain-dropped'],
    shardBytes: checked['shard-bytes'],
    alarms: checked.alarms === 'off' ? undefined : checked.alarms,
    singleWriter: checked['single-writer'],
  }
}

/** The command line's first, then the pipeline's by line, then those of language files: the list reads like the files. */
function inOrder(mistakes: readonly QuernError[], pipeline: string): readonly QuernError[] {
  const key = ({ place }: QuernError) =>
    [place === undefined ? 0 : place.file === pipeline ? 1 : 2, place?.file ?? '', place?.line ?? 0, place?.column ?? 0] as const
  return mistakes.toSorted((a, b) => {
    const [rankA, fileA, lineA, columnA] = key(a)
    const [rankB, fileB, lineB, columnB] = key(b)
    return rankA - rankB || (fileA < fileB ? -1 : fileA > fileB ? 1 : lineA - lineB || columnA - columnB)
  })
}
