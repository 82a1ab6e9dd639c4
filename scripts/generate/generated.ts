import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Command } from '../../src/cli/command.ts'
import { crawlSchema } from '../../src/config/crawl-schema.ts'
import { languageSchema } from '../../src/config/language-files.ts'
import { pipelineSchema, sourceSchema } from '../../src/config/pipeline-schema.ts'
import { policySchema } from '../../src/config/policy-file.ts'
import type { Source, Stage } from '../../src/core/component.ts'
import type { Registry } from '../../src/core/pipeline.ts'
import { commandTable, registryModule } from './modules.ts'
import { cliPage, componentMarkdown, errorsPage, filesPage, indexPage, measuresPage } from './reference.ts'
import { crawlJsonSchema, languageJsonSchema, pipelineJsonSchema, policyJsonSchema } from './schemas.ts'

/** Folders that hold nothing but generated files. */
export const ownedFolders = ['docs/reference']

/** A component or command file, by its path below `src/` and the name it must carry. */
export interface Found {
  readonly path: string
  readonly name: string
}

/** Names of pages that no component may take. */
const pages = ['README', 'cli', 'errors', 'files', 'measures']

/** What lies below `root`, by path and name; nothing is imported yet. */
interface Parts {
  readonly sources: readonly Found[]
  readonly stages: readonly Found[]
  readonly commands: readonly Found[]
}

function parts(root: string): Parts {
  return {
    sources: withDefaultExport(root, 'sources'),
    stages: folders(join(root, 'src', 'stages')).flatMap((group) => withDefaultExport(root, `stages/${group}`)),
    commands: withDefaultExport(root, 'cli'),
  }
}

/**
 * The tables of components and commands. Made from file names alone and to be written first: the commands import the
 * registry, so that a stale one (a component renamed, a merge) would keep everything else from being generated.
 */
export function generatedModules(root: string): ReadonlyMap<string, string> {
  const { sources, stages, commands } = parts(root)
  return new Map([
    ['src/mill/registry.ts', registryModule(sources, stages)],
    ['src/cli/commands.ts', commandTable(commands)],
  ])
}

/** Schemas and reference pages by path, made by importing every component and command. Throws when one breaks a rule of names. */
export async function generatedPages(root: string): Promise<ReadonlyMap<string, string>> {
  const found = parts(root)
  const registry: Registry = {
    sources: Object.fromEntries(
      await Promise.all(found.sources.map(async (one) => [one.name, checked(one, await load<Source>(root, one))] as const)),
    ),
    stages: Object.fromEntries(await Promise.all(found.stages.map(async (one) => [one.name, checked(one, await load<Stage>(root, one))] as const))),
  }
  const components = [...Object.values(registry.sources), ...Object.values(registry.stages)]
  if (components.length !== found.sources.length + found.stages.length || new Set(components.map(({ name }) => name)).size !== components.length)
    throw new Error('two components have the same name')
  const commands = await Promise.all(found.commands.map(async (one) => checkedCommand(one, await load<Command>(root, one))))
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  return new Map([
    ['schemas/pipeline.schema.json', json(pipelineJsonSchema(registry))],
    ['schemas/language.schema.json', json(languageJsonSchema())],
    ['schemas/crawl.schema.json', json(crawlJsonSchema())],
    ['schemas/policy.schema.json', json(policyJsonSchema())],
    ...components.map((component) => [`docs/reference/${component.name}.md`, componentMarkdown(component)] as const),
    ['docs/reference/README.md', indexPage(registry)],
    ['docs/reference/errors.md', errorsPage()],
    ['docs/reference/cli.md', cliPage(commands, version)],
    [
      'docs/reference/files.md',
      filesPage([
        [
          'Pipeline',
          'Read by `quern run`, `check` and `test`. Entries of `sources` and `stages` take the options of their component too.',
          pipelineSchema,
        ],
        ['Source', 'What every entry of `sources` may say.', sourceSchema],
        ['Crawl', 'Read by `quern crawl`; [crawling](../guides/crawling.md).', crawlSchema],
        ['Rights policy', 'Read by the `rights` stage, by crawls and by `quern rights`; [rights](../guides/rights.md).', policySchema],
        ['Language', 'One a language, beside the pipeline or in `pipelines/languages/`: limits and word lists of filters.', languageSchema],
      ]),
    ],
    ['docs/reference/measures.md', measuresPage(registry)],
  ])
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

function folders(path: string): readonly string[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .toSorted()
  } catch {
    return []
  }
}

/** A file of the folder with a default export is a component (or command); one without is a helper of its neighbours. */
function withDefaultExport(root: string, folder: string): readonly Found[] {
  let names: readonly string[]
  try {
    names = readdirSync(join(root, 'src', folder)).filter((name) => name.endsWith('.ts'))
  } catch {
    return []
  }
  return names
    .toSorted()
    .filter((name) => /^export default /m.test(readFileSync(join(root, 'src', folder, name), 'utf8')))
    .map((name) => ({ path: `${folder}/${name}`, name: basename(name, '.ts') }))
}

async function load<T>(root: string, { path }: Found): Promise<T> {
  return ((await import(pathToFileURL(join(root, 'src', path)).href)) as { default: T }).default
}

function checked<T extends Source | Stage>({ path, name }: Found, component: T): T {
  if (component.name !== name) throw new Error(`src/${path}: the component is named "${component.name}"; a component has its file's name`)
  if (pages.includes(name)) throw new Error(`src/${path}: docs/reference/${name}.md is another page; choose another name`)
  const group = path.split('/')[1]
  if (component.kind === 'stage' && component.group !== group)
    throw new Error(`src/${path}: the group is "${component.group}"; it is the folder's name`)
  return component
}

function checkedCommand({ path, name }: Found, command: Command): Command {
  if (command.name !== name) throw new Error(`src/${path}: the command is named "${command.name}"; a command has its file's name`)
  return command
}
