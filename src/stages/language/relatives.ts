/**
 * Languages that a model takes for each other in single sentences. For a whole page the model decides between them; a sentence of
 * one inside a page of another is no sign of mixing.
 */
export const relatives: readonly (readonly string[])[] = [
  ['hr', 'bs', 'sr'],
  ['nb', 'nn', 'da'],
  ['cs', 'sk'],
  ['bg', 'mk'],
  ['gl', 'pt'],
  ['es', 'ast', 'an'],
  ['ca', 'oc'],
  ['de', 'gsw', 'lb', 'nds'],
  ['nl', 'fy', 'li'],
  ['ga', 'gd', 'gv'],
  ['is', 'fo'],
  ['be', 'ru', 'uk', 'rue'],
  ['tr', 'az'],
]
