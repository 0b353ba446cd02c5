//! What a substance is, as the rest of the house reads it: plain SI numbers.
//!
//! The values live in `materials/data/*.toml`, each with unit and source; the
//! loader turns them into these structs and a scenario may override any of them.

use serde::{Deserialize, Serialize};

/// A layered oxide LixMO2. `x` is its lithium content (1 = fully lithiated).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ActiveMaterial {
    /// Name as written in scenarios, e.g. `NCM83`.
    pub name: String,
    /// Molar mass of LiMO2, kg/mol.
    pub molar_mass: f64,
    /// Crystal density, kg/m3.
    pub density: f64,
    /// Open-circuit potential against Li+/Li over x: pairs (x, V), x rising.
    pub open_circuit_potential: Vec<(f64, f64)>,
    /// Lithium content of the powder as it goes into the cell.
    pub initial_stoichiometry: f64,
    /// Chemical diffusion of lithium.
    pub diffusivity: SolidDiffusivity,
    /// Charge transfer against the solid electrolyte.
    pub charge_transfer: ChargeTransfer,
    /// Electronic conductivity over lithium content.
    pub electronic_conductivity: ElectronicConductivity,
    /// Relative change of the unit-cell volume over x: pairs (x, dV/V), x rising; 0 at x = 1.
    pub volume_change: Vec<(f64, f64)>,
}

impl ActiveMaterial {
    /// Lithium sites per volume, mol/m3.
    pub fn maximum_concentration(&self) -> f64 {
        self.density / self.molar_mass
    }
    /// Charge of all lithium per mass, C/kg.
    pub fn theoretical_capacity(&self) -> f64 {
        crate::constants::FARADAY / self.molar_mass
    }
}

/// D(x) = D_ref * kinetic window(x) * dip(x), see `electrode::properties`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SolidDiffusivity {
    /// D at 25 degC at the stoichiometry of the dip (x = 0.6), m2/s.
    pub reference: f64,
    /// J/mol.
    pub activation_energy: f64,
    /// Stoichiometry above which diffusion collapses (kinetic hindrance near x = 1).
    pub upper_edge: f64,
    /// Width of that collapse in x.
    pub upper_width: f64,
    /// Stoichiometry below which diffusion collapses (H2-H3).
    pub lower_edge: f64,
    /// Width of that collapse in x.
    pub lower_width: f64,
    /// Smallest D as a fraction of the plateau.
    pub floor: f64,
    /// D far from the dip is (1 + dip_depth) times D at its centre.
    pub dip_depth: f64,
    /// Centre of the dip in x.
    pub dip_centre: f64,
    /// Width of the dip in x (Gaussian, exp(-(dx/width)^2)).
    pub dip_width: f64,
    /// Factor on D over x: 1, and below 1 where two phases coexist. Pairs, x rising.
    pub two_phase: Vec<(f64, f64)>,
    /// Factor on D in polycrystalline secondary particles (grain boundaries).
    pub polycrystal_factor: f64,
}

/// Butler-Volmer kinetics at the CAM|SE interface, per true interface area.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChargeTransfer {
    /// Smallest charge-transfer resistance over x at 25 degC, ohm m2 of true interface.
    pub resistance: f64,
    /// Share of that resistance which the oxide's native surface film (residual Li2CO3 and
    /// LiOH) makes, 0..1; annealing with a coating that uses it up takes it away.
    pub native_film: f64,
    /// J/mol.
    pub activation_energy: f64,
    /// Rise of the resistance towards x = 1: `+ upper_rise * exp(-(1-x)/upper_width)`.
    pub upper_rise: f64,
    /// Width of that rise in x.
    pub upper_width: f64,
    /// The resistance also rises as `+ exp(-(x - lower_edge)/lower_width)` at small x.
    pub lower_edge: f64,
    /// Width of that rise in x.
    pub lower_width: f64,
    /// Double-layer capacitance per true interface, F/m2 (constant-phase Q at w = 1 rad/s).
    pub double_layer: f64,
    /// Constant-phase exponent, 1 for an ideal capacitance.
    pub phase_exponent: f64,
}

/// log10(sigma / (S/m)) = intercept + slope (1 - x), never above `ceiling`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ElectronicConductivity {
    /// log10 of the conductivity in S/m at x = 1.
    pub intercept: f64,
    /// Decades per unit of delithiation.
    pub slope: f64,
    /// Largest log10 conductivity.
    pub ceiling: f64,
}

