// The large site in a process of its own: node serve.ts PAGES_PER_HOST SLOW_MILLISECONDS FLOOR_MILLISECONDS. Prints its
// port; for each line on standard input, what its log says of the crawler, and the next one meets a site that nobody has asked.
import { createInterface } from 'node:readline'
import { auditLog } from './audit-log.ts'
import { type LargeSite, largeSite } from './large-site.ts'
import { type HostScript, type Seen, serveSite } from './site.ts'

const [pagesPerHost = 1072, slow = 25, floor = 0] = process.argv.slice(2).map(Number)
let port = 0
const fresh = (): LargeSite => largeSite({ pagesPerHost, slow, seed: 1, origin: (host) => `http://127.0.0.${host}:${port}` })
let large = fresh()
const served = await serveSite(
  large.scripts.map(
    (_, i): HostScript =>
      (target, request) =>
        large.scripts[i]!(target, request),
  ),
)
port = Number(new URL(served.origin(1)).port)
large = fresh()
let begun = 0
let cpu = process.cpuUsage()
const print = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`)
print({ port })
createInterface({ input: process.stdin })
  .on('line', () => {
    const { user, system } = process.cpuUsage(cpu)
    const seen: readonly Seen[] = served.seen.slice(begun)
    print({ ...auditLog(seen, large, floor), cpu: (user + system) / 1e6 })
    begun = served.seen.length
    cpu = process.cpuUsage()
    large = fresh()
  })
  .on('close', () => process.exit(0))
