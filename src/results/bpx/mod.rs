//! The fresh cell in the Battery Parameter eXchange format (BPX, bpxstandard.com), which
//! PyBaMM and other codes of the Doyle-Fuller-Newman model read.
//!
//! BPX knows a porous electrode with one kind of sphere, an exchange current
//! `F K sqrt(x (1 - x))` and constant transport, and an electrode of the same kind on the
//! other side. What a cell of engobe has beyond that is folded in so that small currents
//! meet the same resistances:
//!
//! | here | in BPX |
//! |---|---|
//! | size classes | one radius, that of their surface and volume together |
//! | contact surface, bare and coated patches with their layers in series | the reaction rate constant on the whole surface of the spheres |
//! | exchange current over x | that constant: its geometric mean over the window |
//! | electronic conductivity over x | its harmonic mean over the window |
//! | connected share of the active mass | the surface per volume, from which BPX has the active volume |
//! | single-ion electrolyte | transference number 1: its concentration stays what it is |
//! | lumped anode | a film of a micrometre without gradients, of the anode's capacity, potential and exchange current; its ohmic resistance in the transport efficiency of the separator |
//!
//! Ageing, and with it what a coating is for, has no place in BPX.

mod homogenised;
mod table;

pub use homogenised::Window;

use crate::electrode::ModelError;
use crate::microstructure::MicrostructureStatistics;
use crate::scenario::Scenario;
use crate::transport::EffectiveTransport;
use homogenised::Homogenised;
use serde_json::{Map, Value, json};

/// Version of the format that is written.
const VERSION: &str = "1.1.0";
/// Concentration of the electrolyte, mol/m3. It neither changes nor matters at
/// transference number 1; BPX scales exchange currents by its initial value.
const CONCENTRATION: f64 = 1000.0;

/// Why a cell cannot be written as BPX.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum BpxError {
    /// The cell cannot be put together.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// No step ends at a voltage on this side.
    #[error(
        "no step of the protocol ends a {0} at a voltage, and BPX must know between which voltages the cell works"
    )]
    NoLimit(&'static str),
    /// The voltages are not a window.
    #[error(
        "the charge ends at {upper} V, which is not above the {lower} V where the discharge ends"
    )]
    UpsideDown {
        /// V.
        lower: f64,
        /// V.
        upper: f64,
    },
    /// Between the voltages the cathode does not take up or give off lithium.
    #[error(
        "at rest the cathode holds the same lithium at {lower} V and at {upper} V: outside of what it can do"
    )]
    NoCapacity {
        /// V.
        lower: f64,
        /// V.
        upper: f64,
    },
}

/// The fresh cell of `scenario` with a structure and transport as measured, as a BPX
/// document (model `DFN`). `window` takes the place of the voltages at which the steps of
/// the protocol end.
///
/// # Errors
/// [`BpxError`] if the cell cannot be put together, or works between no two voltages.
pub fn document(
    scenario: &Scenario,
    structure: &MicrostructureStatistics,
    transport: &EffectiveTransport,
    window: Window,
) -> Result<Value, BpxError> {
    let cell = Homogenised::new(scenario, structure, transport, window)?;
    let mut parts = Map::new();
    parts.insert("Cell".into(), general(scenario, &cell));
    parts.insert("Electrolyte".into(), electrolyte(scenario, &cell));
    parts.insert("Negative electrode".into(), negative(&cell));
    parts.insert("Positive electrode".into(), positive(&cell));
    parts.insert(
        "Separator".into(),
        rounded(json!({
            "Thickness [m]": scenario.cell.separator_thickness,
            "Porosity": homogenised::DENSE,
            "Transport efficiency": cell.separator_efficiency,
        })),
    );
    parts.insert("User-defined".into(), folded(scenario, &cell));
    Ok(json!({
        "Header": header(scenario),
        "Parameterisation": parts,
        "State": {
            "Initial conditions": {
                "Initial state-of-charge": 1.0,
                "Initial temperature [K]": scenario.cell.temperature,
                "Initial electrolyte concentration [mol.m-3]": CONCENTRATION,
            },
            "Thermal environment": { "Ambient temperature [K]": scenario.cell.temperature },
        },
    }))
}

fn header(scenario: &Scenario) -> Value {
    let (oxide, anode) = (
        &scenario.cathode.active_material.name,
        &scenario.cell.anode.name,
    );
    let coating = scenario.coating.as_ref().map_or(String::new(), |coating| {
        let layers: Vec<_> = coating.layers.iter().map(|l| l.material.name.as_str()).collect();
        format!(
            " The coating ({}) is in the reaction rate constant by its resistance when fresh; that it protects is left out.",
            layers.join(" on ")
        )
    });
    json!({
        "BPX": VERSION,
        "Title": scenario.title,
        "Description": format!(
            "Fresh cell of {oxide} with {} against {anode}, homogenised from a generated structure. \
             One particle radius stands for all sizes; reaction rate and electronic conductivity are \
             means over the stoichiometry window; contact between oxide and electrolyte is in the \
             reaction rate constant, inactive oxide left out of the surface per volume.{coating} The \
             electrolyte conducts lithium ions alone, so its concentration and diffusivity have no \
             effect. The negative electrode is a lumped one, written as a film without gradients: \
             its thickness, concentration and radius mean nothing by themselves, and its ohmic \
             resistance is in the transport efficiency of the separator. Isothermal: no thermal data, potentials that do not \
             depend on the temperature. \
             Interphases and all other degradation are left out.",
            scenario.cathode.electrolyte.name
        ),
        "References": format!(
            "engobe {}; sources of all material values: `engobe materials NAME`",
            env!("CARGO_PKG_VERSION")
        ),
        "Model": "DFN",
    })
}

