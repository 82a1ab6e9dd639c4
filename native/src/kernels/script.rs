//! Which script a text is mainly written in.

use super::segment::classes::{SCRIPT_SHIFT, classes};

/// ISO 15924 codes in the order of their numbers; `Zzzz` stands for every other.
pub const SCRIPTS: [&str; 8] = ["Latn", "Cyrl", "Grek", "Armn", "Geor", "Hebr", "Arab", "Zzzz"];
const OTHER: usize = SCRIPTS.len() - 1;

/// The script of most letters, as an index into `SCRIPTS`; the earlier one of two as frequent. None without a letter.
pub fn dominant_script(text: &[u8]) -> Option<usize> {
    let classes = classes();
    let mut letters = [0_usize; SCRIPTS.len()];
    let mut at = 0;
    while at < text.len() {
        let byte = text[at];
        if byte < 0x80 {
            letters[0] += usize::from(byte.is_ascii_alphabetic());
            at += 1;
            continue;
        }
        let (_, class, length) = classes.next(&text[at..]);
        if class & super::segment::classes::LETTER != 0 {
            letters[((class >> SCRIPT_SHIFT) as usize).checked_sub(1).unwrap_or(OTHER)] += 1;
        }
        at += length;
    }
    let most = *letters.iter().max()?;
    if most == 0 { None } else { letters.iter().position(|&count| count == most) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_letters_decide() {
        let script = |text: &str| dominant_script(text.as_bytes()).map(|script| SCRIPTS[script]);
        assert_eq!(script("Ово је текст (in Latin)"), Some("Cyrl"));
        assert_eq!(script("Größe – маленький"), Some("Cyrl"));
        assert_eq!(script("Größeres – мало"), Some("Latn"));
        assert_eq!(script("Το κείμενο"), Some("Grek"));
        assert_eq!(script("日本語のテキスト"), Some("Zzzz"));
        assert_eq!(script("12 + 3 = 15"), None);
    }
}
