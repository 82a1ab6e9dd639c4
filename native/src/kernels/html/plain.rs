//! Text without markup: plain payloads, titles, language codes; and how to tell text from what only claims to be it.

/// Share of characters that are C0 controls other than tab, line feed, form feed, carriage return and escape, or DEL. Text has
/// none, compressed data about a tenth.
pub fn control_share(text: &str) -> f64 {
    let bytes = text.as_bytes();
    let controls = bytes.iter().filter(|&&byte| is_control(byte)).count();
    let characters = bytes.iter().filter(|&&byte| byte & 0xC0 != 0x80).count();
    if characters == 0 { 0.0 } else { controls as f64 / characters as f64 }
}

fn is_control(byte: u8) -> bool {
    matches!(byte, 0..=0x08 | 0x0B | 0x0E..=0x1A | 0x1C..=0x1F | 0x7F)
}

/// The text with `\n` for line ends, without controls, without white space at its ends.
pub fn write(text: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    let text = text.trim_ascii();
    for (i, &byte) in text.iter().enumerate() {
        match byte {
            b'\r' if text.get(i + 1) == Some(&b'\n') => {}
            b'\r' | 0x0C => out.push(b'\n'),
            0x1B => {}
            _ if is_control(byte) => {}
            _ => out.push(byte),
        }
    }
    let mark = "\u{feff}".as_bytes();
    if out[start..].starts_with(mark) {
        out.drain(start..start + mark.len());
    }
}

/// On one line, white space collapsed; a character cut at the end is left out.
pub fn write_line(text: &[u8], out: &mut Vec<u8>) {
    let whole = match std::str::from_utf8(text) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&text[..error.valid_up_to()]).unwrap_or(""),
    };
    for (i, word) in whole.split_whitespace().enumerate() {
        if i > 0 {
            out.push(b' ');
        }
        out.extend(word.bytes().filter(|&byte| !is_control(byte)));
    }
}
