//! Where the particles lie: non-overlapping spheres in a periodic box, by
//! collective rearrangement.
//!
//! Spheres of their final size start at random places, evenly or in agglomerates,
//! and push each other apart (see `relaxation.rs`) until none overlaps, or none by
//! more than the flattening of pressed contacts. What jams is not a packing: it is
//! refused, with the highest fraction that the same particles do reach.

use super::agglomerates::{self, AGGLOMERATE};
use super::contacts::lenses;
use super::random::{Stage, stream};
use super::relaxation::Spheres;
use super::{MicrostructureError, Particle};
use rand::RngExt;
use std::f64::consts::PI;

/// Largest overlap of two particles in a packing, over the smaller radius and beyond
/// the flattening of contacts.
pub const LARGEST_OVERLAP: f64 = 1e-3;
/// Two particles touch when the gap between them is below this share of the
/// smaller radius: 4 nm at a radius of 2 um, less than the roughness of a crystal.
/// Relaxation leaves pushed-apart pairs with gaps of up to 1e-3; counting up to
/// 1e-3 or 5e-3 instead changes the coordination by -4 % or +6 % at 0.41.
pub const CONTACT_GAP: f64 = 2e-3;
/// Fractions tried on refusal lie this close to the highest that was reached.
const REFUSAL_RESOLUTION: f64 = 0.005;

/// Flattened spheres fill the fraction asked for within this share of it before they
/// are scaled to fill it exactly.
const NEARLY: f64 = 1e-6;
/// Rounds of packing and scaling flattened spheres. The volume of their lenses
/// settles to [`NEARLY`] within some five.
const MOST_ROUNDS: usize = 30;

/// How particles are to be packed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Packing {
    /// Volume fraction to fill, exactly.
    pub fraction: f64,
    /// Edge of the periodic cube, m.
    pub box_edge: f64,
    /// Overlap at which touching particles come to rest, over the smaller radius: 0
    /// for contact at points. See [`super::contacts`] for the discs it makes.
    pub flattening: f64,
    /// Share of the volume bound in agglomerates, 0..1: see `agglomerates.rs`.
    pub heterogeneity: f64,
    /// Seed of every random choice.
    pub seed: u64,
}

impl Packing {
    /// Evenly mixed particles that touch at points.
    pub fn even(fraction: f64, box_edge: f64, seed: u64) -> Self {
        Self {
            fraction,
            box_edge,
            flattening: 0.0,
            heterogeneity: 0.0,
            seed,
        }
    }
}

/// Packs particles of the given radii (m), scaled together so that they fill
/// the fraction exactly.
///
/// `progress` hears the share of the work done, 0..1. The result depends on the
/// seed alone.
///
/// # Errors
/// [`MicrostructureError::BoxTooSmall`] when a particle spans more than half the
/// box, [`MicrostructureError::BoxTooSmallForAgglomerates`] when an agglomerate would,
/// [`MicrostructureError::CannotPack`] when the particles jam.
pub fn pack(
    radii: &[f64],
    packing: &Packing,
    progress: &mut dyn FnMut(f64),
) -> Result<Vec<Particle>, MicrostructureError> {
    let Packing {
        fraction, box_edge, ..
    } = *packing;
    let radii = fitted(radii, packing)?;
    let mut spheres = Spheres {
        centres: start(&radii, packing),
        radii,
        flattening: packing.flattening,
    };
    if !settle(&mut spheres, fraction, progress) {
        return Err(MicrostructureError::CannotPack {
            asked: fraction,
            reached: highest_fraction(&spheres, fraction),
            particles: spheres.radii.len(),
        });
    }
    Ok(spheres
        .centres
        .iter()
        .zip(&spheres.radii)
        .map(|(c, r)| Particle {
            centre: c.map(|x| x.rem_euclid(1.0) * box_edge),
            radius: r * box_edge,
        })
        .collect())
}

