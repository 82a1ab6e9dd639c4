/** Licences by their addresses, without scheme and `www.`; the first that fits counts. */
const known: readonly (readonly [RegExp, string | ((found: RegExpExecArray) => string)])[] = [
  [/^creativecommons\.org\/licen[cs]es\/(by(?:-n[cd])?(?:-sa|-nd)?|by-nc-(?:sa|nd)|nc-sampling\+|sampling\+)(?:\/|$)/, (found) => `cc-${found[1]}`],
  [/^creativecommons\.org\/publicdomain\/zero(?:\/|$)/, 'cc0'],
  [/^creativecommons\.org\/publicdomain\/(?:mark|certification)?(?:\/|$)/, 'cc-pdm'],
  [/^(?:www\.)?govdata\.de\/dl-de\/by-2-0/, 'dl-de-by'],
  [/^(?:www\.)?govdata\.de\/dl-de\/zero-2-0/, 'dl-de-zero'],
  [/^(?:www\.)?etalab\.gouv\.fr\/(?:.*licence-ouverte|licence-ouverte)/, 'etalab'],
  [/^(?:www\.)?nationalarchives\.gov\.uk\/doc\/open-government-licence/, 'ogl-uk'],
  [/^(?:www\.)?dati\.gov\.it\/(?:content\/)?italian-open-data-license|^(?:www\.)?formez\.it\/iodl/, 'iodl'],
  [/^data\.norge\.no\/nlod/, 'nlod'],
  [/^opendatacommons\.org\/licenses\/(by|odbl|pddl)(?:\/|$)/, (found) => `odc-${found[1]}`],
  [/^(?:www\.)?gnu\.org\/(?:copyleft|licenses)\/fdl/, 'gfdl'],
]

/** The licence that an address means: `cc-by-sa`, `cc0`, `dl-de-by`, ..., or `other`. Versions and ports are left to the address itself. */
export function licenceOf(address: string): string {
  const bare = address
    .trim()
    .toLowerCase()
    .replace(/^(?:https?:)?\/\//, '')
    .replace(/^www\./, '')
  for (const [pattern, name] of known) {
    const found = pattern.exec(bare)
    if (found !== null) return typeof name === 'string' ? name : name(found)
  }
  return 'other'
}
