//! Columns of bytes, as they go to TypeScript.

/// `values[offsets[i]..offsets[i + 1]]` is row i.
#[derive(Clone, Debug, PartialEq)]
pub struct Bytes {
    pub values: Vec<u8>,
    pub offsets: Vec<i32>,
}

impl Default for Bytes {
    fn default() -> Self {
        Self { values: Vec::new(), offsets: vec![0] }
    }
}

impl Bytes {
    pub fn push(&mut self, value: &[u8]) {
        self.values.extend_from_slice(value);
        self.offsets.push(self.values.len() as i32);
    }

    /// Writes the last row anew, which must be empty.
    pub fn fill_last_lossy(&mut self, value: &[u8]) {
        self.offsets.pop();
        self.push_lossy(value);
    }

    /// What is not UTF-8 becomes U+FFFD: for headers, where the text itself is not at stake.
    pub fn push_lossy(&mut self, value: &[u8]) {
        match std::str::from_utf8(value) {
            Ok(_) => self.push(value),
            Err(_) => self.push(String::from_utf8_lossy(value).as_bytes()),
        }
    }
}
