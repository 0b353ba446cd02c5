//! A cell put together: scenario, structure and effective transport become the
//! numbers that the solver reads. Everything here is constant during a run.

use super::equilibrium::{EDGE, OpenCircuit};
use super::film::coating_layer;
use super::geometry::Shells;
use super::properties::OxideProperties;
use super::state::{Field, State};
use crate::annealing::Annealed;
use crate::constants::{FARADAY, GAS_CONSTANT, arrhenius};
use crate::degradation::elements::{Fates, escaping_share};
use crate::degradation::{
    Carbonate, CoatingInterphase, CoatingSulfide, CoatingWear, ConductionLoss, ContactLoss,
    ContactReaction, Cracking, Disconnection, Oxidation, OxygenReaction,
};
use crate::materials::{ActiveMaterial, Anode, Electrolyte};
use crate::microstructure::MicrostructureStatistics;
use crate::numerics::interpolate::{MonotoneCubic, TableError};
use crate::scenario::{Coating, Scenario};
use crate::transport::EffectiveTransport;

/// Why a cell cannot be put together.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ModelError {
    /// A table of a material is unusable.
    #[error("{name}: {source}")]
    Table {
        /// Which table.
        name: String,
        /// What is wrong.
        source: TableError,
    },
}

/// A cell as the solver reads it.
#[derive(Debug, Clone)]
pub struct Electrode {
    /// Finite volumes through the thickness, from separator to collector.
    pub depths: usize,
    /// Size classes at every depth.
    pub classes: usize,
    /// Shells of a particle.
    pub shells: usize,
    /// K.
    pub temperature: f64,
    /// Thickness of one finite volume, m.
    pub width: f64,
    /// The oxide.
    pub oxide: OxideProperties,
    /// Lithium content of the fresh oxide.
    pub initial_stoichiometry: f64,
    /// Shells of each size class.
    pub geometry: Vec<Shells>,
    /// Active volume of each size class at one depth per cell area, m.
    pub class_volume: Vec<f64>,
    /// Surface in contact with electrolyte per active volume, fresh, per class, 1/m.
    pub surface: Vec<f64>,
    /// Effective ionic conductivity, fresh, S/m. One number: generated structures are the same
    /// at every depth but for chance. What makes depths differ, lithium content and
    /// ageing, acts on each of them (`thickness::Ladder::set`).
    pub ionic_conductivity: f64,
    /// Carbon surface per cell area at one depth.
    pub carbon_surface: f64,
    /// Surface carbonate per active volume, fresh, mol/m3.
    pub carbonate: f64,
    /// Layer on covered surface.
    pub coating: CoatingLayerModel,
    /// Connected share of the active mass at the start.
    pub connected_fraction: f64,
    /// Separator, ohm m2.
    pub separator_resistance: f64,
    /// Counter electrode.
    pub anode: AnodeModel,
    /// Current density of 1C, A/m2.
    pub one_c: f64,
    /// Conductivities of the layers that grow, S/m: polysulfide, oxygenated, rock salt.
    pub interphase: [f64; 3],
    /// Volume of oxygenated products grown per mole of lattice oxygen, m3/mol, for
    /// scavenged oxygen and for oxygen from the contact reaction.
    pub product_volume: [f64; 2],
    /// Mechanisms; `None` where switched off.
    pub ageing: Ageing,
    electronic: MonotoneCubic,
}

/// The degradation mechanisms of a cell.
#[derive(Debug, Clone)]
pub struct Ageing {
    /// Electrochemical oxidation of the electrolyte.
    pub oxidation: Option<Oxidation>,
    /// Oxygen-driven reaction.
    pub oxygen: Option<OxygenReaction>,
    /// Reaction by contact.
    pub contact_reaction: Option<ContactReaction>,
    /// Gas from carbonate.
    pub carbonate: Option<Carbonate>,
    /// Sulfide left in the coating.
    pub coating_sulfide: Option<CoatingSulfide>,
    /// Contact loss.
    pub contact_loss: Option<ContactLoss>,
    /// Cracking.
    pub cracking: Option<Cracking>,
    /// Loss of connected mass.
    pub disconnection: Option<Disconnection>,
    /// Loss of ionic paths.
    pub conduction_loss: Option<ConductionLoss>,
    /// Wear of the coating.
    pub wear: Option<CoatingWear>,
    /// Growth of the step between coating and electrolyte.
    pub coating_interphase: Option<CoatingInterphase>,
}

