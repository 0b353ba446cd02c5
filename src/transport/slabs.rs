//! Fixed slabs of work: parallel over planes, summed in the order of the planes,
//! so that a result has the same bits whatever the number of threads.

use crate::numerics::wide;
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
    let work = |index, slab| {
        wide(
            #[inline(always)]
            || work(index, slab),
        )
    };
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

/// A vector of zeros that all threads have written: asked for as zeros, memory used before
/// would be cleared by the calling thread alone, a pass over every vector of the solve.
pub(super) fn zeros<T: Default + Clone + Send + Sync>(count: usize) -> Vec<T> {
    rayon::iter::repeat_n(T::default(), count).collect()
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

/// Sets every entry of `out` to what `entry` makes of it and of those of `others`
/// at the same place, eight at a time also where there are few.
#[inline(always)]
pub(super) fn zip<const N: usize>(
    out: &mut [f32],
    others: [&[f32]; N],
    entry: impl Fn(f32, [f32; N]) -> f32,
) {
    let count = out.len();
    let others = others.map(|other| &other[..count]);
    let (blocks, rest) = out.as_chunks_mut::<8>();
    for (index, block) in blocks.iter_mut().enumerate() {
        let others = others.map(|other| other.as_chunks::<8>().0[index]);
        *block = std::array::from_fn(|lane| entry(block[lane], others.map(|other| other[lane])));
    }
    for (lane, out) in rest.iter_mut().enumerate() {
        *out = entry(*out, others.map(|other| other[count / 8 * 8 + lane]));
    }
}

/// A scalar product: eight running sums in single precision (so that it
/// vectorises), which suits rows and slabs of some thousand entries.
#[derive(Default)]
pub(super) struct Product {
    sums: [f32; 8],
}

impl Product {
    /// Goes on with the products of these.
    #[inline(always)]
    pub(super) fn add(&mut self, a: &[f32], b: &[f32]) {
        let (a, a_rest) = a.as_chunks::<8>();
        let (b, b_rest) = b.as_chunks::<8>();
        for (a, b) in a.iter().zip(b) {
            for lane in 0..8 {
                self.sums[lane] += a[lane] * b[lane];
            }
        }
        for ((sum, a), b) in self.sums.iter_mut().zip(a_rest).zip(b_rest) {
            *sum += a * b;
        }
    }

    /// Their sum.
    #[inline(always)]
    pub(super) fn total(&self) -> f64 {
        self.sums.iter().map(|&sum| f64::from(sum)).sum()
    }
}

/// The scalar product of two slices.
#[inline(always)]
pub(super) fn dot(a: &[f32], b: &[f32]) -> f64 {
    let mut product = Product::default();
    product.add(a, b);
    product.total()
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
