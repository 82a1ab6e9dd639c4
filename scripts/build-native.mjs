// Builds native/quern.node; with --types also src/native/binding.d.cts, the generated surface of the core.
// Plain JavaScript: `npm ci` runs it, on whatever Node it has.
// A stamp of sources, lock file and compiler makes a second run with nothing changed free.
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const target = resolve(root, process.env.CARGO_TARGET_DIR ?? 'target')
const addon = join(root, 'native', 'quern.node')
const stampFile = join(root, 'native', '.quern.node.stamp')

function fail(sentence, remedy) {
  console.error(`quern: ${sentence}\n  ${remedy}`)
  process.exit(1)
}

function compilerVersion() {
  try {
    execFileSync('cargo', ['--version'], { stdio: 'pipe' })
    return execFileSync('rustc', ['-vV'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  } catch {
    return fail(
      'building the native core needs Rust, and "cargo" was not found.',
      'Install it from https://rustup.rs (or your distribution), open a new shell, and run npm ci again.',
    )
  }
}

function* sourceFiles(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* sourceFiles(path)
    else yield path
  }
}

function stamp() {
  const hash = createHash('sha256')
  hash.update(compilerVersion()).update(`${process.platform} ${process.arch}`)
  const files = ['Cargo.toml', 'Cargo.lock', 'native/Cargo.toml', 'native/build.rs', 'scripts/build-native.mjs'].map((file) => join(root, file))
  for (const file of [...files, ...sourceFiles(join(root, 'native', 'src'))]) hash.update(file.slice(root.length)).update(readFileSync(file))
  return hash.digest('hex')
}

const wanted = stamp()
const types = process.argv.includes('--types')
if (!types && existsSync(addon) && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted) {
  console.log('quern: the native core is up to date')
  process.exit(0)
}
console.log('quern: building the native core (about two minutes the first time)')
// napi-derive writes one line a declaration here while it compiles the crate; only a fresh compile writes them all.
const typeLines = join(target, 'binding-types')
if (types) {
  rmSync(typeLines, { recursive: true, force: true })
  utimesSync(join(root, 'native', 'src', 'lib.rs'), new Date(), new Date())
}
mkdirSync(typeLines, { recursive: true })
const built = spawnSync('cargo', ['build', '--release', '--locked', '--manifest-path', join(root, 'native', 'Cargo.toml')], {
  stdio: 'inherit',
  env: { ...process.env, CARGO_TARGET_DIR: target, NAPI_TYPE_DEF_TMP_FOLDER: typeLines },
})
if (built.status !== 0)
  fail(
    'cargo could not build the native core; its messages are above.',
    'If a crate could not be downloaded, check the network and run: npm run build:native',
  )
const library = { darwin: 'libquern_native.dylib', win32: 'quern_native.dll' }[process.platform] ?? 'libquern_native.so'
// Copied beside and renamed: a running process keeps the file it has mapped.
copyFileSync(join(target, 'release', library), `${addon}.new`)
renameSync(`${addon}.new`, addon)
writeFileSync(stampFile, wanted)
if (types) {
  const { bindingTypes } = await import('./binding-types.mjs')
  writeFileSync(join(root, 'src', 'native', 'binding.d.cts'), bindingTypes(typeLines))
}
console.log('quern: the native core is built')