/// Radii scaled together so that they fill the fraction, in units of the box, unless
/// the box is too small for them or for agglomerates of them.
pub(super) fn fitted(radii: &[f64], packing: &Packing) -> Result<Vec<f64>, MicrostructureError> {
    let box_edge = packing.box_edge;
    let volume: f64 = radii.iter().map(|r| 4.0 / 3.0 * PI * r.powi(3)).sum();
    // The box is the unit of length.
    let scale = (packing.fraction / volume).cbrt();
    let radii: Vec<f64> = radii.iter().map(|r| r * scale).collect();
    let diameter = 2.0 * radii.iter().copied().fold(0.0, f64::max);
    if diameter > 0.5 {
        return Err(MicrostructureError::BoxTooSmall {
            box_edge,
            diameter: diameter * box_edge,
        });
    }
    if packing.heterogeneity > 0.0 {
        let width = AGGLOMERATE * agglomerates::median_diameter(&radii);
        if width > 0.5 {
            return Err(MicrostructureError::BoxTooSmallForAgglomerates {
                box_edge,
                width: width * box_edge,
            });
        }
    }
    Ok(radii)
}

/// Where the particles start, in the unit cube.
fn start(radii: &[f64], packing: &Packing) -> Vec<[f64; 3]> {
    if packing.heterogeneity > 0.0 {
        return agglomerates::start(radii, packing.heterogeneity, packing.seed);
    }
    (0..radii.len())
        .map(|i| {
            let mut random = stream(packing.seed, Stage::Packing, i);
            [random.random(), random.random(), random.random()]
        })
        .collect()
}

/// Relaxes spheres until they fill `fraction`; false when they jam.
///
/// Flattened spheres share lenses whose volume is known only once they are packed:
/// the spheres grow by it and are packed on, until it no longer changes.
fn settle(spheres: &mut Spheres, fraction: f64, progress: &mut dyn FnMut(f64)) -> bool {
    if !spheres.relax(progress) {
        return false;
    }
    if spheres.flattening <= 0.0 {
        return true;
    }
    for _ in 0..MOST_ROUNDS {
        let missing = missing(spheres, fraction);
        if missing.abs() <= NEARLY * fraction {
            break;
        }
        grow(spheres, missing);
        if !spheres.relax(&mut |_| ()) {
            return false;
        }
    }
    // What is left is a millionth: the overlaps change by far less than their tolerance.
    for _ in 0..3 {
        let missing = missing(spheres, fraction);
        grow(spheres, missing);
    }
    true
}

/// Volume that spheres lack of `fraction`, counting their lenses once.
fn missing(spheres: &Spheres, fraction: f64) -> f64 {
    fraction - volume(&spheres.radii) + lenses(spheres)
}

fn volume(radii: &[f64]) -> f64 {
    radii.iter().map(|r| 4.0 / 3.0 * PI * r.powi(3)).sum()
}

/// Scales the radii so that the spheres gain a volume.
fn grow(spheres: &mut Spheres, gain: f64) {
    let scale = (1.0 + gain / volume(&spheres.radii)).cbrt();
    spheres.radii.iter_mut().for_each(|r| *r *= scale);
}

