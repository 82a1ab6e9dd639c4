import { createHash } from 'node:crypto'

/** The beginning of the Universal Declaration of Human Rights, article 1 and 3, by language. */
const sentences = {
  en: ['All human beings are born free and equal in dignity and rights.', 'Everyone has the right to life, liberty and security of person.'],
  de: ['Alle Menschen sind frei und gleich an Würde und Rechten geboren.', 'Jeder hat das Recht auf Leben, Freiheit und Sicherheit der Person.'],
  mt: [
    'Il-bnedmin kollha jitwieldu ħielsa u ugwali fid-dinjità u d-drittijiet.',
    'Kulħadd għandu d-dritt għall-ħajja, il-libertà u s-sigurtà tal-persuna.',
  ],
  el: [
    'Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια και τα δικαιώματα.',
    'Κάθε άτομο έχει δικαίωμα στη ζωή, την ελευθερία και την προσωπική του ασφάλεια.',
  ],
  ru: [
    'Все люди рождаются свободными и равными в своем достоинстве и правах.',
    'Каждый человек имеет право на жизнь, на свободу и на личную неприкосновенность.',
  ],
} as const
export type SiteLanguage = keyof typeof sentences

/** A whole number from 0, below 2^32, that belongs to these words. */
export function chance(...words: readonly (string | number)[]): number {
  return createHash('md5').update(words.join(' ')).digest().readUInt32BE(0)
}

export interface PageParts {
  readonly title: string
  readonly language: SiteLanguage
  /** Paragraphs are of this many sentences; pages are of two to nine paragraphs. */
  readonly number: number
  readonly navigation: readonly string[]
  readonly links: readonly string[]
  /** Elements of the head. */
  readonly head?: string
}

/** A page as sites write them: some navigation, some text, links in the text and below it; about 5 KB. */
export function writePage({ title, language, number, navigation, links, head = '' }: PageParts): string {
  const said = sentences[language]
  const item = (link: string): string => `<li class="item"><a class="link" href="${link}" title="${title}">${link}</a></li>`
  const paragraphs = Array.from({ length: 2 + (number % 8) }, (_, i) => {
    const linked = links[i]
    const text = `${title}, ${number}.${i}. ${said[(number + i) % 2]} ${said[i % 2]} ${said[(number >> 1) % 2]} ${number * 7 + i}`
    return `<p class="text">${text}${linked === undefined ? '' : ` <a href="${linked}"><em>${linked}</em></a>`}</p>`
  })
  return `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><title>${title} ${number}</title>${head}
<style>.item { display: inline-block; margin: 0 1em }</style><script>window.data = { page: "<a href='/never'>" + ${number} }</script></head>
<body><header><nav><ul>${navigation.map(item).join('\n')}</ul></nav></header>
<main><h1>${title} ${number}</h1>
${paragraphs.join('\n')}
<ul class="more">${links.map(item).join('\n')}</ul></main>
<!-- <a href="/never">not a link</a> --><footer>${said[number % 2]}</footer></body></html>
`
}
