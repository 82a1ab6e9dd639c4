/** What a wiki calls its namespaces, by `wikiNames`. */
export interface WikiNames {
  /** Lower-cased names of files, media and categories: links to them show nothing in running text. */
  readonly silent: ReadonlySet<string>
  /** Lower-cased names of all namespaces. */
  readonly all: ReadonlySet<string>
}

/** Namespaces of media, files and categories (MediaWiki, Namespace.php). */
const silentKeys = new Set([-2, 6, 14])
/** Every wiki takes these too, whatever its language. */
const english = ['file', 'image', 'media', 'category']
/** Aliases that siteinfo of a dump does not list, but that pages written before a wiki changed its names use. */
const aliases = [
  'bild',
  'datei',
  'kategorie',
  'fichier',
  'catégorie',
  'archivo',
  'imagen',
  'categoría',
  'immagine',
  'categoria',
  'ficheiro',
  'imagem',
  'bestand',
  'afbeelding',
  'categorie',
  'plik',
  'grafika',
  'soubor',
  'obrázek',
  'súbor',
  'kép',
  'fájl',
  'fișier',
  'imagine',
  'fil',
  'billede',
  'tiedosto',
  'kuva',
  'pilt',
  'vaizdas',
  'attēls',
  'slika',
  'datoteka',
  'файл',
  'картинка',
  'категория',
  'αρχείο',
  'εικόνα',
  'κατηγορία',
  'íomhá',
  'stampa',
]

/** Names of namespaces by number, as a dump's `siteinfo` gives them. */
export function wikiNames(namespaces: ReadonlyMap<number, string>): WikiNames {
  const silent = new Set([...english, ...aliases])
  const all = new Set(silent)
  for (const [key, name] of namespaces) {
    const lower = normal(name)
    if (lower === '') continue
    all.add(lower)
    if (silentKeys.has(key)) silent.add(lower)
  }
  return { silent, all }
}

function normal(name: string): string {
  return name.replaceAll('_', ' ').trim().toLowerCase()
}

/** A prefix that is a language or a sister project: `de`, `zh-min-nan`, `be-x-old`. */
const language = /^[a-z]{2,3}(?:-[a-z-]{1,12})?$/u

/** What a link shows; `label` undefined: it has none. */
export function linkText(target: string, label: string | undefined, names: WikiNames): string {
  const leading = target.trimStart().startsWith(':')
  const bare = target.trimStart().replace(/^:/u, '')
  const colon = bare.indexOf(':')
  const prefix = colon < 0 ? '' : normal(bare.slice(0, colon))
  if (!leading && prefix !== '') {
    if (names.silent.has(prefix)) return ''
    // A link to the same page in another language stands beside the page, not in it.
    if (label === undefined && language.test(prefix) && !names.all.has(prefix)) return ''
  }
  if (label === undefined) return bare
  if (label.trim() !== '') return label
  // The pipe trick: without namespace, and without what stands in brackets or behind a comma.
  return bare.slice(colon + 1).replace(/\s*\([^)]*\)$|,.*$/u, '')
}
