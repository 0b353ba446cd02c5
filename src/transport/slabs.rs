//! Fixed slabs of work: parallel over planes, summed in the order of the planes,
//! so that a result has the same bits whatever the number of threads.

use rayon::prelude::*;
use std::ops::Range;

/// Below this many unknowns a pass runs on the calling thread: on two cores of
/// the development machine handing 16 000 network nodes to rayon cost as much as it saved.
const WORTH_SHARING: usize = 16_384;

/// Runs `work` on every slab and returns the sum of what it returns.
pub(super) fn sum<S: Send>(
    slabs: Vec<S>,
    unknowns: usize,
    work: impl Fn(usize, S) -> f64 + Sync,
) -> f64 {
    if unknowns < WORTH_SHARING {
        return slabs
            .into_iter()
            .enumerate()
            .map(|(index, slab)| work(index, slab))
            .sum();
    }
    let parts: Vec<f64> = slabs
        .into_par_iter()
        .enumerate()
        .map(|(index, slab)| work(index, slab))
        .collect();
    parts.into_iter().sum()
}

/// Runs `work` on every slab of a vector cut at `offsets`, with the range it covers.
pub(super) fn each<T: Send>(
    vector: &mut [T],
    offsets: &[usize],
    work: impl Fn(Range<usize>, &mut [T]) + Sync,
) {
    let unknowns = vector.len();
    sum(split(vector, offsets), unknowns, |index, slab| {
        work(offsets[index]..offsets[index + 1], slab);
        0.0
    });
}

/// Cuts a vector at `offsets` (first 0, last its length).
pub(super) fn split<'a, T>(mut vector: &'a mut [T], offsets: &[usize]) -> Vec<&'a mut [T]> {
    let mut slabs = Vec::with_capacity(offsets.len().saturating_sub(1));
    for pair in offsets.windows(2) {
        let (slab, rest) = vector.split_at_mut(pair[1] - pair[0]);
        slabs.push(slab);
        vector = rest;
    }
    slabs
}

/// Scalar product: eight running sums in single precision per call (so that it
/// vectorises), which suits rows and slabs of some thousand entries.
#[inline]
pub(super) fn dot(a: &[f32], b: &[f32]) -> f64 {
    let mut sums = [0.0f32; 8];
    let (a_chunks, b_chunks) = (a.chunks_exact(8), b.chunks_exact(8));
    let tail: f32 = a_chunks
        .remainder()
        .iter()
        .zip(b_chunks.remainder())
        .map(|(x, y)| x * y)
        .sum();
    for (x, y) in a_chunks.zip(b_chunks) {
        for lane in 0..8 {
            sums[lane] += x[lane] * y[lane];
        }
    }
    f64::from(tail) + sums.iter().map(|&s| f64::from(s)).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_and_products_do_not_lose_the_tail() {
        let a: Vec<f32> = (0..19).map(|i| i as f32).collect();
        let expected: f64 = (0..19).map(|i| f64::from(i * i)).sum();
        assert!((dot(&a, &a) - expected).abs() < 1e-9);
        let mut v: Vec<f32> = a.clone();
        let parts = split(&mut v, &[0, 3, 3, 19]);
        let lengths: Vec<usize> = parts.iter().map(|p| p.len()).collect();
        assert_eq!(lengths, [3, 0, 16]);
        let total = sum(parts, 19, |index, slab| {
            index as f64 + slab.iter().map(|&x| f64::from(x)).sum::<f64>()
        });
        assert!((total - (3.0 + 171.0)).abs() < 1e-9);
    }
}
