//! A cell as a porous electrode of equal spheres against a lumped film.

use super::BpxError;
use super::table::{Table, sampled};
use crate::constants::{FARADAY, GAS_CONSTANT, arrhenius};
use crate::electrode::ageing::patches;
use crate::electrode::equilibrium::EDGE;
use crate::electrode::model::CoatingLayerModel;
use crate::electrode::{Electrode, State};
use crate::microstructure::{MicrostructureStatistics, Phase};
use crate::scenario::{Block, Control, Cutoff, Scenario, Step};
use crate::transport::EffectiveTransport;

/// Volume fraction of electrolyte in a dense separator. All of it, but PyBaMM divides by
/// the logarithm; with a concentration that stays the same the number has no effect.
pub const DENSE: f64 = 0.999;
/// Thickness of the film that stands for the anode, m: so thin that ions meet no
/// resistance in it.
pub const FILM: f64 = 1e-6;
/// Share of that film that is electrolyte, and that is grains.
pub const HALF: f64 = 0.5;
/// Radius of the film's grains, m, and diffusivity in them, m2/s: no gradients (1 ms).
pub const GRAIN: f64 = 1e-7;
/// See [`GRAIN`].
pub const FAST: f64 = 1e-11;
/// Electronic conductivity of the film, S/m: that of a metal.
pub const METALLIC: f64 = 1e6;

/// Points of a mean over the window.
const POINTS: usize = 400;
/// Error of a potential between the points of a table, V.
const POTENTIAL: f64 = 1e-4;
/// Relative error of a diffusivity there.
const DIFFUSIVITY: f64 = 5e-3;
/// Half the range of temperature over which an activation energy is taken, K.
const WARMING: f64 = 5.0;

/// Voltages against the anode at which charge and discharge end, V; `None` for those of
/// the protocol.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Window {
    /// End of discharge.
    pub lower: Option<f64>,
    /// End of charge.
    pub upper: Option<f64>,
}

/// The counter electrode as a film.
#[derive(Debug, Clone)]
pub struct Film {
    /// At the end of discharge and of charge.
    pub stoichiometry: [f64; 2],
    /// Sites in the grains, mol/m3.
    pub concentration: f64,
    /// V vs Li+/Li.
    pub open_circuit: Table,
    /// mol/(m2 s).
    pub rate_constant: f64,
    /// J/mol.
    pub activation_energy: f64,
    /// ohm m2.
    pub ohmic: f64,
}

/// A fresh cell, homogenised.
#[derive(Debug, Clone)]
pub struct Homogenised {
    /// V.
    pub lower: f64,
    /// V.
    pub upper: f64,
    /// m.
    pub thickness: f64,
    /// Volume fraction of electrolyte.
    pub porosity: f64,
    /// Effective over pellet ionic conductivity.
    pub ionic_efficiency: f64,
    /// S/m, at the temperature of the cell.
    pub pellet_conductivity: f64,
    /// Effective, S/m.
    pub electronic_conductivity: f64,
    /// Of the oxide at the end of charge and of discharge.
    pub stoichiometry: [f64; 2],
    /// mol/m3.
    pub sites: f64,
    /// m.
    pub radius: f64,
    /// Surface of the connected spheres per volume of electrode, 1/m.
    pub surface: f64,
    /// Contact surface of connected spheres per volume of electrode, 1/m.
    pub contact_surface: f64,
    /// Connected share of the active mass.
    pub connected: f64,
    /// m2/s.
    pub diffusivity: Table,
    /// J/mol.
    pub diffusion_energy: f64,
    /// V vs Li+/Li.
    pub open_circuit: Table,
    /// mol/(m2 s).
    pub rate_constant: f64,
    /// J/mol.
    pub reaction_energy: f64,
    /// Separator alone, ohm m2.
    pub separator_resistance: f64,
    /// Conductance of separator and anode's ohmic resistance over that of as thick a layer
    /// of the cathode's electrolyte.
    pub separator_efficiency: f64,
    /// The coating's layer.
    pub coating: CoatingLayerModel,
    /// The anode.
    pub anode: Film,
    /// K.
    temperature: f64,
    /// Connected active volume per cell area, m.
    active: f64,
}

