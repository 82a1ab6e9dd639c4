//! Keys of documents that the sequence phase compares: digests of a normalised column or address, hashes of a text's units.

mod address;
mod normalise;
pub mod parameters;
mod units;

pub use address::canonical;
pub use normalise::{Normalise, Normaliser};
pub use units::{Unit, UnitKeys, UnitRules, unit_keys};
use xxhash_rust::xxh3::xxh3_128;

/// Raised when the same column gets other keys: part of every key that depends on them.
pub const VERSION: u32 = 1;
/// The same for addresses.
pub const ADDRESS_VERSION: u32 = 2;
pub const KEY_BYTES: usize = 16;

/// One value of a column, or why it cannot be had.
pub fn row_of<'a>(values: &'a [u8], offsets: &[i32], row: usize) -> Result<&'a [u8], String> {
    let outside = || format!("row {row} lies outside its column");
    values.get(offsets[row] as usize..offsets[row + 1] as usize).ok_or_else(outside)
}

fn digests(values: &[u8], offsets: &[i32], mut form: impl FnMut(&[u8], &mut Vec<u8>)) -> Result<Vec<u8>, String> {
    let rows = offsets.len().saturating_sub(1);
    let mut keys = vec![0; rows * KEY_BYTES];
    let mut room = Vec::new();
    for row in 0..rows {
        room.clear();
        form(row_of(values, offsets, row)?, &mut room);
        if !room.is_empty() {
            keys[row * KEY_BYTES..][..KEY_BYTES].copy_from_slice(&xxh3_128(&room).to_be_bytes());
        }
    }
    Ok(keys)
}

/// XXH3-128 of every normalised value, big-endian; zeros, which is no key, for a value of which nothing is left.
pub fn column_keys(values: &[u8], offsets: &[i32], normalise: Normalise) -> Result<Vec<u8>, String> {
    let normaliser = Normaliser::new(normalise);
    digests(values, offsets, |value, room| normaliser.append(value, room))
}

/// The same of every canonical address; `dropped` are names of parameters that do not tell pages apart, besides the known ones.
pub fn address_keys(values: &[u8], offsets: &[i32], dropped: &[String]) -> Result<Vec<u8>, String> {
    digests(values, offsets, |value, room| canonical(value, dropped, room))
}
