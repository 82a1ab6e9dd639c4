import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CreateBucketCommand } from '@aws-sdk/client-s3'
import { connect } from '../../src/storage/s3-client.ts'
import { s3Settings, type S3Settings } from '../../src/storage/s3-place.ts'
import { python } from '../python.ts'
import { root } from '../quern.ts'

/** The authority: built by `npm test` from the Go module proxy, once. */
export const versitygw = process.env['QUERN_TEST_VERSITYGW'] ?? join(root, '.cache', 'versitygw-v1.8.0', 'versitygw')

export const servers = ['versitygw', 'moto'] as const
export type ServerName = (typeof servers)[number]

export interface S3Server {
  readonly endpoint: string
  /** What a process needs to speak to it; the secret is one that no output may hold. */
  readonly env: Readonly<Record<string, string>>
  /** Where versitygw keeps the bucket's objects, a file each. */
  readonly objects: string
  /** Local copies and spooled files of whoever uses `env`. */
  readonly cache: string
  stop(): Promise<void>
}

export const bucket = 'quern-test'
export const secret = 'TheSecretThatNoFileMayHold'

/** A server of one of both kinds on loopback, with an empty bucket; versitygw goes on with what lies in the folder `keepIn`, and leaves it. */
export async function startServer(name: ServerName, keepIn?: string): Promise<S3Server> {
  const folder = keepIn ?? (await mkdtemp(join(tmpdir(), 'quern-s3-')))
  await mkdir(join(folder, 'data'), { recursive: true })
  const port = await freePort()
  const endpoint = `http://127.0.0.1:${port}`
  const env = {
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_ACCESS_KEY_ID: 'quern',
    AWS_SECRET_ACCESS_KEY: secret,
    AWS_REGION: 'eu-test-1',
    QUERN_CACHE: join(folder, 'cache'),
  }
  if (name === 'versitygw' && !existsSync(versitygw)) throw new Error(`versitygw is missing at ${versitygw}: run npm test once, it builds it`)
  const child =
    name === 'versitygw'
      ? spawn(
          versitygw,
          ['--port', `127.0.0.1:${port}`, '--region', env.AWS_REGION, 'posix', '--sidecar', join(folder, 'meta'), join(folder, 'data')],
          {
            stdio: ['ignore', 'ignore', 'inherit'],
            env: { ...process.env, ROOT_ACCESS_KEY: env.AWS_ACCESS_KEY_ID, ROOT_SECRET_KEY: env.AWS_SECRET_ACCESS_KEY },
          },
        )
      : spawn(python, ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' })
  if (name === 'versitygw') await mkdir(join(folder, 'meta'), { recursive: true })
  await answering(endpoint, child)
  Object.assign(process.env, env)
  if (!existsSync(join(folder, 'data', bucket))) await connect(s3Settings()).client.send(new CreateBucketCommand({ Bucket: bucket }))
  return {
    endpoint,
    env,
    objects: join(folder, 'data', bucket),
    cache: env.QUERN_CACHE,
    async stop() {
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
      if (keepIn === undefined) await rm(folder, { recursive: true, force: true })
    },
  }
}

/** The settings of tests: a store that is out of order is found out in seconds. */
export function testSettings(changes: Partial<S3Settings> = {}): S3Settings {
  return { ...s3Settings(), stallMs: 2000, backoffMs: 5, ...changes }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function answering(endpoint: string, child: ChildProcess): Promise<void> {
  for (let wait = 0; wait < 600; wait++) {
    if (child.exitCode !== null) throw new Error(`the server at ${endpoint} exited with ${child.exitCode}`)
    const reply = await fetch(endpoint).catch(() => undefined)
    await reply?.arrayBuffer()
    if (reply !== undefined) return
    await sleep(100)
  }
  throw new Error(`the server at ${endpoint} does not answer`)
}
