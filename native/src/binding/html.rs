//! Pages to text, one call a batch.

use napi::bindgen_prelude::{Float64Array, Int32Array, Uint8Array};
use napi_derive::napi;

use crate::kernels::html::{Pages, Rows, Settings, extract};

/// One entry a row; `outcomes` are the numbers of the kernel's `Outcome`, measures are NaN where no page was read.
#[napi(object)]
pub struct ExtractedPages {
    pub text_values: Uint8Array,
    pub text_offsets: Int32Array,
    pub title_values: Uint8Array,
    pub title_offsets: Int32Array,
    pub language_values: Uint8Array,
    pub language_offsets: Int32Array,
    pub author_values: Uint8Array,
    pub author_offsets: Int32Array,
    pub published_values: Uint8Array,
    pub published_offsets: Int32Array,
    pub licence_link_values: Uint8Array,
    pub licence_link_offsets: Int32Array,
    pub outcomes: Int32Array,
    pub html_bytes: Float64Array,
    pub html_nodes: Float64Array,
    pub text_bytes: Float64Array,
    pub link_share: Float64Array,
    pub content_share: Float64Array,
    pub control_share: Float64Array,
}

/// `text_offsets` empty: no row has text yet.
#[allow(clippy::too_many_arguments)]
#[napi(catch_unwind)]
pub fn extract_html(
    payload_values: &[u8],
    payload_offsets: &[i32],
    type_values: &[u8],
    type_offsets: &[i32],
    url_values: &[u8],
    url_offsets: &[i32],
    text_values: &[u8],
    text_offsets: &[i32],
    max_html_bytes: f64,
    max_control_share: f64,
) -> ExtractedPages {
    let payload = Rows { values: payload_values, offsets: payload_offsets };
    let content_type = Rows { values: type_values, offsets: type_offsets };
    let url = Rows { values: url_values, offsets: url_offsets };
    let text = (!text_offsets.is_empty()).then_some(Rows { values: text_values, offsets: text_offsets });
    let pages =
        extract(Pages { payload, content_type, url, text }, Settings { max_html_bytes: max_html_bytes as usize, max_control_share });
    ExtractedPages {
        text_values: Uint8Array::new(pages.text.values),
        text_offsets: Int32Array::new(pages.text.offsets),
        title_values: Uint8Array::new(pages.title.values),
        title_offsets: Int32Array::new(pages.title.offsets),
        language_values: Uint8Array::new(pages.language.values),
        language_offsets: Int32Array::new(pages.language.offsets),
        author_values: Uint8Array::new(pages.author.values),
        author_offsets: Int32Array::new(pages.author.offsets),
        published_values: Uint8Array::new(pages.published.values),
        published_offsets: Int32Array::new(pages.published.offsets),
        licence_link_values: Uint8Array::new(pages.licence_link.values),
        licence_link_offsets: Int32Array::new(pages.licence_link.offsets),
        outcomes: Int32Array::new(pages.outcomes),
        html_bytes: Float64Array::new(pages.html_bytes),
        html_nodes: Float64Array::new(pages.html_nodes),
        text_bytes: Float64Array::new(pages.text_bytes),
        link_share: Float64Array::new(pages.link_share),
        content_share: Float64Array::new(pages.content_share),
        control_share: Float64Array::new(pages.control_share),
    }
}
