//! Diffusion of lithium in all particles at once, implicit in time.
//!
//! One implicit stage over `tau` solves, in every particle and shell j,
//!
//! ```text
//! V_j (x_j - base_j) = tau [c_j (x_{j+1} - x_j) - c_{j-1} (x_j - x_{j-1})]
//! ```
//! with `c_j = A_j D/d_j` and, in the last shell, the outflow `q/(F c_max)` through
//! the surface (q: current per active volume). D is taken at a state extrapolated
//! to the end of the stage, so the system is linear; the mean between two shells is
//! the exact one of the Kirchhoff transform, (integral of D dx)/(x_{j+1} - x_j).
//! The flux enters only the last row: one forward sweep gives the surface
//! stoichiometry as `a - b q`, and Newton's method never touches the shells. The
//! back-substitution comes once, when q is known.
//!
//! Contact lost over a share f of the surface narrows the faces below it,
//! `A (1 - f exp(-depth/delta))`: what was lost has to be reached sideways.

use super::model::Electrode;

/// Neighbouring stoichiometries closer than this take the diffusivity itself for
/// the mean: the difference quotient of the integral would lose digits.
const CLOSE: f64 = 1e-5;

/// Conductances and the eliminated system of all particles; entry
/// `shell * particles + particle`.
#[derive(Debug, Clone)]
pub struct Diffusion {
    particles: usize,
    shells: usize,
    /// Shell volumes over particle volume.
    volume: Vec<f64>,
    /// Area over distance of outer faces, 1/m2.
    shape: Vec<f64>,
    /// exp(-depth/delta) of outer faces.
    constriction: Vec<f64>,
    /// 1/(F c_max), mol/C m3/mol.
    per_charge: f64,
    conductance: Vec<f64>,
    gain: Vec<f64>,
    right: Vec<f64>,
    inside: Vec<f64>,
    integral: Vec<f64>,
    /// Surface stoichiometry at no current.
    pub offset: Vec<f64>,
    /// Fall of the surface stoichiometry per current, m3/A.
    pub response: Vec<f64>,
}

impl Diffusion {
    /// Workspace for `model`.
    pub fn new(model: &Electrode) -> Self {
        let (particles, shells) = (model.particles(), model.shells);
        let delta = model
            .ageing
            .contact_loss
            .as_ref()
            .map_or(1.0, |law| law.constriction_length);
        let spread = |f: &dyn Fn(&super::geometry::Shells, usize) -> f64| -> Vec<f64> {
            (0..shells * particles)
                .map(|i| {
                    f(
                        &model.geometry[model.class_of(i % particles)],
                        i / particles,
                    )
                })
                .collect()
        };
        let zeros = || vec![0.0; shells * particles];
        Self {
            particles,
            shells,
            volume: spread(&|g, j| g.volume[j]),
            shape: spread(&|g, j| g.area[j] / g.distance[j]),
            constriction: spread(&|g, j| (-g.depth[j] / delta).exp()),
            per_charge: 1.0 / (crate::constants::FARADAY * model.oxide.sites),
            conductance: zeros(),
            gain: zeros(),
            right: zeros(),
            inside: zeros(),
            integral: zeros(),
            offset: vec![0.0; particles],
            response: vec![0.0; particles],
        }
    }

    /// Conductance of the outer face of every shell (1/s) at stoichiometries `at`;
    /// the last is that from shell centre to surface. `lost` is the share of
    /// contact lost, `slowing` the factor of cracks on D, both per particle.
    pub fn conductances(
        &mut self,
        model: &Electrode,
        at: &[f64],
        lost: &[f64],
        slowing: &[f64],
    ) -> &[f64] {
        let n = self.particles;
        for ((inside, integral), &x) in self.inside.iter_mut().zip(&mut self.integral).zip(at) {
            *inside = x.clamp(0.0, 1.0);
            *integral = model.oxide.diffusivity_integral(*inside);
        }
        let last = (self.shells - 1) * n;
        let mut all_apart = true;
        let (conductance, shape) = (&mut self.conductance[..last], &self.shape[..last]);
        let (inner, outer) = (&self.inside[..last], &self.inside[n..n + last]);
        let (below, above) = (&self.integral[..last], &self.integral[n..n + last]);
        for i in 0..last {
            let difference = outer[i] - inner[i];
            all_apart &= difference.abs() > CLOSE;
            conductance[i] = (above[i] - below[i]) / difference * shape[i];
        }
        if !all_apart {
            for i in 0..last {
                if (self.inside[i + n] - self.inside[i]).abs() <= CLOSE {
                    let middle = 0.5 * (self.inside[i] + self.inside[i + n]);
                    self.conductance[i] = model.oxide.diffusivity(middle) * self.shape[i];
                }
            }
        }
        for m in 0..n {
            let i = last + m;
            // Stoichiometry halfway to the surface, continuing the outermost gradient.
            let reach = self.surface_reach(model, m);
            let x = at[i] + 0.5 * reach * (at[i] - at[i - n]);
            self.conductance[i] = model.oxide.diffusivity(x.clamp(0.0, 1.0)) * self.shape[i];
        }
        let rows = self.conductance.chunks_exact_mut(n);
        for (row, constriction) in rows.zip(self.constriction.chunks_exact(n)) {
            for m in 0..n {
                row[m] *= slowing[m] * (1.0 - lost[m] * constriction[m]);
            }
        }
        &self.conductance
    }

