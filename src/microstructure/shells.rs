//! Coatings: a shell of nanometres on every particle, exact and never a voxel.
//!
//! The surface of a particle is divided into patches of equal area. Each has a rank
//! among them, by a permutation that the seed alone decides, and with it a share of the
//! thickness distribution: the lowest ranks are bare, the others take equal shares of
//! the lognormal distribution by its Lorenz curve. So the patches' thicknesses add up to
//! the stated mean to round-off whatever their number, nothing is stored per patch, and
//! the thickness at a point is found in a few operations. A quarter of the distribution's
//! width lies between particles, shared out among them in the same way.
//!
//! | morphology | patches |
//! |---|---|
//! | conformal, bilayer, aggregates | of one thickness each, bare ones among them |
//! | particulate | the same, as small as the nanoparticles |
//! | islands | a flat cap in each, round until they would touch, then square with seams |
//!
//! The film's volume is thickness times area; its curvature (thickness over radius, some
//! 1e-3) is left out, as it is where a mass is stated by area. The area is that measured
//! on the powder: the sphere's times a roughness.

use super::Particle;
use super::cluster::{random_rotation, rotated};
use super::film::FilmSpread;
use super::patches::{Lorenz, Place, shuffled};
use super::random::{Stage, stream};
use crate::scenario::{Coating, CoatingMorphology};
use rand::RngExt;
use rand::seq::SliceRandom;
use std::f64::consts::PI;

/// Share of the thickness's log variance that is between particles (an estimate: mixing
/// and spraying coat particles unevenly, but less so than places on one).
const BETWEEN_PARTICLES: f64 = 0.25;
/// Most patches on a particle; more could not be told apart in 64-bit coordinates.
const MOST_PATCHES: f64 = 1e12;

/// The coating of every particle of a structure.
#[derive(Debug, Clone, PartialEq)]
pub struct Shells {
    particles: Vec<ParticleShell>,
    morphology: CoatingMorphology,
    coverage: f64,
    /// Thickness of each layer over that of all, outermost first.
    layers: Vec<f64>,
    /// Of the thickness over the patches of one particle.
    distribution: Lorenz,
    /// Shape of islands.
    spread: FilmSpread,
}

/// The coating of one particle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ParticleShell {
    /// Thickness of all layers together, mean where covered, m.
    pub thickness: f64,
    /// Share of the surface covered.
    pub coverage: f64,
    /// True area of the surface, roughness counted, m2.
    pub area: f64,
    /// Number of patches, or of islands.
    pub patches: u64,
    /// How the patches are turned.
    rotation: [[f64; 3]; 3],
    /// Decides on the order of the patches.
    key: u64,
}

impl ParticleShell {
    /// Volume of the film, m3.
    pub fn volume(&self) -> f64 {
        self.area * self.coverage * self.thickness
    }
}

impl Shells {
    /// Coats particles whose true surface is `roughness` times that of their spheres.
    pub fn new(particles: &[Particle], coating: &Coating, roughness: f64, seed: u64) -> Self {
        let spread = FilmSpread::of(coating);
        let log_variance = spread.log_variance;
        let between = Lorenz::new((BETWEEN_PARTICLES * log_variance).sqrt());
        let thickness = coating.thickness();
        let means = share_out(particles, &between, seed);
        let shell = |(number, (particle, mean)): (usize, (&Particle, f64))| {
            let mut random = stream(seed, Stage::Shells, number + 1);
            ParticleShell {
                thickness: thickness * mean,
                coverage: coating.coverage,
                area: 4.0 * PI * particle.radius.powi(2) * roughness,
                patches: patches(particle.radius, coating),
                rotation: random_rotation(&mut random),
                key: random.random(),
            }
        };
        Self {
            particles: particles.iter().zip(means).enumerate().map(shell).collect(),
            morphology: coating.morphology,
            coverage: coating.coverage,
            layers: coating
                .layers
                .iter()
                .map(|l| l.thickness / thickness)
                .collect(),
            distribution: Lorenz::new(((1.0 - BETWEEN_PARTICLES) * log_variance).sqrt()),
            spread,
        }
    }

