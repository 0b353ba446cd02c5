//! The spectrum of the cell model: the electrode's equations linearised about any
//! state, fresh or aged, and solved at each frequency by the same eliminations in
//! complex arithmetic. Particles are reduced to one number, patches in closed form,
//! the thickness is one complex tridiagonal system of elements that solve the
//! two-rail line exactly, so that the depths of the cycling model are fine enough even
//! at frequencies at which the current enters only the first nanometres.
//!
//! Convention: `exp(+i w t)`, so capacitive arcs have a negative imaginary part.

use super::line::line_impedance;
use crate::electrode::interface::Patches;
use crate::electrode::{Electrode, Field, Solver, State, ageing};
use crate::materials::ChargeTransfer;
use crate::scenario::Scenario;
use num_complex::Complex64;
use rayon::prelude::*;
use std::f64::consts::PI;

/// Capacitances and arcs that matter only to alternating current.
#[derive(Debug, Clone)]
pub struct AlternatingCurrent {
    /// Constant-phase element of the active interface, F s^(n-1)/m2.
    double_layer: f64,
    phase_exponent: f64,
    /// Permittivity of the grown layers, F/m.
    layer_permittivity: f64,
    /// Share of the resistance of separator and anode's electrolyte in grain boundaries,
    /// their capacitance F/m2.
    grain_boundary: (f64, f64),
}

impl AlternatingCurrent {
    /// From the materials of `scenario`.
    pub fn new(scenario: &Scenario) -> Self {
        let kinetics: &ChargeTransfer = &scenario.cathode.active_material.charge_transfer;
        let separator = &scenario.cell.separator;
        Self {
            double_layer: kinetics.double_layer,
            phase_exponent: kinetics.phase_exponent,
            layer_permittivity: scenario.laws.interphase.permittivity
                * crate::constants::VACUUM_PERMITTIVITY,
            grain_boundary: separator.grain_boundaries(),
        }
    }
}

/// One patch linearised: everything that does not depend on frequency.
#[derive(Debug, Clone, Copy)]
struct PatchPoint {
    share: f64,
    charge_transfer: f64,
    coupling: f64,
    layer_resistance: f64,
    layer_capacitance: f64,
}

/// One particle linearised.
#[derive(Debug, Clone)]
struct ParticlePoint {
    depth: usize,
    volume: f64,
    surface: f64,
    patches: [PatchPoint; 2],
    /// Shell volumes over diffusivity, s/m2 per particle volume.
    storage: Vec<f64>,
    /// Resistance of the shells, m2: distance over area.
    resistance: Vec<f64>,
    /// Diffusivity in the outermost shell, m2/s.
    surface_diffusivity: f64,
}

/// The linearised cell.
#[derive(Debug, Clone)]
pub struct Linearised {
    particles: Vec<ParticlePoint>,
    /// Ionic and electronic resistance of each depth, ohm m2.
    rails: Vec<[f64; 2]>,
    per_charge: f64,
    carbon_surface: f64,
    /// Separator and the electrolyte in the anode, ohm m2.
    electrolyte: f64,
    anode: AnodePoint,
    ac: AlternatingCurrent,
}

#[derive(Debug, Clone, Copy)]
struct AnodePoint {
    kinetic: f64,
    capacitance: f64,
    /// -dU/dz over capacity, V m2/C.
    storage: f64,
}

impl Linearised {
    /// Linearises `model` about `state`.
    pub fn new(model: &Electrode, ac: &AlternatingCurrent, state: &State) -> Self {
        let mut solver = Solver::new(model);
        let frozen = solver.freeze(model, state).clone();
        let diffusion = solver.diffusion();
        let n = model.particles();
        let shells = &state[Field::Shells];
        let particles = (0..n)
            .map(|m| {
                let at = |j: usize| shells[j * n + m];
                let slowing = frozen.slowing[m];
                let last = model.shells - 1;
                let pair = [state[Field::CurrentBare][m], state[Field::CurrentCoated][m]];
                let q = frozen.patches[m].volumetric(pair);
                let diffusivity = model.oxide.diffusivity(at(last));
                let faces: Vec<f64> = (0..model.shells)
                    .map(|j| diffusion.face(j * n + m, frozen.lost[m], slowing))
                    .collect();
                let surface_stoichiometry =
                    at(last) - diffusion.per_charge() * q / (faces[last] * diffusivity);
                ParticlePoint {
                    depth: model.depth_of(m),
                    volume: frozen.volume[m],
                    surface: frozen.patches[m].surface,
                    patches: patch_points(
                        model,
                        ac,
                        state,
                        m,
                        &frozen.patches[m],
                        surface_stoichiometry,
                    ),
                    storage: (0..model.shells)
                        .map(|j| diffusion.volumes()[j * n + m] / model.oxide.diffusivity(at(j)))
                        .collect(),
                    resistance: shell_resistances(&model.geometry[model.class_of(m)].depth, &faces),
                    surface_diffusivity: diffusivity,
                }
            })
            .collect();
        Self {
            particles,
            rails: frozen.ladder.resistance.clone(),
            per_charge: diffusion.per_charge(),
            carbon_surface: model.carbon_surface,
            electrolyte: model.separator_resistance + model.anode.ohmic,
            anode: AnodePoint::new(model, state),
            ac: ac.clone(),
        }
    }

