//! Fits whose answer is known: data made with engobe itself, from parameters that the fit
//! is then to find. And what a user sees: complaints, resuming, changed files.

mod course;
mod file;
mod laboratory;
mod recovery;

use engobe::calibration::{Calibration, Plan, calibrate, load};
use engobe::validation::reading::READINGS;
use engobe::validation::{Folders, SimulatedCell, simulate};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// A cell that takes milliseconds: a coarse structure, two cycles and some more at 1C.
pub const SCENARIO: &str = r#"# A quick cell.
title = "Quick cell"

[cathode]
active_material = "NCM83"
particle_kind = "single-crystal"
particle_diameter = { d50 = "4.4 um", d90 = "5 um" }
specific_surface = "0.593 m2/g"
composition = { active_material = "70 wt%", LPSCl = "30 wt%", VGCF = "1 wt% extra" }
active_mass_loading = "10.6 mg/cm2"
connected_fraction = "95 %"   # of the fresh cell

[cell]
anode = "In/InLi"
separator = { material = "LPSCl", mass = "80 mg" }
area = "0.785 cm2"
temperature = "25 degC"
one_C = "200 mA/g"

[[protocol]]
repeat = 2
steps = ["Charge at 0.1C until 3.7 V", "Discharge at 0.1C until 2.0 V"]
impedance = { cycles = [1], at = "3.15 V", from = "1 MHz", to = "1 mHz", per_decade = 10 }

[[protocol]]
repeat = 6
steps = ["Charge at 0.1C until 3.7 V", "Discharge at 1C until 2.0 V"]

[microstructure]
box_edge = "16 um"
resolution = 32

[numerics]
depths = 3
size_classes = 2
shells = 10
"#;

/// The same with values of the materials.
pub fn scenario_with(values: &str) -> String {
    format!("{SCENARIO}\n{values}\n")
}

/// A parameter of a material.
pub fn parameter(material: &str, key: &str, from: &str, to: &str) -> String {
    format!(
        "[[parameter]]\nmaterial = \"{material}\"\nkey = \"{key}\"\nfrom = {from}\nto = {to}\nreason = \"test\"\n\n"
    )
}

/// Simulates a scenario's text.
pub fn cell(text: &str) -> Arc<SimulatedCell> {
    let folder = tempfile::tempdir().expect("a directory");
    std::fs::write(folder.path().join("truth.toml"), text).expect("written");
    let folders = Folders {
        scenarios: folder.path(),
        kept: &folder.path().join("kept"),
    };
    let found = simulate(&["truth"], folders, 1, &AtomicBool::new(false), &|_| {});
    let mut found = found.expect("runs");
    let cells = found.remove("truth").expect("asked for");
    cells.expect("simulated").remove(0)
}

/// What a reading says of a cell.
pub fn reading(cell: &SimulatedCell, name: &str, cycle: f64) -> f64 {
    let (_, _, read) = READINGS
        .iter()
        .find(|(word, ..)| *word == name)
        .expect("a reading");
    read(cell, &[cycle]).expect("readable")
}

/// `[[cell]]` with a `[[measured]]` for every (reading, cycle, relative error) of `truth`.
pub fn measured(truth: &SimulatedCell, readings: &[(&str, u32, f64)], uncertainty: &str) -> String {
    let mut text = "[[cell]]\nname = \"mine\"\nscenario = \"cell.toml\"\n\n".to_owned();
    for (name, cycle, error) in readings {
        let value = reading(truth, name, f64::from(*cycle)) * (1.0 + error);
        text += &format!(
            "[[measured]]\nid = \"{name}-{cycle}\"\nvalue = {value:?}\nunit = \"-\"\nsimulated = \"mine.{name}({cycle})\"\nuncertainty = \"{uncertainty}\"\n\n"
        );
    }
    text
}

/// Puts scenario and fit into a folder.
pub fn lay_out(folder: &Path, fit: &str) -> Plan {
    std::fs::write(folder.join("cell.toml"), SCENARIO).expect("written");
    std::fs::write(folder.join("fit.toml"), fit).expect("written");
    match load(folder.join("fit.toml")) {
        Ok(plan) => plan,
        Err(refused) => panic!("{refused}"),
    }
}

/// Runs a fit in a folder of its own.
pub fn fitted(fit: &str) -> Calibration {
    let folder = tempfile::tempdir().expect("a directory");
    let plan = lay_out(folder.path(), fit);
    let output = folder.path().join("out");
    calibrate(&plan, &output, &AtomicBool::new(false), &|_| {}).expect("fits")
}