    /// Distance from the last centre to the surface over that between the last two centres.
    fn surface_reach(&self, model: &Electrode, particle: usize) -> f64 {
        let distance = &model.geometry[model.class_of(particle)].distance;
        distance[self.shells - 1] / distance[self.shells - 2]
    }

    /// Eliminates all shells for a stage over `tau` (s) from `base`, with the
    /// conductances last computed. Afterwards [`Self::offset`] and
    /// [`Self::response`] give the surface stoichiometry.
    pub fn eliminate(&mut self, base: &[f64], tau: f64) {
        let n = self.particles;
        // First shell: no inner face.
        for m in 0..n {
            let out = tau * self.conductance[m];
            let inverse = 1.0 / (self.volume[m] + out);
            self.gain[m] = out * inverse;
            self.right[m] = self.volume[m] * base[m] * inverse;
        }
        let last = self.shells - 1;
        for row in 1..last {
            let (inner, outer) = ((row - 1) * n, row * n);
            let (gains, gain) = self.gain[inner..outer + n].split_at_mut(n);
            let (rights, right) = self.right[inner..outer + n].split_at_mut(n);
            let (inward, outward) = self.conductance[inner..outer + n].split_at(n);
            let (volume, base) = (&self.volume[outer..outer + n], &base[outer..outer + n]);
            for m in 0..n {
                let (inward, out) = (tau * inward[m], tau * outward[m]);
                let inverse = 1.0 / (volume[m] + out + inward * (1.0 - gains[m]));
                gain[m] = out * inverse;
                right[m] = (volume[m] * base[m] + inward * rights[m]) * inverse;
            }
        }
        for m in 0..n {
            let i = last * n + m;
            let inward = tau * self.conductance[i - n];
            let diagonal = self.volume[i] + inward * (1.0 - self.gain[i - n]);
            self.right[i] = (self.volume[i] * base[i] + inward * self.right[i - n]) / diagonal;
            self.gain[i] = tau * self.per_charge / diagonal;
            self.offset[m] = self.right[i];
            self.response[m] = self.gain[i] + self.per_charge / self.conductance[i];
        }
    }

    /// Stoichiometries of all shells for the currents `q` (A/m3 of active volume).
    pub fn substitute(&self, q: &[f64], x: &mut [f64]) {
        let n = self.particles;
        let last = (self.shells - 1) * n;
        for m in 0..n {
            x[last + m] = self.right[last + m] - self.gain[last + m] * q[m];
        }
        for row in (0..self.shells - 1).rev() {
            let (inner, outer) = x[row * n..(row + 2) * n].split_at_mut(n);
            let right = &self.right[row * n..(row + 1) * n];
            let gain = &self.gain[row * n..(row + 1) * n];
            for m in 0..n {
                inner[m] = right[m] + gain[m] * outer[m];
            }
        }
    }

    /// Mean stoichiometry of every particle, from its `shells`.
    pub fn means(&self, shells: &[f64], mean: &mut [f64]) {
        mean.fill(0.0);
        let n = self.particles;
        for (row, volume) in shells.chunks_exact(n).zip(self.volume.chunks_exact(n)) {
            for ((mean, x), volume) in mean.iter_mut().zip(row).zip(volume) {
                *mean += volume * x;
            }
        }
    }

    /// Area over distance of the outer face of shell entry `i`, narrowed by lost
    /// contact and slowed by cracks, 1/m2: times a diffusivity, its conductance.
    pub fn face(&self, i: usize, lost: f64, slowing: f64) -> f64 {
        self.shape[i] * slowing * (1.0 - lost * self.constriction[i])
    }

    /// Shell volumes over particle volume, entry `shell * particles + particle`.
    pub fn volumes(&self) -> &[f64] {
        &self.volume
    }

    /// 1/(F c_max): change of mean stoichiometry per charge per active volume, m3/C.
    pub fn per_charge(&self) -> f64 {
        self.per_charge
    }
}
