//! Area of the boundaries between the primary grains of particles.
//!
//! It is that of the exact cells: twice the boundaries that random lines meet per length
//! (S_V = 2 P_L: E. E. Underwood, Quantitative Stereology, Addison-Wesley 1970), which
//! does not depend on the voxels.

use super::Particle;
use super::grains::Cells;
use super::random::{Stage, stream};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, UnitDisc, UnitSphere};
use rayon::prelude::*;

/// Test lines for the area of boundaries; their mean is good to about 1 %.
const LINES: usize = 2000;
/// Points on a test line per grain diameter: cells narrower than a step are overlooked,
/// which costs less than 1 % of the boundaries.
const POINTS_PER_GRAIN: f64 = 20.0;

/// Area of the boundaries between grains per volume of the particles, 1/m.
pub(super) fn boundary_area(
    particles: &[Particle],
    cells: &[Cells],
    diameter: f64,
    seed: u64,
) -> f64 {
    // Lines meet particles in proportion to their cross-section.
    let mut sections: Vec<f64> = Vec::with_capacity(particles.len());
    for particle in particles {
        let before = sections.last().copied().unwrap_or(0.0);
        sections.push(before + particle.radius.powi(2));
    }
    let Some(&total) = sections.last() else {
        return 0.0;
    };
    let counts: Vec<(f64, u32)> = (0..LINES)
        .into_par_iter()
        .map(|line| {
            let mut random = stream(seed, Stage::GrainLines, line);
            let at = total * random.random::<f64>();
            let number = sections.partition_point(|&sum| sum <= at);
            let number = number.min(particles.len() - 1);
            crossings(
                &cells[number],
                particles[number].radius,
                diameter,
                &mut random,
            )
        })
        .collect();
    let length: f64 = counts.iter().map(|(length, _)| length).sum();
    let met: f64 = counts.iter().map(|&(_, met)| f64::from(met)).sum();
    2.0 * met / length.max(f64::MIN_POSITIVE)
}

/// A random chord of a particle: its length (m) and the boundaries that it meets.
fn crossings(cells: &Cells, radius: f64, diameter: f64, random: &mut ChaCha8Rng) -> (f64, u32) {
    let along: [f64; 3] = UnitSphere.sample(random);
    let [u, v]: [f64; 2] = UnitDisc.sample(random);
    let [first, second] = across(along);
    let half = radius * (1.0 - u * u - v * v).max(0.0).sqrt();
    let steps = (2.0 * half * POINTS_PER_GRAIN / diameter).ceil().max(1.0) as usize;
    let grain = |step: usize| {
        let t = half * (2.0 * step as f64 / steps as f64 - 1.0);
        cells.grain(std::array::from_fn(|a| {
            radius * (u * first[a] + v * second[a]) + t * along[a]
        }))
    };
    let mut met = 0;
    let mut last = grain(0);
    for step in 1..=steps {
        let next = grain(step);
        met += u32::from(next != last);
        last = next;
    }
    (2.0 * half, met)
}

/// Two unit vectors at right angles to `axis` and to each other.
fn across(axis: [f64; 3]) -> [[f64; 3]; 2] {
    let helper = if axis[0].abs() < 0.6 {
        [1.0, 0.0, 0.0]
    } else {
        [0.0, 1.0, 0.0]
    };
    let first = cross(axis, helper);
    let size = first.iter().map(|x| x * x).sum::<f64>().sqrt();
    let first = first.map(|x| x / size);
    [first, cross(axis, first)]
}

fn cross(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn one_cut_through_the_middle_has_the_area_of_a_disc() {
        let cells = [Cells {
            seeds: vec![[-1e-6, 0.0, 0.0], [1e-6, 0.0, 0.0]],
        }];
        let particle = Particle {
            centre: [0.0; 3],
            radius: 2e-6,
        };
        // pi r^2 / (4/3 pi r^3)
        let area = boundary_area(&[particle], &cells, 1e-6, 4);
        assert_relative_eq!(area, 0.75 / 2e-6, max_relative = 0.04);
    }

    #[test]
    fn many_grains_have_the_boundaries_of_a_voronoi_tessellation() {
        // A random (Poisson) one has 2.91 n^(1/3) of area per volume with n cells per
        // volume, 3.61 / d; more even cells have less, down to 2.66 n^(1/3) for truncated
        // octahedra. Outer cells have a part of their boundary outside.
        let particle = Particle {
            centre: [0.0; 3],
            radius: 5e-6,
        };
        let diameter = 0.6e-6;
        let cells = [Cells::sow(
            particle.radius,
            diameter,
            &mut stream(2, Stage::PrimaryGrains, 0),
        )];
        let area = boundary_area(&[particle], &cells, diameter, 4);
        let per_volume = (6.0 / std::f64::consts::PI).cbrt() / diameter;
        assert!(
            (2.3..2.95).contains(&(area / per_volume)),
            "{}",
            area / per_volume
        );
    }
}
