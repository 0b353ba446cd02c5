//! Carbon fibres: drawn one by one between the particles.
//!
//! Fibres lie as pressing or calendering lays them. With `n` the part of a fibre's
//! direction through the thickness, `1 - 3 <n²>` is 0 where they are isotropic and 1
//! where they are flat: the nematic order tensor `<d d> - 1/3` is this number times
//! diag(-1/3, 1/6, 1/6).

use super::aggregates::Site;
use super::grid::{Grid, Raster};
use super::random::{Stage, stream};
use super::strands::{Axis, Strands};
use super::{Fibre, MicrostructureError, Particle, Phase};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal, UnitSphere};

/// Step along a fibre, in voxels: it cannot jump over a voxel.
const STEP: f64 = 0.5;
/// Length over which a free fibre forgets its direction, in fibre lengths:
/// vapour-grown fibres are stiff and only slightly bent.
const PERSISTENCE: f64 = 5.0;
/// Fibres tried, over the number needed, before the space counts as full.
const MOST_TRIALS: usize = 20;

/// The fibres of an additive.
#[derive(Clone, Copy)]
pub(super) struct Fibres {
    pub diameter: Sizes,
    pub length: Sizes,
    /// See [`Arrangement::fibres_in_plane`].
    pub in_plane: f64,
}

/// A lognormal size: mean (m) and deviation of the logarithm.
#[derive(Clone, Copy)]
pub(super) struct Sizes {
    mean: f64,
    log_deviation: f64,
}

impl Sizes {
    pub fn new(mean: f64, spread: f64) -> Self {
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

/// Lays fibres between the particles.
pub(super) struct Weaver<'a> {
    pub site: &'a Site<'a>,
    pub raster: &'a Raster,
    pub particles: &'a [Particle],
    pub strands: Strands<'a>,
    pub fibres: Fibres,
    /// Steps laid, and the sum of the squares of their parts through the thickness.
    pub through: [f64; 2],
    /// The paths as laid.
    pub paths: Vec<Fibre>,
}

/// One fibre to lay.
struct Wanted {
    number: usize,
    /// m.
    diameter: f64,
    /// Length to lay, m.
    length: f64,
    /// Direction at its start.
    direction: [f64; 3],
}

impl Weaver<'_> {
    /// Lays paths until they are as much as `total` (m) of the mean diameter together
    /// and their voxels can hold `smallest` voxels of carbon.
    pub fn weave(
        &mut self,
        total: f64,
        smallest: f64,
        seed: u64,
    ) -> Result<(), MicrostructureError> {
        let fibres = self.fibres;
        let length = fibres.length.mean;
        let phases = &*self.strands.phases;
        let voxels = phases.len();
        let free: Vec<u32> = (0..voxels as u32)
            .filter(|&index| phases[index as usize] == Phase::Electrolyte as u8)
            .collect();
        let no_room = || MicrostructureError::NoRoom {
            phase: Phase::Carbon,
            asked: smallest / voxels as f64,
            available: free.len() as f64 / voxels as f64,
        };
        if free.is_empty() || smallest > free.len() as f64 {
            return Err(no_room());
        }
        let trials = MOST_TRIALS * (1 + (total / length) as usize);
        let mut laid = 0.0;
        for number in 0..trials {
            if laid >= total && self.strands.marked as f64 >= smallest {
                return Ok(());
            }
            let mut random = stream(seed, Stage::Fibres, number);
            let voxel = free[random.random_range(0..free.len())] as usize;
            let mut sizes = stream(seed, Stage::FibreSizes, number);
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
            let one = Wanted {
                number,
                diameter,
                length: wanted,
                direction: direction(fibres.in_plane, &mut random),
            };
            laid += share * self.lay(self.site.grid.centre(voxel), &one, &mut random);
        }
        Err(no_room())
    }

    /// Length laid, m.
    pub fn laid(&self, grid: &Grid) -> f64 {
        self.through[0] * STEP * grid.voxel
    }

    /// Lays one fibre from a point outside the particles; returns the length laid, m.
    ///
    /// It goes straight but for slight bends, follows the surface of a particle
    /// in its way, and ends (breaks) where it is caught between two.
    fn lay(&mut self, start: [f64; 3], fibre: &Wanted, random: &mut ChaCha8Rng) -> f64 {
        let step = STEP * self.site.grid.voxel;
        let bend = (step / (PERSISTENCE * self.fibres.length.mean)).sqrt();
        // Fibres pressed flat bend in the plane rather than out of it.
        let bends = [bend * (1.0 - self.fibres.in_plane).sqrt(), bend, bend];
        let mut direction = fibre.direction;
        let mut at = start;
        let mut laid = 0.0;
        let axis = |point: [f64; 3], direction: [f64; 3], is_stopped: bool| Axis {
            fibre: fibre.number,
            point,
            direction,
            diameter: fibre.diameter,
            is_stopped,
        };
        self.strands.begin(&axis(at, direction, false));
        let mut path = vec![at];
        while laid < fibre.length {
            for (d, bend) in direction.iter_mut().zip(bends) {
                let noise: f64 = StandardNormal.sample(random);
                *d += bend * noise;
            }
            direction = unit(direction);
            let Some((next, slides)) = self.advance(at, &mut direction, step) else {
                self.strands.reach(&axis(at, direction, true));
                break;
            };
            self.strands.reach(&axis(next, direction, slides));
            self.through[0] += 1.0;
            self.through[1] += direction[0] * direction[0];
            at = next;
            path.push(at);
            laid += step;
        }
        let diameter = fibre.diameter;
        self.paths.push(Fibre { diameter, path });
        laid.min(fibre.length)
    }

    /// The next point of a fibre, and whether a particle makes it slide there; `None` where
    /// particles block it.
    fn advance(
        &self,
        at: [f64; 3],
        direction: &mut [f64; 3],
        step: f64,
    ) -> Option<([f64; 3], bool)> {
        let grid = self.site.grid;
        let next = std::array::from_fn(|a| at[a] + step * direction[a]);
        let id = self.raster.particle_ids[grid.index_at(next)];
        if id == 0 {
            return Some((next, false));
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
        (self.raster.particle_ids[grid.index_at(beside)] == 0).then_some((beside, true))
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
    use approx::assert_relative_eq;

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
}
