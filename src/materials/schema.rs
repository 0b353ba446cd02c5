//! Which values a substance of each kind has: name, unit, limits and meaning.
//!
//! The dotted paths of these keys are the fields of the structures in
//! [`super::types`]; a test holds the two together.

use crate::input::{self, Bounds, Dimension, Key, Kind, Presence, Schema};
use Bounds::{Any, BelowOne, Between, Fraction, NotNegative, Positive, Share};
use Dimension as D;
use serde::{Deserialize, Serialize};

/// What a material is used as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MaterialKind {
    /// A layered oxide.
    ActiveMaterial,
    /// A sulfide electrolyte.
    SolidElectrolyte,
    /// A liquid that fills the pores.
    LiquidElectrolyte,
    /// Conductive fibres.
    CarbonFibre,
    /// Carbon black.
    CarbonBlack,
    /// A polymer binder.
    Binder,
    /// A coating substance.
    Coating,
    /// How a precursor becomes a coating when it is annealed.
    CoatingProcess,
    /// A counter electrode.
    Anode,
    /// The constants of the degradation mechanisms.
    Laws,
}

impl MaterialKind {
    /// Every kind.
    pub const ALL: [Self; 10] = [
        Self::ActiveMaterial,
        Self::SolidElectrolyte,
        Self::LiquidElectrolyte,
        Self::CarbonFibre,
        Self::CarbonBlack,
        Self::Binder,
        Self::Coating,
        Self::CoatingProcess,
        Self::Anode,
        Self::Laws,
    ];

    /// As written in material files and scenarios.
    pub const fn word(self) -> &'static str {
        self.schema().name
    }

    /// The kind of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// Its keys.
    pub const fn schema(self) -> &'static Schema {
        match self {
            Self::ActiveMaterial => &ACTIVE_MATERIAL,
            Self::SolidElectrolyte => &SOLID_ELECTROLYTE,
            Self::LiquidElectrolyte => &LIQUID_ELECTROLYTE,
            Self::CarbonFibre => &CARBON_FIBRE,
            Self::CarbonBlack => &CARBON_BLACK,
            Self::Binder => &BINDER,
            Self::Coating => &COATING,
            Self::CoatingProcess => &COATING_PROCESS,
            Self::Anode => &ANODE,
            Self::Laws => &LAWS,
        }
    }
}

/// The table of a material in a scenario, kind by kind in the order of [`MaterialKind::ALL`].
pub const MATERIAL_FORMS: [Kind; MaterialKind::ALL.len()] = {
    let mut forms = [const { Kind::Switch }; MaterialKind::ALL.len()];
    let mut i = 0;
    while i < forms.len() {
        forms[i] = Kind::Values(MaterialKind::ALL[i].schema());
        i += 1;
    }
    forms
};

/// Every leaf of a schema with its dotted path.
pub fn leaves(schema: &'static Schema) -> Vec<(String, &'static Key)> {
    let mut found = Vec::new();
    for key in schema.keys {
        match key.kind {
            Kind::Table(inner) => found.extend(
                leaves(inner)
                    .into_iter()
                    .map(|(path, leaf)| (format!("{}.{path}", key.name), leaf)),
            ),
            _ => found.push((key.name.to_owned(), key)),
        }
    }
    found
}

const fn key(name: &'static str, kind: Kind, example: &'static str, about: &'static str) -> Key {
    input::key(name, kind, Presence::Required, example, about)
}
const fn quantity(
    name: &'static str,
    dimension: Dimension,
    bounds: Bounds,
    example: &'static str,
    about: &'static str,
) -> Key {
    key(name, Kind::Quantity(dimension, bounds), example, about)
}
const fn number(
    name: &'static str,
    bounds: Bounds,
    example: &'static str,
    about: &'static str,
) -> Key {
    key(name, Kind::Number(bounds), example, about)
}
const fn table(name: &'static str, schema: &'static Schema) -> Key {
    key(name, Kind::Table(schema), "{ ... }", schema.about)
}
const fn process_rate(name: &'static str, about: &'static str) -> Key {
    key(name, Kind::Table(&PROCESS_RATE), "{ ... }", about)
}
#[rustfmt::skip]
static ACTIVE_MATERIAL: Schema = Schema::new("active-material", "a layered oxide LixMO2", &[
    quantity("molar_mass", D::MolarMass, Positive, "97.4 g/mol", "molar mass of LiMO2"),
    quantity("density", D::Density, Positive, "4.78 g/cm3", "crystal density"),
    key("open_circuit_potential", Kind::Curve(D::Voltage), "{ unit = \"V\", value = [[0.2, 4.25], [1.0, 3.0]] }", "against Li over lithium content x"),
    number("initial_stoichiometry", Share, "0.99", "lithium content of the powder"),
    table("diffusivity", &DIFFUSIVITY),
    table("charge_transfer", &CHARGE_TRANSFER),
    table("electronic_conductivity", &ELECTRONIC),
    key("volume_change", Kind::Curve(D::Fraction), "{ unit = \"%\", value = [[0.2, -5.0], [1.0, 0.0]] }", "relative change of cell volume over x"),
]);

