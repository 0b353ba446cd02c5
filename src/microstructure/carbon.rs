//! Conductive additive: carbon fibres; carbon black is in `black.rs`.
//!
//! Both are thinner than a voxel. The voxels they pass are marked as carbon, and
//! one number, the fill, says which share of these voxels is carbon, so that the
//! carbon's volume is exact; the rest of such a voxel is electrolyte.
//!
//! Fibres lie as pressing or calendering lays them. With `n` the part of a fibre's
//! direction through the thickness, `1 - 3 <n²>` is 0 where they are isotropic and 1
//! where they are flat: the nematic order tensor `<d d> - 1/3` is this number times
//! diag(-1/3, 1/6, 1/6).

use super::aggregates::Site;
use super::black::Black;
use super::cluster::FractalLaw;
use super::grid::Raster;
use super::random::{Stage, stream};
use super::{MicrostructureError, Particle, Phase};
use crate::materials::CarbonShape;
use crate::scenario::Arrangement;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal, UnitSphere};
use std::f64::consts::PI;

/// Smallest share of a marked voxel that is carbon. Where voxels are so coarse
/// that one fibre fills less, a path stands for a bundle of fibres: else a few
/// per cent of carbon would occupy half the electrolyte's voxels.
const SMALLEST_FILL: f64 = 0.1;
/// Voxels that a straight line of length 1 passes on a grid of spacing 1 when
/// it goes from face to face, mean over directions.
const VOXELS_PER_LENGTH: f64 = 1.5;
/// Step along a fibre, in voxels: it cannot jump over a voxel.
const STEP: f64 = 0.5;
/// Length over which a free fibre forgets its direction, in fibre lengths:
/// vapour-grown fibres are stiff and only slightly bent.
const PERSISTENCE: f64 = 5.0;
/// Fibres tried, over the number needed, before the space counts as full.
const MOST_TRIALS: usize = 20;

/// The carbon of a composite.
pub(super) struct CarbonPlan {
    pub shape: CarbonShape,
    pub arrangement: Arrangement,
    /// m3.
    pub volume: f64,
    pub seed: u64,
}

/// Carbon as it was placed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Carbon {
    /// See [`super::Microstructure::carbon_fill`].
    pub fill: f64,
    /// How far its fibres lie in the plane, `1 - 3 <n²>` over their length; 0 of black.
    pub in_plane: f64,
}

/// Places carbon in electrolyte voxels of `phases`.
///
/// # Errors
/// [`MicrostructureError::NoRoom`] when the electrolyte's voxels do not suffice.
pub(super) fn place_carbon(
    site: &Site,
    raster: &Raster,
    particles: &[Particle],
    phases: &mut [u8],
    plan: &CarbonPlan,
) -> Result<Carbon, MicrostructureError> {
    let voxel = site.grid.voxel.powi(3);
    let CarbonPlan { volume, seed, .. } = *plan;
    match plan.shape {
        CarbonShape::Black {
            aggregate_diameter,
            solid_fraction,
            primary_diameter,
            fractal_dimension,
            fractal_prefactor,
        } => {
            let black = Black {
                aggregate_diameter,
                primary_diameter: primary_diameter.min(aggregate_diameter),
                law: FractalLaw {
                    dimension: fractal_dimension,
                    prefactor: fractal_prefactor,
                },
                least_fill: solid_fraction.clamp(SMALLEST_FILL, 1.0),
                at_surfaces: plan.arrangement.carbon_at_surfaces,
            };
            let marked = black.place(site, phases, volume, seed)?;
            Ok(Carbon {
                fill: volume / (marked as f64 * voxel),
                in_plane: 0.0,
            })
        }
        CarbonShape::Fibre {
            diameter,
            length,
            diameter_spread,
            length_spread,
        } => {
            let bundle = bundle(diameter, site.grid.voxel);
            let total = volume / (PI / 4.0 * diameter * diameter * bundle);
            let mut weaver = Weaver {
                site,
                raster,
                particles,
                phases,
                fibres: Fibres {
                    diameter: Sizes::new(diameter, diameter_spread),
                    length: Sizes::new(length, length_spread),
                    in_plane: plan.arrangement.fibres_in_plane,
                },
                marked: 0,
                through: [0.0; 2],
            };
            weaver.weave(total, volume / voxel, seed)?;
            let [steps, squares] = weaver.through;
            Ok(Carbon {
                fill: volume / (weaver.marked as f64 * voxel),
                in_plane: 1.0 - 3.0 * squares / steps.max(1.0),
            })
        }
    }
}

