//! Where the particles lie: non-overlapping spheres in a periodic box, by
//! collective rearrangement.
//!
//! Spheres of their final size start at random places and push each other apart
//! (see `relaxation.rs`) until none overlaps. What jams is not a packing: it is
//! refused, with the highest fraction that the same particles do reach.

use super::MicrostructureError;
use super::Particle;
use super::random::{Stage, stream};
use super::relaxation::{Neighbours, Spheres, minimal};
use rand::RngExt;
use std::f64::consts::PI;

/// Largest overlap of two particles in a packing, over the smaller radius.
pub const LARGEST_OVERLAP: f64 = 1e-3;
/// Two particles touch when the gap between them is below this share of the
/// smaller radius: 4 nm at a radius of 2 um, less than the roughness of a crystal.
/// Relaxation leaves pushed-apart pairs with gaps of up to 1e-3; counting up to
/// 1e-3 or 5e-3 instead changes the coordination by -4 % or +6 % at 0.41.
pub const CONTACT_GAP: f64 = 2e-3;
/// Fractions tried on refusal lie this close to the highest that was reached.
const REFUSAL_RESOLUTION: f64 = 0.005;

/// Packs particles of the given radii (m), scaled together so that they fill
/// exactly `fraction` of a periodic cube of edge `box_edge` (m).
///
/// `progress` hears the share of the work done, 0..1. The result depends on the
/// seed alone.
///
/// # Errors
/// [`MicrostructureError::BoxTooSmall`] when a particle spans more than half the
/// box, [`MicrostructureError::CannotPack`] when the particles jam.
pub fn pack(
    radii: &[f64],
    fraction: f64,
    box_edge: f64,
    seed: u64,
    progress: &mut dyn FnMut(f64),
) -> Result<Vec<Particle>, MicrostructureError> {
    let volume: f64 = radii.iter().map(|r| 4.0 / 3.0 * PI * r.powi(3)).sum();
    // From here on the box is the unit of length.
    let scale = (fraction / volume).cbrt();
    let radii: Vec<f64> = radii.iter().map(|r| r * scale).collect();
    let diameter = 2.0 * radii.iter().copied().fold(0.0, f64::max);
    if diameter > 0.5 {
        return Err(MicrostructureError::BoxTooSmall {
            box_edge,
            diameter: diameter * box_edge,
        });
    }
    let centres = (0..radii.len())
        .map(|i| {
            let mut random = stream(seed, Stage::Packing, i);
            [random.random(), random.random(), random.random()]
        })
        .collect();
    let mut spheres = Spheres { centres, radii };
    if !spheres.relax(progress) {
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

/// The highest fraction to which jammed spheres pack once they are shrunk, by
/// bisection; 0 when even a tenth of the fraction asked for cannot be had.
fn highest_fraction(jammed: &Spheres, asked: f64) -> f64 {
    let (mut reached, mut refused) = (0.0, asked);
    let mut trial = (0.9 * asked).min(0.64);
    while refused - reached > REFUSAL_RESOLUTION && trial > 0.1 * asked {
        let shrink = (trial / asked).cbrt();
        let mut spheres = Spheres {
            centres: jammed.centres.clone(),
            radii: jammed.radii.iter().map(|r| r * shrink).collect(),
        };
        if spheres.relax(&mut |_| ()) {
            reached = trial;
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
    reached
}

/// How particles touch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Contacts {
    /// Largest overlap of two particles over the smaller radius, 0 if none.
    pub largest_overlap: f64,
    /// Mean number of touching neighbours of a particle, see [`CONTACT_GAP`].
    pub coordination: f64,
}

/// Overlaps and contacts of particles in a periodic cube of edge `box_edge` (m).
pub fn contacts(particles: &[Particle], box_edge: f64) -> Contacts {
    let centres: Vec<[f64; 3]> = particles
        .iter()
        .map(|p| p.centre.map(|x| x / box_edge))
        .collect();
    let radii: Vec<f64> = particles.iter().map(|p| p.radius / box_edge).collect();
    let reach = 2.0 * CONTACT_GAP * radii.iter().copied().fold(0.0, f64::max);
    let neighbours = Neighbours::find(&centres, &radii, reach);
    let (mut largest_overlap, mut touching) = (0.0_f64, 0_usize);
    for i in 0..radii.len() {
        for &j in neighbours.of(i) {
            let j = j as usize;
            let distance = minimal(centres[i], centres[j])
                .iter()
                .map(|d| d * d)
                .sum::<f64>()
                .sqrt();
            let gap = (distance - radii[i] - radii[j]) / radii[i].min(radii[j]);
            largest_overlap = largest_overlap.max(-gap);
            touching += usize::from(gap < CONTACT_GAP);
        }
    }
    Contacts {
        largest_overlap,
        coordination: 2.0 * touching as f64 / particles.len().max(1) as f64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::microstructure::sizes::sample_radii;
    use crate::scenario::SizeDistribution;
    use approx::assert_relative_eq;

    /// A coefficient of variation of 0.25.
    const BROAD: SizeDistribution = SizeDistribution {
        median: 4e-6,
        log_deviation: 0.2462,
    };

    fn packed(count: usize, fraction: f64) -> Result<Vec<Particle>, MicrostructureError> {
        pack(
            &sample_radii(&BROAD, count),
            fraction,
            30e-6,
            7,
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
        let refused = packed(500, 0.75);
        let Err(MicrostructureError::CannotPack {
            asked,
            reached,
            particles,
        }) = refused
        else {
            panic!("packed to 0.75: {refused:?}");
        };
        assert_relative_eq!(asked, 0.75);
        assert_eq!(particles, 500);
        assert!((0.60..0.68).contains(&reached), "{reached}");
    }

    #[test]
    fn refuses_a_box_smaller_than_two_particles() {
        let refused = pack(&[4e-6, 1e-6], 0.5, 10e-6, 1, &mut |_| ());
        assert!(
            matches!(refused, Err(MicrostructureError::BoxTooSmall { .. })),
            "{refused:?}"
        );
    }

    #[test]
    fn contacts_count_across_the_periodic_border() {
        let ball = |x: f64| Particle {
            centre: [x, 0.5, 0.5],
            radius: 0.1,
        };
        let two = contacts(&[ball(0.05), ball(0.85)], 1.0);
        assert_relative_eq!(two.coordination, 1.0);
        let overlapping = contacts(&[ball(0.05), ball(0.86)], 1.0);
        assert_relative_eq!(overlapping.largest_overlap, 0.1, max_relative = 1e-9);
        let apart = contacts(&[ball(0.05), ball(0.84)], 1.0);
        assert_relative_eq!(apart.coordination, 0.0);
    }
}