/// A coating as the interface sees it.
#[derive(Debug, Clone, Copy)]
pub struct CoatingLayerModel {
    /// Share of the surface covered at the start.
    pub coverage: f64,
    /// Area-specific resistance of the layer, ohm m2.
    pub resistance: f64,
    /// Capacitance of the layer, F/m2.
    pub capacitance: f64,
    /// Resistance of the step from the layer into the electrolyte, fresh, ohm m2.
    pub step: f64,
    /// Share of the oxygen-driven rate that passes.
    pub leak: f64,
    /// Share of the oxygen-driven and of the contact reaction left on uncovered surface by
    /// what coagulation left there: oxygen has to pass it in both.
    pub bare_leak: f64,
    /// Contact reaction of the outermost layer, against bare oxide.
    pub contact_reactivity: f64,
}

/// A lumped counter electrode.
#[derive(Debug, Clone)]
pub struct AnodeModel {
    /// V vs Li+/Li over lithiation.
    pub open_circuit: OpenCircuit,
    /// A/m2 of cell area.
    pub exchange: f64,
    /// ohm m2.
    pub ohmic: f64,
    /// F/m2 of cell area.
    pub double_layer: f64,
    /// C/m2 for the full range of lithiation.
    pub capacity: f64,
    /// Lithiation in the fresh cell.
    pub initial_lithiation: f64,
}

impl Electrode {
    /// Puts a cell together.
    ///
    /// # Errors
    /// [`ModelError`] if a table of a material is unusable.
    pub fn new(
        scenario: &Scenario,
        structure: &MicrostructureStatistics,
        transport: &EffectiveTransport,
    ) -> Result<Self, ModelError> {
        let table = |name: &str| {
            let name = name.to_string();
            move |source| ModelError::Table { name, source }
        };
        let (cathode, cell, numerics) = (&scenario.cathode, &scenario.cell, &scenario.numerics);
        let (oxide, temperature) = (&cathode.active_material, cell.temperature);
        let depths = numerics.depths;
        let active_volume = cathode.areal_loading / oxide.density;
        let classes = &structure.size_classes;
        let per_mass = cathode.mass_fractions.active_material;
        let carbon_mass = cathode.areal_loading * cathode.mass_fractions.carbon / per_mass;
        let carbon_bet = cathode.carbon.as_ref().map_or(0.0, |c| c.specific_surface);
        let film = coating_layer(scenario.coating.as_ref(), scenario, temperature);
        let layers = &scenario.laws.interphase;
        let warm = arrhenius(layers.activation_energy, temperature);
        let electronic: Vec<(f64, f64)> = transport
            .electronic
            .iter()
            .map(|p| (p.0.ln(), p.1.ln()))
            .collect();
        Ok(Self {
            depths,
            classes: classes.len(),
            shells: numerics.shells,
            temperature,
            width: structure.thickness / depths as f64,
            oxide: OxideProperties::new(
                &in_cell(oxide, scenario),
                cathode.particle_kind,
                temperature,
            )
            .map_err(table(&oxide.name))?,
            initial_stoichiometry: oxide.initial_stoichiometry,
            geometry: classes
                .iter()
                .map(|c| Shells::sphere(c.radius, numerics.shells))
                .collect(),
            class_volume: classes
                .iter()
                .map(|c| active_volume * c.volume_share / depths as f64)
                .collect(),
            surface: class_surfaces(scenario, structure),
            ionic_conductivity: pellet_conductivity(&cathode.electrolyte, temperature)
                * transport.ionic_factor,
            carbon_surface: carbon_mass * carbon_bet / depths as f64,
            carbonate: scenario.laws.gas.carbonate * oxide.density * native_film_left(scenario),
            coating: film,
            connected_fraction: connected_fraction(scenario, structure),
            separator_resistance: cell.separator_resistance.unwrap_or_else(|| {
                cell.separator_thickness / pellet_conductivity(&cell.separator, temperature)
            }),
            anode: AnodeModel::new(&cell.anode, &cell.separator, temperature)
                .map_err(table(&cell.anode.name))?,
            one_c: cell.one_c * cathode.areal_loading,
            interphase: [layers.polysulfide, layers.oxygenated, layers.rock_salt].map(|s| s * warm),
            product_volume: [
                scenario.laws.oxygen.product_molar_volume_per_oxygen
                    * Fates::new(&scenario.laws, escaping_share(scenario.coating.as_ref()))
                        .scavenged(),
                scenario.laws.oxygen.product_molar_volume_per_oxygen,
            ],
            ageing: Ageing::new(scenario, structure),
            electronic: MonotoneCubic::new(&electronic).map_err(table("electronic transport"))?,
        })
    }

