/**
 * Least probability (after folding) that the language of a kept document must have, by model and language. A limit
 * belongs to the model whose scores it was set on; FineWeb2's `language_score` belongs to GlotLID and is not used here.
 */
export const scoreLimits: Readonly<Record<string, { readonly default: number; readonly languages: Readonly<Record<string, number>> }>> = {
  /**
   * Default: 0.5, as CCNet (Wenzek et al. 2020) used with this model for 100 languages. English: FineWeb's 0.65.
   * The others are lower: languages whose near relatives take a share of every score, so that 0.5 would drop good pages.
   * Each is the score that 99 % of rightly named pages of 600 characters reach, rounded down to 0.05; pages are runs of
   * Universal Dependencies sentences (train and dev). Bosnian has no such text and takes Serbian's limit.
   */
  'lid.176': {
    default: 0.5,
    languages: { en: 0.65, bs: 0.45, ga: 0.25, gd: 0.15, mt: 0.4, nb: 0.35, nn: 0.4, sl: 0.4, sr: 0.45 },
  },
  /** Any other model, until someone has measured it. */
  other: { default: 0.5, languages: {} },
}
