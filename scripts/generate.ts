// Writes what is generated from the components, commands and error codes; with --check says what is stale and exits 1.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { generatedModules, generatedPages, ownedFolders } from './generate/generated.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const checking = process.argv.includes('--check')

const stale: string[] = []
write(generatedModules(root))
if (checking) failIfStale()
const pages = await generatedPages(root)
write(pages)
// A page whose component is gone would go on being read.
for (const folder of ownedFolders) {
  for (const name of list(join(root, folder))) {
    const file = `${folder}/${name}`
    if (pages.has(file)) continue
    stale.push(file)
    if (!checking) rmSync(join(root, file))
  }
}
if (checking) failIfStale()
console.log(stale.length === 0 ? 'quern: everything generated is up to date' : `quern: wrote ${stale.join(', ')}`)

function write(files: ReadonlyMap<string, string>): void {
  for (const [file, content] of files) {
    const path = join(root, file)
    if (read(path) === content) continue
    stale.push(file)
    if (checking) continue
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
  }
}

function failIfStale(): void {
  if (stale.length === 0) return
  console.error(`quern: stale: ${stale.join(', ')}\n  Run: npm run generate`)
  process.exit(1)
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function list(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
