//! Maltese, which spaCy has no rules for: the words of the MUDT treebank, which Stanza's model learns from.

use super::chunk::{ALPHA, Char, run};

/// Placeholder until measured against the treebank.
pub fn article(span: &[Char]) -> usize {
    let letters = run(&span[..span.len().min(8)], |c| c.has(ALPHA));
    let joint = span.get(letters);
    if letters > 0 && joint.is_some_and(|c| c.is('-')) && span.get(letters + 1).is_some_and(|c| c.has(ALPHA)) { letters + 1 } else { 0 }
}
