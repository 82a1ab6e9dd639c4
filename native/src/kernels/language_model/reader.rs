use super::{ModelError, Result};

/// Little-endian values in file order. Every read names what it is for, so that a truncated file says what is missing.
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub fn position(&self) -> usize {
        self.at
    }

    pub fn take(&mut self, length: usize, what: &str) -> Result<&'a [u8]> {
        let left = self.bytes.len() - self.at;
        if length > left {
            return Err(ModelError(format!("it ends at byte {}, inside {what} ({length} bytes from byte {})", self.bytes.len(), self.at)));
        }
        let taken = &self.bytes[self.at..self.at + length];
        self.at += length;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self, what: &str) -> Result<[u8; N]> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N, what)?);
        Ok(array)
    }

    pub fn i32(&mut self, what: &str) -> Result<i32> {
        self.array(what).map(i32::from_le_bytes)
    }

    pub fn i64(&mut self, what: &str) -> Result<i64> {
        self.array(what).map(i64::from_le_bytes)
    }

    pub fn u8(&mut self, what: &str) -> Result<u8> {
        self.array::<1>(what).map(|byte| byte[0])
    }

    pub fn flag(&mut self, what: &str) -> Result<bool> {
        match self.u8(what)? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(ModelError(format!("the byte that says {what} is {other}, expected 0 or 1"))),
        }
    }

    /// A count of things that take at least `size` bytes each: bounded by what is left of the file, so that no header
    /// makes anyone allocate more than the file is long.
    pub fn bounded(&self, count: i64, size: usize, what: &str) -> Result<usize> {
        let most = (self.bytes.len() - self.at) / size.max(1);
        usize::try_from(count)
            .ok()
            .filter(|&count| count <= most)
            .ok_or_else(|| ModelError(format!("{what} is {count}, but the file has room for {most} at most")))
    }

    /// Bytes up to a zero, which is skipped: their range in the file.
    pub fn string(&mut self, what: &str) -> Result<(u32, u32)> {
        let rest = &self.bytes[self.at..];
        let length = memchr::memchr(0, rest).ok_or_else(|| ModelError(format!("it ends inside {what}")))?;
        let range = u32::try_from(self.at).ok().zip(u32::try_from(length).ok());
        self.at += length + 1;
        range.ok_or_else(|| ModelError(format!("{what} lies beyond 4 GiB")))
    }
}