    /// The same cell with everything that has aged staying as it is: nothing grows, nothing
    /// wears, no side reaction takes current. The ionic paths lost count if
    /// `conduction_loss`.
    pub fn arrested(&self, conduction_loss: bool) -> Self {
        Self {
            ageing: self.ageing.arrested(conduction_loss),
            ..self.clone()
        }
    }

    /// Number of particles that are followed: depths times size classes.
    pub fn particles(&self) -> usize {
        self.depths * self.classes
    }

    /// Depth of a particle.
    #[inline]
    pub fn depth_of(&self, particle: usize) -> usize {
        particle / self.classes
    }

    /// Size class of a particle.
    #[inline]
    pub fn class_of(&self, particle: usize) -> usize {
        particle % self.classes
    }

    /// RT/F, V.
    pub fn thermal_voltage(&self) -> f64 {
        GAS_CONSTANT * self.temperature / FARADAY
    }

    /// Effective electronic conductivity (S/m) where the oxide conducts `oxide` (S/m).
    pub fn electronic_conductivity(&self, oxide: f64) -> f64 {
        self.electronic.value(oxide.ln()).exp()
    }

    /// Active volume per cell area of one particle's class at its depth, m.
    #[inline]
    pub fn volume_of(&self, particle: usize) -> f64 {
        self.class_volume[self.class_of(particle)]
    }

    /// Lithium sites of the whole cathode, mol/m2 of cell.
    pub fn sites(&self) -> f64 {
        self.class_volume.iter().sum::<f64>() * self.depths as f64 * self.oxide.sites
    }

    /// Mean lithium content of one particle.
    pub fn mean_stoichiometry(&self, shells: &[f64], particle: usize) -> f64 {
        let count = self.particles();
        let volume = &self.geometry[self.class_of(particle)].volume;
        volume
            .iter()
            .enumerate()
            .map(|(j, v)| v * shells[j * count + particle])
            .sum()
    }

    /// Lithium content of the outermost shell of `particle`.
    pub fn outermost(&self, shells: &[f64], particle: usize) -> f64 {
        shells[(self.shells - 1) * self.particles() + particle]
    }

    /// Lithium in the cathode, connected and not, mol/m2 of cell.
    pub fn cathode_lithium(&self, state: &State) -> f64 {
        let connected = &state[Field::Connected];
        let active: f64 = (0..self.particles())
            .map(|m| {
                self.volume_of(m) * connected[m] * self.mean_stoichiometry(&state[Field::Shells], m)
            })
            .sum();
        active * self.oxide.sites + state.scalar(Field::IsolatedLithium)
    }

    /// Surface carbonate left, on connected material and not, mol/m2 of cell.
    pub fn carbonate_left(&self, state: &State) -> f64 {
        let (connected, left) = (&state[Field::Connected], &state[Field::Carbonate]);
        let active: f64 = (0..self.particles())
            .map(|m| self.volume_of(m) * connected[m] * left[m])
            .sum();
        active * self.carbonate + state.scalar(Field::IsolatedCarbonate)
    }

    /// Lithium in the anode, mol/m2 of cell.
    pub fn anode_lithium(&self, state: &State) -> f64 {
        state.scalar(Field::AnodeLithiation) * self.anode.capacity / FARADAY
    }

    /// Lithium given to the cell by side reactions, mol/m2 of cell.
    pub fn side_lithium(&self, state: &State) -> f64 {
        use Field::{SideActive, SideCarbon, SideCarbonate, SideCoating, SideCollector};
        [
            SideActive,
            SideCarbon,
            SideCollector,
            SideCarbonate,
            SideCoating,
        ]
        .iter()
        .map(|f| state.scalar(*f))
        .sum::<f64>()
            / FARADAY
    }

    /// The fresh cell.
    pub fn initial_state(&self) -> State {
        let mut state = State::zeros(self.depths, self.particles(), self.shells);
        // No crystal is without a vacancy or an ion.
        let inside = |x: f64| x.clamp(EDGE, 1.0 - EDGE);
        let x = inside(self.initial_stoichiometry);
        state[Field::Shells].fill(x);
        state[Field::Connected].fill(self.connected_fraction);
        state[Field::Coverage].fill(self.coating.coverage);
        state[Field::CoatingSulfide].fill(1.0);
        state[Field::Carbonate].fill(1.0);
        let potential = self.oxide.open_circuit.value(x);
        state[Field::Potential].fill(potential);
        let lithiation = inside(self.anode.initial_lithiation);
        state.set(Field::AnodeLithiation, lithiation);
        state.set(
            Field::Voltage,
            potential - self.anode.open_circuit.value(lithiation),
        );
        state.set(
            Field::IsolatedLithium,
            (1.0 - self.connected_fraction) * self.sites() * x,
        );
        let active_volume = self.class_volume.iter().sum::<f64>() * self.depths as f64;
        state.set(
            Field::IsolatedCarbonate,
            (1.0 - self.connected_fraction) * active_volume * self.carbonate,
        );
        state
    }
}

