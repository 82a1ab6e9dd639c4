//! The parts of a tokenizer.json around its model: normalizers, pre-tokenizers, post-processors, decoders.

use super::bert::BertNormalizer;
use super::decode::Decoding;
use super::json_part::{Part, Refusal};
use super::load::{Prefix, Step};
use super::normalize::Normalizer;
use super::pretokenize::{Digits, Gpt2, Splitter, for_pattern};
use super::replace::{Pattern, Replace, parse_set};
use super::unicode_forms::Form;
use serde_json::value::RawValue;

/// What pieces write for a space.
pub const SPACE: &str = "\u{2581}";

/// The normalizers of a file, and whether they end with writing U+2581 for every space.
#[derive(Default)]
pub struct Normalizers {
    pub steps: Vec<Normalizer>,
    pub escapes: bool,
}

impl Normalizers {
    pub fn read(&mut self, path: &str, raw: &RawValue) -> Result<(), Refusal> {
        let mut part = Part::new(path, raw)?;
        let kind: String = part.required("type")?;
        let step = match kind.as_str() {
            "NFC" => Normalizer::Form(Form::Nfc),
            "NFKC" => Normalizer::Form(Form::Nfkc),
            "Sequence" => {
                for (path, raw) in part.list("normalizers")? {
                    self.read(&path, raw)?;
                }
                return part.finish();
            }
            "Prepend" => {
                let content: String = part.required("prepend")?;
                part.finish()?;
                self.steps.push(Normalizer::Prepend(content.into_bytes()));
                return Ok(());
            }
            "Replace" => {
                let (pattern, content) = replace(&mut part)?;
                if let (Pattern::Text(text), SPACE) = (&pattern, content.as_str())
                    && text == b" "
                {
                    part.finish()?;
                    self.escapes = true;
                    return Ok(());
                }
                Normalizer::Replace(Box::new(Replace::new(pattern, content.into_bytes())))
            }
            "BertNormalizer" => {
                let lowercase = part.required("lowercase")?;
                Normalizer::Bert(BertNormalizer {
                    clean_text: part.required("clean_text")?,
                    handle_chinese_chars: part.required("handle_chinese_chars")?,
                    strip_accents: part.value("strip_accents")?.unwrap_or(lowercase),
                    lowercase,
                })
            }
            _ => {
                let why = "NFC, NFKC, Sequence, Prepend, Replace and BertNormalizer are read";
                return Err(Refusal::new(&part.place("type"), &format!("{kind:?}"), why));
            }
        };
        part.finish()?;
        if self.escapes {
            return Err(Refusal::new(
                &format!("{path}.type"),
                &format!("{kind:?}"),
                "nothing but Prepend may follow the Replace of spaces",
            ));
        }
        self.steps.push(step);
        Ok(())
    }
}

fn replace(part: &mut Part) -> Result<(Pattern, String), Refusal> {
    let content: String = part.required("content")?;
    let (place, text, regex) = pattern(part)?;
    let pattern = match (text, regex) {
        (Some(text), None) if !text.is_empty() => Pattern::Text(text.into_bytes()),
        (None, Some(regex)) => Pattern::OneOf(parse_set(&regex).ok_or_else(|| {
            Refusal::new(&format!("{place}.Regex"), &format!("{regex:?}"), r"sets of single characters and \p{Zs} are read")
        })?),
        _ => return Err(Refusal::at(&place, "a String that is not empty or a Regex is expected")),
    };
    Ok((pattern, content))
}

/// The place of `pattern`, its `String` and its `Regex`.
fn pattern(part: &mut Part) -> Result<(String, Option<String>, Option<String>), Refusal> {
    let place = part.place("pattern");
    let Some(raw) = part.take("pattern") else { return Err(Refusal::at(&place, "is missing")) };
    let mut pattern = Part::new(&place, raw)?;
    let found = (pattern.value("String")?, pattern.value("Regex")?);
    pattern.finish()?;
    Ok((place, found.0, found.1))
}

/// What one pre-tokenizer of a file is.
pub enum PreTokenizer {
    ByteLevel(Step),
    Cut(Step),
    Metaspace {
        split: bool,
        prefix: Prefix,
    },
    /// A `Split` at spaces.
    AtSpaces,
    Bert,
}

/// The pre-tokenizers of a file in order, with their paths.
pub fn pre_tokenizers(path: &str, raw: &RawValue, found: &mut Vec<(String, PreTokenizer)>) -> Result<(), Refusal> {
    let mut part = Part::new(path, raw)?;
    let kind: String = part.required("type")?;
    let cut = |splitter| Step { splitter, prefix: Prefix::None };
    let one = match kind.as_str() {
        "Sequence" => {
            for (path, raw) in part.list("pretokenizers")? {
                pre_tokenizers(&path, raw, found)?;
            }
            return part.finish();
        }
        "ByteLevel" => {
            let prefix = if part.required("add_prefix_space")? { Prefix::UnlessSpace } else { Prefix::None };
            part.value::<bool>("trim_offsets")?;
            let own = part.value("use_regex")?.unwrap_or(true);
            PreTokenizer::ByteLevel(Step { splitter: if own { Splitter::Gpt2(Gpt2) } else { Splitter::Whole }, prefix })
        }
        "Digits" => PreTokenizer::Cut(cut(Splitter::Digits(Digits { individual: part.required("individual_digits")? }))),
        "Split" => split(&mut part)?,
        "Metaspace" => metaspace(&mut part)?,
        "BertPreTokenizer" => PreTokenizer::Bert,
        _ => {
            let why = "Sequence, Split, Digits, ByteLevel, Metaspace and BertPreTokenizer are read";
            return Err(Refusal::new(&part.place("type"), &format!("{kind:?}"), why));
        }
    };
    part.finish()?;
    found.push((path.to_owned(), one));
    Ok(())
}

