import { fieldsOf } from '../config/fields.ts'
import { loadPipeline } from '../config/pipeline-file.ts'
import { sourceFiles } from '../config/source-files.ts'
import { QuernError, QuernErrors } from '../core/errors.ts'
import type { Pipeline, PipelineSource, PipelineStage } from '../core/pipeline.ts'
import { formatSize } from '../core/sizes.ts'
import { openEncoder, openStages } from '../mill/judge.ts'
import { registry } from '../mill/registry.ts'
import type { Command } from './command.ts'

const command: Command = {
  name: 'check',
  summary: 'Reads a pipeline file and shows what it would do, or every mistake in it.',
  args: [{ name: 'pipeline', summary: 'The YAML file.', required: true }],
  options: [
    { flags: '--out <url>', summary: 'Where the dataset would go, instead of output.dataset.' },
    { flags: '--set <path=value...>', summary: 'Lays a value over the file, such as stages.tokenize.tokenizer=other.json.' },
    { flags: '--json', summary: 'Prints one JSON object.' },
  ],
  async run({ args, options }, terminal) {
    const pipeline = await loadPipeline(args[0]!, registry, {
      out: options['out'] as string | undefined,
      set: options['set'] as string[] | undefined,
    })
    const sources = await openAll(pipeline)
    if (terminal.asJson) terminal.json(asJson(pipeline, sources))
    else for (const line of asText(pipeline, sources)) terminal.print(line)
    return 0
  },
}
export default command

interface Matched {
  readonly files: number
  readonly bytes: number
}

/** Looks for inputs and loads every model and list: what only then turns out wrong is a mistake like any other. */
async function openAll(pipeline: Pipeline): Promise<readonly Matched[]> {
  const mistakes: QuernError[] = []
  const collect = async <T>(work: Promise<T>): Promise<T | undefined> => {
    try {
      return await work
    } catch (error) {
      if (error instanceof QuernErrors) mistakes.push(...error.errors)
      else if (error instanceof QuernError) mistakes.push(error)
      else throw error
      return undefined
    }
  }
  const matched = await Promise.all(pipeline.sources.map((source) => collect(matchedBy(source))))
  await collect(openStages(pipeline))
  await collect(openEncoder(pipeline))
  if (mistakes.length > 0) throw new QuernErrors(mistakes)
  return matched.filter((one) => one !== undefined)
}

async function matchedBy(source: PipelineSource): Promise<Matched> {
  const files = await sourceFiles(source)
  return { files: files.length, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) }
}

function asJson({ name, file, sources, stages, output, tests, languages }: Pipeline, matched: readonly Matched[]): unknown {
  return {
    ok: true,
    name,
    file,
    sources: sources.map(({ component, name: id, licence, config, paths }, i) => ({
      name: id,
      use: component.name,
      licence,
      paths: paths.map(({ pattern }) => pattern),
      ...matched[i],
      config,
    })),
    stages: stages.map(({ component, config }) => ({
      name: component.name,
      phase: component.phase,
      reads: component.reads,
      writes: component.writes,
      config,
      measures: Object.keys(component.measures),
      rules: Object.fromEntries(Object.entries(component.rules).map(([rule, says]) => [rule, withLimits(says, component.name, config, languages)])),
    })),
    output,
    languages: [...languages.keys()],
    tests: tests.length,
  }
}

function asText({ name, file, sources, stages, output, tests, languages }: Pipeline, matched: readonly Matched[]): readonly string[] {
  return [
    `${name}  ${file}`,
    '',
    'sources',
    ...sources.map(
      ({ component, name: id, licence, paths }, i) =>
        `  ${id}  ${component.name}, ${licence}: ${plural(matched[i]!.files, 'file')}, ${formatSize(matched[i]!.bytes)}  ${paths.map(({ pattern }) => pattern).join(' ')}`,
    ),
    '',
    'stages',
    ...stages.flatMap((stage, i) => stageLines(stage, i, languages)),
    '',
    'output',
    `  ${output.dataset}: shards of ${formatSize(output.shardBytes)} of text, dropped text kept: ${output.retainDropped}`,
    '',
    `${plural(languages.size, 'language file')}, ${plural(tests.length, 'test')}. The pipeline is in order.`,
  ]
}

/** Options stand there when they are not at their default, which `explain` tells. */
function stageLines({ component, config }: PipelineStage, index: number, languages: Pipeline['languages']): readonly string[] {
  const flow = [
    component.reads.length > 0 ? `reads ${component.reads.join(', ')}` : '',
    component.writes.length > 0 ? `writes ${component.writes.join(', ')}` : '',
  ]
  const values = config as Readonly<Record<string, unknown>>
  const set = fieldsOf(component.config).flatMap(({ name, default: usual }) =>
    values[name] === undefined || JSON.stringify(values[name]) === usual ? [] : [`${name}: ${brief(values[name])}`],
  )
  return [
    `  ${index + 1} ${component.name}  ${[component.phase, ...flow].filter((part) => part !== '').join('; ')}`,
    ...(set.length > 0 ? [`      ${set.join(', ')}`] : []),
    ...Object.entries(component.rules).map(([rule, says]) => `      drops ${rule}: ${withLimits(says, component.name, config, languages)}`),
  ]
}

/**
 * Puts the limit in force behind each option that a rule's sentence names: "Fewer words than `min-words` (50)." Where the
 * option leaves it to the language files, what they say stands there: "(by language, 0.6 to 0.8)".
 */
function withLimits(says: string, stage: string, config: unknown, languages: Pipeline['languages']): string {
  return says.replaceAll(/`([^`]+)`/g, (written, option: string) => {
    const value = (config as Readonly<Record<string, unknown>>)[option]
    if (value === undefined) return written
    if (value !== 'language') return `${option} (${brief(value)})`
    const limits = [...languages.values()].map(({ filters }) => filters[stage]?.[option]).filter((limit) => typeof limit === 'number')
    const [least, most] = [Math.min(...limits), Math.max(...limits)]
    return `${option} (by language${limits.length === 0 ? '' : least === most ? `, ${least}` : `, ${least} to ${most}`})`
  })
}

function brief(value: unknown): string {
  const text = JSON.stringify(value)
  return text.length > 48 ? `${text.slice(0, 45)}…` : text
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