impl Ageing {
    fn new(scenario: &Scenario, structure: &MicrostructureStatistics) -> Self {
        let (laws, on) = (&scenario.laws, &scenario.mechanisms);
        let (temperature, kind) = (scenario.cell.temperature, scenario.cathode.particle_kind);
        let coating = scenario.coating.as_ref();
        let cushion = coating.map_or(1.0, cushioning);
        let stiffest = coating.map_or(0.0, |c| {
            let moduli = c.layers.iter().map(|l| l.material.youngs_modulus);
            moduli.fold(0.0, f64::max)
        });
        let Some(molar_volume) = scenario.cathode.electrolyte.molar_volume() else {
            return Self::in_liquid(scenario, stiffest);
        };
        Self {
            oxidation: on
                .oxidation
                .then(|| Oxidation::new(&laws.oxidation, molar_volume, temperature)),
            oxygen: on
                .oxygen
                .then(|| OxygenReaction::new(&laws.oxygen, kind, temperature)),
            contact_reaction: on
                .contact_reaction
                .then(|| ContactReaction::new(&laws.contact_reaction, temperature)),
            carbonate: on.gas.then(|| Carbonate::new(&laws.gas, temperature)),
            coating_sulfide: coating
                .filter(|_| on.oxidation)
                .and_then(|coating| sulfide(coating, scenario, structure, molar_volume)),
            contact_loss: on.contact_loss.then(|| {
                let pressure = scenario.cell.stack_pressure;
                ContactLoss::new(&laws.contact_loss, kind, pressure, cushion)
            }),
            cracking: on.cracking.then(|| Cracking::new(&laws.cracking, kind)),
            disconnection: on
                .disconnection
                .then(|| Disconnection::new(&laws.disconnection, layers(structure))),
            conduction_loss: on
                .conduction_loss
                .then(|| ConductionLoss::new(&laws.conduction_loss)),
            wear: on
                .coating_wear
                .then(|| CoatingWear::new(&laws.wear, stiffest, temperature)),
            coating_interphase: coating
                .filter(|_| on.coating_wear)
                .and_then(|c| CoatingInterphase::new(&c.layers[0].material, temperature)),
        }
    }

    /// What is left of ageing in a liquid electrolyte: it follows every movement and fills
    /// every crack, so that no contact, path or particle is lost, and there is no sulfide
    /// to oxidise. How the liquid itself decomposes is not modelled.
    fn in_liquid(scenario: &Scenario, stiffest: f64) -> Self {
        let (laws, on) = (&scenario.laws, &scenario.mechanisms);
        let temperature = scenario.cell.temperature;
        Self {
            oxidation: None,
            oxygen: None,
            contact_reaction: None,
            carbonate: on.gas.then(|| Carbonate::new(&laws.gas, temperature)),
            coating_sulfide: None,
            contact_loss: None,
            cracking: None,
            disconnection: None,
            conduction_loss: None,
            wear: on
                .coating_wear
                .then(|| CoatingWear::new(&laws.wear, stiffest, temperature)),
            coating_interphase: None,
        }
    }
}

/// The sulfide that annealing left in the film of a coating, if there is some.
fn sulfide(
    coating: &Coating,
    scenario: &Scenario,
    structure: &MicrostructureStatistics,
    molar_volume: f64,
) -> Option<CoatingSulfide> {
    let annealed = coating.annealed.as_ref()?;
    let process = &annealed.recipe.process;
    let share = annealed.sulfide_share();
    let in_film = (1.0 - process.lump_share) * annealed.outcome.oxidisable_charge;
    (in_film > 0.0 && share * coating.coverage > 0.0).then(|| {
        CoatingSulfide::new(
            &scenario.laws.oxidation,
            process.sulfide_onset,
            molar_volume,
            (
                in_film / (share * coating.coverage * scenario.cathode.specific_surface),
                share,
                coating.coverage * mean_surface(scenario, structure),
            ),
            scenario.cell.temperature,
        )
    })
}

impl Ageing {
    fn arrested(&self, conduction_loss: bool) -> Self {
        Self {
            oxidation: None,
            oxygen: None,
            contact_reaction: None,
            carbonate: None,
            coating_sulfide: None,
            contact_loss: self.contact_loss.map(ContactLoss::arrested),
            cracking: self.cracking.map(Cracking::arrested),
            disconnection: None,
            conduction_loss: self.conduction_loss.filter(|_| conduction_loss),
            wear: None,
            coating_interphase: None,
        }
    }
}

