//! Cuts texts into pieces that are long enough to tell their language: sentences, and lines that end without one.

use super::columns::Bytes;

/// Pieces of all rows as one column, in order.
#[derive(Default)]
pub struct TextSegments {
    pub text: Bytes,
    /// Row of each piece.
    pub rows: Vec<i32>,
    /// Letters of each piece.
    pub letters: Vec<f64>,
}

/// A piece ends here at the latest, at the next space or character: what follows tells no more about its language.
const LONGEST: usize = 600;

struct Piece {
    start: usize,
    end: usize,
    letters: usize,
}

/// A piece ends at a line's end, or at `.`, `!`, `?`, `…`, `;` or `:` before white space once it has `min_letters` letters; one with
/// fewer is left out. Of more than `most` pieces of a row, `most` are taken at equal distances, the first among them.
pub fn cut_segments(values: &[u8], offsets: &[i32], min_letters: usize, most: usize) -> TextSegments {
    let mut out = TextSegments::default();
    let mut pieces = Vec::new();
    for (row, bounds) in offsets.windows(2).enumerate() {
        let Ok(text) = std::str::from_utf8(&values[bounds[0] as usize..bounds[1] as usize]) else { continue };
        pieces.clear();
        cut_text(text, min_letters, &mut pieces);
        let taken = pieces.len().min(most);
        for i in 0..taken {
            let piece: &Piece = &pieces[i * pieces.len() / taken];
            out.text.push(text[piece.start..piece.end].trim().as_bytes());
            out.rows.push(row as i32);
            out.letters.push(piece.letters as f64);
        }
    }
    out
}

fn cut_text(text: &str, min_letters: usize, pieces: &mut Vec<Piece>) {
    let (mut start, mut letters) = (0, 0);
    let mut rest = text.char_indices().peekable();
    while let Some((at, character)) = rest.next() {
        letters += usize::from(character.is_alphabetic());
        let next = rest.peek().map(|&(_, next)| next);
        let end = at + character.len_utf8();
        let sentence =
            letters >= min_letters && matches!(character, '.' | '!' | '?' | '…' | ';' | ':') && next.is_none_or(char::is_whitespace);
        let long = end - start >= LONGEST && (character == ' ' || end - start >= 2 * LONGEST);
        if character != '\n' && !sentence && !long && next.is_some() {
            continue;
        }
        if letters >= min_letters {
            pieces.push(Piece { start, end, letters });
        }
        (start, letters) = (end, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &str, most: usize) -> Vec<String> {
        let cut = cut_segments(text.as_bytes(), &[0, text.len() as i32], 10, most);
        cut.text.offsets.windows(2).map(|b| String::from_utf8(cut.text.values[b[0] as usize..b[1] as usize].to_vec()).unwrap()).collect()
    }

    #[test]
    fn sentences_and_lines() {
        assert_eq!(
            pieces("Menu\nDas Korn wird gemahlen. Z. B. am Abend mahlt er es. Und\nEine Zeile ohne Punkt\n12 345 678 901 234", 9),
            ["Das Korn wird gemahlen.", "Z. B. am Abend mahlt er es.", "Eine Zeile ohne Punkt"]
        );
        assert!(pieces("", 9).is_empty() && pieces("kurz", 9).is_empty());
    }

    #[test]
    fn of_many_some_at_equal_distances() {
        let text: String = "abcdefghij".chars().flat_map(|c| [c.to_string(), " wordwordword.\n".into()]).collect();
        assert_eq!(pieces(&text, 4), ["a wordwordword.", "c wordwordword.", "f wordwordword.", "h wordwordword."]);
    }

    #[test]
    fn one_endless_line_is_cut() {
        let cut = cut_segments("ä".repeat(1 << 20).as_bytes(), &[0, 1 << 21], 10, usize::MAX);
        assert!(cut.rows.len() > 1000 && cut.text.offsets.windows(2).all(|b| b[1] - b[0] <= 2 * LONGEST as i32));
    }
}
