// Puts the command line and its packages into a few files in dist/, which bin/quern.mjs starts while they fit the sources.
// Loading four hundred files costs every start, and every worker's, about 0.4 seconds of CPU; these take 0.1.
// `npm ci` runs it. Nothing depends on it: without dist/, or after a change, the sources themselves run.
import { copyFileSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import { rolldown } from 'rolldown'
import { loadLanguages, shippedLanguages } from '../src/config/language-files.ts'
import { registry } from '../src/mill/registry.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const source = join(root, 'src')
const target = join(root, 'dist')
const workerEntry = "new URL('../worker.ts', import.meta.url)"

let workersNamed = 0

/** Sources find files (the core, models, languages) from where they lie themselves: in dist/ they must still say src/. */
const places = {
  name: 'places',
  transform(code, id) {
    if (!id.startsWith(source) || !code.includes('import.meta.url')) return undefined
    const parts = code.split(workerEntry)
    workersNamed += parts.length - 1
    const moved = parts.map((part) => part.replaceAll('import.meta.url', `new URL('../${relative(root, id)}', import.meta.url).href`))
    return { code: moved.join("new URL('./worker.mjs', import.meta.url)"), map: null }
  },
}

/** The audit page: one script, one style sheet, nothing that it would have to ask another machine for. */
async function bundlePage(folder) {
  const web = join(root, 'web')
  const page = await rolldown({
    input: join(web, 'src/main.tsx'),
    platform: 'browser',
    tsconfig: join(web, 'tsconfig.json'),
    logLevel: 'warn',
  })
  await page.write({ file: join(folder, 'page.js'), format: 'esm', minify: true })
  await page.close()
  for (const file of ['index.html', 'page.css']) copyFileSync(join(web, file), join(folder, file))
}

const making = `${target}.${process.pid}`
try {
  const bundle = await rolldown({
    input: { main: join(source, 'cli/main.ts'), worker: join(source, 'mill/worker.ts') },
    platform: 'node',
    // It finds its library from where it lies itself.
    external: [/^@duckdb\//],
    plugins: [places],
    logLevel: 'warn',
  })
  mkdirSync(making, { recursive: true })
  const { output } = await bundle.write({
    dir: making,
    format: 'esm',
    entryFileNames: '[name].mjs',
    chunkFileNames: '[name]-[hash].mjs',
  })
  await bundle.close()
  await bundlePage(join(making, 'web'))
  if (workersNamed !== 1) throw new Error(`bundling: the executor's worker was found ${workersNamed} times, expected once`)
  const modules = new Set(output.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : [])))
  const files = [...modules].filter((id) => id.startsWith(source)).sort()
  const inputs = [...files, join(root, 'package-lock.json')].map((path) => {
    const { size, mtimeMs } = statSync(path)
    return [relative(root, path), size, mtimeMs]
  })
  writeFileSync(join(making, 'inputs.json'), JSON.stringify(inputs))
  writeFileSync(join(making, 'languages.json'), JSON.stringify(await languages()))
  rmSync(target, { recursive: true, force: true })
  renameSync(making, target)
  console.log(`quern: ${files.length} sources and their packages are in dist/`)
} finally {
  rmSync(making, { recursive: true, force: true })
}

/** The shipped language files, parsed and checked, by name of the file; one with a mistake is left for its reader to tell. */
async function languages() {
  const stages = Object.keys(registry.stages)
  const files = {}
  const mistakes = []
  for (const [code, settings] of await loadLanguages([shippedLanguages], stages, mistakes)) {
    // Infinity and NaN, which YAML has, do not come back from JSON.
    if (!isDeepStrictEqual(JSON.parse(JSON.stringify(settings)), settings)) continue
    const { size, mtimeMs } = statSync(join(shippedLanguages, `${code}.yaml`))
    files[`${code}.yaml`] = { size, mtimeMs, settings }
  }
  return { stages, files: mistakes.length === 0 ? files : {} }
}
