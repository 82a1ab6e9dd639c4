//! Strings of a JSON text.

/// Calls with every part in order; true for the inside of a string, whose escapes stay as they are. A backslash ends a part,
/// so that an escape like `\n` before a word is not read as a letter of it.
pub fn each_string(text: &[u8], mut part: impl FnMut(&[u8], bool)) {
    let mut at = 0;
    while let Some(quote) = memchr::memchr(b'"', &text[at..]) {
        let start = at + quote + 1;
        part(&text[at..start], false);
        at = start;
        loop {
            let Some(stop) = memchr::memchr2(b'"', b'\\', &text[at..]) else {
                part(&text[at..], true);
                return;
            };
            part(&text[at..at + stop], true);
            let end = at + stop;
            if text[end] == b'"' {
                part(&text[end..=end], false);
                at = end + 1;
                break;
            }
            let escape = if text.get(end + 1) == Some(&b'u') { 6 } else { 2 };
            let next = text.len().min(end + escape);
            part(&text[end..next], false);
            at = next;
        }
    }
    part(&text[at..], false);
}

#[cfg(test)]
mod tests {
    #[test]
    fn strings_are_told_from_the_rest() {
        let (mut all, mut inside) = (Vec::new(), Vec::new());
        let text = br#"{"a": ["x\"y\u00e9z", 12], "b": "c"#;
        super::each_string(text, |part, is_string| {
            all.extend_from_slice(part);
            if is_string {
                inside.push(String::from_utf8(part.to_vec()).unwrap());
            }
        });
        assert_eq!(all, text);
        assert_eq!(inside, ["a", "x", "y", "z", "b", "c"]);
    }
}