#[rustfmt::skip]
static DIFFUSIVITY: Schema = Schema::new("diffusivity", "chemical diffusion of lithium", &[
    quantity("reference", D::Diffusivity, Positive, "1e-11 cm2/s", "at 25 degC and x = 0.6"),
    quantity("activation_energy", D::MolarEnergy, NotNegative, "0.35 eV", "of diffusion"),
    number("upper_edge", Any, "0.88", "x above which diffusion collapses"),
    number("upper_width", Positive, "0.025", "width of that collapse in x"),
    number("lower_edge", Any, "0.2", "x below which diffusion collapses"),
    number("lower_width", Positive, "0.03", "width of that collapse in x"),
    number("floor", Share, "0.01", "smallest diffusivity over the plateau's"),
    number("dip_depth", NotNegative, "6.27", "plateau over dip, less 1"),
    number("dip_centre", Fraction, "0.6", "x of the dip"),
    number("dip_width", Positive, "0.12", "width of the dip in x"),
    key("two_phase", Kind::Curve(D::Fraction), "{ unit = \"%\", value = [[0.0, 100], [1.0, 100]] }", "factor over x, below 100 % where two phases coexist"),
    number("polycrystal_factor", Positive, "0.09", "factor in secondary particles"),
]);

#[rustfmt::skip]
static CHARGE_TRANSFER: Schema = Schema::new("charge_transfer", "kinetics against the electrolyte", &[
    quantity("resistance", D::ArealResistance, Positive, "87 ohm cm2", "smallest over x, 25 degC, true interface"),
    number("native_film", Fraction, "0.4", "of it due to the oxide's native surface film"),
    quantity("activation_energy", D::MolarEnergy, NotNegative, "0.45 eV", "of charge transfer"),
    number("upper_rise", NotNegative, "3", "relative rise at x = 1"),
    number("upper_width", Positive, "0.06", "width of that rise in x"),
    number("lower_edge", Any, "0.15", "x at which the resistance has doubled"),
    number("lower_width", Positive, "0.08", "width of that rise in x"),
    quantity("double_layer", D::ArealCapacitance, Positive, "10 uF/cm2", "capacitance of true interface"),
    number("phase_exponent", Share, "0.9", "constant-phase exponent"),
]);

#[rustfmt::skip]
static ELECTRONIC: Schema = Schema::new("electronic_conductivity", "log10 of the conductivity in S/m over 1 - x", &[
    number("intercept", Any, "-1", "at x = 1"),
    number("slope", Any, "2", "decades per unit of delithiation"),
    number("ceiling", Any, "1", "largest"),
]);

#[rustfmt::skip]
static SOLID_ELECTROLYTE: Schema = Schema::new("solid-electrolyte", "a sulfide electrolyte", &[
    quantity("density", D::Density, Positive, "1.86 g/cm3", "density without pores"),
    quantity("molar_mass", D::MolarMass, Positive, "268.4 g/mol", "of one formula unit"),
    quantity("ionic_conductivity", D::Conductivity, Positive, "3 mS/cm", "pellet, 25 degC"),
    quantity("activation_energy", D::MolarEnergy, NotNegative, "0.35 eV", "of ionic conduction"),
    quantity("grain_diameter", D::Length, Positive, "3 um", "median in a pressed composite"),
    quantity("hardness", D::Pressure, Positive, "550 MPa", "by indentation; how far cold pressing densifies the powder"),
    quantity("grain_boundary_capacitance", D::ArealCapacitance, Positive, "6e-3 uF/cm2", "of a pellet's grain boundaries in series"),
    number("grain_boundary_share", BelowOne, "0.4", "of the pellet's resistance"),
]);

