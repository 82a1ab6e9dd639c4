import * as z from 'zod'
import { maxRawBytes, rightsPlaces, rightsProtocols, type RightsSignal, signalValues } from '../core/rights.ts'

const signal = z.object({
  protocol: z.enum(rightsProtocols),
  place: z.enum(rightsPlaces),
  agents: z.array(z.string()).default([]),
  use: z.string(),
  value: z.enum(signalValues),
  line: z.int().min(1).optional(),
  raw: z.string(),
})

/**
 * Signals as one line of JSON: the field `rights-signals` of a WARC metadata record, and the column `rights_evidence` of the
 * ledger. Empty when there are none. Fields stand in one order and empty ones are left out, so that equal signals are equal bytes.
 */
export function writeEvidence(signals: readonly RightsSignal[]): string {
  if (signals.length === 0) return ''
  return JSON.stringify(
    signals.map(({ protocol, place, agents, use, value, line, raw }) => ({
      protocol,
      place,
      ...(agents.length === 0 ? {} : { agents }),
      use,
      value,
      ...(line === undefined ? {} : { line }),
      raw,
    })),
  )
}

/** What `writeEvidence` wrote; undefined when the text is nothing of the kind. */
export function readEvidence(text: string): RightsSignal[] | undefined {
  if (text === '') return []
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  const signals = z.array(signal).safeParse(value)
  return signals.success ? signals.data.map(({ line, ...rest }) => (line === undefined ? rest : { ...rest, line })) : undefined
}

/** The statement as it is kept: in one line, at most `maxRawBytes` characters. */
export function asRaw(text: string): string {
  return text
    .replaceAll(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, maxRawBytes)
    .toWellFormed()
}
