/** What HPLT's annotators say yes or no to; a document may have several. The page knows these names too. */
export const problemNames = ['porn', 'artefacts', 'unnatural', 'wrong-language'] as const
export type ProblemName = (typeof problemNames)[number]

/** Whether a corpus should have the document. "Should have been kept" is `keep` of one that was dropped. */
export const verdictNames = ['keep', 'drop', 'unsure'] as const