#[rustfmt::skip]
static LIQUID_ELECTROLYTE: Schema = Schema::new("liquid-electrolyte", "a liquid that fills the pores", &[
    quantity("density", D::Density, Positive, "1.25 g/cm3", "density"),
    quantity("ionic_conductivity", D::Conductivity, Positive, "9 mS/cm", "of the free liquid, 25 degC"),
    quantity("activation_energy", D::MolarEnergy, NotNegative, "0.15 eV", "of ionic conduction"),
    number("charge_transfer_factor", Positive, "7", "exchange current of the oxide over that against a sulfide"),
]);

#[rustfmt::skip]
static CARBON_FIBRE: Schema = Schema::new("carbon-fibre", "conductive fibres", &[
    quantity("density", D::Density, Positive, "2.0 g/cm3", "of the fibre"),
    quantity("specific_surface", D::SpecificSurface, Positive, "13 m2/g", "BET"),
    quantity("electronic_conductivity", D::Conductivity, Positive, "100 S/cm", "of the solid in the composite"),
    quantity("diameter", D::Length, Positive, "150 nm", "of a fibre, mean by number"),
    quantity("length", D::Length, Positive, "10 um", "of a fibre, mean by number"),
    number("diameter_spread", Bounds::Between(0.0, 2.0), "0.2", "relative standard deviation of the diameter (lognormal)"),
    number("length_spread", Bounds::Between(0.0, 2.0), "0.5", "relative standard deviation of the length (lognormal)"),
]);

#[rustfmt::skip]
static CARBON_BLACK: Schema = Schema::new("carbon-black", "a carbon black", &[
    quantity("density", D::Density, Positive, "1.9 g/cm3", "of the solid"),
    quantity("specific_surface", D::SpecificSurface, Positive, "62 m2/g", "BET"),
    quantity("electronic_conductivity", D::Conductivity, Positive, "10 S/cm", "of the solid in the composite"),
    quantity("aggregate_diameter", D::Length, Positive, "200 nm", "of an aggregate, as a ball of its radius of gyration"),
    number("solid_fraction", Share, "0.3", "carbon volume in pressed aggregates"),
    quantity("primary_diameter", D::Length, Positive, "35 nm", "of the primary particles"),
    number("fractal_dimension", Bounds::Between(1.2, 2.8), "1.8", "of an aggregate"),
    number("fractal_prefactor", Bounds::Between(0.3, 3.0), "1.3", "primary particles over (radius of gyration / primary radius)^dimension"),
]);

#[rustfmt::skip]
static BINDER: Schema = Schema::new("binder", "an insulating polymer", &[
    quantity("density", D::Density, Positive, "0.92 g/cm3", "density"),
]);

#[rustfmt::skip]
static COATING: Schema = Schema::new("coating", "a coating substance as it sits on the particle", &[
    quantity("density", D::Density, Positive, "4.4 g/cm3", "of the layer"),
    quantity("ionic_conductivity", D::Conductivity, Positive, "1e-6 S/cm", "of the layer, 25 degC"),
    quantity("activation_energy", D::MolarEnergy, NotNegative, "0.5 eV", "of its ionic conduction"),
    number("permittivity", Positive, "25", "relative"),
    quantity("youngs_modulus", D::Pressure, Positive, "100 GPa", "Young's modulus"),
    number("cushioning", NotNegative, "0.5", "factor on contact lost to breathing, 1 as bare"),
    number("excess_cushioning_penalty", NotNegative, "0", "rise of the cushioning factor per percent of excess"),
    number("excess_disconnection", Fraction, "0", "active mass disconnected per percent of excess"),
    number("contact_reactivity", Fraction, "0.2", "reaction with the electrolyte by contact, against bare oxide"),
    quantity("interface_resistance", D::ArealResistance, NotNegative, "0 ohm cm2", "of the step from coating to electrolyte, 25 degC"),
    quantity("interface_growth", D::ArealResistance, NotNegative, "0 ohm cm2", "what that step gains in the first 1000 h"),
    quantity("gas_uptake", D::InverseLength, NotNegative, "0 1/nm", "uptake of gas from the oxide per mean thickness"),
]);

