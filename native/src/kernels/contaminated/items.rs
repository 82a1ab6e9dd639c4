//! Evaluation items from files: JSON lines and plain lines, also packed by gzip, and Parquet.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};

use flate2::bufread::MultiGzDecoder;
use serde_json::Value;

use crate::kernels::parquet_read::each_row;

/// Bytes of all evaluation files, unpacked. The largest collections in use are a tenth of it; a packed bomb ends here.
pub const MOST_BYTES: u64 = 1 << 30;
const LONGEST_LINE: u64 = 16 << 20;

/// A file of evaluation items. With fields an item is what these hold, joined by line ends; a field may be a path
/// (`choices.text`), and of lists it takes every element. Without fields each line is an item.
#[derive(Clone, Debug)]
pub struct EvaluationFile {
    pub path: String,
    /// As the pipeline calls it: what errors name.
    pub name: String,
    pub fields: Vec<String>,
}

/// Calls `add` for every item in order, with an empty text for blank lines, so that numbers are those of lines and rows.
/// `left` is how many bytes may still be read.
pub fn read(file: &EvaluationFile, left: &mut u64, add: &mut impl FnMut(&str) -> Result<(), String>) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", file.name);
    let mut input = BufReader::with_capacity(1 << 18, File::open(&file.path).map_err(failed)?);
    let head = input.fill_buf().map_err(failed)?;
    if head.starts_with(b"PAR1") {
        return read_parquet(file, left, add);
    }
    if head.starts_with(&[0x1F, 0x8B]) {
        return read_lines(file, BufReader::with_capacity(1 << 18, MultiGzDecoder::new(input)), left, add);
    }
    read_lines(file, input, left, add)
}

fn read_lines(
    file: &EvaluationFile,
    mut input: impl BufRead,
    left: &mut u64,
    add: &mut impl FnMut(&str) -> Result<(), String>,
) -> Result<(), String> {
    let mut line = Vec::new();
    for number in 1u64.. {
        let wrong = |what: &str| format!("{}:{number}: {what}", file.name);
        line.clear();
        if input.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line).map_err(|error| wrong(&error.to_string()))? == 0 {
            break;
        }
        if line.len() as u64 == LONGEST_LINE && line.last() != Some(&b'\n') {
            return Err(wrong("the line is longer than 16 MiB: it is no evaluation item"));
        }
        spend(line.len() as u64, left).map_err(|what| wrong(&what))?;
        let text = std::str::from_utf8(&line).map_err(|_| wrong("the line is not UTF-8"))?;
        let text = if number == 1 { text.trim_start_matches('\u{FEFF}') } else { text };
        if file.fields.is_empty() || text.trim().is_empty() {
            add(text).map_err(|what| wrong(&what))?;
            continue;
        }
        let value = serde_json::from_str(text).map_err(|error| wrong(&format!("the line is not JSON: {error}")))?;
        let item = item_text(&value, &file.fields).map_err(|what| wrong(&what))?;
        add(&item).map_err(|what| wrong(&what))?;
    }
    Ok(())
}

fn read_parquet(file: &EvaluationFile, left: &mut u64, add: &mut impl FnMut(&str) -> Result<(), String>) -> Result<(), String> {
    if file.fields.is_empty() {
        return Err(format!("{}: a Parquet file has columns: name under `fields` those that hold the items", file.name));
    }
    let mut number = 0u64;
    let mut mistake = None;
    each_row(&file.path, |row| {
        number += 1;
        let item = item_text(&row, &file.fields).and_then(|item| {
            spend(item.len() as u64, left)?;
            add(&item)
        });
        mistake = item.err();
        mistake.is_none()
    })
    .map_err(|error| format!("{}: row {}: {error}", file.name, number + 1))?;
    mistake.map_or(Ok(()), |what| Err(format!("{}: row {number}: {what}", file.name)))
}

fn spend(bytes: u64, left: &mut u64) -> Result<(), String> {
    *left = left
        .checked_sub(bytes)
        .ok_or("the evaluation files hold more than 1 GiB: they are held in memory, and this looks like a corpus")?;
    Ok(())
}

/// What the fields hold; an error names the one that is missing and what there is.
fn item_text(value: &Value, fields: &[String]) -> Result<String, String> {
    let mut text = String::new();
    for field in fields {
        let found = collect(value, field, &mut text);
        if !found {
            let has = value.as_object().map_or_else(
                || "it is no object".to_owned(),
                |object| format!("it has {}", object.keys().map(|key| format!("\"{key}\"")).collect::<Vec<_>>().join(", ")),
            );
            return Err(format!("there is no field \"{field}\"; {has}"));
        }
    }
    Ok(text)
}

/// Appends what stands at a path, a line each; whether the path leads anywhere.
fn collect(value: &Value, path: &str, text: &mut String) -> bool {
    if let Value::Array(elements) = value {
        // Every element counts, whatever the ones before it held; an empty list holds nothing, and is there all the same.
        let found = elements.iter().filter(|element| collect(element, path, text)).count();
        return found > 0 || elements.is_empty();
    }
    if path.is_empty() {
        match value {
            Value::String(string) => push_line(text, string),
            Value::Number(number) => push_line(text, &number.to_string()),
            Value::Object(object) => {
                for inner in object.values() {
                    collect(inner, "", text);
                }
            }
            _ => {}
        }
        return true;
    }
    let Value::Object(object) = value else { return false };
    // A name with dots in it is found before a path.
    if let Some(inner) = object.get(path) {
        return collect(inner, "", text);
    }
    path.match_indices('.').any(|(dot, _)| object.get(&path[..dot]).is_some_and(|inner| collect(inner, &path[dot + 1..], text)))
}

fn push_line(text: &mut String, line: &str) {
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(line);
}