impl AnodeModel {
    fn new(anode: &Anode, electrolyte: &Electrolyte, temperature: f64) -> Result<Self, TableError> {
        let thermal = GAS_CONSTANT * temperature / FARADAY;
        Ok(Self {
            open_circuit: OpenCircuit::new(&anode.open_circuit_potential, thermal)?,
            exchange: thermal / anode.charge_transfer_resistance
                * arrhenius(anode.activation_energy, temperature),
            ohmic: anode.ohmic_resistance / arrhenius(electrolyte.activation_energy, temperature),
            double_layer: anode.double_layer,
            capacity: anode.capacity,
            initial_lithiation: anode.initial_lithiation,
        })
    }
}

/// The oxide with its kinetics against this electrolyte, and with what annealing left of
/// its native film.
fn in_cell(oxide: &ActiveMaterial, scenario: &Scenario) -> ActiveMaterial {
    let mut oxide = oxide.clone();
    oxide.charge_transfer.resistance = charge_transfer(scenario);
    oxide
}

/// Smallest charge-transfer resistance over x at 25 degC as the powder is, ohm m2.
pub(super) fn charge_transfer(scenario: &Scenario) -> f64 {
    let cathode = &scenario.cathode;
    let law = &cathode.active_material.charge_transfer;
    let cleaned = 1.0 - native_film_left(scenario);
    law.resistance * (1.0 - law.native_film * cleaned)
        / cathode.electrolyte.charge_transfer_factor()
}

/// Share of the oxide's native film (residual LiOH and Li2CO3) that making the coating
/// left, 0..1.
fn native_film_left(scenario: &Scenario) -> f64 {
    let annealed = scenario.coating.as_ref().and_then(|c| c.annealed.as_ref());
    annealed.map_or(1.0, Annealed::native_film_left)
}

/// Ionic conductivity of a cold-pressed pellet or a free liquid, S/m.
fn pellet_conductivity(electrolyte: &Electrolyte, temperature: f64) -> f64 {
    electrolyte.ionic_conductivity * arrhenius(electrolyte.activation_energy, temperature)
}

/// Contact surface per active volume and class: the powder's BET surface, shared
/// out as 1/radius, times the share that faces electrolyte in the structure, times
/// the share of that which truly touches (pressing).
fn class_surfaces(scenario: &Scenario, structure: &MicrostructureStatistics) -> Vec<f64> {
    let mean = mean_surface(scenario, structure);
    let classes = &structure.size_classes;
    let norm: f64 = classes.iter().map(|c| c.volume_share / c.radius).sum();
    classes.iter().map(|c| mean / (c.radius * norm)).collect()
}

/// Contact surface per active volume, mean over the classes by volume, 1/m.
fn mean_surface(scenario: &Scenario, structure: &MicrostructureStatistics) -> f64 {
    let cathode = &scenario.cathode;
    cathode.specific_surface
        * cathode.active_material.density
        * cathode.contact_fraction
        * structure.surface_to_electrolyte
}

/// Coating substance outside the film, percent of the active mass.
fn excess_percent(coating: &Coating) -> f64 {
    100.0 * coating.excess_ratio
}

/// Factor on mechanical contact loss: layers weighted by thickness; substance
/// outside the film stiffens what the film softens.
fn cushioning(coating: &Coating) -> f64 {
    let total: f64 = coating.layers.iter().map(|l| l.thickness).sum();
    let film: f64 = coating
        .layers
        .iter()
        .map(|l| l.material.cushioning * l.thickness / total)
        .sum();
    film * (1.0 + coating.layers[0].material.excess_cushioning_penalty * excess_percent(coating))
}

/// Thickness of the cathode in particles.
fn layers(structure: &MicrostructureStatistics) -> f64 {
    let diameters = structure.size_classes.iter();
    let diameter: f64 = diameters.map(|c| 2.0 * c.radius * c.volume_share).sum();
    structure.thickness / diameter
}

fn connected_fraction(scenario: &Scenario, structure: &MicrostructureStatistics) -> f64 {
    let stated = scenario.cathode.connected_fraction;
    let Some(coating) = &scenario.coating else {
        return stated;
    };
    // Carbon touches a particle at many spots, and so where the film leaves some bare.
    let network = match scenario.cathode.carbon {
        Some(_) => stated,
        None => Disconnection::new(&scenario.laws.disconnection, layers(structure))
            .coated(stated, coating.coverage),
    };
    let excess = coating.layers[0].material.excess_disconnection * excess_percent(coating);
    network * (1.0 - excess).max(0.0)
}
