//! The document against the model it is made from.

use super::*;
use crate::constants::{FARADAY, GAS_CONSTANT};
use crate::microstructure::SizeClass;
use crate::scenario::from_str;

/// A structure that was never generated: what of it is read.
fn structure(radii: &[f64]) -> MicrostructureStatistics {
    let share = 1.0 / radii.len() as f64;
    MicrostructureStatistics {
        thickness: 60e-6,
        target_fractions: [0.0; 5],
        fractions: [0.1, 0.45, 0.43, 0.02, 0.0],
        film_fraction: 0.0,
        particles: 100,
        largest_overlap: 0.0,
        surface_to_electrolyte: 0.8,
        surface_to_void: 0.2,
        surface_to_carbon: 0.0,
        surface_to_polymer: 0.0,
        surface_to_particles: 0.0,
        coordination: 0.0,
        voids_at_surfaces: 0.0,
        fibres_in_plane: 0.0,
        size_classes: radii
            .iter()
            .map(|&radius| SizeClass {
                radius,
                volume_share: share,
            })
            .collect(),
    }
}

fn transport() -> EffectiveTransport {
    EffectiveTransport {
        ionic_factor: 0.12,
        ionic_tortuosity: 3.6,
        ionic_connected: 1.0,
        electronic: vec![(1e-4, 2e-2), (1.0, 0.3)],
        electronic_connected: 1.0,
    }
}

const QUICK: &str = include_str!("../../../scenarios/quick.toml");

fn scenario(changes: &[(&str, &str)]) -> Scenario {
    let mut text = QUICK.to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    from_str("quick", &text).expect("a scenario").scenario
}

fn written(changes: &[(&str, &str)], radii: &[f64]) -> Value {
    let made = document(
        &scenario(changes),
        &structure(radii),
        &transport(),
        Window::default(),
    );
    made.expect("a document")
}

fn number(document: &Value, part: &str, name: &str) -> f64 {
    document["Parameterisation"][part][name]
        .as_f64()
        .unwrap_or_else(|| panic!("no {part} {name}"))
}

#[test]
fn active_volume_and_capacity_are_those_of_the_connected_oxide() {
    let [radius, other] = [2e-6, 3e-6];
    let document = written(&[], &[radius, other]);
    let get = |name: &str| number(&document, "Positive electrode", name);
    let active = get("Surface area per unit volume [m-1]") * get("Particle radius [m]") / 3.0;
    let scenario = scenario(&[]);
    let oxide = &scenario.cathode.active_material;
    let expected = 0.951 * scenario.cathode.areal_loading / oxide.density / 60e-6;
    // What of the coating is not in its film disconnects a little more.
    assert!(
        (0.9..1.0 + 1e-6).contains(&(active / expected)),
        "{active} {expected}"
    );
    let sauter = 2.0 / (1.0 / radius + 1.0 / other);
    assert!((get("Particle radius [m]") / sauter - 1.0).abs() < 1e-6);
    let window = get("Maximum stoichiometry") - get("Minimum stoichiometry");
    let charge = FARADAY * get("Maximum concentration [mol.m-3]") * active * 60e-6 * window;
    let told = number(
        &document,
        "User-defined",
        "Capacity between the cut-offs at rest [A.h]",
    );
    assert!((charge * scenario.cell.area / 3600.0 / told - 1.0).abs() < 1e-6);
    // The anode takes what the cathode gives.
    let film = |name: &str| number(&document, "Negative electrode", name);
    let taken = (film("Maximum stoichiometry") - film("Minimum stoichiometry"))
        * film("Maximum concentration [mol.m-3]")
        * FARADAY
        * film("Thickness [m]")
        * film("Surface area per unit volume [m-1]")
        * film("Particle radius [m]")
        / 3.0;
    assert!((taken / charge - 1.0).abs() < 1e-4, "{taken} {charge}");
}

