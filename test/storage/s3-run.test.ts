import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { connect } from '../../src/storage/s3-client.ts'
import { fates } from '../laws/ledger.ts'
import { page, writePages, writePipeline } from '../laws/pages.ts'
import { quernJson, reachable, root, scratch, startQuern, type Ran, type RunSummary } from '../quern.ts'
import { startFaultProxy, type Fault } from './fault-proxy.ts'
import { bucket, secret, startServer, testSettings, type S3Server } from './s3-servers.ts'

/** Like `quern`, without holding up the proxy that lives in this process. */
async function quernThrough(env: Readonly<Record<string, string>>, args: readonly string[]): Promise<Ran> {
  const child = spawn(process.execPath, [join(root, 'bin', 'quern.mjs'), ...args], { cwd: root, env: { ...process.env, ...env } })
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
  const [status] = (await once(child, 'close')) as [number | null]
  return { status, out, err }
}

/** Every file below, for what must not be in any of them. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((name) => statSync(name).isFile())
}

describe('a dataset on object storage', () => {
  let server: S3Server
  beforeAll(async () => {
    server = await startServer('versitygw')
  })
  afterAll(() => server.stop())

  const onDisk = (name: string): string => join(server.objects, name)

  test('has the bytes of one in a folder, inputs in a bucket included; verify, why, pull and export read it', { timeout: 300_000 }, async () => {
    const folder = scratch()
    const { client } = connect(testSettings({ endpoint: server.endpoint }))
    for (const [name, first, count] of [['a.jsonl', 0, 400] as const, ['deep/b.jsonl', 400, 200] as const]) {
      const file = join(folder, name.replace('/', '-'))
      writePages(file, first, count)
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: `pages/${name}`, Body: readFileSync(file) }))
    }
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: 'pages/', Body: new Uint8Array(0) }))
    const remote = writePipeline(folder, 'remote', [`s3://${bucket}/pages/**/*.jsonl`])
    const url = `s3://${bucket}/set`
    const told = quernJson<RunSummary>(['run', remote, '--out', url, '--workers', '2'])
    const inFolder = quernJson<RunSummary>(['run', remote, '--out', join(folder, 'set'), '--workers', '1'])
    expect({ ...told, seconds: 0 }).toEqual({ ...inFolder, seconds: 0 })
    expect(told.read).toBe(600)
    expect(told.dropped['near-duplicates/similar']).toBeGreaterThan(20)
    expect(reachable(onDisk('set'))).toEqual(reachable(join(folder, 'set')))
    // A file's fingerprint is the same wherever it lies: the same files in a folder are nothing new, but for their path.
    expect(quernJson<RunSummary & { nothingNew: boolean }>(['run', remote, '--out', url]).nothingNew).toBe(true)

    const checked = quernJson<{ ok: boolean; checks: number }>(['verify', url])
    expect(checked.ok).toBe(true)
    expect(checked.checks).toBe(quernJson<{ checks: number }>(['verify', join(folder, 'set')]).checks)
    const [id] = Object.keys(fates(join(folder, 'set')))
    expect(quernJson<object>(['why', url, id ?? ''])).toEqual(quernJson<object>(['why', join(folder, 'set'), id ?? '']))
    const pulled = join(folder, 'pulled')
    const { copied } = quernJson<{ copied: number }>(['pull', url, pulled])
    // Shards with their hosts, and group sizes; beside them the manifest and the list of what is suppressed.
    expect(copied).toBe(filesBelow(pulled).length - 2)
    expect(filesBelow(join(pulled, 'data'))).toHaveLength(told.shards)
    for (const file of filesBelow(join(pulled, 'data')))
      expect(readFileSync(file)).toEqual(readFileSync(join(onDisk('set'), file.slice(pulled.length))))

    const exported = (from: string, to: string): object[] =>
      quernJson<{ files: { path: string }[] }>(['export', from, join(folder, to), '--format', 'megatron']).files.filter(
        ({ path }) => path !== 'README.md',
      )
    expect(exported(url, 'remote-export')).toEqual(exported(join(folder, 'set'), 'local-export'))

    expect(quernJson<object>(['tag', url, 'trained-on'])).toMatchObject({ name: 'trained-on', snapshot: 1 })
    expect(quernJson<object>(['snapshots', url])).toMatchObject({ snapshots: [{ version: 1, kept: told.kept, tags: ['trained-on'] }] })
    expect(quernJson<object>(['retain', url, '--last', '1', '--grace', '0s'])).toMatchObject({
      kept: [1],
      deleted: { objects: 0 },
      waiting: { objects: 0 },
    })

    for (const file of [...filesBelow(onDisk('set')), ...filesBelow(server.cache), ...filesBelow(pulled)])
      expect(readFileSync(file).includes(secret), file).toBe(false)
  })

  test('survives a store that fails one request in fifteen, and the bytes are the same', { timeout: 600_000 }, async () => {
    const folder = scratch()
    writePages(join(folder, 'a.jsonl'), 0, 300)
    const pipeline = writePipeline(folder, 'faulty', ['a.jsonl'])
    quernJson<RunSummary>(['run', pipeline, '--out', join(folder, 'set')])
    const proxy = await startFaultProxy(server.endpoint)
    const kinds: Fault[] = [
      'drop-reply',
      'cut-body',
      { status: 503, code: 'SlowDown', done: false },
      { status: 500, code: 'InternalError', done: true },
      'flip-request',
    ]
    proxy.faults = ({ number }) => (number % 15 === 7 ? kinds[Math.floor(number / 15) % kinds.length] : undefined)
    try {
      const ran = await quernThrough({ ...server.env, AWS_ENDPOINT_URL_S3: proxy.endpoint, QUERN_S3_STALL_SECONDS: '5' }, [
        'run',
        pipeline,
        '--out',
        `s3://${bucket}/faulty`,
        '--json',
      ])
      expect(ran.err).not.toContain(secret)
      expect(ran).toMatchObject({ status: 0 })
      expect([...proxy.happened.values()].reduce((sum, n) => sum + n, 0)).toBeGreaterThan(10)
    } finally {
      await proxy.stop()
    }
    expect(reachable(onDisk('faulty'))).toEqual(reachable(join(folder, 'set')))
  })

  test('stopped anywhere and started again, it has the bytes of a run that was not stopped', { timeout: 600_000 }, async () => {
    const folder = scratch()
    writePages(join(folder, 'a.jsonl'), 0, 300)
    const pipeline = writePipeline(folder, 'killed', ['a.jsonl'])
    const began = Date.now()
    quernJson<RunSummary>(['run', pipeline, '--out', `s3://${bucket}/whole`])
    const duration = Date.now() - began
    const kills = Number(process.env['QUERN_KILLS'] ?? 3)
    for (let kill = 0; kill < kills; kill++) {
      const child = startQuern(['run', pipeline, '--out', `s3://${bucket}/killed-${kill}`])
      await Promise.race([sleep(400 + ((kill + 0.5) / kills) * duration), once(child, 'exit')])
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
      quernJson<RunSummary>(['run', pipeline, '--out', `s3://${bucket}/killed-${kill}`])
      expect(reachable(onDisk(`killed-${kill}`))).toEqual(reachable(onDisk('whole')))
    }
    // What the killed ones left is known to be theirs: the last run holds no lease, and nothing is spooled.
    for (const name of readdirSync(server.objects))
      if (name.startsWith('killed-')) expect(readdirSync(join(server.objects, name))).not.toContain('plans')
    expect(readdirSync(join(server.cache, 'spool'))).toEqual([])
  })

  test('two overlapping runs end like the same two in commit order, cross-duplicates included', { timeout: 600_000 }, async () => {
    const folder = scratch()
    const planted = Number(process.env['QUERN_CROSS_DUPLICATES'] ?? 100)
    // Some copies are too far from their original to count, some originals are dropped by a rule.
    const count = Math.ceil(planted * 1.25)
    const write = (name: string, first: number, text: (i: number) => string): void =>
      writeFileSync(
        join(folder, name),
        Array.from({ length: count }, (_, i) => JSON.stringify({ url: `https://pages.example/${first + i}`, text: text(i) })).join('\n'),
      )
    write('a.jsonl', 0, (i) => page(i, 120))
    write('b.jsonl', count, (i) => (i % 3 === 0 ? page(i, 120) : page(i, 120, 0.01, i)))
    const a = writePipeline(folder, 'a', ['a.jsonl'])
    const b = writePipeline(folder, 'b', ['b.jsonl'])
    const both = await Promise.all(
      [a, b].map((pipeline) => quernThrough(server.env, ['run', pipeline, '--out', `s3://${bucket}/both`, '--workers', '1'])),
    )
    expect(both.map(({ status, err }) => [status, status === 0 ? '' : err])).toEqual([
      [0, ''],
      [0, ''],
    ])
    const together = fates(onDisk('both'))
    const numberOf = (id: string | null): number => Number(together[id ?? '']?.url.split('/').at(-1))
    const crossing = Object.entries(together).filter(([id, { survivor }]) => survivor !== null && numberOf(id) < count !== numberOf(survivor) < count)
    expect(crossing.length).toBeGreaterThanOrEqual(planted)
    const inOrder = (pipelines: readonly string[], name: string): Record<string, unknown> => {
      for (const pipeline of pipelines) quernJson<RunSummary>(['run', pipeline, '--out', join(folder, name)])
      return fates(join(folder, name))
    }
    const orders = [inOrder([a, b], 'ab'), inOrder([b, a], 'ba')]
    expect(orders[0]).not.toEqual(orders[1])
    expect(orders).toContainEqual(together)
    expect(quernJson<{ ok: boolean }>(['verify', `s3://${bucket}/both`])).toMatchObject({ ok: true })
  })

  test('an error tells what to do and no secret', async () => {
    const folder = scratch()
    writePages(join(folder, 'a.jsonl'), 0, 10)
    const pipeline = writePipeline(folder, 'wrong', ['a.jsonl'])
    const wrongSecret = 'AnotherSecretThatIsWrong'
    for (const [env, out, remedy] of [
      [{ AWS_SECRET_ACCESS_KEY: wrongSecret }, `s3://${bucket}/x`, 'AWS_PROFILE'],
      [{}, 's3://no-such-bucket/x', 'Make the bucket first'],
      [{ AWS_ENDPOINT_URL_S3: 'http://user:TheSecretThatNoFileMayHold@127.0.0.1:1' }, `s3://${bucket}/x`, 'without user and password'],
    ] as const) {
      const ran = await quernThrough({ ...server.env, ...env }, ['run', pipeline, '--out', out])
      expect(ran.status).toBe(2)
      expect(ran.err).toContain(remedy)
      expect(ran.out + ran.err).not.toContain(secret)
      expect(ran.out + ran.err).not.toContain(wrongSecret)
    }
  })
})