impl Homogenised {
    pub fn new(
        scenario: &Scenario,
        structure: &MicrostructureStatistics,
        transport: &EffectiveTransport,
        window: Window,
    ) -> Result<Self, BpxError> {
        let model = Electrode::new(scenario, structure, transport)?;
        let (lower, upper) = window.of(scenario)?;
        let stoichiometry = [upper, lower].map(|voltage| at_rest(&model, voltage));
        // At rest a cell takes up and gives off at least a thousandth of its sites.
        if stoichiometry[1] - stoichiometry[0] < 1e-3 {
            return Err(BpxError::NoCapacity { lower, upper });
        }
        let volume: f64 = model.class_volume.iter().sum::<f64>() * model.depths as f64;
        let active = volume * model.connected_fraction;
        let radius = 1.0 / mean_over_classes(&model, |class| 1.0 / model.geometry[class].radius);
        let contact = mean_over_classes(&model, |class| model.surface[class]);
        let oxide = &scenario.cathode.active_material;
        let electrolyte = &scenario.cathode.electrolyte;
        let pellet_conductivity = electrolyte.ionic_conductivity
            * arrhenius(electrolyte.activation_energy, model.temperature);
        let separator = model.separator_resistance + model.anode.ohmic;
        let resistivity =
            |x: f64| 1.0 / model.electronic_conductivity(model.oxide.electronic_conductivity(x));
        Ok(Self {
            lower,
            upper,
            thickness: structure.thickness,
            porosity: structure.fractions[Phase::Electrolyte as usize],
            ionic_efficiency: model.ionic_conductivity / pellet_conductivity,
            pellet_conductivity,
            electronic_conductivity: 1.0 / mean(stoichiometry, resistivity),
            stoichiometry,
            sites: model.oxide.sites,
            radius,
            surface: 3.0 * active / (structure.thickness * radius),
            contact_surface: contact * active / structure.thickness,
            connected: model.connected_fraction,
            diffusivity: sampled(|x| model.oxide.diffusivity(x), |d| DIFFUSIVITY * d),
            diffusion_energy: oxide.diffusivity.activation_energy,
            open_circuit: sampled(|x| model.oxide.open_circuit.value(x), |_| POTENTIAL),
            rate_constant: rate_constant(&model, stoichiometry, radius),
            reaction_energy: reaction_energy(scenario, structure, transport, stoichiometry)?,
            separator_resistance: model.separator_resistance,
            separator_efficiency: scenario.cell.separator_thickness
                / (pellet_conductivity * separator),
            coating: model.coating,
            anode: Film::new(scenario, &model, stoichiometry),
            temperature: model.temperature,
            active,
        })
    }

    /// Charge that the cell gives at rest between its voltages, C/m2.
    pub fn charge(&self) -> f64 {
        let [low, high] = self.stoichiometry;
        FARADAY * self.sites * self.active * (high - low)
    }

    /// Diffusivity (m2/s) of ions at `concentration` (mol/m3) that conduct as the pellet
    /// does, by the Nernst-Einstein relation.
    pub fn einstein_diffusivity(&self, concentration: f64) -> f64 {
        self.pellet_conductivity * GAS_CONSTANT * self.temperature
            / (FARADAY * FARADAY * concentration)
    }
}

impl Film {
    fn new(scenario: &Scenario, model: &Electrode, cathode: [f64; 2]) -> Self {
        let anode = &model.anode;
        let [charged, discharged] = cathode.map(|x| lithiation(model, x));
        let stoichiometry = [discharged, charged];
        let grains = 3.0 * HALF / GRAIN * FILM;
        // The anode's exchange current does not depend on its lithiation.
        let shape = geometric_mean(stoichiometry, |y| 1.0 / (y * (1.0 - y)).sqrt());
        Self {
            stoichiometry,
            concentration: anode.capacity / (FARADAY * HALF * FILM),
            open_circuit: sampled(|y| anode.open_circuit.value(y), |_| POTENTIAL),
            rate_constant: anode.exchange * shape / (FARADAY * grains),
            activation_energy: scenario.cell.anode.activation_energy,
            ohmic: anode.ohmic,
        }
    }
}

impl Window {
    /// Lower and upper voltage, V.
    fn of(self, scenario: &Scenario) -> Result<(f64, f64), BpxError> {
        let steps = || scenario.protocol.iter().flat_map(all_steps);
        let below = steps()
            .flat_map(|step| ends(step, false))
            .min_by(f64::total_cmp);
        let above = steps()
            .flat_map(|step| ends(step, true))
            .max_by(f64::total_cmp);
        let lower = self.lower.or(below).ok_or(BpxError::NoLimit("discharge"))?;
        let upper = self.upper.or(above).ok_or(BpxError::NoLimit("charge"))?;
        if upper <= lower {
            return Err(BpxError::UpsideDown { lower, upper });
        }
        Ok((lower, upper))
    }
}

