/** A judgement of one document by one person. */
export interface Rating {
  readonly document: string
  readonly annotator: string
  readonly label: string
}

/**
 * Krippendorff's alpha for nominal labels (Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability"): 1 is full
 * agreement, 0 what chance gives, under 0 worse. Documents that only one person labelled say nothing and are left out.
 * NaN when nothing can be compared, or when everybody always gave the same one label.
 */
export function krippendorffAlpha(ratings: readonly Rating[]): number {
  const latest = new Map<string, Map<string, string>>()
  for (const { document, annotator, label } of ratings) {
    const of = latest.get(document) ?? new Map<string, string>()
    latest.set(document, of.set(annotator, label))
  }
  const totals = new Map<string, number>()
  let pairable = 0
  let disagreement = 0
  for (const labels of latest.values()) {
    if (labels.size < 2) continue
    const counts = new Map<string, number>()
    for (const label of labels.values()) counts.set(label, (counts.get(label) ?? 0) + 1)
    const n = labels.size
    pairable += n
    let agreeing = 0
    for (const [label, count] of counts) {
      totals.set(label, (totals.get(label) ?? 0) + count)
      agreeing += count * (count - 1)
    }
    disagreement += (n * (n - 1) - agreeing) / (n - 1)
  }
  let expected = 0
  for (const count of totals.values()) expected += count * (pairable - count)
  return expected === 0 ? NaN : 1 - ((pairable - 1) * disagreement) / expected
}
