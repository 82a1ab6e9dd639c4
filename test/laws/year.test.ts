import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { nightPipeline, writeNight } from '../../bench/input/nights.ts'
import { connect } from '../../src/storage/s3-client.ts'
import { root, scratch } from '../quern.ts'
import { startFaultProxy, type FaultProxy } from '../storage/fault-proxy.ts'
import { bucket, startServer, testSettings, type S3Server } from '../storage/s3-servers.ts'

const nights = 12
const parts = 4

let server: S3Server
let proxy: FaultProxy
beforeAll(async () => {
  server = await startServer('versitygw')
  proxy = await startFaultProxy(server.endpoint)
})
afterAll(async () => {
  await proxy.stop()
  await server.stop()
})

test('a later night asks the store no more than an early one, and leaves no staging', { timeout: 900_000 }, async () => {
  const folder = scratch()
  const pipeline = nightPipeline(folder, join(root, 'data-samples/tokenizer.json'), { from: `s3://${bucket}/in` })
  const { client } = connect(testSettings({ endpoint: server.endpoint }))
  const requests: number[] = []
  const ofInputs: number[] = []
  for (let night = 1; night <= nights; night++) {
    const file = writeNight(folder, night, night * parts, parts)
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: `in/${file.split('/').at(-1)}`, Body: readFileSync(file) }))
    const before = proxy.asked.length
    const args = [join(root, 'bin', 'quern.mjs'), 'run', pipeline, '--out', `s3://${bucket}/year`, '--workers', '1', '--json']
    const child = spawn(process.execPath, args, {
      env: { ...process.env, ...server.env, AWS_ENDPOINT_URL_S3: proxy.endpoint },
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    expect((await once(child, 'close'))[0]).toBe(0)
    const asked = proxy.asked.slice(before)
    requests.push(asked.length)
    ofInputs.push(asked.filter(({ path }) => path.startsWith(`/${bucket}/in/`)).length)
    for (const left of ['staging', 'parts', 'plans']) expect(filesIn(join(server.objects, 'year', left))).toEqual([])
  }
  // Files of earlier nights are told from new ones by the list alone.
  expect(new Set(ofInputs).size, ofInputs.join(' ')).toBe(1)
  expect(filesIn(join(server.objects, 'year', 'snapshots'))).toHaveLength(nights)
  // Which night merges what differs a little, so several are compared; the alarms look back seven nights at most.
  const mean = (some: readonly number[]): number => some.reduce((sum, n) => sum + n, 0) / some.length
  expect(mean(requests.slice(-3)) / mean(requests.slice(1, 4)), requests.join(' ')).toBeLessThan(1.2)
})

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