/// The fibres of an additive.
#[derive(Clone, Copy)]
struct Fibres {
    diameter: Sizes,
    length: Sizes,
    /// See [`Arrangement::fibres_in_plane`].
    in_plane: f64,
}

/// A lognormal size: mean (m) and deviation of the logarithm.
#[derive(Clone, Copy)]
struct Sizes {
    mean: f64,
    log_deviation: f64,
}

impl Sizes {
    fn new(mean: f64, spread: f64) -> Self {
        Self {
            mean,
            log_deviation: (spread * spread).ln_1p().sqrt(),
        }
    }

    /// Above 0 also in the far tail of a broad distribution.
    fn draw(&self, random: &mut ChaCha8Rng) -> f64 {
        if self.log_deviation <= 0.0 {
            return self.mean;
        }
        let s = self.log_deviation;
        let z: f64 = StandardNormal.sample(random);
        self.mean * (s * z.clamp(-4.0, 4.0) - 0.5 * s * s).exp()
    }
}

/// A random direction whose part `n` through the thickness (the first axis) has
/// `1 - 3 <n²>` = `in_plane`. Of a uniform direction `n` is uniform over -1..1; its size
/// to the power `p` has the mean square 1 / (2 p + 1).
fn direction(in_plane: f64, random: &mut ChaCha8Rng) -> [f64; 3] {
    let [n, y, z]: [f64; 3] = UnitSphere.sample(random);
    if in_plane <= 0.0 {
        return [n, y, z];
    }
    let power = if in_plane < 1.0 {
        0.5 * (3.0 / (1.0 - in_plane) - 1.0)
    } else {
        f64::INFINITY
    };
    let through = n.abs().powf(power).copysign(n);
    let flat = (1.0 - through * through).sqrt() / y.hypot(z).max(f64::MIN_POSITIVE);
    [through, flat * y, flat * z]
}

/// Number of fibres that one path stands for.
fn bundle(diameter: f64, voxel: f64) -> f64 {
    let fill = PI / 4.0 * diameter * diameter / (VOXELS_PER_LENGTH * voxel * voxel);
    (SMALLEST_FILL / fill).ceil().max(1.0)
}

/// Lays fibres between the particles.
struct Weaver<'a> {
    site: &'a Site<'a>,
    raster: &'a Raster,
    particles: &'a [Particle],
    phases: &'a mut [u8],
    fibres: Fibres,
    marked: usize,
    /// Steps laid, and the sum of the squares of their parts through the thickness.
    through: [f64; 2],
}

/// One fibre to lay.
struct Fibre {
    /// m.
    diameter: f64,
    /// Length to lay, m.
    wanted: f64,
    /// Direction at its start.
    direction: [f64; 3],
}