/// The highest fraction to which jammed spheres pack once they are shrunk, by
/// bisection; 0 when even a tenth of the fraction asked for cannot be had.
fn highest_fraction(jammed: &Spheres, asked: f64) -> f64 {
    let (mut reached, mut refused, mut filled) = (0.0, asked, 0.0);
    let mut trial = (0.9 * asked).min(0.64);
    while refused - reached > REFUSAL_RESOLUTION && trial > 0.1 * asked {
        let shrink = (trial / asked).cbrt();
        let mut spheres = Spheres {
            centres: jammed.centres.clone(),
            radii: jammed.radii.iter().map(|r| r * shrink).collect(),
            flattening: jammed.flattening,
        };
        if spheres.relax(&mut |_| ()) {
            reached = trial;
            filled = trial - lenses(&spheres);
            trial = 0.5 * (reached + refused);
        } else {
            refused = trial;
            trial = if reached > 0.0 {
                0.5 * (reached + refused)
            } else {
                0.9 * trial
            };
        }
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::microstructure::contacts::{contacts, solid_fraction};
    use crate::microstructure::sizes::sample_radii;
    use crate::scenario::SizeDistribution;
    use approx::assert_relative_eq;

    /// A coefficient of variation of 0.25.
    const BROAD: SizeDistribution = SizeDistribution::Lognormal {
        median: 4e-6,
        log_deviation: 0.2462,
    };

    fn packed(count: usize, fraction: f64) -> Result<Vec<Particle>, MicrostructureError> {
        pack(
            &sample_radii(&BROAD, count),
            &Packing::even(fraction, 30e-6, 7),
            &mut |_| (),
        )
    }

    fn fraction_of(particles: &[Particle]) -> f64 {
        particles
            .iter()
            .map(|p| 4.0 / 3.0 * PI * (p.radius / 30e-6).powi(3))
            .sum()
    }

    #[test]
    fn packs_to_sixty_percent_without_overlap() {
        for (count, fraction) in [(330, 0.41), (600, 0.55), (1000, 0.60)] {
            let particles = packed(count, fraction).unwrap();
            assert_eq!(particles.len(), count);
            assert_relative_eq!(fraction_of(&particles), fraction, max_relative = 1e-12);
            let contacts = contacts(&particles, 30e-6);
            assert!(contacts.largest_overlap < LARGEST_OVERLAP, "{contacts:?}");
            // Touching particles are in contact, not a gap apart.
            assert!(contacts.coordination > 1.0, "{contacts:?}");
        }
    }

    #[test]
    fn refuses_what_jams_and_names_what_can_be_had() {
        // Equal spheres take the random close packing of 0.64, sizes of CV 0.25 some more.
        let single = SizeDistribution::single(4e-6);
        for (sizes, range) in [(&single, 0.62..0.645), (&BROAD, 0.635..0.67)] {
            for fraction in [0.68, 0.70, 0.80] {
                let radii = sample_radii(sizes, 500);
                let refused = pack(&radii, &Packing::even(fraction, 30e-6, 7), &mut |_| ());
                let Err(MicrostructureError::CannotPack {
                    asked,
                    reached,
                    particles,
                }) = refused
                else {
                    panic!("packed to {fraction}: {refused:?}");
                };
                assert_relative_eq!(asked, fraction);
                assert_eq!(particles, 500);
                assert!(range.contains(&reached), "{reached}");
                // What is named can be had.
                let named = Packing::even(reached - 0.01, 30e-6, 7);
                assert!(pack(&radii, &named, &mut |_| ()).is_ok(), "{reached}");
            }
        }
    }

    #[test]
    fn pressed_particles_meet_in_discs_and_keep_their_fraction() {
        let radii = sample_radii(&BROAD, 400);
        for (fraction, flattening) in [(0.41, 0.02), (0.60, 0.05), (0.66, 0.1)] {
            let packing = Packing {
                flattening,
                ..Packing::even(fraction, 30e-6, 3)
            };
            let particles = pack(&radii, &packing, &mut |_| ()).unwrap();
            // Not the spheres', but what they fill together.
            assert!(fraction_of(&particles) > fraction);
            assert_relative_eq!(
                solid_fraction(&particles, 30e-6),
                fraction,
                max_relative = 1e-9
            );
            let found = contacts(&particles, 30e-6);
            assert!(found.largest_overlap < flattening + LARGEST_OVERLAP);
            // Pushed pairs come to rest at the flattening: many discs have its size,
            // that of equal spheres being r sqrt(f - f²/4).
            let full = found
                .pairs
                .iter()
                .filter(|pair| {
                    let smaller = particles[pair.first]
                        .radius
                        .min(particles[pair.second].radius);
                    pair.disc_radius
                        > 0.95 * smaller * (flattening - 0.25 * flattening.powi(2)).sqrt()
                })
                .count();
            assert!(
                2 * full > found.pairs.len(),
                "{full} of {}",
                found.pairs.len()
            );
        }
    }

    #[test]
    fn refuses_a_box_smaller_than_two_particles() {
        let refused = pack(&[4e-6, 1e-6], &Packing::even(0.5, 10e-6, 1), &mut |_| ());
        assert!(
            matches!(refused, Err(MicrostructureError::BoxTooSmall { .. })),
            "{refused:?}"
        );
    }
}