/// Shape of a conductive additive.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "shape")]
pub enum CarbonShape {
    /// Vapour-grown fibres: diameters and lengths, each lognormal by number.
    Fibre {
        /// Mean, m.
        diameter: f64,
        /// Mean, m.
        length: f64,
        /// Relative standard deviation of the diameter; 0 for one size.
        diameter_spread: f64,
        /// Relative standard deviation of the length; 0 for one size.
        length_spread: f64,
    },
    /// Carbon black: fractal aggregates of `N` primary particles of radius `a`, with the
    /// radius of gyration `Rg` in `N = prefactor (Rg / a)^dimension`.
    Black {
        /// Diameter of the solid ball with an aggregate's radius of gyration, m.
        aggregate_diameter: f64,
        /// Volume fraction of carbon in pressed aggregates, 0..1.
        solid_fraction: f64,
        /// Diameter of the primary particles, m.
        primary_diameter: f64,
        /// Fractal dimension.
        fractal_dimension: f64,
        /// Fractal prefactor.
        fractal_prefactor: f64,
    },
}

/// A conductive additive.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Carbon {
    /// Name as written in scenarios, e.g. `VGCF`.
    pub name: String,
    /// kg/m3.
    pub density: f64,
    /// Specific surface (BET), m2/kg.
    pub specific_surface: f64,
    /// Electronic conductivity of the solid carbon in the composite, S/m.
    pub electronic_conductivity: f64,
    /// How it is placed.
    #[serde(flatten)]
    pub shape: CarbonShape,
}

/// A polymer binder: insulating.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Binder {
    /// Name as written in scenarios.
    pub name: String,
    /// kg/m3.
    pub density: f64,
}

/// Time for which [`CoatingMaterial::interface_growth`] is stated: 1000 h, s.
pub const COATING_INTERPHASE_TIME: f64 = 3.6e6;

/// A coating substance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CoatingMaterial {
    /// Name as written in scenarios, e.g. `PVBTA-TFSI`.
    pub name: String,
    /// kg/m3.
    pub density: f64,
    /// Ionic conductivity of the layer as it sits on the particle, 25 degC, S/m.
    pub ionic_conductivity: f64,
    /// J/mol.
    pub activation_energy: f64,
    /// Relative permittivity.
    pub permittivity: f64,
    /// Pa; stiff coatings wear faster, see [`WearLaw`].
    pub youngs_modulus: f64,
    /// Factor on the contact lost to breathing: 1 as bare, below 1 cushions.
    pub cushioning: f64,
    /// How much coating material that is not in the film (pores, aggregates)
    /// weakens the cushioning: factor `1 + excess_penalty * excess`, with
    /// `excess` the mass ratio to active material in percent.
    pub excess_cushioning_penalty: f64,
    /// Share of active mass disconnected per percent of excess.
    pub excess_disconnection: f64,
    /// How fast the electrolyte reacts with the coating by mere contact, against bare
    /// oxide: 0 where the coating is stable against it.
    pub contact_reactivity: f64,
    /// Resistance of the step from the coating into the electrolyte, whatever the
    /// coating's thickness, 25 degC, ohm m2; temperature acts as on its conduction.
    pub interface_resistance: f64,
    /// What that step gains in the first [`COATING_INTERPHASE_TIME`] at 25 degC, growing with
    /// the root of time, ohm m2.
    pub interface_growth: f64,
    /// How much of the gas that leaves the oxide the coating takes up: what escapes falls
    /// by 1/e per metre of its mean thickness over the whole surface times this, 1/m.
    pub gas_uptake: f64,
}

/// A counter electrode, lumped: it has a potential, a kinetic resistance and a capacity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Anode {
    /// Name as written in scenarios, e.g. `In/InLi`.
    pub name: String,
    /// Potential against Li+/Li over the state of lithiation (0..1): pairs, rising in the first.
    pub open_circuit_potential: Vec<(f64, f64)>,
    /// Charge-transfer resistance at 25 degC, ohm m2 of cell area.
    pub charge_transfer_resistance: f64,
    /// J/mol.
    pub activation_energy: f64,
    /// Ohmic (electrolyte rail) resistance at 25 degC, ohm m2; scales as the electrolyte.
    pub ohmic_resistance: f64,
    /// Double-layer capacitance, F/m2 of cell area.
    pub double_layer: f64,
    /// Lithium capacity over the full range of lithiation, C/m2 of cell area;
    /// for an anode made to a capacity ratio the scenario sets it.
    pub capacity: f64,
    /// State of lithiation in the fresh cell, 0..1.
    pub initial_lithiation: f64,
}

