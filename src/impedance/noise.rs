//! Impedance room: the scatter that an analyser adds to a spectrum.

use num_complex::Complex64;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

/// `impedance` with normal scatter of standard deviation `relative` times its modulus
/// on the real and on the imaginary part, each independently; the same for the same
/// `seed` on every machine.
pub fn with_noise(impedance: &[Complex64], relative: f64, seed: u64) -> Vec<Complex64> {
    with_scatter(impedance, |_| relative, seed)
}

/// The same with a standard deviation that differs from point to point: `relative` of the
/// number of the point, from 0. A voltage that is measured to within a certain error tells
/// an impedance to within that over the amplitude.
pub fn with_scatter(
    impedance: &[Complex64],
    relative: impl Fn(usize) -> f64,
    seed: u64,
) -> Vec<Complex64> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    impedance
        .iter()
        .enumerate()
        .map(|(k, z)| {
            let mut draw = || -> f64 { StandardNormal.sample(&mut random) };
            let scatter = Complex64::new(draw(), draw());
            z + relative(k) * z.norm() * scatter
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scatter_has_the_size_asked_for_and_follows_the_seed() {
        let clean = vec![Complex64::new(3.0, -4.0); 4000];
        let noisy = with_noise(&clean, 0.01, 3);
        let square: f64 = noisy.iter().map(|z| (z - clean[0]).norm_sqr()).sum();
        // Two real numbers per point, each 1 % of the modulus of 5.
        let deviation = (square / 8000.0).sqrt();
        assert!((deviation / 0.05 - 1.0).abs() < 0.03, "{deviation}");
        assert_eq!(noisy, with_noise(&clean, 0.01, 3));
        assert_ne!(noisy, with_noise(&clean, 0.01, 4));
        assert_eq!(clean, with_noise(&clean, 0.0, 3));
    }
}