    /// The shell of every particle, in the order of the particles.
    pub fn particles(&self) -> &[ParticleShell] {
        &self.particles
    }

    /// Volume of all film, m3.
    pub fn volume(&self) -> f64 {
        self.particles.iter().map(ParticleShell::volume).sum()
    }

    /// Thickness of each layer over that of all, outermost first.
    pub fn layers(&self) -> &[f64] {
        &self.layers
    }

    /// Thickness of all layers together at a point of a particle's surface, m; 0 where it
    /// is bare. `direction` points from the centre to the point and need not be a unit
    /// vector. 0 for a particle that there is not.
    pub fn thickness_at(&self, particle: usize, direction: [f64; 3]) -> f64 {
        let Some(shell) = self.particles.get(particle) else {
            return 0.0;
        };
        let size = direction.iter().map(|x| x * x).sum::<f64>().sqrt();
        if self.coverage <= 0.0 || size <= 0.0 || !size.is_finite() {
            return 0.0;
        }
        let point = rotated(&shell.rotation, direction.map(|x| x / size));
        let place = Place::of(point, shell.patches);
        let rank = shuffled(place.patch, shell.patches, shell.key);
        let share = |k: u64| k as f64 / shell.patches as f64;
        let range = [share(rank), share(rank + 1)];
        shell.thickness
            * if self.morphology == CoatingMorphology::Islands {
                self.distribution.mean(range) * self.cap(place.within)
            } else {
                self.patch(range, place.within[0])
            }
    }

    /// Relative thickness in a patch that holds a range of the ranks. The one patch in
    /// which bare and covered ranks meet is bare up to a line.
    fn patch(&self, [low, high]: [f64; 2], within: f64) -> f64 {
        let bare = 1.0 - self.coverage;
        if low + within * (high - low) < bare {
            return 0.0;
        }
        let covered = |rank: f64| ((rank.max(bare) - bare) / self.coverage).min(1.0);
        self.distribution.mean([covered(low), covered(high)])
    }

    /// Relative height of the island in a patch at a point given by shares of its sides.
    fn cap(&self, within: [f64; 2]) -> f64 {
        let [x, y] = within.map(|x| x - 0.5);
        // Share of the patch inside the disc, or the square, through the point.
        let inside = if self.coverage <= PI / 4.0 {
            PI * (x * x + y * y)
        } else {
            4.0 * x.abs().max(y.abs()).powi(2)
        };
        let u = inside / self.coverage;
        if u >= 1.0 {
            return 0.0;
        }
        self.spread.shape(u)
    }
}

/// Number of patches on a sphere of `radius`, m: their area, or for islands that of the
/// covered part of it, is that of a disc of the patch's diameter.
fn patches(radius: f64, coating: &Coating) -> u64 {
    let discs = 16.0 * (radius / coating.patch_diameter).powi(2);
    let covered = match coating.morphology {
        CoatingMorphology::Islands => coating.coverage,
        _ => 1.0,
    };
    (discs * covered).round().clamp(1.0, MOST_PATCHES) as u64
}

