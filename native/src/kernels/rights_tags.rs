//! The tags of a page's head that speak of rights: `<meta>` of robots, TDM and licence, `<link rel=license>`.
//!
//! Reads until `<body>`, at most `HEAD_BYTES`, and needs no tree: a page that is denied shall not be parsed.

use super::columns::Bytes;

/// Bytes of a page in which its head is looked for.
const HEAD_BYTES: usize = 256 << 10;
/// Bytes that are kept of a page's tags, and of one value.
const MAX_OUT: usize = 8 << 10;
const MAX_VALUE: usize = 1 << 10;

/// A row of `kind<TAB>key<TAB>value<LF>` lines for every page: `meta` with its name in lower case and its content, `link`
/// with its type in lower case and its address. Most rows are empty.
pub fn rights_tags(values: &[u8], offsets: &[i32]) -> Bytes {
    let mut out = Bytes::default();
    for ends in offsets.windows(2) {
        let page = &values[ends[0] as usize..ends[1] as usize];
        let head = &page[..page.len().min(HEAD_BYTES)];
        let wide = match head {
            [0xff, 0xfe, ..] => Some(encoding_rs::UTF_16LE),
            [0xfe, 0xff, ..] => Some(encoding_rs::UTF_16BE),
            _ => None,
        };
        let mut tags = Vec::new();
        match wide {
            Some(encoding) => write_tags(encoding.decode_with_bom_removal(head).0.as_bytes(), &mut tags),
            None => write_tags(head, &mut tags),
        }
        out.push_lossy(&tags);
    }
    out
}

fn write_tags(head: &[u8], out: &mut Vec<u8>) {
    let mut at = 0;
    while let Some(open) = memchr::memchr(b'<', &head[at..]) {
        let rest = &head[at + open + 1..];
        at += open + 1;
        if rest.starts_with(b"!--") {
            let Some(end) = memchr::memmem::find(&rest[3..], b"-->") else { return };
            at += 3 + end + 3;
            continue;
        }
        let length = rest.iter().take(16).take_while(|byte| byte.is_ascii_alphanumeric()).count();
        let is = |name: &str| rest[..length].eq_ignore_ascii_case(name.as_bytes());
        if is("body") || out.len() >= MAX_OUT {
            return;
        }
        if is("script") || is("style") || is("title") || is("template") {
            let Some(end) = end_tag(&rest[length..], &rest[..length]) else { return };
            at += length + end;
        } else if is("meta") {
            let tag = Tag::read(&rest[length..]);
            at += length + tag.length;
            if let (Some(name), Some(content)) = (tag.name, tag.content)
                && meta_speaks(name, content)
            {
                write_line("meta", name, content, out);
            }
        } else if is("link") {
            let tag = Tag::read(&rest[length..]);
            at += length + tag.length;
            let licence = |word: &[u8]| word.eq_ignore_ascii_case(b"license");
            let rel = tag.rel.is_some_and(|rel| rel.split(u8::is_ascii_whitespace).any(licence));
            if let (true, Some(href)) = (rel, tag.href) {
                write_line("link", tag.media.unwrap_or(b""), href, out);
            }
        }
    }
}

/// Where `</name` begins.
fn end_tag(bytes: &[u8], name: &[u8]) -> Option<usize> {
    let closes = |at: usize| bytes.get(at + 2..at + 2 + name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name));
    memchr::memmem::find_iter(bytes, b"</").find(|&at| closes(at))
}

/// The name is one of ours, or that of a crawler to whom the content says something of AI or the index.
fn meta_speaks(name: &[u8], content: &[u8]) -> bool {
    const NAMES: [&str; 12] = [
        "robots",
        "tdm-reservation",
        "tdm-policy",
        "license",
        "licence",
        "dcterms.license",
        "dc.rights.license",
        "dcterms.rights",
        "dc.rights",
        "og:license",
        "content-usage",
        "content-signal",
    ];
    const WORDS: [&str; 5] = ["noai", "noimageai", "noindex", "none", "nosnippet"];
    let known = |list: &[&str], word: &[u8]| list.iter().any(|one| word.trim_ascii().eq_ignore_ascii_case(one.as_bytes()));
    let token = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    known(&NAMES, name) || (name.iter().all(token) && content.split(|&byte| byte == b',').any(|word| known(&WORDS, word)))
}

