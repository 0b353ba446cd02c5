//! Conductive additive: carbon fibres and carbon black.
//!
//! Both are thinner than a voxel. The voxels they pass are marked as carbon, and
//! one number, the fill, says which share of these voxels is carbon, so that the
//! carbon's volume is exact; the rest of such a voxel is electrolyte.

use super::aggregates::{Site, place_aggregates};
use super::grid::Raster;
use super::random::{Stage, stream};
use super::{MicrostructureError, Particle, Phase};
use crate::materials::CarbonShape;
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

/// Places `volume` (m3) of carbon in electrolyte voxels of `phases` and returns
/// the fill, see [`super::Microstructure::carbon_fill`].
///
/// # Errors
/// [`MicrostructureError::NoRoom`] when the electrolyte's voxels do not suffice.
pub(super) fn place_carbon(
    site: &Site,
    raster: &Raster,
    particles: &[Particle],
    phases: &mut [u8],
    shape: &CarbonShape,
    volume: f64,
    seed: u64,
) -> Result<f64, MicrostructureError> {
    let voxel = site.grid.voxel.powi(3);
    match *shape {
        CarbonShape::Black {
            aggregate_diameter,
            solid_fraction,
        } => {
            let count = (volume / (solid_fraction.clamp(SMALLEST_FILL, 1.0) * voxel)).ceil();
            let stage = (seed, Stage::CarbonBlack);
            let phase = Phase::Carbon;
            place_aggregates(
                site,
                phases,
                phase,
                count as usize,
                aggregate_diameter,
                stage,
            )?;
            Ok(volume / (count * voxel))
        }
        CarbonShape::Fibre { diameter, length } => {
            let bundle = bundle(diameter, site.grid.voxel);
            let total = volume / (PI / 4.0 * diameter * diameter * bundle);
            let mut weaver = Weaver {
                site,
                raster,
                particles,
                phases,
                diameter,
                marked: 0,
            };
            weaver.weave(total, length, volume / voxel, seed)?;
            Ok(volume / (weaver.marked as f64 * voxel))
        }
    }
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
    diameter: f64,
    marked: usize,
}

impl Weaver<'_> {
    /// Lays paths of `length` (m) each, until they are `total` (m) long together
    /// and their voxels can hold `smallest` voxels of carbon.
    fn weave(
        &mut self,
        total: f64,
        length: f64,
        smallest: f64,
        seed: u64,
    ) -> Result<(), MicrostructureError> {
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
            let wanted = if laid < total {
                length.min(total - laid)
            } else {
                length
            };
            laid += self.lay(self.site.grid.centre(voxel), wanted, length, &mut random);
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
    fn lay(&mut self, start: [f64; 3], wanted: f64, length: f64, random: &mut ChaCha8Rng) -> f64 {
        let step = STEP * self.site.grid.voxel;
        let bend = (step / (PERSISTENCE * length)).sqrt();
        let mut direction: [f64; 3] = UnitSphere.sample(random);
        let mut at = start;
        let mut laid = 0.0;
        self.mark(at);
        while laid < wanted {
            for d in &mut direction {
                let noise: f64 = StandardNormal.sample(random);
                *d += bend * noise;
            }
            direction = unit(direction);
            let Some(next) = self.advance(at, &mut direction, step) else {
                break;
            };
            self.link(at, next);
            self.mark(next);
            at = next;
            laid += step;
        }
        laid.min(wanted)
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
    fn mark(&mut self, point: [f64; 3]) {
        let grid = self.site.grid;
        self.mark_voxel(grid.index_at(point));
        if self.diameter > grid.voxel {
            for (index, _) in grid.ball(point, 0.5 * self.diameter) {
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
    };

    /// Carbon around four particles: (fill, phases).
    fn carbon(shape: &CarbonShape, volume: f64) -> Result<(f64, Vec<u8>), MicrostructureError> {
        let particles: Vec<Particle> =
            [[3e-6; 3], [9e-6; 3], [3e-6, 9e-6, 3e-6], [9e-6, 3e-6, 9e-6]]
                .into_iter()
                .map(|centre| Particle {
                    centre,
                    radius: 2.5e-6,
                })
                .collect();
        let raster = rasterise(&particles, &GRID, 1e-6);
        let grains = grains(&GRID, &raster.particle_ids, 3e-6, 1);
        let site = Site {
            grid: &GRID,
            clearance: &raster.clearance,
            grains: &grains,
        };
        let mut phases = raster.phases();
        let fill = place_carbon(&site, &raster, &particles, &mut phases, shape, volume, 9)?;
        assert!(
            raster
                .particle_ids
                .iter()
                .zip(&phases)
                .all(|(&id, &p)| (id > 0) == (p == 1))
        );
        Ok((fill, phases))
    }

    #[test]
    fn volume_is_exact_for_both_shapes() {
        let black = CarbonShape::Black {
            aggregate_diameter: 200e-9,
            solid_fraction: 0.35,
        };
        for shape in [FIBRE, black] {
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
        let CarbonShape::Fibre { diameter, length } = FIBRE else {
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
