//! Pushing overlapping spheres apart in a periodic unit cube. Where spheres may be
//! flattened, what is said of overlap here is overlap beyond the flattening.
//!
//! Overlapping pairs repel like springs, and the sum of their energies is
//! minimised; below the density of jamming the minimum is zero, no overlap at
//! all. First the spheres creep down the gradient without inertia, so that a
//! pushed pair ends in touch instead of flying apart: the contacts of a pressed
//! composite. What is still overlapping then is finished by FIRE (E. Bitzek et
//! al., Phys. Rev. Lett. 97, 170201, 2006): damped dynamics that speed up while
//! they go downhill and stop dead when they do not.

use super::Particle;
use super::neighbours::{Neighbours, minimal};
use super::packing::LARGEST_OVERLAP;

/// While relaxing, radii are larger by this share, so that a finite number of
/// steps ends with no overlap. It is also half the largest gap, in radii, that
/// it leaves between spheres it has just pushed apart.
const INFLATION: f64 = 2.5e-4;
/// Relaxation ends when the largest overlap, over the smaller radius, is below
/// this: a tenth of what is allowed, so that rounding never matters.
const ACCEPTED_OVERLAP: f64 = 0.1 * LARGEST_OVERLAP;
/// Steps without inertia before FIRE takes over. Measured with 4000 spheres of
/// CV 0.25: with 0, 30, 100 and 300 such steps a sphere touches on average 0.5,
/// 1.5, 2.5 and 2.5 others at a volume fraction of 0.41, and 2.0, 2.3, 2.9 and
/// 3.3 at 0.50; from 0.60 on (4.5) it makes no difference, nor to the time.
const GENTLE_STEPS: usize = 300;
/// Length of a step without inertia, per force; stable below 2 over the largest
/// stiffness, some 8 springs along one line.
const CREEP: f64 = 0.25;
/// Steps after which spheres count as jammed. Measured with CV 0.25: 4000
/// spheres need 210 steps at 0.41, 350 at 0.55, 440 at 0.60 and 690 at 0.63.
const MOST_STEPS: usize = 10_000;
/// Spheres are jammed when their net forces are this small against the pair
/// forces that cancel in them. Measured with 330 and 4000 spheres of CV 0.25:
/// packings that succeed stay above 0.016 (at 0.645; above 0.1 at 0.60), those
/// that jam fall below 0.008 at some time within 10,000 steps.
const BALANCED: f64 = 8e-3;
/// Neighbours are listed within this gap, in mean radii. Measured with 4000
/// spheres at 0.60: 0.96 s at 0.15, 0.7 s at 0.3 and at 0.5.
const SKIN: f64 = 0.3;

/// FIRE's constants as published, with a step in units of the spring's period.
mod fire {
    pub const FIRST_STEP: f64 = 0.1;
    pub const LARGEST_STEP: f64 = 0.6;
    pub const STEPS_BEFORE_SPEEDING: usize = 5;
    pub const SPEEDING: f64 = 1.1;
    pub const SLOWING: f64 = 0.5;
    pub const MIXING: f64 = 0.1;
    pub const MIXING_DECAY: f64 = 0.99;
}

/// Spheres in a periodic cube of edge 1.
pub(super) struct Spheres {
    /// Centres; may lie outside the unit cube by a few particle moves.
    pub centres: Vec<[f64; 3]>,
    pub radii: Vec<f64>,
    /// Overlap at which two spheres come to rest, over the smaller radius.
    pub flattening: f64,
}

impl Spheres {
    /// Particles of a periodic cube of edge `box_edge` (m), as they lie.
    pub fn of(particles: &[Particle], box_edge: f64) -> Self {
        Self {
            centres: particles
                .iter()
                .map(|p| p.centre.map(|x| x / box_edge))
                .collect(),
            radii: particles.iter().map(|p| p.radius / box_edge).collect(),
            flattening: 0.0,
        }
    }

    /// Moves the spheres until none overlaps; false when they are jammed.
    pub fn relax(&mut self, progress: &mut dyn FnMut(f64)) -> bool {
        let inflated: Vec<f64> = self.radii.iter().map(|r| r * (1.0 + INFLATION)).collect();
        let count = inflated.len();
        let skin = SKIN * inflated.iter().sum::<f64>() / count.max(1) as f64;
        let mut motion = Motion::new(count);
        let mut neighbours = self.list(&inflated, skin);
        let mut listed_at = self.centres.clone();
        let mut first = None;
        for step in 0..MOST_STEPS {
            let load = motion.push(&self.centres, &inflated, self.flattening, &neighbours);
            if load.largest <= 2.0 * INFLATION + ACCEPTED_OVERLAP && self.is_packed(&neighbours) {
                progress(1.0);
                return true;
            }
            if load.net < BALANCED * load.total {
                return false;
            }
            // Overlaps fall about exponentially, so their logarithm tells the way gone.
            let first = *first.get_or_insert(load.largest);
            progress((first / load.largest).ln().max(0.0) / (first / INFLATION).ln().max(1.0));
            if step < GENTLE_STEPS {
                motion.creep(&mut self.centres);
            } else {
                motion.leap(&mut self.centres);
            }
            if moved_more_than(0.5 * skin, &listed_at, &self.centres) {
                neighbours = self.list(&inflated, skin);
                listed_at.clone_from(&self.centres);
            }
        }
        false
    }

    /// Lists neighbours, after moving all centres back into the unit cube.
    fn list(&mut self, radii: &[f64], skin: f64) -> Neighbours {
        for c in &mut self.centres {
            *c = c.map(|x| x - x.floor());
        }
        Neighbours::find(&self.centres, radii, skin)
    }

