/** Numbers night by night as small plots under one another, each from zero; NaN leaves a gap. */
export function plotNights(rows: readonly { readonly title: string; readonly values: readonly number[] }[]): string {
  const [width, height, left, gap] = [720, 110, 60, 34]
  const plots = rows.map(({ title, values }, i) => {
    const top = i * (height + gap) + gap
    const most = Math.max(...values.filter((value) => !Number.isNaN(value)), 1e-9)
    const points = values.flatMap((value, n) => {
      if (Number.isNaN(value)) return []
      const x = left + (n / Math.max(1, values.length - 1)) * (width - left - 10)
      return `${x.toFixed(1)},${(top + height - (value / most) * height).toFixed(1)}`
    })
    return [
      `<text x="${left}" y="${top - 8}">${title}</text>`,
      `<path d="M${left} ${top}V${top + height}H${width - 10}" fill="none" stroke="#999"/>`,
      `<text x="${left - 6}" y="${top + 10}" text-anchor="end">${label(most)}</text>`,
      `<text x="${left - 6}" y="${top + height}" text-anchor="end">0</text>`,
      `<polyline points="${points.join(' ')}" fill="none" stroke="#1f5fa8" stroke-width="1.2"/>`,
    ].join('\n')
  })
  const tall = rows.length * (height + gap) + gap
  const nights = rows[0]?.values.length ?? 0
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${tall}" font-family="sans-serif" font-size="12">
<rect width="${width}" height="${tall}" fill="#fff"/>
${plots.join('\n')}
<text x="${left}" y="${tall - 10}">night 2</text>
<text x="${width - 10}" y="${tall - 10}" text-anchor="end">night ${nights + 1}</text>
</svg>
`
}

function label(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3)
}