impl Weaver<'_> {
    /// Lays paths until they are as much as `total` (m) of the mean diameter together
    /// and their voxels can hold `smallest` voxels of carbon.
    fn weave(&mut self, total: f64, smallest: f64, seed: u64) -> Result<(), MicrostructureError> {
        let fibres = self.fibres;
        let length = fibres.length.mean;
        let free: Vec<u32> = (0..self.phases.len() as u32)
            .filter(|&index| self.phases[index as usize] == Phase::Electrolyte as u8)
            .collect();
        let trials = MOST_TRIALS * (1 + (total / length) as usize);
        let mut laid = 0.0;
        for fibre in 0..trials {
            if laid >= total && self.marked as f64 >= smallest {
                return Ok(());
            }
            if free.is_empty() {
                break;
            }
            let mut random = stream(seed, Stage::Fibres, fibre);
            let voxel = free[random.random_range(0..free.len())] as usize;
            let mut sizes = stream(seed, Stage::FibreSizes, fibre);
            let (diameter, whole) = (
                fibres.diameter.draw(&mut sizes),
                fibres.length.draw(&mut sizes),
            );
            let share = (diameter / fibres.diameter.mean).powi(2);
            let wanted = if laid < total {
                whole.min((total - laid) / share)
            } else {
                whole
            };
            let one = Fibre {
                diameter,
                wanted,
                direction: direction(fibres.in_plane, &mut random),
            };
            laid += share * self.lay(self.site.grid.centre(voxel), &one, &mut random);
        }
        Err(MicrostructureError::NoRoom {
            phase: Phase::Carbon,
            asked: smallest / self.phases.len() as f64,
            available: free.len() as f64 / self.phases.len() as f64,
        })
    }

    /// Lays one fibre from a point outside the particles; returns the length laid, m.
    ///
    /// It goes straight but for slight bends, follows the surface of a particle
    /// in its way, and ends (breaks) where it is caught between two.
    fn lay(&mut self, start: [f64; 3], fibre: &Fibre, random: &mut ChaCha8Rng) -> f64 {
        let step = STEP * self.site.grid.voxel;
        let bend = (step / (PERSISTENCE * self.fibres.length.mean)).sqrt();
        // Fibres pressed flat bend in the plane rather than out of it.
        let bends = [bend * (1.0 - self.fibres.in_plane).sqrt(), bend, bend];
        let mut direction = fibre.direction;
        let mut at = start;
        let mut laid = 0.0;
        self.mark(at, fibre.diameter);
        while laid < fibre.wanted {
            for (d, bend) in direction.iter_mut().zip(bends) {
                let noise: f64 = StandardNormal.sample(random);
                *d += bend * noise;
            }
            direction = unit(direction);
            let Some(next) = self.advance(at, &mut direction, step) else {
                break;
            };
            self.link(at, next);
            self.mark(next, fibre.diameter);
            self.through[0] += 1.0;
            self.through[1] += direction[0] * direction[0];
            at = next;
            laid += step;
        }
        laid.min(fibre.wanted)
    }

    /// The next point of a fibre; `None` where particles block it.
    fn advance(&self, at: [f64; 3], direction: &mut [f64; 3], step: f64) -> Option<[f64; 3]> {
        let grid = self.site.grid;
        let next = std::array::from_fn(|a| at[a] + step * direction[a]);
        let id = self.raster.particle_ids[grid.index_at(next)];
        if id == 0 {
            return Some(next);
        }
        // Slide: drop the part of the direction that points into the particle, and
        // stay so far out that the voxel around the point is none of its own.
        let particle = &self.particles[id as usize - 1];
        let outwards = unit(grid.shortest(particle.centre, next));
        let inwards = dot(*direction, outwards).min(0.0);
        *direction = unit(std::array::from_fn(|a| {
            direction[a] - inwards * outwards[a]
        }));
        let lift = particle.radius + 0.5 * 3.0_f64.sqrt() * grid.voxel;
        let centre = {
            let to_centre = grid.shortest(next, particle.centre);
            std::array::from_fn::<f64, 3, _>(|a| next[a] + to_centre[a])
        };
        let beside = std::array::from_fn(|a| centre[a] + lift * outwards[a]);
        (self.raster.particle_ids[grid.index_at(beside)] == 0).then_some(beside)
    }

    /// Marks voxels between two near points, so that a fibre goes from face to face.
    fn link(&mut self, from: [f64; 3], to: [f64; 3]) {
        let grid = self.site.grid;
        let (mut at, to) = (grid.coordinates_at(from), grid.coordinates_at(to));
        while (0..3).filter(|&a| at[a] != to[a]).count() > 1 {
            let free = (0..3).filter(|&a| at[a] != to[a]).find_map(|a| {
                let mut beside = at;
                beside[a] = to[a];
                (self.raster.particle_ids[grid.index(beside)] == 0).then_some(beside)
            });
            // Through a corner between two particles there is no path of faces.
            let Some(beside) = free else { return };
            at = beside;
            self.mark_voxel(grid.index(at));
        }
    }

    /// Marks the voxel around a point, and all that lie within the fibre there.
    fn mark(&mut self, point: [f64; 3], diameter: f64) {
        let grid = self.site.grid;
        self.mark_voxel(grid.index_at(point));
        if diameter > grid.voxel {
            for (index, _) in grid.ball(point, 0.5 * diameter) {
                self.mark_voxel(index);
            }
        }
    }

    fn mark_voxel(&mut self, index: usize) {
        if self.phases[index] == Phase::Electrolyte as u8 {
            self.phases[index] = Phase::Carbon as u8;
            self.marked += 1;
        }
    }
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn unit(v: [f64; 3]) -> [f64; 3] {
    let length = dot(v, v).sqrt().max(f64::MIN_POSITIVE);
    v.map(|x| x / length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::microstructure::electrolyte::grains;
    use crate::microstructure::grid::{Grid, rasterise};
    use approx::assert_relative_eq;

    const GRID: Grid = Grid {
        resolution: 40,
        voxel: 0.3e-6,
    };
    const FIBRE: CarbonShape = CarbonShape::Fibre {
        diameter: 150e-9,
        length: 8e-6,
        diameter_spread: 0.0,
        length_spread: 0.0,
    };

    /// Carbon around four particles: (fill, phases).
    fn carbon(shape: &CarbonShape, volume: f64) -> Result<(f64, Vec<u8>), MicrostructureError> {
        let (placed, phases) = lay(shape, volume, Arrangement::default(), true)?;
        Ok((placed.fill, phases))
    }

    /// Carbon around four particles or in an empty box.
    fn lay(
        shape: &CarbonShape,
        volume: f64,
        arrangement: Arrangement,
        occupied: bool,
    ) -> Result<(Carbon, Vec<u8>), MicrostructureError> {
        let particles: Vec<Particle> =
            [[3e-6; 3], [9e-6; 3], [3e-6, 9e-6, 3e-6], [9e-6, 3e-6, 9e-6]]
                .into_iter()
                .map(|centre| Particle {
                    centre,
                    radius: 2.5e-6,
                })
                .filter(|_| occupied)
                .collect();
        let raster = rasterise(&particles, &GRID, 1e-6);
        let grains = grains(&GRID, &raster.particle_ids, 3e-6, 1);
        let site = Site {
            grid: &GRID,
            clearance: &raster.clearance,
            grains: &grains,
        };
        let mut phases = raster.phases();
        let plan = CarbonPlan {
            shape: *shape,
            arrangement,
            volume,
            seed: 9,
        };
        let placed = place_carbon(&site, &raster, &particles, &mut phases, &plan)?;
        assert!(
            raster
                .particle_ids
                .iter()
                .zip(&phases)
                .all(|(&id, &p)| (id > 0) == (p == 1))
        );
        Ok((placed, phases))
    }

    #[test]
    fn directions_have_the_order_asked_for() {
        for in_plane in [0.0, 0.3, 0.8, 1.0] {
            let mut random = stream(2, Stage::Fibres, 0);
            let count = 40_000;
            let mut tensor = [[0.0; 3]; 3];
            for _ in 0..count {
                let d = direction(in_plane, &mut random);
                assert!((dot(d, d) - 1.0).abs() < 1e-12);
                for a in 0..3 {
                    for b in 0..3 {
                        tensor[a][b] += d[a] * d[b] / f64::from(count);
                    }
                }
            }
            let ordered = [-in_plane / 3.0, in_plane / 6.0, in_plane / 6.0];
            for a in 0..3 {
                for b in 0..3 {
                    let expected = if a == b { 1.0 / 3.0 + ordered[a] } else { 0.0 };
                    assert!((tensor[a][b] - expected).abs() < 0.01, "{tensor:?}");
                }
            }
        }
    }

    #[test]
    fn laid_fibres_lie_as_asked_for_and_particles_deflect_them() {
        // A thousand short fibres: their scatter is 0.03.
        let fibre = CarbonShape::Fibre {
            diameter: 150e-9,
            length: 3e-6,
            diameter_spread: 0.0,
            length_spread: 0.0,
        };
        let volume = 0.03 * GRID.edge().powi(3);
        let measured = |fibres_in_plane: f64, occupied: bool| {
            let arrangement = Arrangement {
                fibres_in_plane,
                ..Arrangement::default()
            };
            let (placed, _) = lay(&fibre, volume, arrangement, occupied).unwrap();
            placed.in_plane
        };
        for asked in [0.0, 0.5, 1.0] {
            let free = measured(asked, false);
            assert!((free - asked).abs() < 0.1, "{free} for {asked}");
        }
        let deflected = measured(1.0, true);
        assert!((0.2..0.98).contains(&deflected), "{deflected}");
    }

    #[test]
    fn sizes_scatter_with_their_spread_about_their_mean() {
        let sizes = Sizes::new(8e-6, 0.5);
        let drawn: Vec<f64> = (0..20_000)
            .map(|i| sizes.draw(&mut stream(4, Stage::FibreSizes, i)))
            .collect();
        let mean = drawn.iter().sum::<f64>() / drawn.len() as f64;
        let square = drawn.iter().map(|d| (d - mean).powi(2)).sum::<f64>();
        let spread = (square / drawn.len() as f64).sqrt() / mean;
        assert_relative_eq!(mean, 8e-6, max_relative = 0.02);
        assert_relative_eq!(spread, 0.5, max_relative = 0.05);
    }

    #[test]
    fn volume_is_exact_for_both_shapes() {
        let black = CarbonShape::Black {
            aggregate_diameter: 200e-9,
            solid_fraction: 0.35,
            primary_diameter: 35e-9,
            fractal_dimension: 1.8,
            fractal_prefactor: 1.3,
        };
        let scattered = CarbonShape::Fibre {
            diameter: 150e-9,
            length: 8e-6,
            diameter_spread: 0.3,
            length_spread: 0.6,
        };
        for shape in [FIBRE, scattered, black] {
            let volume = 0.015 * GRID.edge().powi(3);
            let (fill, phases) = carbon(&shape, volume).unwrap();
            let marked = phases.iter().filter(|&&p| p == Phase::Carbon as u8).count() as f64;
            assert_relative_eq!(
                marked * fill * GRID.voxel.powi(3),
                volume,
                max_relative = 1e-9
            );
            assert!((0.09..=1.0).contains(&fill), "{fill}");
        }
    }

    #[test]
    fn one_fibre_is_one_path_of_faces() {
        let CarbonShape::Fibre {
            diameter, length, ..
        } = FIBRE
        else {
            unreachable!()
        };
        let (_, phases) = carbon(&FIBRE, PI / 4.0 * diameter * diameter * length).unwrap();
        let carbon = |index: usize| phases[index] == Phase::Carbon as u8;
        let first = (0..GRID.count()).find(|&i| carbon(i)).unwrap();
        let (mut reached, mut front) = (std::collections::BTreeSet::from([first]), vec![first]);
        while let Some(index) = front.pop() {
            let at = GRID.coordinates(index);
            for (axis, step) in [(0, 1), (0, 39), (1, 1), (1, 39), (2, 1), (2, 39)] {
                let mut next = at;
                next[axis] = (next[axis] + step) % GRID.resolution;
                let next = GRID.index(next);
                if carbon(next) && reached.insert(next) {
                    front.push(next);
                }
            }
        }
        let marked = (0..GRID.count()).filter(|&i| carbon(i)).count();
        assert_eq!(reached.len(), marked);
        // 8 um are 27 voxels straight along an axis and 46 along the diagonal.
        assert!((20..=60).contains(&marked), "{marked}");
    }

    #[test]
    fn coarse_voxels_hold_bundles() {
        assert_relative_eq!(bundle(150e-9, 0.3e-6), 1.0);
        assert_relative_eq!(bundle(150e-9, 0.9e-6), 7.0);
    }

    #[test]
    fn refuses_more_carbon_than_electrolyte() {
        let refused = carbon(&FIBRE, 0.9 * GRID.edge().powi(3));
        assert!(matches!(
            refused.map(|_| ()),
            Err(MicrostructureError::NoRoom {
                phase: Phase::Carbon,
                ..
            })
        ));
    }
}
