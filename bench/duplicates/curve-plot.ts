export interface Curve {
  readonly name: string
  readonly points: readonly (readonly [x: number, y: number])[]
  /** Dots for what was measured, a line for what theory says. */
  readonly kind: 'line' | 'dots'
  /** Number of the colour; a measured curve and its theory share one. */
  readonly colour: number
}

export interface Panel {
  readonly title: string
  readonly x: string
  readonly y: string
  readonly from: number
  readonly to: number
  /** Where y ends; 1 unless given. */
  readonly high?: number
  readonly curves: readonly Curve[]
}

/** Okabe and Ito 2008: told apart by people who see colours differently. */
const colours = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9']
const [width, height, left, top] = [420, 250, 56, 40]
const ticks = 5

/** Panels one under the other, y from 0 in each, as one SVG file that needs nothing else. */
export function curvePlot(panels: readonly Panel[]): string {
  const tall = height + top + 56
  const [all, high] = [left + width + 190, tall * panels.length]
  const head = `<svg xmlns="http://www.w3.org/2000/svg" width="${all}" height="${high}" viewBox="0 0 ${all} ${high}" font-family="sans-serif" font-size="11">`
  const drawn = panels.map((panel, i) => `<g transform="translate(0 ${i * tall})">\n${draw(panel)}\n</g>`)
  return [head, `<rect width="${all}" height="${high}" fill="white"/>`, ...drawn, '</svg>', ''].join('\n')
}

function draw({ title, x, y, from, to, high = 1, curves }: Panel): string {
  const across = (value: number): number => Number((left + ((value - from) / (to - from)) * width).toFixed(1))
  const up = (value: number): number => Number((top + (1 - value / high) * height).toFixed(1))
  const parts = [`<text x="${left}" y="22" font-size="14" font-weight="bold">${title}</text>`]
  for (let tick = 0; tick <= ticks; tick += 1) {
    const [part, value] = [(tick / ticks) * high, from + ((to - from) * tick) / ticks]
    parts.push(
      `<path d="M${left} ${up(part)}h${width}M${across(value)} ${top}v${height}" stroke="#ddd" fill="none"/>`,
      `<text x="${left - 6}" y="${up(part) + 4}" text-anchor="end" fill="#555">${part.toFixed(1)}</text>`,
      `<text x="${across(value)}" y="${top + height + 16}" text-anchor="middle" fill="#555">${Number(value.toFixed(3))}</text>`,
    )
  }
  parts.push(
    `<text x="${left + width / 2}" y="${top + height + 34}" text-anchor="middle" fill="#555">${x}</text>`,
    `<text transform="translate(16 ${top + height / 2}) rotate(-90)" text-anchor="middle" fill="#555">${y}</text>`,
  )
  for (const [i, { name, points, kind, colour }] of curves.entries()) {
    const ink = colours[colour % colours.length]
    const places = points.filter((point) => point[0] >= from && point[0] <= to).map(([px, py]) => [across(px), up(py)] as const)
    if (kind === 'line')
      parts.push(`<polyline points="${places.map((place) => place.join(',')).join(' ')}" fill="none" stroke="${ink}" stroke-width="1.5"/>`)
    else parts.push(...places.map(([px, py]) => `<circle cx="${px}" cy="${py}" r="2.5" fill="${ink}"/>`))
    const [keyX, keyY] = [left + width + 14, top + 10 + i * 17]
    parts.push(
      kind === 'line'
        ? `<path d="M${keyX} ${keyY - 4}h14" stroke="${ink}" stroke-width="2"/>`
        : `<circle cx="${keyX + 7}" cy="${keyY - 4}" r="2.5" fill="${ink}"/>`,
      `<text x="${keyX + 20}" y="${keyY}">${name}</text>`,
    )
  }
  return parts.join('\n')
}