#[rustfmt::skip]
static COATING_PROCESS: Schema = Schema::new("coating-process", "a Li-P-S precursor annealed on the oxide", &[
    number("lithium", Positive, "3", "atoms in a formula unit of the precursor"),
    number("phosphorus", Positive, "1", "atoms in a formula unit of the precursor"),
    number("sulfur", Positive, "4", "atoms in a formula unit of the precursor"),
    number("intermediate_oxygen", Positive, "8", "oxygen that a formula unit takes up before it decomposes"),
    process_rate("oxidation", "uptake of oxygen by the precursor"),
    process_rate("decomposition", "intermediate to phosphate, sulfate and gas"),
    process_rate("evaporation", "of the products"),
    process_rate("spreading", "of the film while it oxidises"),
    process_rate("coagulation", "of the film into islands"),
    quantity("fastest", D::Rate, Positive, "1e-2 1/s", "limit of every rate by supply of oxygen and transport"),
    number("oxygen_order", NotNegative, "0.5", "of the oxidation, on the pressure of oxygen"),
    quantity("reference_oxygen_pressure", D::Pressure, Positive, "0.21 bar", "at which the oxidation is stated"),
    quantity("cooling_rate", D::HeatingRate, Positive, "5 K/min", "of the furnace after the hold"),
    quantity("ground_thickness", D::Length, Positive, "17 nm", "of the layer ground on, where it covers"),
    quantity("wetting_thickness", D::Length, Positive, "12 nm", "below which an oxidising film does not spread"),
    quantity("residue_thickness", D::Length, NotNegative, "0.4 nm", "of what coagulation leaves between islands"),
    number("lump_share", BelowOne, "0.2", "of the precursor that stays in lumps and notches, outside the film"),
    number("fullest_coverage", Share, "0.97", "that a spreading film reaches"),
    number("island_coverage", Fraction, "0.1", "of islands when all has coagulated"),
    number("ground_variation", NotNegative, "0.5", "relative deviation of the thickness as ground on"),
    number("film_variation", NotNegative, "0.25", "relative deviation of the thickness of a spread film"),
    number("island_variation", NotNegative, "0.5", "relative deviation of the thickness of islands"),
    quantity("residual_lithium", D::MolesPerMass, NotNegative, "0.14 mmol/g", "in LiOH and Li2CO3 on the oxide, where a scenario states none"),
    number("oxide_lithium", BelowOne, "0.03", "share of the oxide's own lithium that the coating can draw"),
    number("electrons", NotNegative, "3", "per formula unit of unoxidised precursor that the first charge can take"),
    quantity("sulfide_onset", D::Voltage, Positive, "2.75 V", "of the oxidation of precursor left in the coating, against Li"),
]);

#[rustfmt::skip]
static PROCESS_RATE: Schema = Schema::new("a rate", "with its temperature and activation energy", &[
    quantity("rate", D::Rate, NotNegative, "2e-4 1/s", "at the reference temperature"),
    quantity("reference_temperature", D::Temperature, Positive, "320 degC", "of that rate"),
    quantity("activation_energy", D::MolarEnergy, NotNegative, "130 kJ/mol", "of that rate"),
]);

#[rustfmt::skip]
static ANODE: Schema = Schema::new("anode", "a counter electrode", &[
    key("open_circuit_potential", Kind::Curve(D::Voltage), "{ unit = \"V\", value = [[0.0, 1.6], [1.0, 1.5]] }", "against Li over its lithiation"),
    quantity("charge_transfer_resistance", D::ArealResistance, Positive, "15 ohm cm2", "25 degC, cell area"),
    quantity("activation_energy", D::MolarEnergy, NotNegative, "0.5 eV", "of charge transfer"),
    quantity("ohmic_resistance", D::ArealResistance, NotNegative, "5 ohm cm2", "25 degC, cell area"),
    quantity("double_layer", D::ArealCapacitance, Positive, "50 uF/cm2", "cell area"),
    quantity("capacity", D::ArealCharge, Positive, "4.4 mAh/cm2", "over its full range of lithiation"),
    number("initial_lithiation", Fraction, "0.5", "in the fresh cell"),
]);

