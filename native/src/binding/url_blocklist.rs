//! Addresses against lists.

use std::sync::Arc;

use napi::bindgen_prelude::{Error, Float64Array, Result};
use napi_derive::napi;

use crate::kernels::url_blocklist::{Blocklist, Holds, ListFile, MEASURES, Mode, Source};

/// A file, or with an empty path the entries themselves. `holds`: 0 domains, 1 addresses, 2 words, 3 soft words, 4 sub-words.
#[napi(object)]
pub struct BlocklistSource {
    pub path: String,
    pub entries: Vec<String>,
    pub holds: u32,
}

#[napi]
pub struct UrlBlocklist {
    blocklist: Arc<Blocklist>,
}

#[napi]
impl UrlBlocklist {
    /// Reads the lists, or shares what another worker read under the same key.
    #[napi(constructor, catch_unwind)]
    pub fn new(key: String, datatrove: bool, sources: Vec<BlocklistSource>) -> Result<Self> {
        let sources: Vec<Source> = sources
            .into_iter()
            .map(|BlocklistSource { path, entries, holds }| Source {
                list: if path.is_empty() { ListFile::Entries(entries) } else { ListFile::Path(path) },
                holds: match holds {
                    0 => Holds::Domains,
                    1 => Holds::Urls,
                    2 => Holds::Words,
                    3 => Holds::SoftWords,
                    _ => Holds::SubWords,
                },
            })
            .collect();
        let mode = if datatrove { Mode::Datatrove } else { Mode::Quern };
        Blocklist::shared(&key, mode, &sources).map(|blocklist| Self { blocklist }).map_err(Error::from_reason)
    }

    /// The kernel's columns of a value a row, one after the other; NaN for an empty address.
    #[napi(catch_unwind)]
    pub fn judge(&self, values: &[u8], offsets: &[i32]) -> Float64Array {
        let mut out = vec![f64::NAN; MEASURES * (offsets.len() - 1)];
        self.blocklist.judge_column(values, offsets, &mut out);
        Float64Array::new(out)
    }

    /// Different entries of domains, addresses, words and soft words.
    #[napi(catch_unwind)]
    pub fn sizes(&self) -> Vec<f64> {
        self.blocklist.sizes().map(|size| size as f64).to_vec()
    }
}
