//! What does not fit the entries of the pretoken cache: long pretokens, and the ids of those that become more than four.

/// Everything is forgotten when so many bytes or ids are held: 8 MiB each.
const BYTES: usize = 8 << 20;
const IDS: usize = 2 << 20;
/// What all of it may take.
#[cfg(test)]
pub const MOST_BYTES: usize = BYTES + 4 * IDS;

#[derive(Default)]
pub struct Arena {
    bytes: Vec<u8>,
    ids: Vec<u32>,
}

impl Arena {
    pub fn has_room(&self, bytes: &[u8], ids: &[u32]) -> bool {
        self.bytes.len() + bytes.len() <= BYTES && self.ids.len() + ids.len() <= IDS
    }

    /// Where both now begin. Call only when there is room.
    pub fn put(&mut self, bytes: &[u8], ids: &[u32]) -> (u32, u32) {
        let places = (self.bytes.len() as u32, self.ids.len() as u32);
        // Sizes double from a power of two on, so that they meet their bounds exactly.
        if self.bytes.capacity() == 0 {
            self.bytes.reserve_exact(1 << 12);
            self.ids.reserve_exact(1 << 12);
        }
        self.bytes.extend_from_slice(bytes);
        self.ids.extend_from_slice(ids);
        places
    }

    pub fn bytes(&self, at: u32, length: usize) -> &[u8] {
        self.bytes.get(at as usize..at as usize + length).unwrap_or_default()
    }

    pub fn ids(&self, at: u32, count: u32) -> &[u32] {
        &self.ids[at as usize..(at + count) as usize]
    }

    pub fn clear(&mut self) {
        self.bytes.clear();
        self.ids.clear();
    }

    /// Bytes taken, filled or not.
    pub fn held(&self) -> usize {
        self.bytes.capacity() + 4 * self.ids.capacity()
    }
}
