//! The byte work of Quern. `kernels` is pure Rust, one file a kernel, tested without Node;
//! `binding` holds the napi shims, which convert and do nothing else.

pub mod kernels;

#[cfg(feature = "binding")]
pub mod binding;
