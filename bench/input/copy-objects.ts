import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
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
        const file = await open(join(from, name))
        // Shards come to a writer out of memory that is used again.
        const buffer = new Uint8Array(1 << 20)
        for (let read = await file.read(buffer); read.bytesRead > 0; read = await file.read(buffer))
          await writer.write(buffer.subarray(0, read.bytesRead))
        await file.close()
        return writer.close((sha256) => `data/${sha256.slice(0, 2)}/xx-${sha256.slice(0, 16)}.arrow`)
      }),
    ),
  )
  writeFileSync(list, JSON.stringify(facts))
} else if (act === 'pull') {
  const facts = JSON.parse(readFileSync(list, 'utf8')) as ObjectFacts[]
  await pullObjects(await openStore(from), to, facts, { concurrency: 8, onBytes: () => undefined })
}
