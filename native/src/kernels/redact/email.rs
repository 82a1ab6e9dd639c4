//! E-mail addresses: RFC 5321 and 6531 (letters of any script on both sides), and the forms that hide the at sign.

use super::chain::{character_at, character_before};
use super::ip::read_v4;

/// Where obfuscated forms are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Obfuscated {
    None,
    /// `name (at) example (dot) org`, `name [ät] example.org`.
    Brackets,
    /// Also `name at example dot org`.
    Words,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub start: usize,
    pub end: usize,
    /// A domain of RFC 2606 or 6761: nobody's address.
    pub reserved: bool,
}

/// RFC 5321 allows 64 octets; letters beyond ASCII take up to four.
const LONGEST_LOCAL: usize = 128;
const LONGEST_DOMAIN: usize = 253;

/// All addresses of a text in order; they do not overlap. `spans` is overwritten.
pub fn find(text: &[u8], obfuscated: Obfuscated, spans: &mut Vec<Span>) {
    spans.clear();
    let mut from = 0;
    loop {
        let rest = &text[from..];
        let next = match obfuscated {
            Obfuscated::None => memchr::memchr(b'@', rest),
            Obfuscated::Brackets => memchr::memchr3(b'@', b'(', b'[', rest),
            Obfuscated::Words => rest.iter().zip(0..).find_map(|(&byte, i)| match byte {
                b'@' | b'(' | b'[' => Some(i),
                b' ' if rest[i + 1..].first().is_some_and(|next| next.eq_ignore_ascii_case(&b'a')) => Some(i),
                _ => None,
            }),
        };
        let Some(at) = next.map(|next| from + next) else { return };
        let floor = spans.last().map_or(0, |span| span.end);
        let span = if text[at] == b'@' { plain(text, at, floor) } else { hidden(text, at, floor, obfuscated) };
        from = span.map_or(at + 1, |span| span.end.max(at + 1));
        match (span, spans.last_mut()) {
            // Two without anything between them are one thing: what stands for the first would run into the second.
            (Some(span), Some(last)) if last.end == span.start => {
                last.end = span.end;
                last.reserved &= span.reserved;
            }
            _ => spans.extend(span),
        }
    }
}

fn plain(text: &[u8], at: usize, floor: usize) -> Option<Span> {
    let start = local_start(text, at, floor)?;
    let end = domain_end(text, at + 1, |_| None)?;
    Some(Span { start, end, reserved: is_reserved(&text[at + 1..end]) })
}

fn is_local(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '.' | '_' | '+' | '-' | '%' | '\'' | '~') || is_mark(character)
}

/// Combining marks, which decomposed text has behind its letters.
fn is_mark(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36F}' | '\u{483}'..='\u{487}')
}

/// Where the part before the sign begins; it neither begins nor ends with a dot.
fn local_start(text: &[u8], end: usize, floor: usize) -> Option<usize> {
    if end > floor && text[end - 1] == b'"' {
        let least = floor.max(end.saturating_sub(LONGEST_LOCAL));
        let quote = least + text[least..end - 1].iter().rposition(|&byte| byte == b'"')?;
        return (!text[quote..end].contains(&b'\n') && end - quote > 2).then_some(quote);
    }
    let (mut start, mut first) = (end, None);
    while start > floor {
        let Some(character) = character_before(text, start).filter(|&character| is_local(character)) else { break };
        start -= character.len_utf8();
        if start < floor || end - start > LONGEST_LOCAL {
            return None;
        }
        // A dot twice, or a mark or quote in front, is not of the address.
        if character == '.' && text.get(start + 1) == Some(&b'.') {
            break;
        }
        if character.is_alphanumeric() || matches!(character, '_' | '+') {
            first = Some(start);
        }
    }
    let start = first?;
    (text[end - 1] != b'.').then_some(start)
}