impl Anode {
    /// Potential against Li+/Li at half lithiation, V: what converts a potential
    /// against this anode into one against lithium.
    pub fn plateau_potential(&self) -> f64 {
        let table = &self.open_circuit_potential;
        let after = table.partition_point(|pair| pair.0 < 0.5);
        match (table.get(after.wrapping_sub(1)), table.get(after)) {
            (Some(a), Some(b)) => a.1 + (b.1 - a.1) * (0.5 - a.0) / (b.0 - a.0),
            (Some(only), None) | (None, Some(only)) => only.1,
            (None, None) => 0.0,
        }
    }
}

/// The constants of every degradation mechanism: one set for all cells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DegradationLaws {
    /// Electrochemical oxidation of the electrolyte.
    pub oxidation: OxidationLaw,
    /// Oxygen-driven reaction at the active material.
    pub oxygen: OxygenLaw,
    /// Reaction by mere contact, without current.
    pub contact_reaction: ContactReactionLaw,
    /// Gas.
    pub gas: GasLaw,
    /// Conductivities of what grows on the interface.
    pub interphase: InterphaseLaw,
    /// Contact lost to breathing.
    pub contact_loss: ContactLossLaw,
    /// Cracking of particles.
    pub cracking: CrackingLaw,
    /// Loss of connected mass.
    pub disconnection: DisconnectionLaw,
    /// Loss of ionic paths.
    pub conduction_loss: ConductionLossLaw,
    /// Wear of coatings.
    pub wear: WearLaw,
}

/// SE -> polysulfides + lithium ions + electrons (physics section 4a).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OxidationLaw {
    /// Onset potential against Li+/Li, V.
    pub onset: f64,
    /// Transfer coefficient of the kinetic branch.
    pub transfer_coefficient: f64,
    /// Exchange current density, A/m2 of true interface, 25 degC.
    pub exchange_current_density: f64,
    /// Electronic conductivity of the product layer, S/m, 25 degC.
    pub layer_conductivity: f64,
    /// Thickness over which electronic leakage decays, m.
    pub decay_length: f64,
    /// Electrons per formula unit.
    pub electrons: f64,
    /// J/mol.
    pub activation_energy: f64,
}

/// Lattice oxygen -> phosphate, sulfate/sulfite and rock salt (physics 4b, feasibility 5).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OxygenLaw {
    /// Rate constant on a bare single crystal at 25 degC, mol O/(m2 s).
    pub rate: f64,
    /// J/mol.
    pub activation_energy: f64,
    /// Potential at which lattice oxygen becomes reactive, V vs Li+/Li.
    pub onset: f64,
    /// Width of the onset, V.
    pub onset_width: f64,
    /// Share of the interfacial potential (against the surface's open-circuit
    /// potential) in the driving potential, 0..1.
    pub potential_share: f64,
    /// Rock-salt thickness at which the rate has halved (parabolic), m.
    pub passivation_length: f64,
    /// Coating thickness over which leakage through it decays, m.
    pub leak_length: f64,
    /// Factor on the rate for polycrystalline secondary particles.
    pub polycrystal_factor: f64,
    /// Molar volume of rock salt grown per mole of oxygen lost, m3/mol.
    pub rock_salt_molar_volume: f64,
    /// Molar volume of oxygenated products per mole of oxygen in them, m3/mol.
    pub product_molar_volume_per_oxygen: f64,
    /// Share of oxygen that ends in sulfate and sulfite, the rest in phosphate.
    pub sulfate_share: f64,
}

/// Slow oxidation by contact alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ContactReactionLaw {
    /// Parabolic constant, m2/s at 25 degC.
    pub rate: f64,
    /// J/mol.
    pub activation_energy: f64,
    /// Thickness scale of the first layer, m.
    pub first_layer: f64,
}

