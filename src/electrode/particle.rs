//! Diffusion of lithium in all particles at once, implicit in time.
//!
//! One implicit stage over `tau` solves, in every particle and shell j,
//!
//! ```text
//! V_j (x_j - base_j) = tau (f_j - f_{j-1})        f_j = A_j/d_j [P(x_{j+1}) - P(x_j)]
//! ```
//! with P the integral of D over x (Kirchhoff transform: its difference is the exact
//! mean of D between two shells) and, in the last shell, the outflow `q/(F c_max)` through
//! the surface (q: current per active volume). The flux is linearised about a state
//! foreseen at the end of the stage, `P(x) = P(x*) + D(x*) (x - x*)`: one Newton step, so
//! that what the foresight misses counts by its square. (D alone taken there, it counted by
//! itself, and was most of the error where diffusion is slow: a cracked cell's discharge at
//! 2C was off by 7.5e-4 at the local error at which it is off by 1.1e-4 now.)
//! The current enters only the last row: one forward sweep gives the surface
//! stoichiometry as `a - b q`, and Newton's method never touches the shells. The
//! back-substitution comes once, when q is known.
//!
//! Contact lost over a share f of the surface narrows the faces below it,
//! `A (1 - f exp(-depth/delta))`: what was lost has to be reached sideways.

use super::model::Electrode;
use crate::numerics::wide;

