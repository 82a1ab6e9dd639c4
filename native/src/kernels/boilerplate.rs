//! How much of a text is boilerplate: lines of phrases that every site has, and paragraphs that speak of its policies.

use super::phrases::Phrases;

/// Four numbers a row, in this order; NaN for a text of blank lines.
pub const MEASURES: usize = 4;

/// One mention in a text without blank lines would make all of it boilerplate.
const LEAST_PARAGRAPHS: usize = 3;

/// Lines of at most `longest` characters that hold a phrase of `line_kinds` are boilerplate; a paragraph (lines up to a blank
/// one) is when one of its lines, however long, holds a phrase of `paragraph_kinds`. `out` has `MEASURES` columns of a value a
/// row: boilerplate lines, their share of lines, their share of characters (white space aside), share of
/// paragraphs (not for a text of fewer than three).
pub fn measure_boilerplate(
    values: &[u8],
    offsets: &[i32],
    phrases: &[Phrases],
    phrases_of_row: &[i32],
    longest: usize,
    (line_kinds, paragraph_kinds): (u32, u32),
    out: &mut [f64],
) {
    let rows = offsets.len() - 1;
    let mut folded = String::new();
    for row in 0..rows {
        let bytes = &values[offsets[row] as usize..offsets[row + 1] as usize];
        let Ok(text) = std::str::from_utf8(bytes) else { continue };
        let Some(phrases) = usize::try_from(phrases_of_row[row]).ok().and_then(|i| phrases.get(i)) else { continue };
        let counts = count(text, phrases, longest, line_kinds, paragraph_kinds, &mut folded);
        if counts.lines == 0 {
            continue;
        }
        let share = |part: usize, whole: usize| part as f64 / whole as f64;
        out[row] = counts.found_lines as f64;
        out[rows + row] = share(counts.found_lines, counts.lines);
        out[2 * rows + row] = share(counts.found_characters, counts.characters);
        if counts.paragraphs >= LEAST_PARAGRAPHS {
            out[3 * rows + row] = share(counts.found_paragraphs, counts.paragraphs);
        }
    }
}

#[derive(Default)]
struct Counts {
    lines: usize,
    found_lines: usize,
    characters: usize,
    found_characters: usize,
    paragraphs: usize,
    found_paragraphs: usize,
}

fn count(text: &str, phrases: &Phrases, longest: usize, line_kinds: u32, paragraph_kinds: u32, folded: &mut String) -> Counts {
    let mut counts = Counts::default();
    let (mut inside, mut counted) = (false, false);
    for line in text.split('\n') {
        if line.trim_ascii().is_empty() {
            inside = false;
            continue;
        }
        if !inside {
            counts.paragraphs += 1;
            (inside, counted) = (true, false);
        }
        let characters = line.chars().filter(|c| !c.is_whitespace()).count();
        counts.lines += 1;
        counts.characters += characters;
        let found = phrases.find(line, usize::MAX, folded);
        if found.kinds & line_kinds != 0 && found.characters <= longest {
            counts.found_lines += 1;
            counts.found_characters += characters;
        }
        if found.kinds & paragraph_kinds != 0 && !counted {
            counts.found_paragraphs += 1;
            counted = true;
        }
    }
    // A line of white space that is not ASCII is a line without characters.
    counts.characters = counts.characters.max(1);
    counts
}

#[cfg(test)]
#[allow(clippy::float_cmp)]
mod tests {
    use super::*;

    fn measure(text: &str) -> [f64; MEASURES] {
        let lists = [Phrases::new(&[vec!["log in".into()], vec!["* privacy policy *".into()]]).unwrap()];
        let mut out = [f64::NAN; MEASURES];
        measure_boilerplate(text.as_bytes(), &[0, text.len() as i32], &lists, &[0], 40, (0b11, 0b10), &mut out);
        out
    }

    #[test]
    fn shares_of_lines_characters_and_paragraphs() {
        let long = "This whole long line speaks of the privacy policy of the mill.";
        let [lines, line_share, characters, paragraphs] = measure(&format!("Log in\n\nabcde\n{long}\n\nPrivacy policy\n"));
        assert_eq!([lines, line_share, paragraphs], [2.0, 0.5, 2.0 / 3.0]);
        let all = 5 + 5 + long.chars().filter(|c| *c != ' ').count() + 13;
        assert_eq!(characters, 18.0 / all as f64);
    }

    #[test]
    fn a_text_of_two_paragraphs_is_not_judged_by_them() {
        assert!(measure("Our privacy policy\n\nabcde")[3].is_nan());
    }

    #[test]
    fn nothing_to_divide_by() {
        assert!(measure("").iter().chain(&measure("\n \n")).all(|value| value.is_nan()));
    }
}
