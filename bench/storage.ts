import { execFileSync, spawn } from 'node:child_process'
import { randomFillSync } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bucket, startServer } from '../test/storage/s3-servers.ts'
import type { Bench } from './run.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const shardBytes = 128 << 20
/** Of 128 MiB: 16 are 2 GiB. */
const shards = Number(process.env['QUERN_BENCH_SHARDS'] ?? 16)
const rounds = Number(process.env['QUERN_BENCH_ROUNDS'] ?? 3)

interface Measured {
  readonly seconds: number
  readonly cpuSeconds: number
  readonly peakMiB: number
}

const bench: Bench = {
  name: 'storage',
  summary: 'Shards to an S3 server and back: ours and rclone, in turns, medians; ours hashes every byte on both ways and syncs what it pulls.',
  async measure({ say }) {
    const rclone = rclonePath()
    const work = mkdtempSync(join(tmpdir(), 'quern-bench-'))
    const server = await startServer('versitygw')
    const all: Record<string, Measured[]> = { oursPush: [], oursPull: [], rclonePush: [], rclonePull: [] }
    try {
      const from = join(work, 'from')
      mkdirSync(from)
      const bytes = Buffer.alloc(shardBytes)
      for (let i = 0; i < shards; i++) writeFileSync(join(from, `${i}.arrow`), randomFillSync(bytes))
      const env = { ...server.env, ...rcloneEnvironment(server.env) }
      const driver = join(root, 'bench/input/copy-objects.ts')
      for (let round = 0; round < rounds; round++) {
        const facts = join(work, 'facts.json')
        const runs: [string, readonly string[]][] = [
          ['oursPush', [process.execPath, driver, 'push', from, `s3://${bucket}/ours-${round}`, facts]],
          ['rclonePush', [rclone, 'copy', from, `bench:${bucket}/peer-${round}`]],
          ['oursPull', [process.execPath, driver, 'pull', `s3://${bucket}/ours-${round}`, join(work, 'ours'), facts]],
          ['rclonePull', [rclone, 'copy', `bench:${bucket}/peer-${round}`, join(work, 'peer')]],
        ]
        for (const [name, command] of runs) {
          const used = await measured(command, env, work)
          all[name]?.push(used)
          say(`${name}: ${JSON.stringify(used)}`)
        }
        for (const made of [join(work, 'ours'), join(work, 'peer'), ...readdirSync(server.objects).map((name) => join(server.objects, name))])
          rmSync(made, { recursive: true, force: true })
      }
    } finally {
      await server.stop()
      rmSync(work, { recursive: true, force: true })
    }
    const of = (name: string): Measured => medians(all[name] ?? [])
    const [push, pull, peerPush, peerPull] = [of('oursPush'), of('oursPull'), of('rclonePush'), of('rclonePull')]
    return {
      input: { shards, bytes: shards * shardBytes, rounds },
      ours: { push, pull },
      peers: { rclone: { push: peerPush, pull: peerPull } },
      ratio: {
        push: peerPush.seconds / push.seconds,
        pull: peerPull.seconds / pull.seconds,
        'push, CPU': peerPush.cpuSeconds / push.cpuSeconds,
        'pull, CPU': peerPull.cpuSeconds / pull.cpuSeconds,
      },
    }
  },
}

export default bench

/** Debian's package, unpacked into a folder of the bench's own once. QUERN_BENCH_RCLONE names one that is there. */
function rclonePath(): string {
  const given = process.env['QUERN_BENCH_RCLONE']
  if (given !== undefined && given !== '') return given
  const cache = join(root, '.cache/bench/storage')
  const path = join(cache, 'usr/bin/rclone')
  if (existsSync(path)) return path
  mkdirSync(cache, { recursive: true })
  execFileSync('apt-get', ['download', 'rclone'], { cwd: cache, stdio: 'inherit' })
  const [file] = readdirSync(cache).filter((name) => name.endsWith('.deb'))
  execFileSync('dpkg-deb', ['-x', join(cache, file ?? ''), cache])
  return path
}

function rcloneEnvironment(env: Readonly<Record<string, string>>): Record<string, string> {
  return {
    RCLONE_CONFIG: '/dev/null',
    RCLONE_CONFIG_BENCH_TYPE: 's3',
    RCLONE_CONFIG_BENCH_PROVIDER: 'Other',
    RCLONE_CONFIG_BENCH_ENDPOINT: env['AWS_ENDPOINT_URL_S3'] ?? '',
    RCLONE_CONFIG_BENCH_ACCESS_KEY_ID: env['AWS_ACCESS_KEY_ID'] ?? '',
    RCLONE_CONFIG_BENCH_SECRET_ACCESS_KEY: env['AWS_SECRET_ACCESS_KEY'] ?? '',
    RCLONE_CONFIG_BENCH_REGION: env['AWS_REGION'] ?? '',
    RCLONE_S3_NO_CHECK_BUCKET: 'true',
  }
}

/** GNU time tells of a program that is not ours, too. */
async function measured(command: readonly string[], env: Readonly<Record<string, string>>, work: string): Promise<Measured> {
  const report = join(work, 'time.txt')
  const started = performance.now()
  const child = spawn('/usr/bin/time', ['-f', '%U %S %M', '-o', report, ...command], {
    // rclone refuses to start where AWS_CA_BUNDLE names a bundle; the server speaks plain HTTP.
    env: { ...process.env, AWS_CA_BUNDLE: undefined, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const [status] = (await once(child, 'close')) as [number | null]
  const seconds = (performance.now() - started) / 1000
  if (status !== 0) throw new Error(`${command.slice(0, 3).join(' ')} exited with ${status}`)
  const [user = NaN, system = NaN, kilobytes = NaN] = readFileSync(report, 'utf8').trim().split(' ').map(Number)
  return { seconds, cpuSeconds: user + system, peakMiB: kilobytes / 1024 }
}

function medians(runs: readonly Measured[]): Measured {
  const median = (pick: (run: Measured) => number): number => runs.map(pick).sort((a, b) => a - b)[runs.length >> 1] ?? NaN
  return { seconds: median((run) => run.seconds), cpuSeconds: median((run) => run.cpuSeconds), peakMiB: median((run) => run.peakMiB) }
}
