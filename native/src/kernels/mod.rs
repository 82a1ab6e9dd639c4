//! One file a kernel; none knows of Node or of another kernel's caller.

pub mod boilerplate;
pub mod charset;
pub mod columns;
pub mod compression;
pub mod html;
pub mod id_table;
pub mod jsonl;
pub mod language_model;
pub mod ledger_read;
pub mod line_rules;
pub mod measures;
pub mod minhash;
pub mod parquet_read;
pub mod parquet_write;
pub mod phrases;
pub mod redact;
pub mod script;
pub mod segment;
pub mod sequence_index;
pub mod text_segments;
pub mod tokenizer;
pub mod train;
pub mod unpack;
pub mod url_blocklist;
pub mod warc;
pub mod web_docs_score;
