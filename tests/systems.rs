//! The shipped scenarios, one for every cell of the five papers: each is read, and its
//! first two cycles run on a coarse structure without a complaint.

use engobe::microstructure::Blueprint;
use engobe::record::RunRecord;
use engobe::results::summary::specific_capacity;
use engobe::scenario::{self, Block, ImpedanceRequest, Loaded, MicrostructureSettings, Scenario};
use engobe::simulation::{Supervision, run, run::structure};
use rayon::prelude::*;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// Cells of the papers that must be there, by the beginnings of their files' names.
const SYSTEMS: [&str; 5] = ["shi2023", "ma2022", "kissel2025", "walther2021", "ma2024"];
/// Edges of coarse boxes, m, from the smallest, and their voxels per edge.
const BOXES: [(f64, usize); 3] = [(16e-6, 40), (24e-6, 60), (30e-6, 75)];

fn shipped() -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut files: Vec<PathBuf> = std::fs::read_dir(directory)
        .expect("scenarios/")
        .map(|file| file.expect("an entry").path())
        // The JSON schema lies beside them.
        .filter(|path| path.extension().is_none_or(|end| end != "json"))
        .collect();
    files.sort();
    files
}

fn load(name: &str) -> Loaded {
    scenario::load(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("scenarios")
            .join(name),
    )
    .unwrap_or_else(|error| panic!("{error}"))
}

/// The scenario on a coarse structure in the smallest box that holds its particles.
fn coarse(scenario: &mut Scenario) {
    let numerics = &mut scenario.numerics;
    (numerics.depths, numerics.size_classes, numerics.shells) = (3, 1, 8);
    for (box_edge, resolution) in BOXES {
        scenario.microstructure = MicrostructureSettings {
            box_edge,
            resolution,
        };
        if Blueprint::of(scenario).and_then(|b| b.check()).is_ok() {
            return;
        }
    }
    panic!("{}: no box is large enough", scenario.title);
}

/// Its first two cycles.
fn two_cycles(scenario: &mut Scenario) {
    let mut left = 2;
    scenario.protocol.retain_mut(|block| {
        block.repeat = block.repeat.min(left);
        left -= block.repeat;
        block.impedance = None;
        block.repeat > 0
    });
}

fn simulate(loaded: &Loaded) -> RunRecord {
    let supervision = Supervision {
        checkpoint: None,
        resume: false,
        interrupt: &AtomicBool::new(false),
    };
    run(loaded, supervision, &mut |_| {})
        .unwrap_or_else(|error| panic!("{}: {error}", loaded.scenario.title))
}

#[test]
fn every_paper_has_its_cells() {
    let names: Vec<String> = shipped()
        .iter()
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    for system in SYSTEMS {
        assert!(
            names.iter().any(|name| name.starts_with(system)),
            "{system}"
        );
    }
    assert!(names.iter().all(|name| name.ends_with(".toml")));
}

#[test]
fn two_cycles_of_every_shipped_scenario_run() {
    shipped().par_iter().for_each(|path| {
        let mut loaded = scenario::load(path).unwrap_or_else(|error| panic!("{error}"));
        coarse(&mut loaded.scenario);
        let all: usize = loaded.scenario.protocol.iter().map(Block::cycles).sum();
        two_cycles(&mut loaded.scenario);
        let record = simulate(&loaded);
        let name = path.display();
        let stored = path.to_string_lossy().contains("-stored");
        assert_eq!(record.cycles.len(), all.min(2), "{name}");
        for cycle in &record.cycles {
            assert_eq!(cycle.note, "", "{name}");
            assert!(cycle.lithium_error.abs() < 1e-9, "{name}");
            assert!(cycle.charge_error.abs() < 1e-9, "{name}");
        }
        let first = &record.cycles[0];
        if stored {
            // Contact alone, no current.
            assert!(first.products.phosphate > 0.0, "{name}");
            return;
        }
        let [charge, discharge] =
            [first.charge, first.discharge].map(|q| specific_capacity(q, &record.scenario));
        assert!((150.0..250.0).contains(&charge), "{name}: {charge} mAh/g");
        let efficiency = discharge / charge;
        assert!((0.7..1.0).contains(&efficiency), "{name}: {efficiency}");
    });
}

/// Files of one paper that differ in their coating differ in nothing else.
#[test]
fn cells_of_a_paper_differ_in_their_coating_only() {
    let bare = |name: &str| {
        let mut scenario = load(name).scenario;
        scenario.coating = None;
        scenario.title.clear();
        let parts = &mut scenario.cathode.mass_fractions;
        parts.active_material += parts.coating;
        parts.coating = 0.0;
        // A coating may have taken lithium from the oxide.
        scenario.cathode.active_material.initial_stoichiometry = 1.0;
        // Follows from the pressure and counts the coating.
        scenario.cathode.porosity = 0.0;
        scenario.cathode.mass_fractions.active_material =
            (1e12 * scenario.cathode.mass_fractions.active_material).round();
        scenario
    };
    let families: [&[&str]; 8] = [
        &["ma2022-bare", "ma2022-c", "ma2022-zro2", "ma2022-hfo2"],
        &["ma2022-bare-rates", "ma2022-c-rates", "ma2022-zro2-rates"],
        &["ma2022-liquid-bare", "ma2022-liquid-zro2"],
        &[
            "kissel2025-bare",
            "kissel2025-100",
            "kissel2025-400",
            "kissel2025-700",
        ],
        &["kissel2025-slurry-bare", "kissel2025-slurry-400"],
        &["walther2021-bare", "walther2021-coated"],
        &["walther2021-bare-stored", "walther2021-coated-stored"],
        &["ma2024-bare", "ma2024-0p36", "ma2024-0p76", "ma2024-1p38"],
    ];
    for family in families {
        let first = bare(&format!("{}.toml", family[0]));
        for name in &family[1..] {
            let mut other = bare(&format!("{name}.toml"));
            if first.cathode.electrolyte.is_liquid() {
                // How much liquid there is depends on the coating's volume.
                other.cathode.mass_fractions = first.cathode.mass_fractions;
            }
            assert_eq!(other, first, "{name}");
        }
    }
}

