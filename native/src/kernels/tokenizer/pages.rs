//! Tables of some megabytes that are read at random, in huge pages where the system has them: with pages of 4 KB, every
//! other access to a 32 MiB table also misses the processor's page table cache.

use memmap2::MmapMut;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

/// Types for which zero bytes are a value and any alignment up to a page's is enough.
///
/// # Safety
/// All bytes zero must be a value of the type, which must not need dropping.
pub unsafe trait Zero: Copy {}

/// A slice of zeros in memory of its own.
pub struct Pages<T: Zero> {
    memory: MmapMut,
    length: usize,
    of: PhantomData<T>,
}

/// Below two huge pages they would only cost memory.
const WORTH_IT: usize = 4 << 20;

impl<T: Zero> Pages<T> {
    /// Panics when the system has no memory left, like `Vec`.
    pub fn new(length: usize) -> Self {
        let bytes = length * size_of::<T>();
        let memory = MmapMut::map_anon(bytes.max(1)).expect("memory for a table");
        #[cfg(target_os = "linux")]
        if bytes >= WORTH_IT {
            // Only advice: a system without huge pages refuses it, and the table works all the same.
            let _ = memory.advise(memmap2::Advice::HugePage);
        }
        Self { memory, length, of: PhantomData }
    }
}

impl<T: Zero> Deref for Pages<T> {
    type Target = [T];
    #[inline]
    fn deref(&self) -> &[T] {
        // SAFETY: the mapping is page-aligned, holds `length` items, began as zeros, which are a value of T, and is only
        // written through `deref_mut`.
        unsafe { std::slice::from_raw_parts(self.memory.as_ptr().cast(), self.length) }
    }
}

impl<T: Zero> DerefMut for Pages<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: as above, and `self` is borrowed alone.
        unsafe { std::slice::from_raw_parts_mut(self.memory.as_mut_ptr().cast(), self.length) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Copy)]
    #[repr(align(64))]
    struct Line([u64; 8]);

    // SAFETY: numbers.
    unsafe impl Zero for Line {}

    #[test]
    fn they_begin_as_zeros_and_keep_what_is_written() {
        for length in [0, 1, 3, 1 << 17] {
            let mut pages = Pages::<Line>::new(length);
            assert_eq!(pages.len(), length);
            assert!(pages.iter().all(|line| line.0 == [0; 8]));
            for (i, line) in pages.iter_mut().enumerate() {
                line.0 = [i as u64; 8];
            }
            assert!((0..).zip(pages.iter()).all(|(i, line)| line.0 == [i; 8]));
        }
    }
}
