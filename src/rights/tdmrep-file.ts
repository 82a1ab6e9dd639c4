import * as z from 'zod'
import type { RightsSignal } from '../core/rights.ts'
import { asRaw } from './evidence.ts'
import { matching } from './robots-signals.ts'

/** A value of another type is as if it were not there: a rule stays a rule. */
const rule = z.object({
  location: z.string(),
  'tdm-reservation': z
    .union([z.literal(0), z.literal(1)])
    .optional()
    .catch(undefined),
  'tdm-policy': z.string().optional().catch(undefined),
})

/** Rules of a file that are looked at, and bytes of it that are read. */
const maxRules = 1000
const maxBytes = 1 << 20

type Rules = readonly z.infer<typeof rule>[] | 'unreadable'

const parsed = new WeakMap<Uint8Array, Rules>()

/** `/.well-known/tdmrep.json` (TDMRep, section 6): the first rule whose location matches the path counts. */
export function tdmrepSignals(file: Uint8Array, target: string): RightsSignal[] {
  let rules = parsed.get(file)
  if (rules === undefined) parsed.set(file, (rules = parse(file)))
  const place = 'tdmrep.json' as const
  if (rules === 'unreadable')
    return [{ protocol: 'tdmrep', place, agents: [], use: 'tdm', value: 'unreadable', raw: asRaw(decode(file.subarray(0, 1024))) }]
  const found = rules.find(
    ({ location }) => matching([location.startsWith('/') || location.startsWith('*') ? location : `/${location}`], target) !== undefined,
  )
  if (found === undefined) return []
  const raw = asRaw(JSON.stringify(found))
  const { 'tdm-reservation': reservation, 'tdm-policy': policy } = found
  const signals: RightsSignal[] = []
  if (reservation !== undefined) signals.push({ protocol: 'tdmrep', place, agents: [], use: 'tdm', value: reservation === 1 ? 'deny' : 'allow', raw })
  if (policy !== undefined) signals.push({ protocol: 'tdmrep', place, agents: [], use: 'policy', value: 'stated', raw })
  return signals
}

const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

function parse(file: Uint8Array): Rules {
  if (file.byteLength > maxBytes) return 'unreadable'
  try {
    const value = z.array(z.unknown()).parse(JSON.parse(decode(file)))
    return value.slice(0, maxRules).flatMap((one) => {
      const read = rule.safeParse(one)
      return read.success ? [read.data] : []
    })
  } catch {
    return 'unreadable'
  }
}
