//! Arithmetic modulo the prime 2^61 - 1, for hashes that roll along a text: polynomials over a prime have few roots, so that no
//! pattern of few letters or words makes them collide.

pub const PRIME: u64 = (1 << 61) - 1;

/// Both less than the prime.
#[inline]
pub fn multiply(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    let sum = (product as u64 & PRIME) + (product >> 61) as u64;
    if sum >= PRIME { sum - PRIME } else { sum }
}

/// Both less than the prime.
#[inline]
pub fn add(a: u64, b: u64) -> u64 {
    let sum = a + b;
    if sum >= PRIME { sum - PRIME } else { sum }
}

/// Both less than the prime.
#[inline]
pub fn subtract(a: u64, b: u64) -> u64 {
    if a >= b { a - b } else { a + PRIME - b }
}
