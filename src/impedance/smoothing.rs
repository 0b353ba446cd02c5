//! Impedance room: how smooth a distribution is made. Both inversions, over diffusion
//! lengths and over relaxation times, penalise squared second differences and take the
//! smoothest distribution that explains the data as well as the roughest does.

use nalgebra::DMatrix;

/// Weights of the penalty, from smooth to rough: from where no structure is left to where
/// distributions break up into single classes.
pub(super) const WEIGHTS: [f64; 17] = [
    10.0, 3.0, 1.0, 0.3, 0.1, 3e-2, 1e-2, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5, 3e-6, 1e-6, 3e-7,
    1e-7,
];
/// How much the sum of squares may rise by smoothing, in units of its variance per
/// point.
const SIGNIFICANT: f64 = 4.0;

/// Place of the first of `misfits` (mean squared relative residuals, from smooth to
/// rough, of `numbers` real numbers) that is not significantly above the least. Misfit
/// below the relative error `noise` of the measurement is not followed.
pub(super) fn smoothest(misfits: &[f64], noise: f64, numbers: usize) -> usize {
    let best = misfits.iter().copied().fold(f64::INFINITY, f64::min);
    let allowed = best + SIGNIFICANT * best.max(noise * noise) / numbers as f64;
    let found = misfits.iter().position(|misfit| *misfit <= allowed);
    // The best itself is allowed, so there is always one, unless none is a number.
    found.unwrap_or(misfits.len().saturating_sub(1))
}

/// What is known of a distribution beyond its grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Beyond {
    /// There is nothing.
    Nothing,
    /// It may go on: a spectrum may cut an arc.
    Anything,
}

/// The penalty as a matrix: squared second differences over `classes`.
pub(super) fn roughness(classes: usize, beyond: Beyond) -> DMatrix<f64> {
    let (rows, first) = match beyond {
        Beyond::Nothing => (classes + 2, 0),
        Beyond::Anything => (classes - 2, 2),
    };
    let difference = DMatrix::from_fn(rows, classes, |row, column| {
        match (row + first) as isize - column as isize {
            0 | 2 => 1.0,
            1 => -2.0,
            _ => 0.0,
        }
    });
    difference.tr_mul(&difference)
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::DVector;

    #[test]
    fn only_what_bends_is_penalised() {
        let line = DVector::from_fn(9, |row, _| 2.0 + 3.0 * row as f64);
        let penalty = |beyond| (roughness(9, beyond) * &line).dot(&line);
        assert!(penalty(Beyond::Anything).abs() < 1e-9);
        // A line that ends in nothing has corners: -2 + 0, 2, at its foot and at its top.
        assert!(penalty(Beyond::Nothing) > 1.0);
        let bump = DVector::from_fn(9, |row, _| if row == 4 { 1.0 } else { 0.0 });
        for beyond in [Beyond::Anything, Beyond::Nothing] {
            let found = (roughness(9, beyond) * &bump).dot(&bump);
            assert!((found - 6.0).abs() < 1e-12, "{found}");
        }
    }

    #[test]
    fn the_smoothest_is_taken_that_noise_allows() {
        let misfits = [1.0, 1e-4, 1.01e-6, 1e-6];
        assert_eq!(smoothest(&misfits, 1e-3, 200), 2);
        assert_eq!(smoothest(&misfits, 1e-9, 2000), 3);
        assert_eq!(smoothest(&misfits, 1.0, 4), 0);
        assert_eq!(smoothest(&[f64::NAN, f64::NAN], 1e-3, 4), 1);
    }
}
