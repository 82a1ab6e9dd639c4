//! Asks for memory before it is needed: lookups at random places of large files wait for memory rather than compute, and
//! asked for together, many waits pass as one.

/// Asks for the cache line in which an element begins. An index behind the end asks for nothing.
#[inline]
pub fn prefetch<T>(of: &[T], at: usize) {
    if let Some(element) = of.get(at) {
        ask(std::ptr::from_ref(element).cast());
    }
}

#[cfg(target_arch = "x86_64")]
#[inline]
fn ask(line: *const i8) {
    // SAFETY: a hint that changes nothing and never faults, whatever the address; part of every x86-64.
    unsafe { std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T0 }>(line) }
}

#[cfg(target_arch = "aarch64")]
#[inline]
fn ask(line: *const i8) {
    // SAFETY: a hint that changes nothing and never faults, whatever the address.
    unsafe { std::arch::asm!("prfm pldl1keep, [{}]", in(reg) line, options(nostack, preserves_flags, readonly)) }
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
#[inline]
fn ask(_: *const i8) {}