/// The linearised and the eliminated system of all particles; entry
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
    /// Stoichiometries about which diffusion is linearised, within 0..1.
    about: Vec<f64>,
    /// Integral of the diffusivity there, m2/s.
    integral: Vec<f64>,
    /// Diffusivity there, m2/s.
    diffusivity: Vec<f64>,
    /// Area over distance of outer faces as aged, 1/m2; in the outermost shells times the
    /// diffusivity between centre and surface, 1/s.
    face: Vec<f64>,
    /// `x_j - about_j = right_j + gain_j (x_{j+1} - about_{j+1})`, and in the outermost
    /// shells `right - gain q`.
    gain: Vec<f64>,
    right: Vec<f64>,
    /// Stoichiometry that flows in through the inner face at `about` during a stage times
    /// the shell's volume, per particle.
    inflow: Vec<f64>,
    /// Distance from the last centre to the surface over that between the last two
    /// centres, per particle.
    reach: Vec<f64>,
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
            about: zeros(),
            integral: zeros(),
            diffusivity: zeros(),
            face: zeros(),
            gain: zeros(),
            right: zeros(),
            inflow: vec![0.0; particles],
            reach: (0..particles)
                .map(|m| {
                    let distance = &model.geometry[model.class_of(m)].distance;
                    distance[shells - 1] / distance[shells - 2]
                })
                .collect(),
            offset: vec![0.0; particles],
            response: vec![0.0; particles],
        }
    }

    /// Linearises diffusion about the stoichiometries `at` of the shells, or the nearest
    /// ones in 0..1. `lost` is the share of contact lost, `slowing` the factor of cracks on
    /// D, both per particle.
    pub fn linearise(&mut self, model: &Electrode, at: &[f64], lost: &[f64], slowing: &[f64]) {
        wide(
            #[inline(always)]
            || self.linearise_rows(model, at, lost, slowing),
        );
    }

    #[inline(always)]
    fn linearise_rows(&mut self, model: &Electrode, at: &[f64], lost: &[f64], slowing: &[f64]) {
        let n = self.particles;
        for (about, x) in self.about.iter_mut().zip(at) {
            *about = x.clamp(0.0, 1.0);
        }
        let (integral, diffusivity) = (&mut self.integral, &mut self.diffusivity);
        let oxide = &model.oxide;
        oxide.diffusivity_integral(&self.about, integral, diffusivity);
        let faces = self.face.chunks_exact_mut(n);
        let fresh = self
            .shape
            .chunks_exact(n)
            .zip(self.constriction.chunks_exact(n));
        for (face, (shape, constriction)) in faces.zip(fresh) {
            for m in 0..n {
                face[m] = shape[m] * slowing[m] * (1.0 - lost[m] * constriction[m]);
            }
        }
        let last = (self.shells - 1) * n;
        for m in 0..n {
            let i = last + m;
            // Stoichiometry halfway to the surface, continuing the outermost gradient.
            let x = at[i] + 0.5 * self.reach[m] * (at[i] - at[i - n]);
            self.face[i] *= model.oxide.diffusivity(x.clamp(0.0, 1.0));
        }
    }

    /// Eliminates all shells for a stage over `tau` (s) from `base`, linearised as
    /// [`Self::linearise`] did last. Afterwards [`Self::offset`] and [`Self::response`]
    /// give the surface stoichiometry.
    pub fn eliminate(&mut self, base: &[f64], tau: f64) {
        wide(
            #[inline(always)]
            || self.eliminate_rows(base, tau),
        );
    }

    #[inline(always)]
    fn eliminate_rows(&mut self, base: &[f64], tau: f64) {
        let n = self.particles;
        // First shell: no inner face.
        for m in 0..n {
            let out = tau * self.face[m];
            let flow = out * (self.integral[m + n] - self.integral[m]);
            let inverse = 1.0 / (self.volume[m] + out * self.diffusivity[m]);
            let known = self.volume[m] * (base[m] - self.about[m]) + flow;
            self.gain[m] = out * self.diffusivity[m + n] * inverse;
            self.right[m] = known * inverse;
            self.inflow[m] = flow;
        }
        let last = self.shells - 1;
        let inflow = &mut self.inflow[..n];
        for row in 1..last {
            let (inner, outer) = ((row - 1) * n, row * n);
            let (gains, gain) = self.gain[inner..outer + n].split_at_mut(n);
            let (rights, right) = self.right[inner..outer + n].split_at_mut(n);
            let (inward, outward) = self.face[inner..outer + n].split_at(n);
            let (integral, above) = self.integral[outer..outer + 2 * n].split_at(n);
            let diffusivity = &self.diffusivity[inner..outer + 2 * n];
            let (below, diffusivity) = diffusivity.split_at(n);
            let (here, beyond) = diffusivity.split_at(n);
            let (volume, about) = (&self.volume[outer..][..n], &self.about[outer..][..n]);
            let base = &base[outer..][..n];
            for m in 0..n {
                let (inward, out) = (tau * inward[m], tau * outward[m]);
                let flow = out * (above[m] - integral[m]);
                let back = inward * below[m];
                let kept = inward * here[m] - back * gains[m];
                let inverse = 1.0 / (volume[m] + out * here[m] + kept);
                let known = volume[m] * (base[m] - about[m]) + (flow - inflow[m]);
                gain[m] = out * beyond[m] * inverse;
                right[m] = (known + back * rights[m]) * inverse;
                inflow[m] = flow;
            }
        }
        for m in 0..n {
            let i = last * n + m;
            let inward = tau * self.face[i - n];
            let back = inward * self.diffusivity[i - n];
            let kept = inward * self.diffusivity[i] - back * self.gain[i - n];
            let diagonal = self.volume[i] + kept;
            let known = self.volume[i] * (base[i] - self.about[i]) - self.inflow[m];
            self.right[i] = (known + back * self.right[i - n]) / diagonal;
            self.gain[i] = tau * self.per_charge / diagonal;
            self.offset[m] = self.about[i] + self.right[i];
            self.response[m] = self.gain[i] + self.per_charge / self.face[i];
        }
    }

    /// Stoichiometries of all shells for the currents `q` (A/m3 of active volume).
    pub fn substitute(&self, q: &[f64], x: &mut [f64]) {
        wide(
            #[inline(always)]
            || self.substitute_rows(q, x),
        );
    }

    #[inline(always)]
    fn substitute_rows(&self, q: &[f64], x: &mut [f64]) {
        let n = self.particles;
        let last = (self.shells - 1) * n;
        for m in 0..n {
            x[last + m] = self.offset[m] - self.gain[last + m] * q[m];
        }
        for row in (0..self.shells - 1).rev() {
            let (inner, outer) = x[row * n..(row + 2) * n].split_at_mut(n);
            let (about, beyond) = self.about[row * n..(row + 2) * n].split_at(n);
            let right = &self.right[row * n..(row + 1) * n];
            let gain = &self.gain[row * n..(row + 1) * n];
            for m in 0..n {
                inner[m] = about[m] + (right[m] + gain[m] * (outer[m] - beyond[m]));
            }
        }
    }

    /// Mean stoichiometry of every particle, from its `shells`.
    pub fn means(&self, shells: &[f64], mean: &mut [f64]) {
        let n = self.particles;
        let rows = shells.chunks_exact(n).zip(self.volume.chunks_exact(n));
        mean.fill(0.0);
        wide(
            #[inline(always)]
            || {
                for (row, volume) in rows {
                    for ((mean, x), volume) in mean.iter_mut().zip(row).zip(volume) {
                        *mean += volume * x;
                    }
                }
            },
        );
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