    /// Impedance of the whole cell at `frequency` (Hz), ohm m2.
    pub fn impedance(&self, frequency: f64) -> Complex64 {
        self.cathode_impedance(frequency) + self.rest_impedance(frequency)
    }

    /// Impedance of separator and anode at `frequency` (Hz), ohm m2.
    pub fn rest_impedance(&self, frequency: f64) -> Complex64 {
        let w = Complex64::new(0.0, 2.0 * PI * frequency);
        self.electrolyte_impedance(w) + self.anode.impedance(w)
    }

    fn cathode_impedance(&self, frequency: f64) -> Complex64 {
        let w = Complex64::new(0.0, 2.0 * PI * frequency);
        let mut admittance = vec![self.carbon_surface * self.double_layer(w); self.rails.len()];
        for particle in &self.particles {
            admittance[particle.depth] += self.particle_admittance(particle, w);
        }
        line_impedance(&self.rails, &admittance)
    }

    /// Impedances at all `frequencies` (Hz), in parallel, in their order.
    pub fn spectrum(&self, frequencies: &[f64]) -> Vec<Complex64> {
        frequencies.par_iter().map(|f| self.impedance(*f)).collect()
    }

    /// Ionic and electronic resistance of the cathode, ohm m2.
    pub fn rail_resistances(&self) -> [f64; 2] {
        [0, 1].map(|rail| self.rails.iter().map(|pair| pair[rail]).sum())
    }

    /// Charge-transfer resistance of the whole cathode, layers included, ohm m2 of cell.
    pub fn charge_transfer_resistance(&self) -> f64 {
        1.0 / self.conductances().iter().sum::<f64>()
    }

    /// Direct-current resistance of the cathode without diffusion, ohm m2.
    pub fn direct_current_resistance(&self) -> f64 {
        let conductances: Vec<Complex64> =
            self.conductances().iter().map(|g| (*g).into()).collect();
        line_impedance(&self.rails, &conductances).re
    }

    fn conductances(&self) -> Vec<f64> {
        let mut sum = vec![0.0; self.rails.len()];
        for p in &self.particles {
            let patches: f64 = p
                .patches
                .iter()
                .map(|q| q.share / (q.charge_transfer + q.layer_resistance))
                .sum();
            sum[p.depth] += p.volume * p.surface * patches;
        }
        sum
    }

    fn double_layer(&self, w: Complex64) -> Complex64 {
        self.ac.double_layer * w.powf(self.ac.phase_exponent)
    }

    /// Admittance of one particle per cell area, S/m2.
    fn particle_admittance(&self, particle: &ParticlePoint, w: Complex64) -> Complex64 {
        let response = self.surface_response(particle, w);
        let capacitive = self.double_layer(w);
        // Per patch: faradaic current a dE - b dx, total current A dE - B dx.
        let (mut a, mut b, mut total_a, mut total_b) = (
            Complex64::ZERO,
            Complex64::ZERO,
            Complex64::ZERO,
            Complex64::ZERO,
        );
        for patch in particle.patches.iter().filter(|p| p.share > 0.0) {
            let layer = if patch.layer_resistance > 0.0 {
                1.0 / (1.0 / patch.layer_resistance + w * patch.layer_capacitance)
            } else {
                Complex64::ZERO
            };
            let transfer = 1.0 / patch.charge_transfer;
            let across = 1.0 / (1.0 + layer * (capacitive + transfer));
            let pull = patch.coupling * transfer;
            a += patch.share * transfer * across;
            b += patch.share * pull * (1.0 - layer * transfer * across);
            total_a += patch.share * (capacitive + transfer) * across;
            total_b += patch.share * pull * across;
        }
        let feedback = response * particle.surface;
        let stoichiometry = -feedback * a / (1.0 - feedback * b);
        particle.volume * particle.surface * (total_a - total_b * stoichiometry)
    }