/// Mean thickness of every particle over that of all, weighted by area: each takes the
/// share of the distribution that its area is of all, in random order.
fn share_out(particles: &[Particle], distribution: &Lorenz, seed: u64) -> Vec<f64> {
    let total: f64 = particles.iter().map(|p| p.radius.powi(2)).sum();
    let mut order: Vec<usize> = (0..particles.len()).collect();
    order.shuffle(&mut stream(seed, Stage::Shells, 0));
    let mut means = vec![1.0; particles.len()];
    let mut done = 0.0;
    for (position, &number) in order.iter().enumerate() {
        let low = done / total;
        done += particles[number].radius.powi(2);
        let last = position + 1 == order.len();
        let high = if last { 1.0 } else { done / total };
        means[number] = distribution.mean([low, high]);
    }
    means
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::materials::{CoatingMaterial, MaterialKind, library};
    use crate::microstructure::FilmPlan;
    use crate::scenario::CoatingLayer;
    use approx::{assert_abs_diff_eq, assert_relative_eq};

    const THICKNESS: f64 = 5e-9;
    const ALL: [CoatingMorphology; 5] = [
        CoatingMorphology::Conformal,
        CoatingMorphology::Islands,
        CoatingMorphology::Particulate,
        CoatingMorphology::Bilayer,
        CoatingMorphology::Aggregates,
    ];

    fn coating(morphology: CoatingMorphology, coverage: f64) -> Coating {
        let layer = |name: &str, thickness: f64| CoatingLayer {
            material: library()
                .get::<CoatingMaterial>(name, MaterialKind::Coating)
                .expect("shipped"),
            thickness,
        };
        let layers = match morphology {
            CoatingMorphology::Bilayer => {
                vec![
                    layer("ZrO2", 0.4 * THICKNESS),
                    layer("Li2CO3", 0.6 * THICKNESS),
                ]
            }
            _ => vec![layer("LiNbO3", THICKNESS)],
        };
        Coating {
            layers,
            coverage,
            morphology,
            thickness_variation: morphology.usual_variation(),
            patch_diameter: morphology.usual_patch(),
            aggregate_diameter: 100e-9,
            mass_ratio: None,
            excess_ratio: 0.0,
            annealed: None,
        }
    }

    /// A conformal film for tests elsewhere in this room.
    pub fn plan(coverage: f64) -> FilmPlan {
        FilmPlan {
            coating: coating(CoatingMorphology::Conformal, coverage),
            surface_per_volume: 593.0 * 4780.0,
        }
    }

    fn particles(count: usize) -> Vec<Particle> {
        (0..count)
            .map(|i| Particle {
                centre: [0.0; 3],
                radius: 1e-6 * (1.0 + i as f64 / count as f64),
            })
            .collect()
    }

    fn directions(count: usize) -> impl Iterator<Item = [f64; 3]> {
        // A spiral of equal areas, incommensurate with any patch.
        (0..count).map(move |i| {
            let z = 1.0 - (2.0 * i as f64 + 1.0) / count as f64;
            let (sin, cos) = (2.399_963_229_728_653 * i as f64).sin_cos();
            let r = (1.0 - z * z).sqrt();
            [3.0 * r * cos, 3.0 * r * sin, 3.0 * z]
        })
    }

    #[test]
    fn mass_balances_to_round_off_for_every_morphology() {
        let particles = particles(57);
        let volume: f64 = particles
            .iter()
            .map(|p| 4.0 / 3.0 * PI * p.radius.powi(3))
            .sum();
        let (surface, density) = (593.0, 4780.0);
        for morphology in ALL {
            for coverage in [0.0, 0.137, 0.6, 0.95, 1.0] {
                let coating = coating(morphology, coverage);
                let plan = FilmPlan {
                    coating: coating.clone(),
                    surface_per_volume: surface * density,
                };
                let area: f64 = particles.iter().map(|p| 4.0 * PI * p.radius.powi(2)).sum();
                let roughness = plan.surface_per_volume * volume / area;
                let shells = Shells::new(&particles, &coating, roughness, 3);
                // Film mass per active mass, as the scenario states it.
                let film = shells.volume() * coating.density() / (volume * density);
                let stated = coating.film_ratio(surface);
                assert_abs_diff_eq!(film, stated, epsilon = 1e-9 * stated);
                assert_relative_eq!(shells.layers().iter().sum::<f64>(), 1.0);
            }
        }
    }

    /// All patches of a shell, one point in each: what they add up to is exact.
    #[test]
    fn patches_add_up_to_the_shell_to_round_off() {
        for morphology in ALL {
            for (coverage, diameter) in [(0.3, 300e-9), (0.61, 170e-9), (1.0, 210e-9)] {
                let mut coating = coating(morphology, coverage);
                coating.patch_diameter = diameter;
                let shells = Shells::new(&particles(3), &coating, 1.0, 8);
                let shell = shells.particles()[1];
                let count = shell.patches;
                let mut seen = vec![false; count as usize];
                let mut sum = 0.0;
                for patch in 0..count {
                    let rank = shuffled(patch, count, shell.key);
                    assert!(!std::mem::replace(&mut seen[rank as usize], true));
                    let range = [rank, rank + 1].map(|k| k as f64 / count as f64);
                    sum += if morphology == CoatingMorphology::Islands {
                        coverage * shells.distribution.mean(range)
                    } else {
                        let covered = (range[1].max(1.0 - coverage) - range[0].max(1.0 - coverage))
                            / (range[1] - range[0]);
                        covered * shells.patch(range, 1.0)
                    };
                }
                assert_relative_eq!(sum / count as f64, coverage, max_relative = 1e-9);
            }
        }
    }

    #[test]
    fn sampled_points_have_the_stated_mean_coverage_and_variation() {
        for morphology in ALL {
            for coverage in [0.25, 0.7, 0.95] {
                let coating = coating(morphology, coverage);
                let shells = Shells::new(&particles(40), &coating, 1.0, 5);
                let (mut covered, mut first, mut second, mut all) = (0.0, 0.0, 0.0, 0.0);
                for particle in 0..40 {
                    let area = shells.particles()[particle].area;
                    for direction in directions(5000) {
                        let t = shells.thickness_at(particle, direction) / THICKNESS;
                        all += area;
                        covered += area * f64::from(t > 0.0);
                        first += area * t;
                        second += area * t * t;
                    }
                }
                let place = format!("{morphology:?} {coverage}");
                let mean = first / covered;
                let variation = (second / covered / (mean * mean) - 1.0).max(0.0).sqrt();
                assert!(
                    (covered / all - coverage).abs() < 0.01,
                    "{place}: {}",
                    covered / all
                );
                assert!((mean - 1.0).abs() < 0.02, "{place}: {mean}");
                let stated = coating.thickness_variation;
                assert!(
                    (variation - stated).abs() < 0.06 * (1.0 + stated),
                    "{place}: {variation}"
                );
            }
        }
    }

    #[test]
    fn islands_have_their_stated_size() {
        let islands = coating(CoatingMorphology::Islands, 0.4);
        // 0.4 of 4 pi r^2 in discs of 200 nm.
        assert_eq!(patches(2e-6, &islands), 640);
    }

    #[test]
    fn islands_are_caps_with_bare_surface_between() {
        let mut islands = coating(CoatingMorphology::Islands, 0.3);
        islands.thickness_variation = (1.0_f64 / 3.0).sqrt();
        let shells = Shells::new(&particles(1), &islands, 1.0, 2);
        // All alike: a paraboloid is twice as high in the middle as on average.
        assert_relative_eq!(shells.cap([0.5, 0.5]), 2.0, max_relative = 1e-12);
        assert_abs_diff_eq!(shells.cap([0.02, 0.5]), 0.0);
        let highest = directions(100_000)
            .map(|d| shells.thickness_at(0, d))
            .fold(0.0, f64::max);
        assert_relative_eq!(highest, 2.0 * THICKNESS, max_relative = 0.02);
    }

    #[test]
    fn the_same_seed_gives_the_same_shell_and_points_do_not_depend_on_length() {
        let coating = coating(CoatingMorphology::Particulate, 0.8);
        let [one, same, other] =
            [4, 4, 5].map(|seed| Shells::new(&particles(5), &coating, 1.0, seed));
        assert_eq!(one, same);
        assert_ne!(one, other);
        let near = one.thickness_at(2, [1e-9, 2e-9, -3e-9]);
        assert_relative_eq!(near, one.thickness_at(2, [1.0, 2.0, -3.0]));
        assert_abs_diff_eq!(one.thickness_at(5, [1.0, 0.0, 0.0]), 0.0);
        assert_abs_diff_eq!(one.thickness_at(0, [0.0; 3]), 0.0);
    }
}
