//! One shim file a kernel: convert, call, turn an error into a coded one. No logic here.

// napi hands strings and option objects over as owned values; a shim cannot borrow them.
#![allow(clippy::needless_pass_by_value)]

pub mod compression;
pub mod contaminated;
pub mod document_keys;
pub mod host_table;
pub mod html;
pub mod id_pairs;
pub mod id_table;
pub mod jsonl;
pub mod key_index;
pub mod language_model;
pub mod ledger_read;
pub mod measures;
pub mod minhash;
pub mod parquet_read;
pub mod parquet_write;
pub mod phrases;
pub mod redact;
pub mod repeats;
pub mod rights_tags;
pub mod robots;
pub mod segment;
pub mod sequence_index;
pub mod text_segments;
pub mod tokenizer;
pub mod train;
pub mod url_blocklist;
pub mod warc;
pub mod web_docs_score;
pub mod xml_records;
