import { describe, expect, test } from 'vitest'
import type { AlarmSettings } from '../../src/core/pipeline.ts'
import type { Fates, Losses } from '../../src/dataset/losses.ts'
import { alarmsOf, languageShifts } from '../../src/mill/alarms.ts'
import { registry } from '../../src/mill/registry.ts'

const settings: AlarmSettings = { share: 0.6, factor: 5, least: 100, nights: 7, except: [] }
const night = (fates: Fates): Losses => ({ bySource: { news: fates }, byLanguage: { de: fates } })
const fates = (read: number, dropped: Record<string, number>, copies = 0): Fates => ({ read, copies, dropped })
const alarms = (tonight: Fates, before: readonly Fates[] = [], changed: Partial<AlarmSettings> = {}) =>
  alarmsOf(night(tonight), before.map(night), { ...settings, ...changed }, registry)

describe('alarms', () => {
  test('a source that loses more than its share is told with its rules, the worst first', () => {
    const [alarm] = alarms(fates(1000, { 'gopher-quality/too-few-words': 100, 'near-duplicates/similar': 501 }))
    expect(alarm).toMatchObject({ source: 'news', says: 'share', wanted: 1000, lost: 601, usual: null })
    expect(alarm?.rules.map(({ rule }) => rule)).toEqual(['near-duplicates/similar', 'gopher-quality/too-few-words'])
    expect(alarms(fates(1000, { 'near-duplicates/similar': 600 }))).toEqual([])
  })

  test('five times the usual rate is told, small rates and few documents are not', () => {
    const before = [fates(1000, { 'gopher-quality/too-few-words': 10 }), fates(1000, { 'gopher-quality/too-few-words': 30 })]
    expect(alarms(fates(1000, { 'gopher-quality/too-few-words': 101 }), before)).toMatchObject([{ says: 'factor', usual: 0.02 }])
    expect(alarms(fates(1000, { 'gopher-quality/too-few-words': 100 }), before)).toEqual([])
    expect(alarms(fates(1000, { 'gopher-quality/too-few-words': 40 }), [fates(1000, { 'gopher-quality/too-few-words': 5 })])).toEqual([])
    expect(alarms(fates(150, { 'gopher-quality/too-few-words': 19 }), before)).toEqual([])
  })

  test('a source that always loses much is no news', () => {
    const usual = [fates(1000, { 'gopher-quality/too-few-words': 800 })]
    expect(alarms(fates(1000, { 'gopher-quality/too-few-words': 900 }), usual)).toEqual([])
  })

  test('what was never wanted, and copies of kept texts, are no loss', () => {
    expect(alarms(fates(1000, { 'language/other-language': 900 }))).toEqual([])
    expect(alarms(fates(1000, { 'warc/revisit': 900 }))).toEqual([])
    expect(alarms(fates(1000, { 'exact-duplicates/copy': 450, 'url-duplicates/same-page': 500 }))).toEqual([])
    expect(alarms(fates(1000, { 'near-duplicates/similar': 950 }, 950))).toEqual([])
    // The share is one of what is left: 80 of 100.
    expect(alarms(fates(1000, { 'language/other-language': 900, 'gopher-quality/too-few-words': 80 }))).toMatchObject([{ wanted: 100, lost: 80 }])
  })

  test('unreadable documents are a loss', () => {
    expect(alarms(fates(1000, { 'unreadable/truncated': 700 }))).toMatchObject([{ says: 'share' }])
  })

  test('settings let a source pass', () => {
    const bad = fates(1000, { 'near-duplicates/similar': 900 })
    expect(alarms(bad, [], { except: ['news'] })).toEqual([])
    expect(alarms(bad, [], { share: 0.9 })).toEqual([])
    expect(alarms(bad, [], { least: 1001 })).toEqual([])
  })

  test('shifts of languages come by their size', () => {
    const before = night(fates(1000, { 'gopher-quality/too-few-words': 100, 'near-duplicates/similar': 100 }))
    const tonight = night(fates(1000, { 'gopher-quality/too-few-words': 200, 'near-duplicates/similar': 400 }))
    const shifts = languageShifts(tonight, [before], settings, registry)
    expect(shifts.map(({ group, rule, usual }) => [group, rule, usual])).toEqual([
      ['de', 'near-duplicates/similar', 0.1],
      ['de', 'gopher-quality/too-few-words', 0.1],
    ])
  })
})