    /// Fall of the surface stoichiometry per current per active volume, m3/A. In
    /// y = D dx each shell is a line of resistance and storage; its end admittance
    /// follows from that of the shell below, exactly at every frequency, so that the
    /// shells need not resolve the thin diffusion layer of fast signals.
    fn surface_response(&self, particle: &ParticlePoint, w: Complex64) -> Complex64 {
        let mut admittance = Complex64::ZERO;
        for (resistance, storage) in particle.resistance.iter().zip(&particle.storage) {
            let theta = (w * storage * resistance).sqrt();
            let own = theta / resistance;
            let decay = (-2.0 * theta).exp();
            let tanh = (1.0 - decay) / (1.0 + decay);
            admittance = own * (admittance + own * tanh) / (own + admittance * tanh);
        }
        self.per_charge / (particle.surface_diffusivity * admittance)
    }

    fn electrolyte_impedance(&self, w: Complex64) -> Complex64 {
        let (share, capacitance) = self.ac.grain_boundary;
        let boundaries = share * self.electrolyte;
        self.electrolyte - boundaries + boundaries / (1.0 + w * boundaries * capacitance)
    }
}

/// Resistances of the shells from those between their centres (1/`faces`; the last to
/// the surface), each shared out by the two half widths. `depth` of the outer faces, m.
fn shell_resistances(depth: &[f64], faces: &[f64]) -> Vec<f64> {
    let count = faces.len();
    // The core's width is not needed exactly: nothing lies inside it.
    let width = |j: usize| {
        let outside = if j > 0 {
            depth[j - 1]
        } else {
            2.0 * depth[0] - depth[1]
        };
        outside - depth[j]
    };
    let mut resistance = vec![0.0; count];
    for j in 0..count - 1 {
        let own = width(j) / (width(j) + width(j + 1)) / faces[j];
        resistance[j] += own;
        resistance[j + 1] += 1.0 / faces[j] - own;
    }
    resistance[count - 1] += 1.0 / faces[count - 1];
    resistance
}

impl AnodePoint {
    fn new(model: &Electrode, state: &State) -> Self {
        let anode = &model.anode;
        let thermal = model.thermal_voltage();
        let half = state.scalar(Field::Current) / (2.0 * anode.exchange);
        let slope = anode
            .open_circuit
            .derivative(state.scalar(Field::AnodeLithiation));
        Self {
            kinetic: thermal / (anode.exchange * (half * half + 1.0).sqrt()),
            capacitance: anode.double_layer,
            storage: -slope / anode.capacity,
        }
    }

    fn impedance(&self, w: Complex64) -> Complex64 {
        self.kinetic / (1.0 + w * self.kinetic * self.capacitance) + self.storage / w
    }
}

fn patch_points(
    model: &Electrode,
    ac: &AlternatingCurrent,
    state: &State,
    m: usize,
    patches: &Patches,
    stoichiometry: f64,
) -> [PatchPoint; 2] {
    let thermal = model.thermal_voltage();
    let slope = model.oxide.open_circuit.derivative(stoichiometry);
    let (exchange, exchange_slope) = model.oxide.exchange.evaluate(stoichiometry);
    let currents = [state[Field::CurrentBare][m], state[Field::CurrentCoated][m]];
    let [bare, coated] = ageing::layers(state, m);
    let thickness = [bare + state[Field::Polysulfide][m], coated];
    std::array::from_fn(|patch| {
        let half = currents[patch] / (2.0 * exchange);
        let root = (half * half + 1.0).sqrt();
        let grown = ac.layer_permittivity / thickness[patch].max(f64::MIN_POSITIVE);
        let layer_capacitance = if patch == 0 {
            grown
        } else {
            // Grown layers and film in series.
            1.0 / (1.0 / grown + 1.0 / model.coating.capacitance)
        };
        PatchPoint {
            share: patches.share[patch],
            charge_transfer: thermal / (exchange * root),
            coupling: slope - 2.0 * thermal * half / root * exchange_slope / exchange,
            layer_resistance: patches.resistance[patch],
            layer_capacitance,
        }
    })
}

/// Frequencies from `highest` down to `lowest` (Hz), `per_decade` to a decade, evenly
/// spaced in the logarithm, both ends included.
pub fn frequencies(highest: f64, lowest: f64, per_decade: usize) -> Vec<f64> {
    let decades = (highest / lowest).log10();
    let intervals = (decades * per_decade as f64).round().max(1.0) as usize;
    (0..=intervals)
        .map(|i| highest * 10f64.powf(-decades * i as f64 / intervals as f64))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frequencies_include_both_ends() {
        let list = frequencies(1e6, 1e-4, 10);
        assert_eq!(list.len(), 101);
        assert!((list[0] - 1e6).abs() < 1e-9);
        assert!((list[100] / 1e-4 - 1.0).abs() < 1e-12);
        assert!((list[10] / 1e5 - 1.0).abs() < 1e-12);
    }
}