/// Where a domain at `from` ends: two labels or more, the last of letters; or an IPv4 address, bare or in brackets. `hidden_dot`
/// reads what may stand for a dot and gives where the next label begins.
fn domain_end(text: &[u8], from: usize, hidden_dot: impl Fn(usize) -> Option<usize>) -> Option<usize> {
    if text.get(from) == Some(&b'[') {
        let (_, end) = read_v4(text, from + 1)?;
        return (text.get(end) == Some(&b']')).then_some(end + 1);
    }
    let (mut at, mut end, mut labels) = (from, None, 0);
    while let Some(next) = label_end(text, at, from + LONGEST_DOMAIN) {
        labels += 1;
        // "max@firma.de-Adresse": what a hyphen joins on is the sentence's, unless more labels follow.
        let label = &text[at..next];
        let top = if is_top_level(label) { label.len() } else { label.iter().position(|byte| matches!(byte, b'-' | b'_')).unwrap_or(0) };
        if labels > 1 && is_top_level(&label[..top]) {
            end = Some(at + top);
        }
        match text.get(next) {
            Some(b'.') => at = next + 1,
            _ => match hidden_dot(next) {
                Some(label) => at = label,
                None => break,
            },
        }
    }
    end.or_else(|| read_v4(text, from).map(|(_, end)| end).filter(|&end| !text.get(end).is_some_and(u8::is_ascii_alphanumeric)))
}

/// A label of letters, digits and inner hyphens.
fn label_end(text: &[u8], from: usize, limit: usize) -> Option<usize> {
    let (mut at, mut end) = (from, None);
    while at < limit {
        match text.get(at)? {
            byte if byte.is_ascii_alphanumeric() => {
                at += 1;
                end = Some(at);
            }
            b'-' | b'_' if at > from => at += 1,
            0x80.. => {
                let Some(character) = character_at(text, at).filter(|&c| c.is_alphanumeric() || (is_mark(c) && at > from)) else { break };
                at += character.len_utf8();
                end = Some(at);
            }
            _ => break,
        }
        if at == text.len() {
            break;
        }
    }
    end
}

/// Endings of files that follow an at sign in names of pictures and packages.
const FILES: [&[u8]; 10] = [b"png", b"jpg", b"jpeg", b"gif", b"webp", b"svg", b"css", b"js", b"ts", b"json"];

fn is_top_level(label: &[u8]) -> bool {
    let letters = label.iter().all(|byte| byte.is_ascii_alphabetic() || *byte >= 0x80);
    let encoded = label.len() > 4 && label[..4].eq_ignore_ascii_case(b"xn--");
    (2..=63).contains(&label.len()) && (letters || encoded) && !FILES.iter().any(|file| label.eq_ignore_ascii_case(file))
}

/// Domains that are nobody's: RFC 2606 and 6761.
fn is_reserved(domain: &[u8]) -> bool {
    let mut labels = domain.rsplit(|&byte| byte == b'.').map(<[u8]>::to_ascii_lowercase);
    let (top, second) = (labels.next().unwrap_or_default(), labels.next().unwrap_or_default());
    matches!(top.as_slice(), b"example" | b"test" | b"invalid" | b"localhost")
        || (second == b"example" && matches!(top.as_slice(), b"com" | b"org" | b"net" | b"edu"))
}

/// What people write for the sign, and for the dot, in the languages of Europe.
const AT: [&str; 12] = ["at", "ät", "æt", "@", "arroba", "arobase", "chiocciola", "zavináč", "zavinac", "małpa", "kukac", "snabel-a"];
const DOT: [&str; 10] = ["dot", "punkt", "point", "punto", "ponto", "punct", "bod", "piste", "punt", "prik"];

/// A word in round or square brackets at `from`, spaces around it: where what follows begins.
fn bracketed(text: &[u8], from: usize, words: &[&str]) -> Option<usize> {
    let close = match text.get(from)? {
        b'(' => b')',
        b'[' => b']',
        _ => return None,
    };
    let inner = &text[from + 1..text.len().min(from + 24)];
    let length = inner.iter().position(|&byte| byte == close)?;
    let word = std::str::from_utf8(&inner[..length]).ok()?.trim();
    let is_known = words.contains(&word.to_lowercase().as_str()) || (words[0] == DOT[0] && word == ".");
    is_known.then(|| skip_spaces(text, from + 1 + length + 1))
}

fn skip_spaces(text: &[u8], from: usize) -> usize {
    from + text[from.min(text.len())..].iter().take(2).take_while(|&&byte| byte == b' ').count()
}

