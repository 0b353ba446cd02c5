//! Where particles touch, and what overlapping spheres share.
//!
//! Two spheres pressed together meet in a disc: the circle in which their surfaces
//! cut, on the plane of equal power between them. Each keeps its side of the plane,
//! so the volume of the two is that of the spheres less the lens counted twice.

use super::Particle;
use super::neighbours::{Neighbours, minimal};
use super::packing::{CONTACT_GAP, LARGEST_OVERLAP};
use super::relaxation::Spheres;
use std::f64::consts::PI;

/// Two particles that touch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Contact {
    /// Index of one.
    pub first: usize,
    /// Index of the other, larger than `first`.
    pub second: usize,
    /// Distance between the surfaces, m; negative where they are pressed together.
    pub gap: f64,
    /// Radius of the disc in which they meet, m; 0 where they touch at a point.
    pub disc_radius: f64,
}

/// How particles touch.
#[derive(Debug, Clone, PartialEq)]
pub struct Contacts {
    /// Every touching pair, see [`CONTACT_GAP`], in the order of the first index.
    pub pairs: Vec<Contact>,
    /// Largest overlap of two particles over the smaller radius, 0 if none.
    pub largest_overlap: f64,
    /// Mean number of touching neighbours of a particle.
    pub coordination: f64,
}

/// Overlaps and contacts of particles in a periodic cube of edge `box_edge` (m).
pub fn contacts(particles: &[Particle], box_edge: f64) -> Contacts {
    let spheres = Spheres::of(particles, box_edge);
    let mut largest_overlap = 0.0_f64;
    let mut pairs = Vec::new();
    for_pairs(&spheres, CONTACT_GAP, |first, second, distance| {
        let (a, b) = (spheres.radii[first], spheres.radii[second]);
        let gap = (distance - a - b) / a.min(b);
        largest_overlap = largest_overlap.max(-gap);
        if gap < CONTACT_GAP {
            pairs.push(Contact {
                first,
                second,
                gap: gap * a.min(b) * box_edge,
                disc_radius: disc_radius(a, b, distance) * box_edge,
            });
        }
    });
    Contacts {
        largest_overlap,
        coordination: 2.0 * pairs.len() as f64 / particles.len().max(1) as f64,
        pairs,
    }
}

/// Share of a periodic cube of edge `box_edge` (m) that particles fill: their spheres
/// less what two of them share. Overlaps of no more than [`LARGEST_OVERLAP`] are the
/// tolerance of the packing, not contact, and share nothing.
///
/// Exact as long as no three overlap in one point, as it is up to a flattening of
/// some 0.2.
pub fn solid_fraction(particles: &[Particle], box_edge: f64) -> f64 {
    let spheres: f64 = particles
        .iter()
        .map(|p| 4.0 / 3.0 * PI * (p.radius / box_edge).powi(3))
        .sum();
    spheres - lenses(&Spheres::of(particles, box_edge))
}

/// Volume that spheres in the unit cube share in pairs.
pub(super) fn lenses(spheres: &Spheres) -> f64 {
    let mut shared = 0.0;
    for_pairs(spheres, 0.0, |i, j, distance| {
        let (a, b) = (spheres.radii[i], spheres.radii[j]);
        if a + b - distance > LARGEST_OVERLAP * a.min(b) {
            shared += lens(a, b, distance);
        }
    });
    shared
}

/// Calls `visit` with the indices and distance of all pairs with a gap below
/// `reach`, or somewhat above (`reach` over the largest radius counts).
fn for_pairs(spheres: &Spheres, reach: f64, mut visit: impl FnMut(usize, usize, f64)) {
    let largest = spheres.radii.iter().copied().fold(0.0, f64::max);
    let neighbours = Neighbours::find(&spheres.centres, &spheres.radii, 2.0 * reach * largest);
    for i in 0..spheres.radii.len() {
        for &j in neighbours.of(i) {
            let d = minimal(spheres.centres[i], spheres.centres[j as usize]);
            let distance = d.iter().map(|d| d * d).sum::<f64>().sqrt();
            visit(i, j as usize, distance);
        }
    }
}

/// Distance from the centre of a sphere of radius `a` to the plane in which it cuts
/// one of radius `b`.
fn to_plane(a: f64, b: f64, distance: f64) -> f64 {
    (distance * distance + a * a - b * b) / (2.0 * distance)
}

/// Radius of the circle in which two spheres cut, 0 when they do not.
fn disc_radius(a: f64, b: f64, distance: f64) -> f64 {
    if distance >= a + b {
        return 0.0;
    }
    let plane = to_plane(a, b, distance);
    (a * a - plane * plane).max(0.0).sqrt()
}

/// Volume that two overlapping spheres share: a cap of each.
fn lens(a: f64, b: f64, distance: f64) -> f64 {
    let cap = |radius: f64, plane: f64| {
        let height = (radius - plane).clamp(0.0, 2.0 * radius);
        PI / 3.0 * height * height * (3.0 * radius - height)
    };
    let plane = to_plane(a, b, distance);
    cap(a, plane) + cap(b, distance - plane)
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::{assert_abs_diff_eq, assert_relative_eq};

    fn ball(x: f64, radius: f64) -> Particle {
        Particle {
            centre: [x, 0.5, 0.5],
            radius,
        }
    }

    #[test]
    fn contacts_count_across_the_periodic_border() {
        let two = contacts(&[ball(0.05, 0.1), ball(0.85, 0.1)], 1.0);
        assert_relative_eq!(two.coordination, 1.0);
        assert_eq!((two.pairs[0].first, two.pairs[0].second), (0, 1));
        let overlapping = contacts(&[ball(0.05, 0.1), ball(0.86, 0.1)], 1.0);
        assert_relative_eq!(overlapping.largest_overlap, 0.1, max_relative = 1e-9);
        let apart = contacts(&[ball(0.05, 0.1), ball(0.84, 0.1)], 1.0);
        assert_relative_eq!(apart.coordination, 0.0);
        assert!(apart.pairs.is_empty());
    }

    #[test]
    fn pressed_spheres_meet_in_a_disc_and_share_a_lens() {
        // Spheres of 5 and 3 at a distance of 6: the plane lies at (36 + 25 - 9) / 12.
        let (plane, unit) = (52.0_f64 / 12.0, 0.01);
        let pressed = [ball(0.5, 5.0 * unit), ball(0.5 + 6.0 * unit, 3.0 * unit)];
        let found = contacts(&pressed, 1.0).pairs[0];
        assert_relative_eq!(found.gap, -2.0 * unit, max_relative = 1e-12);
        let disc = (25.0 - plane * plane).sqrt() * unit;
        assert_relative_eq!(found.disc_radius, disc, max_relative = 1e-12);
        // Slices through both spheres along the line of their centres.
        let steps = 200_000;
        let slice = |i: usize| {
            let x = -5.0 + 14.0 * (i as f64 + 0.5) / f64::from(steps);
            let square =
                |radius: f64, centre: f64| (radius * radius - (x - centre).powi(2)).max(0.0);
            PI * square(5.0, 0.0).max(square(3.0, 6.0)) * 14.0 / f64::from(steps)
        };
        let both: f64 = (0..steps as usize).map(slice).sum();
        assert_relative_eq!(
            solid_fraction(&pressed, 1.0),
            both * unit.powi(3),
            max_relative = 1e-6
        );
        let touching = contacts(&[ball(0.5, 0.1), ball(0.7, 0.1)], 1.0).pairs[0];
        assert_abs_diff_eq!(touching.disc_radius, 0.0, epsilon = 1e-7);
    }
}