fn write_line(kind: &str, key: &[u8], value: &[u8], out: &mut Vec<u8>) {
    let clean = |byte: u8| if byte.is_ascii_control() { b' ' } else { byte };
    out.extend_from_slice(kind.as_bytes());
    out.push(b'\t');
    out.extend(key.iter().take(64).map(|&byte| clean(byte).to_ascii_lowercase()));
    out.push(b'\t');
    out.extend(value.iter().take(MAX_VALUE).map(|&byte| clean(byte)));
    out.push(b'\n');
}

/// Attributes of one tag; of a repeated one the first counts.
#[derive(Default)]
struct Tag<'a> {
    name: Option<&'a [u8]>,
    content: Option<&'a [u8]>,
    rel: Option<&'a [u8]>,
    href: Option<&'a [u8]>,
    media: Option<&'a [u8]>,
    /// Bytes up to the `>`, or all.
    length: usize,
}

impl<'a> Tag<'a> {
    fn read(bytes: &'a [u8]) -> Self {
        let mut tag = Self::default();
        let mut at = 0;
        let until = |from: usize, stop: &dyn Fn(u8) -> bool| {
            bytes[from..].iter().position(|&byte| stop(byte)).map_or(bytes.len(), |length| from + length)
        };
        loop {
            at = until(at, &|byte| !byte.is_ascii_whitespace() && byte != b'/');
            if bytes.get(at).is_none_or(|&byte| byte == b'>') {
                tag.length = at;
                return tag;
            }
            // The first character belongs to the name whatever it is, or a lone `=` would be read for ever.
            let end = until(at + 1, &|byte| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>' | b'='));
            let name = &bytes[at..end];
            at = until(end, &|byte| !byte.is_ascii_whitespace());
            if bytes.get(at) != Some(&b'=') {
                continue;
            }
            at = until(at + 1, &|byte| !byte.is_ascii_whitespace());
            let value = if let Some(&quote @ (b'"' | b'\'')) = bytes.get(at) {
                let close = until(at + 1, &|byte| byte == quote);
                let value = &bytes[at + 1..close];
                at = (close + 1).min(bytes.len());
                value
            } else {
                let close = until(at, &|byte| byte.is_ascii_whitespace() || byte == b'>');
                let value = &bytes[at..close];
                at = close;
                value
            };
            let slot = match () {
                () if name.eq_ignore_ascii_case(b"name") || name.eq_ignore_ascii_case(b"property") => &mut tag.name,
                () if name.eq_ignore_ascii_case(b"content") => &mut tag.content,
                () if name.eq_ignore_ascii_case(b"rel") => &mut tag.rel,
                () if name.eq_ignore_ascii_case(b"href") => &mut tag.href,
                () if name.eq_ignore_ascii_case(b"type") => &mut tag.media,
                () => continue,
            };
            slot.get_or_insert(value.trim_ascii());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(page: &[u8]) -> String {
        String::from_utf8(rights_tags(page, &[0, page.len() as i32]).values).unwrap()
    }

    #[test]
    fn finds_what_speaks_of_rights() {
        let page = br#"<!doctype html><html><head><title><meta name=robots content=noai></title>
            <!-- <meta name="robots" content="noai"> --><script>"<meta name=robots content=noai>"</script>
            <META content='noai, noimageai' NAME="Robots"/><meta name=viewport content="width=1">
            <meta name="GPTBot" content="noindex"><meta name=author content="None Such">
            <meta property="tdm-reservation" content=1><link href=/l.xml rel="alternate license" type="application/rsl+xml">
            <link rel=stylesheet href=a.css></head><body><meta name=robots content=noindex>"#;
        assert_eq!(
            tags(page),
            "meta\trobots\tnoai, noimageai\nmeta\tgptbot\tnoindex\nmeta\ttdm-reservation\t1\nlink\tapplication/rsl+xml\t/l.xml\n"
        );
    }

    #[test]
    fn reads_utf_16_and_survives_anything() {
        let wide: Vec<u8> = "\u{feff}<meta name=robots content=noai>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(tags(&wide), "meta\trobots\tnoai\n");
        for page in [
            &b"<meta ="[..],
            b"<meta name",
            b"<meta name=",
            b"<meta name='",
            b"<",
            b"<!--",
            b"<script",
            b"</",
            b"<meta name=robots content=\"a\tb\nc\">",
        ] {
            tags(page);
        }
        assert_eq!(tags(&b"<meta ".repeat(40_000)), "");
        assert_eq!(tags(&b"<script></".repeat(30_000)), "");
        let many = b"<meta name=robots content=noai>".repeat(8_000);
        assert!(tags(&many).len() < MAX_OUT + 2 * MAX_VALUE);
    }
}
