//! Impedance room: non-negative least squares by an active set (Lawson and Hanson,
//! *Solving Least Squares Problems*, chapter 23), on the normal equations.

use nalgebra::{DMatrix, DVector};

/// The x that minimises x^T G x / 2 - c^T x, its first `bounded` entries not
/// negative and the others free, for a symmetric positive definite `gram` G and
/// `target` c of the same size.
///
/// A variable whose addition would make the passive block numerically singular
/// stays at zero. After three passes per variable the last feasible x is returned;
/// in exact arithmetic the method ends earlier by itself.
pub(super) fn minimise(gram: &DMatrix<f64>, target: &DVector<f64>, bounded: usize) -> DVector<f64> {
    let n = target.len();
    let mut x = DVector::zeros(n);
    let mut passive: Vec<bool> = (0..n).map(|i| i >= bounded).collect();
    let mut barred = vec![false; n];
    settle(gram, target, &mut x, &mut passive, bounded);
    let threshold = 1e-12 * target.amax();
    for _ in 0..3 * n {
        let descent = target - gram * &x;
        let entering = (0..n)
            .filter(|&i| !passive[i] && !barred[i] && descent[i] > threshold)
            .max_by(|&a, &b| descent[a].total_cmp(&descent[b]));
        let Some(entering) = entering else { break };
        passive[entering] = true;
        if !settle(gram, target, &mut x, &mut passive, bounded) {
            passive[entering] = false;
            barred[entering] = true;
        }
    }
    x
}

/// Moves x to the optimum over the passive variables, dropping those that would
/// turn negative on the way. False if the passive block is singular.
fn settle(
    gram: &DMatrix<f64>,
    target: &DVector<f64>,
    x: &mut DVector<f64>,
    passive: &mut [bool],
    bounded: usize,
) -> bool {
    loop {
        let set: Vec<usize> = (0..passive.len()).filter(|&i| passive[i]).collect();
        if set.is_empty() {
            return true;
        }
        let block = DMatrix::from_fn(set.len(), set.len(), |a, b| gram[(set[a], set[b])]);
        let Some(factor) = block.cholesky() else {
            return false;
        };
        let best = factor.solve(&DVector::from_fn(set.len(), |a, _| target[set[a]]));
        // How far towards the optimum before the first variable reaches zero.
        let blocking = set
            .iter()
            .zip(best.iter())
            .filter(|&(&i, &b)| i < bounded && b <= 0.0)
            .map(|(&i, &b)| (x[i] / (x[i] - b).max(f64::MIN_POSITIVE), i))
            .min_by(|a, b| a.0.total_cmp(&b.0));
        let step = blocking.map_or(1.0, |(step, _)| step.clamp(0.0, 1.0));
        for (&i, &b) in set.iter().zip(best.iter()) {
            x[i] += step * (b - x[i]);
        }
        let Some((_, first)) = blocking else {
            return true;
        };
        x[first] = 0.0;
        passive[first] = false;
        for &i in &set {
            if i < bounded && x[i] <= 0.0 {
                x[i] = 0.0;
                passive[i] = false;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn gives_the_unconstrained_optimum_where_that_is_positive() {
        let gram = DMatrix::from_row_slice(2, 2, &[2.0, 1.0, 1.0, 3.0]);
        let x = minimise(&gram, &DVector::from_vec(vec![4.0, 7.0]), 2);
        assert!((x - DVector::from_vec(vec![1.0, 2.0])).norm() < 1e-14);
    }

    proptest! {
        #[test]
        fn meets_the_conditions_of_an_optimum(
            entries in proptest::collection::vec(-1.0f64..1.0, 12 * 8),
            data in proptest::collection::vec(-1.0f64..1.0, 12),
        ) {
            let a = DMatrix::from_vec(12, 8, entries);
            let b = DVector::from_vec(data);
            let (gram, target) = (a.tr_mul(&a) + DMatrix::identity(8, 8) * 1e-6, a.tr_mul(&b));
            let bounded = 6;
            let x = minimise(&gram, &target, bounded);
            let gradient = &gram * &x - &target;
            for i in 0..bounded {
                prop_assert!(x[i] >= 0.0);
                prop_assert!(gradient[i] > -1e-8);
                prop_assert!(x[i] * gradient[i].abs() < 1e-8);
            }
            for i in bounded..8 {
                prop_assert!(gradient[i].abs() < 1e-8);
            }
        }
    }
}