/// Gas released with the oxygen-driven reaction and from surface carbonate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GasLaw {
    /// Share of released oxygen that the electrolyte scavenges.
    pub scavenged_share: f64,
    /// Moles of SO2 per mole of scavenged oxygen.
    pub sulfur_dioxide_yield: f64,
    /// Surface carbonate, mol per kg of active material.
    pub carbonate: f64,
    /// Rate constant of its oxidation at the onset, 1/s at 25 degC.
    pub carbonate_rate: f64,
    /// Onset, V vs Li+/Li.
    pub carbonate_onset: f64,
    /// Potential for one e-fold of rate, V.
    pub carbonate_slope: f64,
    /// J/mol.
    pub activation_energy: f64,
}

/// Ionic conductivities of the layers that grow, 25 degC.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InterphaseLaw {
    /// S/m.
    pub polysulfide: f64,
    /// S/m.
    pub oxygenated: f64,
    /// S/m.
    pub rock_salt: f64,
    /// J/mol.
    pub activation_energy: f64,
    /// Relative permittivity of the layers together.
    pub permittivity: f64,
}

/// d(-ln(1 - f/f_max)) = mechanical part per cycle + chemical part per thickness.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ContactLossLaw {
    /// Mechanical constant per cycle at a volume change of 5 % and C/10.
    pub mechanical: f64,
    /// Factor on it and on the chemical constant for polycrystals, whose grains take up part
    /// of the breathing.
    pub polycrystal_factor: f64,
    /// Exponent on the volume change.
    pub volume_exponent: f64,
    /// Volume change at which the mechanical part saturates (relative).
    pub volume_saturation: f64,
    /// Exponent on the C-rate.
    pub rate_exponent: f64,
    /// Chemical constant per metre of the first of a grown layer, 1/m.
    pub chemical: f64,
    /// Thickness at which a grown layer no longer weakens the contact, m.
    pub chemical_saturation: f64,
    /// Largest share of contact that can be lost.
    pub maximum: f64,
    /// Stack pressure at which the mechanical constant is stated, Pa.
    pub reference_pressure: f64,
    /// Exponent on (reference pressure / pressure).
    pub pressure_exponent: f64,
    /// Depth below the surface over which lost contact constricts diffusion, m.
    pub constriction_length: f64,
    /// Share of the loss that opens only in the charged state and closes on discharge.
    pub reversible_share: f64,
}

/// Damage D_m per cycle; D/(1 + kappa D_m).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CrackingLaw {
    /// Damage per cycle of a polycrystal at a volume change of 5 % and C/10.
    pub rate: f64,
    /// Factor for single crystals.
    pub single_crystal_factor: f64,
    /// Exponent on the strain.
    pub strain_exponent: f64,
    /// Exponent on the C-rate.
    pub rate_exponent: f64,
    /// Growth of the rate with the first of the rock salt, 1/m.
    pub oxygen_coupling: f64,
    /// Thickness at which rock salt no longer weakens the boundaries, m.
    pub oxygen_saturation: f64,
    /// Diffusion slows by 1 + kappa D_m.
    pub diffusion_penalty: f64,
    /// Factor on kappa for polycrystals, in which it is the grain boundaries that limit
    /// before there are cracks.
    pub polycrystal_penalty: f64,
}

/// Contacts z of a random network, d ln(z) = -per_thickness dl - per_contact_loss d(-ln(1-f)).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DisconnectionLaw {
    /// Conducting contacts of a particle where all mass is connected.
    pub contacts: f64,
    /// 1/m of grown layer.
    pub per_thickness: f64,
    /// Per unit of contact-loss exponent.
    pub per_contact_loss: f64,
    /// Share of the contacts with a film on either side that it keeps apart.
    pub film: f64,
}

/// R_ion factor 1 + per_contact_loss (-ln(1-f)) + per_thickness l.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConductionLossLaw {
    /// Per unit of contact-loss exponent.
    pub per_contact_loss: f64,
    /// 1/m of grown layer.
    pub per_thickness: f64,
}

/// Coverage lost with the volume change of the particle beneath (physics basis 4g).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WearLaw {
    /// Relative coverage lost per cycle at a volume change of 5 %, 0.1C and 25 degC, for a
    /// coating of the reference modulus; proportional to the modulus.
    pub rate: f64,
    /// Young's modulus for which the rate is stated, Pa.
    pub reference_modulus: f64,
    /// Exponent of the C-rate.
    pub rate_exponent: f64,
    /// J/mol.
    pub activation_energy: f64,
}
