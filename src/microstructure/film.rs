//! How unevenly thick a coating is over the surface that it covers.
//!
//! A film's thickness is lognormal. Islands have a shape besides: at a point with the
//! share `u` of the island inside it the thickness is `(p + 1)(1 - u)^p` times its mean,
//! so that islands are thin at their edges. Shells are drawn from this distribution, and
//! what adds up over the surface (currents, leaks) is averaged over it.

use crate::numerics::normal::lognormal_mean;
use crate::scenario::{Coating, CoatingMorphology};

/// E(t²) / E(t)² of a paraboloid, what spherical caps far wider than high are.
const CAP_MOMENT: f64 = 4.0 / 3.0;
/// Nodes over the shares `u` of an island (midpoint rule).
const PLACES: usize = 400;

/// The distribution of the thickness over its mean, over covered surface.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FilmSpread {
    /// Shape of islands: thickness falls as `(1 - u)^profile`; 0 for flat patches.
    pub profile: f64,
    /// Variance of the logarithm of the thickness of whole patches or islands.
    pub log_variance: f64,
}

impl FilmSpread {
    /// That of a coating: islands take from the stated variation what their shape
    /// explains, and differ in height by the rest.
    pub fn of(coating: &Coating) -> Self {
        let width = 1.0 + coating.thickness_variation.powi(2);
        if coating.morphology != CoatingMorphology::Islands {
            return Self {
                profile: 0.0,
                log_variance: width.ln(),
            };
        }
        // p² / (2 p + 1) is the relative variance of (1 - u)^p.
        let v = (width - 1.0).min(CAP_MOMENT - 1.0);
        Self {
            profile: v + (v * v + v).sqrt(),
            log_variance: (width / CAP_MOMENT).ln().max(0.0),
        }
    }

    /// Thickness over that of the island's mean at the share `inside`, 0..1.
    pub fn shape(&self, inside: f64) -> f64 {
        (self.profile + 1.0) * (1.0 - inside).powf(self.profile)
    }

    /// Mean of `function` of the thickness over its mean, over covered surface.
    pub fn mean(&self, function: impl Fn(f64) -> f64) -> f64 {
        let over_places = |height: f64| {
            if self.profile <= 0.0 {
                return function(height);
            }
            let at = |i: usize| height * self.shape((i as f64 + 0.5) / PLACES as f64);
            (0..PLACES).map(|i| function(at(i))).sum::<f64>() / PLACES as f64
        };
        lognormal_mean(self.log_variance, over_places)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread(profile: f64, variation: f64) -> FilmSpread {
        FilmSpread {
            profile,
            log_variance: (variation * variation).ln_1p(),
        }
    }

    #[test]
    fn lognormal_means_are_the_known_ones() {
        let film = spread(0.0, 0.5);
        assert!((film.mean(|h| h) - 1.0).abs() < 1e-9);
        assert!((film.mean(|h| 1.0 / h) - 1.25).abs() < 1e-9);
        assert!((film.mean(|h| h * h) - 1.25).abs() < 1e-9);
        assert!((spread(0.0, 0.0).mean(|h| h.exp()) - 1f64.exp()).abs() < 1e-15);
    }

    /// A paraboloid is as often as thick as it likes between nothing and twice its mean.
    #[test]
    fn paraboloids_are_uniform_in_thickness() {
        let film = spread(1.0, 0.0);
        assert!((film.mean(|h| h) - 1.0).abs() < 1e-12);
        let leak = film.mean(|h| (-10.0 * h).exp());
        assert!((leak / ((1.0 - (-20f64).exp()) / 20.0) - 1.0).abs() < 1e-3);
        let conductance = film.mean(|h| 1.0 / (0.5 + h));
        assert!((conductance / (0.5 * 5f64.ln()) - 1.0).abs() < 1e-4);
    }

    #[test]
    fn islands_have_the_variation_that_is_stated() {
        for variation in [0.1, 0.5, 0.8, 1.5] {
            let v: f64 = variation * variation;
            let shape = v.min(CAP_MOMENT - 1.0);
            let film = FilmSpread {
                profile: shape + (shape * shape + shape).sqrt(),
                log_variance: ((1.0 + v) / CAP_MOMENT).ln().max(0.0),
            };
            let found = film.mean(|h| h * h) - 1.0;
            assert!((found / v - 1.0).abs() < 0.01, "{variation}: {found}");
        }
    }
}
