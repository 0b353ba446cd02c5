//! How long the next time step may be, by the error of the last one.

use crate::electrode::StepResult;

/// Most by which a time step is longer than the one before.
pub(super) const MOST_GROWTH: f64 = 4.0;

/// Step-length factor that brings the error to its aim.
pub(super) fn growth(result: &StepResult) -> f64 {
    0.9 * result.error.max(1e-4).powf(-1.0 / result.error_order)
}

/// Factor by which the next time step may be longer than [`growth`] has it, after one of
/// `length` (s) that began `age` (s) after the load had jumped. At first everything goes as
/// the root of the time since, and the error as `h3 t^(-5/2)`; later it is 1.
pub(super) fn settling(age: f64, length: f64) -> f64 {
    if age > 0.0 {
        (1.0 + length / age).powf(5.0 / 6.0)
    } else {
        1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_after_a_jump_keep_their_error_where_all_goes_as_the_root_of_time() {
        let error = |age: f64, length: f64| length.powi(3) * age.powf(-2.5);
        let (mut age, mut length) = (1.0, 0.7);
        let aim = error(age, length);
        for _ in 0..20 {
            let next = length * settling(age, length);
            age += length;
            length = next;
            assert!((error(age, length) / aim - 1.0).abs() < 1e-12);
        }
        assert!(length > 100.0);
        // The first step began with the jump itself; a late one knows nothing of it.
        assert!((settling(0.0, 1.0) - 1.0).abs() < 1e-15);
        assert!(settling(1e5, 10.0) < 1.0001);
    }
}