/// The steps of a block and of the blocks in it.
fn all_steps(block: &Block) -> Vec<&Step> {
    let inner = block.blocks.iter().flat_map(all_steps);
    block.steps.iter().chain(inner).collect()
}

/// Voltages at which a step ends while they rise (or fall), V.
fn ends(step: &Step, rising: bool) -> Vec<f64> {
    let until = step.until.iter().filter_map(|cutoff| match cutoff {
        Cutoff::VoltageAbove(voltage) if rising => Some(*voltage),
        Cutoff::VoltageBelow(voltage) if !rising => Some(*voltage),
        _ => None,
    });
    let sweep = match step.control {
        Control::Sweep { to, .. } => Some(to),
        _ => None,
    };
    until.chain(sweep).collect()
}

/// Lithiation of the anode where the connected oxide has the content `x`.
fn lithiation(model: &Electrode, x: f64) -> f64 {
    let moved = model.sites() * model.connected_fraction * (model.initial_stoichiometry - x);
    let y = model.anode.initial_lithiation + moved * FARADAY / model.anode.capacity;
    y.clamp(EDGE, 1.0 - EDGE)
}

/// Content of the oxide at which the fresh cell rests at `voltage`: between empty and full
/// the voltage falls with every ion taken up.
fn at_rest(model: &Electrode, voltage: f64) -> f64 {
    let rest = |x: f64| {
        model.oxide.open_circuit.value(x) - model.anode.open_circuit.value(lithiation(model, x))
    };
    let (mut low, mut high) = (EDGE, 1.0 - EDGE);
    while high - low > 1e-12 {
        let middle = 0.5 * (low + high);
        if rest(middle) > voltage {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

/// Mean over the size classes by volume.
fn mean_over_classes(model: &Electrode, value: impl Fn(usize) -> f64) -> f64 {
    let total: f64 = model.class_volume.iter().sum();
    let shares = model.class_volume.iter().map(|volume| volume / total);
    shares
        .enumerate()
        .map(|(class, share)| share * value(class))
        .sum()
}

/// Mean over a range of contents.
fn mean([low, high]: [f64; 2], value: impl Fn(f64) -> f64) -> f64 {
    let at = |i: usize| low + (high - low) * (i as f64 + 0.5) / POINTS as f64;
    (0..POINTS).map(|i| value(at(i))).sum::<f64>() / POINTS as f64
}

fn geometric_mean(range: [f64; 2], value: impl Fn(f64) -> f64) -> f64 {
    mean(range, |x| value(x).ln()).exp()
}

/// Rate constant with which spheres of `radius` conduct over their whole surface, at
/// equilibrium, what the patches of the fresh cell conduct: mol/(m2 s).
fn rate_constant(model: &Electrode, stoichiometry: [f64; 2], radius: f64) -> f64 {
    let fresh = model.initial_state();
    let exchange = geometric_mean(stoichiometry, |x| {
        let conductance = conductance(model, &fresh, x);
        model.thermal_voltage() * conductance * radius / (3.0 * (x * (1.0 - x)).sqrt())
    });
    exchange / FARADAY
}

/// Conductance of the fresh interface at equilibrium per active volume, S/m3.
fn conductance(model: &Electrode, fresh: &State, x: f64) -> f64 {
    let transfer = model.thermal_voltage() / model.oxide.exchange.value(x);
    // All depths are alike: the particles of the first one are the classes.
    mean_over_classes(model, |class| {
        let interface = patches(model, fresh, class, 0.0);
        let of = |patch: usize| interface.share[patch] / (interface.resistance[patch] + transfer);
        interface.surface * (of(0) + of(1))
    })
}

/// How the rate constant depends on the temperature, J/mol.
fn reaction_energy(
    scenario: &Scenario,
    structure: &MicrostructureStatistics,
    transport: &EffectiveTransport,
    stoichiometry: [f64; 2],
) -> Result<f64, BpxError> {
    let at = |temperature: f64| -> Result<f64, BpxError> {
        let mut other = scenario.clone();
        other.cell.temperature = temperature;
        let model = Electrode::new(&other, structure, transport)?;
        Ok(rate_constant(&model, stoichiometry, 1.0).ln())
    };
    let (cold, warm) = (
        scenario.cell.temperature - WARMING,
        scenario.cell.temperature + WARMING,
    );
    Ok(GAS_CONSTANT * (at(warm)? - at(cold)?) / (1.0 / cold - 1.0 / warm))
}