    /// Whether no overlap exceeds [`ACCEPTED_OVERLAP`].
    fn is_packed(&self, neighbours: &Neighbours) -> bool {
        (0..self.radii.len()).all(|i| {
            neighbours.of(i).iter().all(|&j| {
                let (a, b) = (self.radii[i], self.radii[j as usize]);
                let d = minimal(self.centres[i], self.centres[j as usize]);
                let distance = (d[0] * d[0] + d[1] * d[1] + d[2] * d[2]).sqrt();
                a + b - distance <= (ACCEPTED_OVERLAP + self.flattening) * a.min(b)
            })
        })
    }
}

/// Whether the two fastest points together could have closed the gap `limit * 2`.
fn moved_more_than(limit: f64, from: &[[f64; 3]], to: &[[f64; 3]]) -> bool {
    from.iter()
        .zip(to)
        .any(|(a, b)| (0..3).map(|k| (b[k] - a[k]).powi(2)).sum::<f64>() > limit * limit)
}

/// Forces and velocities of damped dynamics (unit masses, unit springs).
struct Motion {
    forces: Vec<[f64; 3]>,
    velocities: Vec<[f64; 3]>,
    time_step: f64,
    mixing: f64,
    downhill: usize,
}

/// How the spheres press on each other.
struct Load {
    /// Largest overlap over the smaller radius.
    largest: f64,
    /// Root of the sum of squared net forces.
    net: f64,
    /// Root of the sum of squared pair forces.
    total: f64,
}

impl Motion {
    fn new(count: usize) -> Self {
        Self {
            forces: vec![[0.0; 3]; count],
            velocities: vec![[0.0; 3]; count],
            time_step: fire::FIRST_STEP,
            mixing: fire::MIXING,
            downhill: 0,
        }
    }

    /// Sets the forces from the overlaps beyond the flattening.
    fn push(
        &mut self,
        centres: &[[f64; 3]],
        radii: &[f64],
        flattening: f64,
        neighbours: &Neighbours,
    ) -> Load {
        self.forces.fill([0.0; 3]);
        let (mut largest, mut total) = (0.0_f64, 0.0);
        for i in 0..radii.len() {
            let mut own = [0.0; 3];
            for &j in neighbours.of(i) {
                let j = j as usize;
                let smaller = radii[i].min(radii[j]);
                let sum = radii[i] + radii[j] - flattening * smaller;
                let d = minimal(centres[i], centres[j]);
                let square = d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
                if square >= sum * sum {
                    continue;
                }
                let distance = square.sqrt().max(f64::MIN_POSITIVE);
                let overlap = sum - distance;
                largest = largest.max(overlap / smaller);
                total += overlap * overlap;
                let other = &mut self.forces[j];
                for ((d, own), other) in d.iter().zip(&mut own).zip(other) {
                    let force = overlap / distance * d;
                    *own -= force;
                    *other += force;
                }
            }
            for (force, own) in self.forces[i].iter_mut().zip(own) {
                *force += own;
            }
        }
        Load {
            largest,
            net: dot(&self.forces, &self.forces).sqrt(),
            total: total.sqrt(),
        }
    }

    /// One step straight down the forces.
    fn creep(&self, centres: &mut [[f64; 3]]) {
        for (centre, force) in centres.iter_mut().zip(&self.forces) {
            for k in 0..3 {
                centre[k] += CREEP * force[k];
            }
        }
    }

    /// One step of FIRE along the forces.
    fn leap(&mut self, centres: &mut [[f64; 3]]) {
        if dot(&self.forces, &self.velocities) < 0.0 {
            self.velocities.fill([0.0; 3]);
            self.time_step *= fire::SLOWING;
            self.mixing = fire::MIXING;
            self.downhill = 0;
        } else {
            self.downhill += 1;
            if self.downhill > fire::STEPS_BEFORE_SPEEDING {
                self.time_step = (self.time_step * fire::SPEEDING).min(fire::LARGEST_STEP);
                self.mixing *= fire::MIXING_DECAY;
            }
        }
        let force = dot(&self.forces, &self.forces)
            .sqrt()
            .max(f64::MIN_POSITIVE);
        let speed = dot(&self.velocities, &self.velocities).sqrt();
        let steer = self.mixing * speed / force;
        for (centre, (v, f)) in centres
            .iter_mut()
            .zip(self.velocities.iter_mut().zip(&self.forces))
        {
            let pushed = f.iter().any(|f| f.abs() > 0.0);
            for k in 0..3 {
                // A sphere that nobody pushes any more stops, and stays in touch.
                v[k] = if pushed {
                    (1.0 - self.mixing) * v[k] + (steer + self.time_step) * f[k]
                } else {
                    0.0
                };
                centre[k] += self.time_step * v[k];
            }
        }
    }
}

fn dot(a: &[[f64; 3]], b: &[[f64; 3]]) -> f64 {
    a.iter()
        .zip(b)
        .map(|(a, b)| a[0] * b[0] + a[1] * b[1] + a[2] * b[2])
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_spheres_are_pushed_just_apart() {
        let mut spheres = Spheres {
            centres: vec![[0.98, 0.5, 0.5], [0.02, 0.5, 0.5]],
            radii: vec![0.1, 0.1],
            flattening: 0.0,
        };
        assert!(spheres.relax(&mut |_| ()));
        let d = minimal(spheres.centres[0], spheres.centres[1])[0].abs();
        assert!((0.2 - 1e-5..0.2 + 2e-4).contains(&d), "{d}");
    }
}
