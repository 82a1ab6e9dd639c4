import { useWords } from './words.ts'

/** Who labels in this browser. */
export function annotatorHere(): string {
  return localStorage.getItem('quern-annotator') ?? ''
}

export function AnnotatorField({ annotator, onName }: { readonly annotator: string; readonly onName: (name: string) => void }) {
  const { w } = useWords()
  const name = (given: string) => {
    localStorage.setItem('quern-annotator', given.trim())
    onName(given.trim())
  }
  return (
    <label class="field name">
      {w.annotator}
      <input defaultValue={annotator} maxLength={100} autocomplete="name" onInput={(event) => name(event.currentTarget.value)} />
    </label>
  )
}