/// The degradation constants, one table per mechanism.
#[rustfmt::skip]
pub static LAWS: Schema = Schema::new("laws", "constants of the degradation mechanisms", &[
    table("oxidation", &OXIDATION),
    table("oxygen", &OXYGEN),
    table("contact_reaction", &CONTACT_REACTION),
    table("gas", &GAS),
    table("interphase", &INTERPHASE),
    table("contact_loss", &CONTACT_LOSS),
    table("cracking", &CRACKING),
    table("disconnection", &DISCONNECTION),
    table("conduction_loss", &CONDUCTION_LOSS),
    table("wear", &WEAR),
]);

#[rustfmt::skip]
static OXIDATION: Schema = Schema::new("oxidation", "electrochemical oxidation of the electrolyte", &[
    quantity("onset", D::Voltage, Positive, "2.55 V", "against Li"),
    number("transfer_coefficient", Share, "0.25", "of the kinetic branch"),
    quantity("exchange_current_density", D::CurrentDensity, NotNegative, "1e-12 A/cm2", "true interface, 25 degC"),
    quantity("layer_conductivity", D::Conductivity, Positive, "1e-13 S/cm", "electronic, of the product layer, 25 degC"),
    quantity("decay_length", D::Length, Positive, "2 nm", "thickness over which leakage decays"),
    number("electrons", Positive, "2.5", "per formula unit"),
    quantity("activation_energy", D::MolarEnergy, NotNegative, "0.4 eV", "of the reaction"),
]);

#[rustfmt::skip]
static OXYGEN: Schema = Schema::new("oxygen", "lattice oxygen attacking the electrolyte", &[
    quantity("rate", D::ReactionRate, NotNegative, "9.1e-11 mol/(m2 s)", "oxygen, bare single crystal, 25 degC"),
    quantity("activation_energy", D::MolarEnergy, NotNegative, "0.7 eV", "of the reaction"),
    quantity("onset", D::Voltage, Positive, "4.19 V", "against Li"),
    quantity("onset_width", D::Voltage, Positive, "39 mV", "of the onset"),
    number("potential_share", Fraction, "0.7", "of the interfacial potential in the driving one"),
    quantity("passivation_length", D::Length, Positive, "0.6 nm", "rock salt at which the rate has halved"),
    quantity("leak_length", D::Length, Positive, "1.5 nm", "coating over which leakage decays"),
    number("polycrystal_factor", Positive, "33", "on the rate"),
    quantity("rock_salt_molar_volume", D::MolarVolume, Positive, "20.4 cm3/mol", "per mole of oxygen lost"),
    quantity("product_molar_volume_per_oxygen", D::MolarVolume, Positive, "11.75 cm3/mol", "phosphate and sulfate per mole of oxygen in them"),
    number("sulfate_share", Fraction, "0.6", "of the oxygen"),
]);

#[rustfmt::skip]
static CONTACT_REACTION: Schema = Schema::new("contact_reaction", "reaction by mere contact", &[
    quantity("rate", D::Diffusivity, NotNegative, "0.02 nm2/h", "parabolic constant, 25 degC"),
    quantity("activation_energy", D::MolarEnergy, NotNegative, "0.6 eV", "of the reaction"),
    quantity("first_layer", D::Length, Positive, "0.1 nm", "thickness scale of the first layer"),
]);

#[rustfmt::skip]
static GAS: Schema = Schema::new("gas", "gas released", &[
    number("scavenged_share", Fraction, "0.97", "of the released oxygen"),
    number("sulfur_dioxide_yield", Fraction, "0.01", "moles per mole of scavenged oxygen"),
    quantity("carbonate", D::MolesPerMass, NotNegative, "25 umol/g", "surface carbonate per active material"),
    quantity("carbonate_rate", D::Rate, NotNegative, "5e-6 1/s", "of its oxidation at the onset, 25 degC"),
    quantity("carbonate_onset", D::Voltage, Positive, "4.15 V", "against Li"),
    quantity("carbonate_slope", D::Voltage, Positive, "77 mV", "for one e-fold of rate"),
    quantity("activation_energy", D::MolarEnergy, NotNegative, "0.6 eV", "of its oxidation"),
]);