fn general(scenario: &Scenario, cell: &Homogenised) -> Value {
    let area = scenario.cell.area;
    let thickness = cell.thickness + scenario.cell.separator_thickness + homogenised::FILM;
    let rim = 2.0 * (std::f64::consts::PI * area).sqrt() * thickness;
    rounded(json!({
        "Electrode area [m2]": area,
        "External surface area [m2]": 2.0 * area + rim,
        "Volume [m3]": area * thickness,
        "Number of electrode pairs connected in parallel to make a cell": 1,
        "Lower voltage cut-off [V]": cell.lower,
        "Upper voltage cut-off [V]": cell.upper,
        "Nominal cell capacity [A.h]": scenario.areal_capacity() * area / 3600.0,
        "Reference temperature [K]": scenario.cell.temperature,
    }))
}

fn electrolyte(scenario: &Scenario, cell: &Homogenised) -> Value {
    rounded(json!({
        "Cation transference number": 1.0,
        "Conductivity [S.m-1]": cell.pellet_conductivity,
        "Conductivity activation energy [J.mol-1]": scenario.cathode.electrolyte.activation_energy,
        "Diffusivity [m2.s-1]": cell.einstein_diffusivity(CONCENTRATION),
    }))
}

fn negative(cell: &Homogenised) -> Value {
    let anode = &cell.anode;
    rounded(json!({
        "Thickness [m]": homogenised::FILM,
        "Porosity": homogenised::HALF,
        "Transport efficiency": 1.0,
        "Conductivity [S.m-1]": homogenised::METALLIC,
        "Minimum stoichiometry": anode.stoichiometry[0],
        "Maximum stoichiometry": anode.stoichiometry[1],
        "Maximum concentration [mol.m-3]": anode.concentration,
        "Particle radius [m]": homogenised::GRAIN,
        "Surface area per unit volume [m-1]": 3.0 * homogenised::HALF / homogenised::GRAIN,
        "Diffusivity [m2.s-1]": homogenised::FAST,
        "OCP [V]": table::document(&anode.open_circuit),
        "Entropic change coefficient [V.K-1]": 0.0,
        "Reaction rate constant [mol.m-2.s-1]": anode.rate_constant,
        "Reaction rate constant activation energy [J.mol-1]": anode.activation_energy,
    }))
}

fn positive(cell: &Homogenised) -> Value {
    rounded(json!({
        "Thickness [m]": cell.thickness,
        "Porosity": cell.porosity,
        "Transport efficiency": cell.ionic_efficiency,
        "Conductivity [S.m-1]": cell.electronic_conductivity,
        "Minimum stoichiometry": cell.stoichiometry[0],
        "Maximum stoichiometry": cell.stoichiometry[1],
        "Maximum concentration [mol.m-3]": cell.sites,
        "Particle radius [m]": cell.radius,
        "Surface area per unit volume [m-1]": cell.surface,
        "Diffusivity [m2.s-1]": table::document(&cell.diffusivity),
        "Diffusivity activation energy [J.mol-1]": cell.diffusion_energy,
        "OCP [V]": table::document(&cell.open_circuit),
        // Potentials here do not depend on the temperature; PyBaMM wants to be told.
        "Entropic change coefficient [V.K-1]": 0.0,
        "Reaction rate constant [mol.m-2.s-1]": cell.rate_constant,
        "Reaction rate constant activation energy [J.mol-1]": cell.reaction_energy,
    }))
}

/// What was folded into other numbers, as it is.
fn folded(scenario: &Scenario, cell: &Homogenised) -> Value {
    let coating = &cell.coating;
    let mut values = json!({
        // PyBaMM takes all of them for numbers, and asks for these two.
        "Open-circuit voltage at 0% SOC [V]": cell.lower,
        "Open-circuit voltage at 100% SOC [V]": cell.upper,
        "Active material mass per area [kg.m-2]": scenario.cathode.areal_loading,
        "Connected share of active material": cell.connected,
        "Contact surface area per unit volume [m-1]": cell.contact_surface,
        "Capacity between the cut-offs at rest [A.h]": cell.charge() * scenario.cell.area / 3600.0,
        "Separator resistance [Ohm.m2]": cell.separator_resistance,
        "Anode ohmic resistance [Ohm.m2]": cell.anode.ohmic,
    });
    if let (Some(values), true) = (values.as_object_mut(), coating.coverage > 0.0) {
        values.insert("Coating coverage".into(), json!(coating.coverage));
        values.insert(
            "Coating resistance [Ohm.m2]".into(),
            json!(coating.resistance + coating.step),
        );
    }
    rounded(values)
}

/// All numbers to eight digits: more are round-off.
fn rounded(mut value: Value) -> Value {
    match &mut value {
        Value::Number(number) if number.is_f64() => {
            if let Some(full) = number.as_f64() {
                return json!(eight_digits(full));
            }
        }
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| *item = rounded(item.take())),
        Value::Object(items) => items
            .values_mut()
            .for_each(|item| *item = rounded(item.take())),
        _ => {}
    }
    value
}

fn eight_digits(full: f64) -> f64 {
    format!("{full:.7e}").parse().unwrap_or(full)
}

#[cfg(test)]
mod tests;
