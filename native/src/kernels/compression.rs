//! zstd with a pinned library, so that compressed bytes are the same on every machine.

use std::io::{self, Read};

pub fn compress(data: &[u8], level: i32) -> io::Result<Vec<u8>> {
    zstd::bulk::compress(data, level)
}

/// Inflates one frame, never holding more than `limit` bytes of content.
pub fn decompress(data: &[u8], limit: usize) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    zstd::stream::read::Decoder::new(data)?.take(limit as u64 + 1).read_to_end(&mut content)?;
    if content.len() > limit {
        return Err(io::Error::new(io::ErrorKind::InvalidData, format!("a zstd frame holds more than {limit} bytes")));
    }
    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_compressed_comes_back() {
        let data = b"grain ".repeat(1000);
        assert_eq!(decompress(&compress(&data, 3).unwrap(), data.len()).unwrap(), data);
    }

    #[test]
    fn a_frame_over_the_limit_is_refused() {
        assert!(decompress(&compress(&[0; 4096], 3).unwrap(), 4095).is_err());
    }
}
