//! Knows no chemistry: interpolation, tridiagonal systems, hashing, the normal
//! distribution, what hangs together on a grid.

pub mod connection;
pub mod hash;
pub mod interpolate;
pub mod normal;
pub mod sampled;
pub mod shapley;
pub mod tridiagonal;

/// Runs `work` with the widest instructions that the processor has. The order
/// of its sums is that of the program, so that its results are the same with all.
/// Functions that `work` calls must be inlined into it to gain from it.
#[inline(always)]
pub(crate) fn wide<R>(work: impl FnOnce() -> R) -> R {
    pulp::Arch::new().dispatch(work)
}
