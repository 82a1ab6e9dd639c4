import { render } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { isReport, useAnswer } from './ask.ts'
import { ComparePage } from './compare.tsx'
import { DocumentPage } from './document-page.tsx'
import { DocumentsPage } from './documents.tsx'
import { LabelsPage } from './labels.tsx'
import { LanguagesPage } from './languages.tsx'
import { OverviewPage } from './overview.tsx'
import { link, When } from './parts.tsx'
import { RulePage } from './rule.tsx'
import { RulesPage } from './rules.tsx'
import { type Tongue, TongueContext, tongues } from './words.ts'

const places = (['overview', 'rules', 'documents', 'labels', 'compare', 'languages'] as const).filter((place) => !isReport || place !== 'documents')

interface Snapshots {
  readonly dataset: string
  readonly snapshots: readonly { readonly version: number; readonly tags: readonly string[] }[]
}

function Page() {
  const [hash, setHash] = useState(location.hash)
  const [tongue, setTongue] = useState<Tongue>(firstTongue)
  useEffect(() => {
    const changed = () => setHash(location.hash)
    addEventListener('hashchange', changed)
    return () => removeEventListener('hashchange', changed)
  }, [])
  useEffect(() => {
    document.documentElement.lang = tongue
    localStorage.setItem('quern-tongue', tongue)
  }, [tongue])
  const [path = '', parameters = ''] = hash.replace(/^#\//, '').split('?')
  const place = path === '' ? 'overview' : path
  const query = new URLSearchParams(parameters)
  const w = tongues[tongue]
  const asked = useAnswer<Snapshots>('snapshots', {})
  return (
    <TongueContext.Provider value={tongue}>
      <header>
        <a href="#content" class="quiet" onClick={skip}>
          {w.skip}
        </a>
        <strong>Quern</strong>
        <nav aria-label="Quern">
          {places.map((name) => (
            <a
              key={name}
              href={link(name, { snapshot: query.get('snapshot') ?? '' })}
              aria-current={name === place || `${place}s` === name ? 'page' : undefined}
            >
              {w[name]}
            </a>
          ))}
        </nav>
        <span class="push">
          {asked.state === 'there' && !isReport && (
            <label class="field">
              {w.snapshot}
              <select value={query.get('snapshot') ?? ''} onChange={(event) => choose(place, query, event.currentTarget.value)}>
                <option value="">{asked.answer.snapshots[0]?.version ?? '–'}</option>
                {asked.answer.snapshots.slice(1).map(({ version, tags }) => (
                  <option key={version} value={String(version)}>
                    {[version, ...tags].join(' ')}
                  </option>
                ))}
              </select>
            </label>
          )}
          <label class="field">
            {w.theme}
            <select value={tongue} onChange={(event) => setTongue(event.currentTarget.value as Tongue)}>
              <option value="en">English</option>
              <option value="de">Deutsch</option>
            </select>
          </label>
        </span>
      </header>
      <main id="content" tabIndex={-1}>
        <When asked={asked}>{({ snapshots }) => <Content place={place} query={query} snapshots={snapshots.map(({ version }) => version)} />}</When>
      </main>
    </TongueContext.Provider>
  )
}

function Content({ place, query, snapshots }: { readonly place: string; readonly query: URLSearchParams; readonly snapshots: readonly number[] }) {
  const at = { snapshot: query.get('snapshot') ?? '', query }
  if (place === 'rules') return <RulesPage {...at} />
  if (place === 'rule') return <RulePage {...at} />
  if (place === 'documents') return <DocumentsPage {...at} />
  if (place === 'document') return <DocumentPage {...at} />
  if (place === 'labels') return <LabelsPage {...at} />
  if (place === 'compare') return <ComparePage {...at} snapshots={snapshots} />
  if (place === 'languages') return <LanguagesPage {...at} />
  return <OverviewPage {...at} />
}

function firstTongue(): Tongue {
  const kept = localStorage.getItem('quern-tongue')
  if (kept === 'en' || kept === 'de') return kept
  return navigator.language.startsWith('de') ? 'de' : 'en'
}

function choose(place: string, query: URLSearchParams, snapshot: string): void {
  location.hash = link(place, { ...Object.fromEntries(query), snapshot })
}

/** The address is the page's own place, so a jump inside it is made by hand. */
function skip(event: MouseEvent): void {
  event.preventDefault()
  document.getElementById('content')?.focus()
}

const page = document.getElementById('page')
if (page !== null) render(<Page />, page)
