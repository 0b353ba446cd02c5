//! Tridiagonal systems by elimination without pivoting (Thomas), for matrices
//! that are diagonally dominant, real or complex.

use std::ops::{Div, Mul, Sub};

/// Solves `lower[i] y[i-1] + diagonal[i] y[i] + upper[i] y[i+1] = rhs[i]` for `R`
/// right-hand sides in place: each becomes its `y`; `diagonal` is overwritten.
/// `lower[0]` and the last `upper` are not read. All slices have the same length
/// of at least 1.
///
/// Needs a matrix for which elimination without pivoting is stable, such as a
/// diagonally dominant one; it does not check.
pub fn solve_in_place<T, const R: usize>(
    lower: &[T],
    diagonal: &mut [T],
    upper: &[T],
    mut rhs: [&mut [T]; R],
) where
    T: Copy + Mul<Output = T> + Div<Output = T> + Sub<Output = T>,
{
    let n = diagonal.len();
    for i in 1..n {
        let factor = lower[i] / diagonal[i - 1];
        diagonal[i] = diagonal[i] - factor * upper[i - 1];
        for side in &mut rhs {
            side[i] = side[i] - factor * side[i - 1];
        }
    }
    for side in rhs {
        side[n - 1] = side[n - 1] / diagonal[n - 1];
        for i in (0..n - 1).rev() {
            side[i] = (side[i] - upper[i] * side[i + 1]) / diagonal[i];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::{DMatrix, DVector};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn agrees_with_a_dense_solver(
            rows in proptest::collection::vec((-1.0f64..1.0, 0.1f64..3.0, -1.0f64..1.0, -5.0f64..5.0), 1..30)
        ) {
            let n = rows.len();
            let lower: Vec<f64> = rows.iter().map(|r| r.0).collect();
            let upper: Vec<f64> = rows.iter().map(|r| r.2).collect();
            let mut diagonal: Vec<f64> =
                rows.iter().map(|r| r.1 + r.0.abs() + r.2.abs()).collect();
            let mut rhs: Vec<f64> = rows.iter().map(|r| r.3).collect();
            let dense = DMatrix::from_fn(n, n, |i, j| {
                if i == j { diagonal[i] }
                else if j + 1 == i { lower[i] }
                else if j == i + 1 { upper[i] }
                else { 0.0 }
            });
            let expected = dense.lu().solve(&DVector::from_vec(rhs.clone())).unwrap();
            let mut twice: Vec<f64> = rhs.iter().map(|v| 2.0 * v).collect();
            solve_in_place(&lower, &mut diagonal, &upper, [&mut rhs, &mut twice]);
            for i in 0..n {
                prop_assert!((rhs[i] - expected[i]).abs() < 1e-10 * (1.0 + expected[i].abs()));
                prop_assert!((twice[i] - 2.0 * expected[i]).abs() < 2e-10 * (1.0 + expected[i].abs()));
            }
        }
    }
}