#[rustfmt::skip]
static INTERPHASE: Schema = Schema::new("interphase", "the layers that grow, 25 degC", &[
    quantity("polysulfide", D::Conductivity, Positive, "1e-8 S/cm", "ionic"),
    quantity("oxygenated", D::Conductivity, Positive, "4.4e-9 S/cm", "ionic"),
    quantity("rock_salt", D::Conductivity, Positive, "4.4e-10 S/cm", "ionic"),
    quantity("activation_energy", D::MolarEnergy, NotNegative, "0.13 eV", "of their conduction"),
    number("permittivity", Positive, "15", "relative, of the layers together"),
]);

#[rustfmt::skip]
static CONTACT_LOSS: Schema = Schema::new("contact_loss", "contact lost to breathing and reaction", &[
    number("mechanical", NotNegative, "0.0133", "per cycle at a volume change of 5 % and C/10"),
    number("polycrystal_factor", NotNegative, "0.3", "on both parts, for polycrystals"),
    number("volume_exponent", Positive, "2.2", "on the volume change"),
    quantity("volume_saturation", D::Fraction, Positive, "6 %", "volume change at which it saturates"),
    number("rate_exponent", NotNegative, "0.2", "on the C-rate"),
    quantity("chemical", D::InverseLength, NotNegative, "0.0507 1/nm", "per grown layer, at first"),
    quantity("chemical_saturation", D::Length, Positive, "10 nm", "thickness of a layer at which it weakens no more"),
    number("maximum", Share, "0.93", "share of contact that can be lost"),
    quantity("reference_pressure", D::Pressure, Positive, "50 MPa", "at which the constant is stated"),
    number("pressure_exponent", NotNegative, "0.5", "on reference pressure over pressure"),
    quantity("constriction_length", D::Length, Positive, "1.5 um", "depth over which lost contact constricts diffusion"),
    number("reversible_share", Fraction, "0.2", "of the loss that closes again on discharge"),
]);

#[rustfmt::skip]
static CRACKING: Schema = Schema::new("cracking", "cracking of particles", &[
    number("rate", NotNegative, "0.03", "damage per cycle of a fresh polycrystal, volume change 5 %, C/10"),
    number("single_crystal_factor", NotNegative, "0.5", "on the rate"),
    number("strain_exponent", Positive, "2.2", "on the strain"),
    number("rate_exponent", NotNegative, "0.2", "on the C-rate"),
    quantity("oxygen_coupling", D::InverseLength, NotNegative, "0.2 1/nm", "growth of the rate with rock salt, at first"),
    quantity("oxygen_saturation", D::Length, Positive, "3 nm", "thickness of rock salt at which it weakens no more"),
    number("diffusion_penalty", NotNegative, "2.06", "diffusion slows by 1 + this times damage"),
    number("polycrystal_penalty", NotNegative, "0.3", "factor on the slowing, for polycrystals"),
]);

#[rustfmt::skip]
static DISCONNECTION: Schema = Schema::new("disconnection", "loss of connected mass", &[
    number("contacts", Between(1.5, 20.0), "6", "conducting contacts of a particle where all mass is connected"),
    quantity("per_thickness", D::InverseLength, NotNegative, "0.03 1/nm", "logarithm of contacts lost, of grown layer"),
    number("per_contact_loss", NotNegative, "0.4", "and per unit of contact-loss exponent"),
    number("film", Fraction, "0.1", "share of the contacts with coating on either side that it keeps apart"),
]);

#[rustfmt::skip]
static CONDUCTION_LOSS: Schema = Schema::new("conduction_loss", "loss of ionic paths", &[
    number("per_contact_loss", NotNegative, "0.45", "per unit of contact-loss exponent"),
    quantity("per_thickness", D::InverseLength, NotNegative, "0.178 1/nm", "of grown layer"),
]);

#[rustfmt::skip]
static WEAR: Schema = Schema::new("wear", "wear of coatings", &[
    number("rate", NotNegative, "2e-4", "relative coverage lost per cycle at a volume change of 5 % and 0.1C"),
    quantity("reference_modulus", D::Pressure, Positive, "200 GPa", "modulus of the coating for which the rate is stated"),
    number("rate_exponent", NotNegative, "0.2", "on the C-rate"),
    quantity("activation_energy", D::MolarEnergy, NotNegative, "0.1 eV", "of the growth of its cracks"),
]);