/// The reaction of the bare cell by hand: RT/(F i0) of the oxide on its contact surface.
#[test]
fn the_rate_constant_carries_contact_surface_and_coating() {
    let coating = QUICK.find("[coating]").zip(QUICK.find("[cell]"));
    let (from, to) = coating.expect("a coated scenario");
    let bare = written(&[(&QUICK[from..to], "")], &[2.2e-6]);
    let get = |name: &str| number(&bare, "Positive electrode", name);
    let contact = number(
        &bare,
        "User-defined",
        "Contact surface area per unit volume [m-1]",
    );
    let oxide = scenario(&[]).cathode.active_material;
    let thermal = GAS_CONSTANT * 298.15 / FARADAY;
    // At the middle of the window neither end raises the resistance; sqrt(x(1-x)) has a
    // geometric mean of 0.4 to 0.45 over windows from 0.2 or 0.3 to 1.
    let flat = thermal / oxide.charge_transfer.resistance * contact
        / get("Surface area per unit volume [m-1]")
        / FARADAY;
    let ratio = get("Reaction rate constant [mol.m-2.s-1]") / flat;
    assert!((1.0..3.0).contains(&ratio), "{ratio}");
    let energy = get("Reaction rate constant activation energy [J.mol-1]");
    // The exchange current itself is proportional to T.
    let expected = oxide.charge_transfer.activation_energy;
    assert!((energy - expected).abs() < 3e3, "{energy} {expected}");
    let coated = written(&[], &[2.2e-6]);
    let slower = number(
        &coated,
        "Positive electrode",
        "Reaction rate constant [mol.m-2.s-1]",
    );
    assert!(slower < 0.99 * get("Reaction rate constant [mol.m-2.s-1]"));
    assert!(coated["Parameterisation"]["User-defined"]["Coating coverage"].is_f64());
    assert!(bare["Parameterisation"]["User-defined"]["Coating coverage"].is_null());
}

#[test]
fn the_separator_holds_the_ohmic_resistance_of_the_anode() {
    let document = written(&[], &[2.2e-6]);
    let separator = |name: &str| number(&document, "Separator", name);
    let conductivity = number(&document, "Electrolyte", "Conductivity [S.m-1]");
    let resistance =
        separator("Thickness [m]") / (conductivity * separator("Transport efficiency"));
    let folded = |name: &str| number(&document, "User-defined", name);
    let expected =
        folded("Separator resistance [Ohm.m2]") + folded("Anode ohmic resistance [Ohm.m2]");
    assert!((resistance / expected - 1.0).abs() < 1e-6);
    let efficiency = number(&document, "Positive electrode", "Transport efficiency");
    assert!((efficiency - 0.12).abs() < 1e-7);
}

#[test]
fn the_window_is_that_of_the_protocol_or_as_asked() {
    let document = written(&[], &[2.2e-6]);
    let cell = |name: &str| number(&document, "Cell", name);
    assert_eq!(
        cell("Upper voltage cut-off [V]").to_bits(),
        3.7f64.to_bits()
    );
    assert_eq!(
        cell("Lower voltage cut-off [V]").to_bits(),
        2.0f64.to_bits()
    );
    let made = |changes: &[(&str, &str)], window: Window| document_of(&scenario(changes), window);
    let timed = [(
        "Discharge at 0.1C until 2.0 V",
        "Discharge at 0.1C for 1 hour",
    )];
    let none = Window::default();
    assert_eq!(made(&timed, none), Err(BpxError::NoLimit("discharge")));
    let asked = Window {
        lower: Some(2.5),
        upper: None,
    };
    let limits = made(&timed, asked).expect("a document");
    assert_eq!(
        number(&limits, "Cell", "Lower voltage cut-off [V]").to_bits(),
        2.5f64.to_bits()
    );
    let narrow = Window {
        lower: Some(3.9),
        upper: None,
    };
    assert!(matches!(
        made(&[], narrow),
        Err(BpxError::UpsideDown { .. })
    ));
    let nowhere = Window {
        lower: Some(0.2),
        upper: Some(0.4),
    };
    assert!(matches!(
        made(&[], nowhere),
        Err(BpxError::NoCapacity { .. })
    ));
}

fn document_of(scenario: &Scenario, window: Window) -> Result<Value, BpxError> {
    document(scenario, &structure(&[2.2e-6]), &transport(), window)
}

#[test]
fn numbers_have_eight_digits() {
    let value = rounded(json!({ "a": [1.0 / 3.0, 1e-9 / 7.0], "b": 1, "c": "words" }));
    assert_eq!(
        value.to_string(),
        r#"{"a":[0.33333333,1.4285714e-10],"b":1,"c":"words"}"#
    );
}
