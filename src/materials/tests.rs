//! The shipped materials: complete, sourced, and what the papers say.

use super::process::CoatingProcess;
use super::schema::leaves;
use super::types::*;
use super::{Electrolyte, Library, MaterialKind, PropertyValue, library};
use serde::de::DeserializeOwned;

/// The papers and articles that may be cited; anything else is an estimate.
const CITABLE: [&str; 8] = [
    "shi2023",
    "ma2022",
    "kissel2025",
    "walther2021",
    "ma2024",
    "Sturm et al.",
    "from the formula",
    "estimate",
];

#[test]
fn every_shipped_material_is_complete_and_sourced() {
    let library = Library::shipped().unwrap_or_else(|error| panic!("{error}"));
    for entry in library.entries() {
        assert!(!entry.about.is_empty(), "{}", entry.name);
        assert_eq!(entry.missing(), Vec::<String>::new(), "{}", entry.name);
        for (path, property) in &entry.properties {
            let place = format!("{}.{path}: {}", entry.name, property.source);
            assert!(
                CITABLE.iter().any(|name| property.source.starts_with(name)),
                "{place}"
            );
            assert!(
                property.source.len() > 8 && property.source != "estimate",
                "{place}"
            );
            assert!(
                !property.unit.is_empty() && !property.written.is_empty(),
                "{place}"
            );
            if let (Some((low, high)), PropertyValue::Number(value)) =
                (property.range, &property.value)
            {
                assert!((low..=high).contains(value), "{place} outside its range");
            }
        }
    }
}

/// Schema and structure agree: every entry becomes its structure, and nothing is dropped.
fn complete<T: DeserializeOwned + serde::Serialize>(kind: MaterialKind) {
    for name in library().names(&[kind]) {
        let entry = library().find(name, kind).expect("listed");
        let typed: T = entry
            .to_table()
            .try_into()
            .unwrap_or_else(|e| panic!("{name}: {e}"));
        let back = toml::Table::try_from(&typed).expect("serialisable");
        let mut expected = entry.to_table();
        if kind == MaterialKind::Laws {
            expected.remove("name");
        }
        assert_eq!(back, expected, "{name}");
    }
    assert!(
        leaves(kind.schema())
            .iter()
            .all(|(_, key)| !key.about.is_empty() && !key.example.is_empty())
    );
}

#[test]
fn schemas_and_structures_agree() {
    complete::<ActiveMaterial>(MaterialKind::ActiveMaterial);
    complete::<Electrolyte>(MaterialKind::SolidElectrolyte);
    complete::<Electrolyte>(MaterialKind::LiquidElectrolyte);
    complete::<Carbon>(MaterialKind::CarbonFibre);
    complete::<Carbon>(MaterialKind::CarbonBlack);
    complete::<Binder>(MaterialKind::Binder);
    complete::<CoatingMaterial>(MaterialKind::Coating);
    complete::<CoatingProcess>(MaterialKind::CoatingProcess);
    complete::<Anode>(MaterialKind::Anode);
    complete::<DegradationLaws>(MaterialKind::Laws);
}

#[test]
fn the_promised_materials_are_there() {
    let there = |kinds: &[MaterialKind], names: &[&str]| {
        for name in names {
            assert!(library().names(kinds).contains(name), "{name}");
        }
    };
    there(
        &[MaterialKind::ActiveMaterial],
        &["NCM622", "NCM811", "NCM83", "NCM85", "LiNiO2"],
    );
    there(&[MaterialKind::SolidElectrolyte], &["LPSCl", "Li3PS4"]);
    there(
        &[MaterialKind::CarbonFibre, MaterialKind::CarbonBlack],
        &["VGCF", "Super C65"],
    );
    there(&[MaterialKind::LiquidElectrolyte], &["LP57"]);
    there(&[MaterialKind::Binder], &["polyisobutylene", "PVDF"]);
    there(
        &[MaterialKind::Coating],
        &[
            "PVBTA-TFSI",
            "ZrO2",
            "HfO2",
            "Li2CO3",
            "LiNbO3",
            "Li3PO4",
            "Li2SO4",
            "Li3PS4",
            "Li-P-S-O",
            "carbonate residue",
        ],
    );
    there(&[MaterialKind::Anode], &["In/InLi", "LTO", "Li"]);
}

#[test]
fn values_agree_with_the_papers() {
    let ncm83: ActiveMaterial = library()
        .get("NCM83", MaterialKind::ActiveMaterial)
        .expect("shipped");
    // 3.77 V at x = 0.6 (shi2023); 275 mAh/g = 990 C/g in theory.
    let at = ncm83
        .open_circuit_potential
        .iter()
        .find(|p| (p.0 - 0.6).abs() < 1e-9)
        .expect("a node");
    assert!((at.1 - 3.77).abs() < 0.02);
    assert!((ncm83.theoretical_capacity() / 3600.0 - 275.0).abs() < 1.0);
    assert!((ncm83.maximum_concentration() - 49_060.0).abs() < 10.0);
    let anode: Anode = library()
        .get("In/InLi", MaterialKind::Anode)
        .expect("shipped");
    assert!((anode.plateau_potential() - 0.62).abs() < 1e-12);
    let anode: Anode = library().get("LTO", MaterialKind::Anode).expect("shipped");
    assert!((anode.plateau_potential() - 1.55).abs() < 1e-12);
    let lpscl: Electrolyte = library()
        .get("LPSCl", MaterialKind::SolidElectrolyte)
        .expect("shipped");
    let warm =
        lpscl.ionic_conductivity * crate::constants::arrhenius(lpscl.activation_energy, 318.15);
    assert!(
        (warm - 0.7).abs() < 0.01,
        "7 mS/cm at 45 degC (ma2022), got {warm} S/m"
    );
}

/// On flatter plateaus the surface stoichiometry would jump between steps.
#[test]
fn open_circuit_potentials_fall_by_at_least_fifty_millivolts_over_all_lithium() {
    for name in library().names(&[MaterialKind::ActiveMaterial]) {
        let oxide: ActiveMaterial = library()
            .get(name, MaterialKind::ActiveMaterial)
            .expect("shipped");
        for pair in oxide.open_circuit_potential.windows(2) {
            let slope = (pair[0].1 - pair[1].1) / (pair[1].0 - pair[0].0);
            assert!(slope >= 0.05, "{name} at x = {}: {slope} V", pair[0].0);
        }
    }
}

/// The collapse of LiNiO2 follows the lever rule between H2 and H3, and is what ma2024
/// states at the end of charge.
#[test]
fn lithium_nickelate_shrinks_by_the_lever_rule() {
    let oxide: ActiveMaterial = library()
        .get("LiNiO2", MaterialKind::ActiveMaterial)
        .expect("shipped");
    let at = |x: f64| {
        let pair = oxide.volume_change.iter().find(|p| (p.0 - x).abs() < 1e-9);
        pair.expect("a node").1
    };
    assert!((at(0.10) + 0.083).abs() < 1e-12);
    let inside = |x: f64| x > 0.13 && x < 0.30;
    let nodes: Vec<_> = oxide.volume_change.iter().filter(|p| inside(p.0)).collect();
    assert!(nodes.len() >= 3);
    for (x, change) in nodes {
        let share = (x - 0.13) / (0.30 - 0.13);
        let lever = at(0.13) + share * (at(0.30) - at(0.13));
        assert!((change - lever).abs() < 1e-5, "{x}");
    }
}
