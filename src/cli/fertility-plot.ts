/** A bar for every language and tokenizer. */
export interface Bars {
  readonly title: string
  /** What a bar's length is, with its unit. */
  readonly axis: string
  readonly series: readonly string[]
  readonly groups: readonly { readonly name: string; readonly values: readonly number[] }[]
}

/** Okabe and Ito 2008: told apart by people who see colours differently. */
const colours = ['#0072B2', '#E69F00', '#009E73', '#CC79A7', '#56B4E9', '#D55E00', '#F0E442', '#000000']
const barHeight = 9
const groupGap = 7
const left = 56
const right = 60
const plotWidth = 640

/** Horizontal bars grouped by language, as one SVG file that needs nothing else. */
export function barPlot({ title, axis, series, groups }: Bars): string {
  const groupHeight = series.length * barHeight + groupGap
  const top = 58 + 18 * Math.ceil(series.length / 2)
  const height = top + groups.length * groupHeight + 44
  const width = left + plotWidth + right
  const most = Math.max(...groups.flatMap(({ values }) => values), 0)
  const step = tickStep(most)
  const end = Math.max(step, Math.ceil(most / step) * step)
  const x = (value: number): number => Number((left + (value / end) * plotWidth).toFixed(1))
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11">`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    `<text x="${left}" y="24" font-size="15" font-weight="bold">${escaped(title)}</text>`,
    ...series.map((name, i) => legend(name, i)),
  ]
  for (let tick = 0; tick <= end + step / 2; tick += step) {
    const at = x(tick)
    parts.push(`<line x1="${at}" y1="${top - 6}" x2="${at}" y2="${height - 38}" stroke="#ddd"/>`)
    parts.push(`<text x="${at}" y="${height - 24}" text-anchor="middle" fill="#555">${Number(tick.toFixed(6))}</text>`)
  }
  parts.push(`<text x="${left + plotWidth / 2}" y="${height - 8}" text-anchor="middle" fill="#555">${escaped(axis)}</text>`)
  for (const [g, { name, values }] of groups.entries()) {
    const y = top + g * groupHeight
    parts.push(`<text x="${left - 8}" y="${y + (series.length * barHeight) / 2 + 4}" text-anchor="end">${escaped(name)}</text>`)
    for (const [i, value] of values.entries()) {
      const barTop = y + i * barHeight
      parts.push(
        `<rect x="${left}" y="${barTop}" width="${(x(value) - left).toFixed(1)}" height="${barHeight - 1}" fill="${colours[i % colours.length]}"/>`,
        `<text x="${x(value) + 4}" y="${barTop + barHeight - 1.5}" font-size="8.5" fill="#555">${value.toFixed(2)}</text>`,
      )
    }
  }
  parts.push('</svg>', '')
  return parts.join('\n')
}

function legend(name: string, i: number): string {
  const x = left + (i % 2) * (plotWidth / 2)
  const y = 44 + 18 * Math.floor(i / 2)
  return `<rect x="${x}" y="${y - 9}" width="10" height="10" fill="${colours[i % colours.length]}"/><text x="${x + 16}" y="${y}">${escaped(name)}</text>`
}

/** 1, 2 or 5 times a power of ten, for at most some eight ticks. */
function tickStep(most: number): number {
  if (!(most > 0)) return 1
  const rough = most / 8
  const power = 10 ** Math.floor(Math.log10(rough))
  return power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10)
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