/// In a liquid nothing of what ages a sulfide cathode acts, whatever the switches say.
#[test]
fn a_liquid_keeps_contact_paths_and_particles() {
    let mut loaded = load("ma2022-liquid-bare.toml");
    let cathode = &loaded.scenario.cathode;
    assert!(cathode.porosity.abs() < 1e-15 && cathode.mass_fractions.electrolyte > 0.1);
    let parts = &cathode.mass_fractions;
    let sum = parts.active_material + parts.electrolyte + parts.carbon + parts.binder;
    assert!((sum - 1.0).abs() < 1e-12);
    coarse(&mut loaded.scenario);
    two_cycles(&mut loaded.scenario);
    let record = simulate(&loaded);
    let last = &record.cycles[1];
    assert!((last.connected_fraction - 1.0).abs() < 1e-12);
    assert!(last.contact_lost.abs() < 1e-12 && last.crack_damage.abs() < 1e-12);
    // 40 % of the dry electrode were pores.
    let liquid = record.microstructure.statistics.fractions[2];
    assert!((liquid - 0.4).abs() < 0.01, "{liquid}");
    let fade = last.discharge / record.cycles[0].discharge;
    assert!((fade - 1.0).abs() < 0.01, "{fade}");
}

/// A spectrum at open circuit is that of the relaxed cell as the cycle left it, and
/// taking it changes nothing.
#[test]
fn a_spectrum_at_open_circuit_needs_no_charge() {
    let mut loaded = load("ma2022-bare.toml");
    coarse(&mut loaded.scenario);
    two_cycles(&mut loaded.scenario);
    let without = simulate(&loaded);
    loaded.scenario.protocol[0].impedance = Some(ImpedanceRequest {
        cycles: vec![1],
        at: None,
        charge_current: 1.0,
        discharge_from: None,
        hold_until: 0.01,
        rest: None,
        highest: 1e5,
        lowest: 1.0,
        per_decade: 2,
        amplitude: Vec::new(),
    });
    let with = simulate(&loaded);
    assert_eq!(with.spectra.len(), 1);
    // Discharge ended at 1.35 V; at rest the voltage rises, but stays that of a discharged cell.
    let voltage = with.spectra[0].voltage;
    assert!((1.40..2.20).contains(&voltage), "{voltage} V");
    for (a, b) in with.cycles.iter().zip(&without.cycles) {
        assert_eq!(a.discharge.to_bits(), b.discharge.to_bits());
    }
}

/// Coating substance outside the film lies between the grains and crowds the ions' paths.
#[test]
fn excess_coating_narrows_the_paths_of_ions() {
    let mut scenario = load("shi2023-5p.toml").scenario;
    coarse(&mut scenario);
    let factor = |scenario: &Scenario| {
        let (made, transport) = structure(scenario, &mut |_| {}).expect("a structure");
        let polymer = made.statistics.fractions[4];
        (polymer, transport.ionic_factor)
    };
    let (crowded, narrow) = factor(&scenario);
    let film = scenario.coating.as_mut().expect("coated");
    film.excess_ratio = 0.0;
    let (free, wide) = factor(&scenario);
    assert!(crowded > 0.05 && free.abs() < 1e-12, "{crowded} {free}");
    assert!(narrow < 0.9 * wide, "{narrow} {wide}");
}

/// Every statement of the papers can be read: its cells are shipped, its expressions are
/// sentences of readings.
#[test]
fn every_paper_names_shipped_cells_and_known_readings() {
    use engobe::validation::{Paper, Simulations, assess};
    let papers = Paper::read_all(std::path::Path::new("validation/papers")).expect("valid data");
    assert_eq!(papers.len(), 5);
    for paper in &papers {
        for cell in &paper.cells {
            let file = format!("scenarios/{}.toml", cell.scenario);
            assert!(std::path::Path::new(&file).exists(), "{file}");
        }
        // Without simulations the only thing wrong with an expression is that.
        let judged = assess(paper, &Simulations::new());
        let reasons = judged.numbers.iter().map(|n| n.value.as_ref().err());
        let claims = judged.orderings.iter().chain(&judged.findings);
        let unread = claims.map(|claim| match &claim.verdict {
            engobe::validation::Verdict::Unread(reason) => Some(reason),
            engobe::validation::Verdict::Outside(_) => None,
            other => panic!("{other:?} without simulations"),
        });
        for reason in reasons.chain(unread).flatten() {
            assert!(reason.ends_with("was not simulated"), "{reason}");
        }
    }
}