fn metaspace(part: &mut Part) -> Result<PreTokenizer, Refusal> {
    let replacement: String = part.required("replacement")?;
    if replacement != SPACE {
        return Err(Refusal::new(&part.place("replacement"), &format!("{replacement:?}"), "U+2581 is read"));
    }
    part.value::<String>("str_rep")?;
    let scheme: String = part.value("prepend_scheme")?.unwrap_or_else(|| "always".to_owned());
    // Files from before 2024 say it so.
    let never = part.value::<bool>("add_prefix_space")? == Some(false);
    let prefix = match scheme.as_str() {
        _ if never => Prefix::None,
        "always" => Prefix::UnlessSpace,
        "first" => Prefix::First,
        "never" => Prefix::None,
        _ => return Err(Refusal::new(&part.place("prepend_scheme"), &format!("{scheme:?}"), "always, first and never are read")),
    };
    Ok(PreTokenizer::Metaspace { split: part.value("split")?.unwrap_or(true), prefix })
}

fn split(part: &mut Part) -> Result<PreTokenizer, Refusal> {
    let (place, text, regex) = pattern(part)?;
    let behavior: String = part.required("behavior")?;
    let invert = part.value("invert")?.unwrap_or(false);
    if text.as_deref() == Some(" ") {
        return Ok(PreTokenizer::AtSpaces);
    }
    let Some(regex) = regex else { return Err(Refusal::at(&format!("{place}.Regex"), "is missing")) };
    let splitter = for_pattern(&regex)
        .ok_or_else(|| Refusal::new(&format!("{place}.Regex"), &format!("{regex:?}"), "no scanner is written for this pattern"))?;
    // The patterns match every character, so cutting at matches and removing what lies between them is the same.
    match (behavior.as_str(), invert) {
        ("Isolated", false) | ("Removed", true) => Ok(PreTokenizer::Cut(Step { splitter, prefix: Prefix::None })),
        _ => Err(Refusal::new(
            &part.place("behavior"),
            &format!("{behavior:?} with invert {invert}"),
            "Isolated, and Removed with invert true, are read",
        )),
    }
}

/// Post-processors only add special tokens, which documents are encoded without; they are looked at to refuse unknown ones.
pub fn post_processor(path: &str, raw: &RawValue) -> Result<(), Refusal> {
    let mut part = Part::new(path, raw)?;
    let kind: String = part.required("type")?;
    match kind.as_str() {
        "ByteLevel" | "TemplateProcessing" | "BertProcessing" | "RobertaProcessing" => Ok(()),
        "Sequence" => part.list("processors")?.into_iter().try_for_each(|(path, raw)| post_processor(&path, raw)),
        _ => {
            let why = "ByteLevel, TemplateProcessing, BertProcessing, RobertaProcessing and Sequence are read";
            Err(Refusal::new(&part.place("type"), &format!("{kind:?}"), why))
        }
    }
}

/// What the decoders of a file do beyond joining the bytes of tokens.
pub fn decoder(path: &str, raw: &RawValue, decoding: &mut Decoding) -> Result<(), Refusal> {
    let mut part = Part::new(path, raw)?;
    let kind: String = part.required("type")?;
    match kind.as_str() {
        "Sequence" => {
            for (path, raw) in part.list("decoders")? {
                decoder(&path, raw, decoding)?;
            }
            return part.finish();
        }
        "ByteLevel" => return Ok(()),
        "ByteFallback" | "Fuse" => {}
        "Replace" => {
            let (pattern, content) = replace(&mut part)?;
            if !matches!(&pattern, Pattern::Text(text) if text == SPACE.as_bytes() && content == " ") {
                return Err(Refusal::new(path, raw.get(), "only U+2581 is replaced, by a space"));
            }
        }
        "Strip" => {
            let (content, start, stop): (String, usize, usize) =
                (part.required("content")?, part.required("start")?, part.required("stop")?);
            if content != " " || start > 1 || stop > 0 {
                return Err(Refusal::new(path, raw.get(), "one space at the start is taken off"));
            }
            *decoding = Decoding::Joined { strip_space: start == 1 };
        }
        "Metaspace" => {
            if let PreTokenizer::Metaspace { prefix, .. } = metaspace(&mut part)? {
                *decoding = Decoding::Joined { strip_space: prefix != Prefix::None };
            }
        }
        "WordPiece" => *decoding = Decoding::Words { prefix: part.required("prefix")?, cleanup: part.required("cleanup")? },
        _ => {
            let why = "Sequence, ByteLevel, ByteFallback, Fuse, Replace, Strip, Metaspace and WordPiece are read";
            return Err(Refusal::new(&part.place("type"), &format!("{kind:?}"), why));
        }
    }
    part.finish()
}