/// ` dot `: one of the words between spaces; where the next label begins.
fn spaced(text: &[u8], from: usize, words: &[&str]) -> Option<usize> {
    let rest = text.get(from..)?.strip_prefix(b" ")?;
    let length = rest.iter().take(12).position(|&byte| byte == b' ')?;
    let word = std::str::from_utf8(&rest[..length]).ok()?.to_lowercase();
    words.contains(&word.as_str()).then_some(from + 1 + length + 1)
}

/// An address whose sign is hidden at `at`, which is the bracket or the space before it.
fn hidden(text: &[u8], at: usize, floor: usize, obfuscated: Obfuscated) -> Option<Span> {
    let in_brackets = text[at] != b' ';
    let domain = if in_brackets { bracketed(text, at, &AT)? } else { spaced(text, at, &["at", "ät"])? };
    let mut name_end = at;
    while name_end > floor && at - name_end < 2 && text[name_end - 1] == b' ' {
        name_end -= 1;
    }
    let start = local_start(text, name_end, floor)?;
    let dots = std::cell::Cell::new(0);
    let end = domain_end(text, domain, |place| {
        let next = bracketed(text, skip_spaces(text, place), &DOT).or_else(|| spaced(text, place, &DOT))?;
        dots.set(dots.get() + 1);
        Some(next)
    })?;
    // "look at example.org" is a sentence: without brackets the dot must be hidden too.
    let told = in_brackets || (obfuscated == Obfuscated::Words && dots.get() > 0);
    told.then(|| Span { start, end, reserved: is_reserved(&text[domain..end]) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, obfuscated: Obfuscated) -> Vec<&str> {
        let mut spans = Vec::new();
        find(text.as_bytes(), obfuscated, &mut spans);
        spans.iter().map(|span| &text[span.start..span.end]).collect()
    }

    #[test]
    fn addresses_of_every_script() {
        for address in [
            "max.mustermann@beispiel.de",
            "max.müller@beispiel.de",
            "info@müller.de",
            "χρήστης@παράδειγμα.ελ",
            "иван.петров@пример.бг",
            "info@xn--mller-kva.de",
            "a+b_c%d@mail.example-host.co.uk",
            "x@y.eu",
            "o'brien@firma.ie",
            "\"john doe\"@firma.ie",
            "user@[8.8.8.8]",
            "user@8.8.8.8",
        ] {
            for text in [address.to_owned(), format!("mailto:{address}"), format!("Mail an <{address}>."), format!("({address}), und")] {
                assert_eq!(found(&text, Obfuscated::None), [address], "{text}");
            }
        }
    }

    #[test]
    fn what_is_no_address_stays() {
        for text in ["@name", "a@", "a@b", "icon@2x.png", "lodash@4.17.21", "a@.de", "a.@b.de", "a@-b", "1 @ 2.50", "@@@@", "a@b.c"] {
            assert_eq!(found(text, Obfuscated::Words), [""; 0], "{text}");
        }
        assert_eq!(found("a..b@c.de", Obfuscated::None), ["b@c.de"]);
    }

    #[test]
    fn a_hyphen_ends_an_address() {
        assert_eq!(found("max@firma.de-Adresse", Obfuscated::None), ["max@firma.de"]);
        assert_eq!(found("max@mail.meine-firma.de", Obfuscated::None), ["max@mail.meine-firma.de"]);
    }

    #[test]
    fn hidden_signs() {
        for text in
            ["max (at) firma (dot) de", "max[at]firma.de", "max [ät] firma [punkt] de", "max(at)mail(dot)firma(dot)de", "max (@) firma.de"]
        {
            assert_eq!(found(text, Obfuscated::Brackets), [text]);
            assert_eq!(found(text, Obfuscated::None), [""; 0]);
        }
        assert_eq!(found("write to max at firma dot de now", Obfuscated::Words), ["max at firma dot de"]);
        assert_eq!(found("write to max at firma dot de now", Obfuscated::Brackets), [""; 0]);
        assert_eq!(found("look at example.org or at once", Obfuscated::Words), [""; 0]);
        assert_eq!(found("f(at) x, see [at]", Obfuscated::Words), [""; 0]);
    }

    #[test]
    fn reserved_domains_are_told() {
        let mut spans = Vec::new();
        find(b"a@example.org b@www.Example.com c@host.test d@firma.de", Obfuscated::None, &mut spans);
        assert_eq!(spans.iter().map(|span| span.reserved).collect::<Vec<_>>(), [true, true, true, false]);
    }
}
