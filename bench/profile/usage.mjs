// Imported into a process before its own program: on leaving it writes what the process used, all threads together.
import { writeFileSync } from 'node:fs'

const file = process.env.QUERN_BENCH_USAGE
if (file !== undefined)
  process.on('exit', () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
    writeFileSync(file, JSON.stringify({ cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, peakBytes: maxRSS * 1024 }))
  })
