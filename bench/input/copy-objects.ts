import { createReadStream, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pLimit from 'p-limit'
import { pullObjects } from '../../src/dataset/pull-objects.ts'
import { type ObjectFacts, openStore } from '../../src/storage/store.ts'

/**
 * What publishing and pulling do with shards, and nothing else, as a process to be measured:
 * `push FOLDER URL FACTS` writes every file as an object that is named by its hash, `pull URL FOLDER FACTS` brings them back.
 */
const [act = '', from = '', to = '', list = ''] = process.argv.slice(2)
if (act === 'push') {
  const store = await openStore(to)
  await store.probe()
  const atOnce = pLimit(2)
  const facts = await Promise.all(
    readdirSync(from).map((name) =>
      atOnce(async (): Promise<ObjectFacts> => {
        const writer = await store.create()
        for await (const chunk of createReadStream(join(from, name), { highWaterMark: 1 << 20 })) await writer.write(chunk as Uint8Array)
        return writer.close((sha256) => `data/${sha256.slice(0, 2)}/xx-${sha256.slice(0, 16)}.arrow`)
      }),
    ),
  )
  writeFileSync(list, JSON.stringify(facts))
} else if (act === 'pull') {
  const facts = JSON.parse(readFileSync(list, 'utf8')) as ObjectFacts[]
  await pullObjects(await openStore(from), to, facts, { concurrency: 8, onBytes: () => undefined })
}
