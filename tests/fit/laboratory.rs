//! The user's own files as data: capacities over cycles, whole cycling records, spectra.

use super::{lay_out, parameter, scenario_with};
use engobe::calibration::{calibrate, load};
use engobe::results;
use engobe::simulation::{Supervision, run};
use std::path::Path;
use std::sync::atomic::AtomicBool;

const TRUTH: &str = r#"[materials.NCM83]
charge_transfer.resistance = "200 ohm cm2"

[laws]
contact_loss.mechanical = 0.1
"#;

/// Leaves what engobe writes of the true cell in a folder.
fn measure(folder: &Path) {
    let truth = engobe::scenario::from_str("truth.toml", &scenario_with(TRUTH)).expect("valid");
    let interrupt = AtomicBool::new(false);
    let supervision = Supervision {
        checkpoint: None,
        resume: false,
        interrupt: &interrupt,
    };
    let record = run(&truth, supervision, &mut |_| {}).expect("runs");
    results::write(&record, folder).expect("written");
    let mut specific = "Cycle Count / 1,Discharge Capacity (mAh/g)\n".to_owned();
    for cycle in &record.cycles {
        let capacity = results::summary::specific_capacity(cycle.discharge, &record.scenario);
        specific += &format!("{},{capacity}\n", cycle.cycle);
    }
    std::fs::write(folder.join("specific.csv"), specific).expect("written");
}

fn fit(folder: &Path, data: &str) -> engobe::calibration::Calibration {
    let mut fit = parameter(
        "NCM83",
        "charge_transfer.resistance",
        "\"50 ohm cm2\"",
        "\"600 ohm cm2\"",
    );
    fit += &parameter("laws", "contact_loss.mechanical", "0.01", "0.3");
    fit += "[[cell]]\nname = \"mine\"\nscenario = \"cell.toml\"\n\n";
    let plan = lay_out(folder, &(fit + data + "\n[search]\nsamples = 12\n"));
    let output = folder.join("out");
    calibrate(&plan, &output, &AtomicBool::new(false), &|_| {}).expect("fits")
}

#[test]
fn capacities_and_a_spectrum_give_the_parameters_back() {
    let folder = tempfile::tempdir().expect("a directory");
    measure(folder.path());
    let spectrum = "[[spectrum]]\ncell = \"mine\"\nfile = \"spectra.csv\"\nafter_cycle = 1\nhighest = \"100 kHz\"\nlowest = \"10 mHz\"\nuncertainty = \"3 %\"\n";
    for file in ["cycles.csv", "specific.csv"] {
        let data = format!(
            "[[capacities]]\ncell = \"mine\"\nfile = \"{file}\"\ncycles = [1, 3, 8]\nuncertainty = \"1 %\"\n\n{spectrum}"
        );
        let found = fit(folder.path(), &data);
        let frequencies = found.numbers.len() - 3;
        assert!(
            frequencies >= 40 && frequencies.is_multiple_of(2),
            "{frequencies} parts of impedances"
        );
        let [resistance, mechanical] = &found.parameters[..] else {
            panic!("two parameters");
        };
        assert!(
            (resistance.si / 200e-4 - 1.0).abs() < 0.03,
            "{resistance:?}"
        );
        assert!((mechanical.si / 0.1 - 1.0).abs() < 0.1, "{mechanical:?}");
        for number in &found.numbers {
            assert!(number.residual.abs() < 1.0, "{number:?}");
        }
    }
}

#[test]
fn files_that_do_not_fit_are_refused_at_their_place() {
    let folder = tempfile::tempdir().expect("a directory");
    measure(folder.path());
    let head = parameter("laws", "contact_loss.mechanical", "0.01", "0.3")
        + "[[cell]]\nname = \"mine\"\nscenario = \"cell.toml\"\n\n";
    std::fs::write(folder.path().join("cell.toml"), super::SCENARIO).expect("written");
    let why = |data: &str| {
        let path = folder.path().join("fit.toml");
        std::fs::write(&path, format!("{head}{data}")).expect("written");
        load(&path).expect_err(data).to_string()
    };
    let cycles = "[[capacities]]\ncell = \"mine\"\nfile = \"cycles.csv\"\n";
    let missing = why(&format!("{cycles}cycles = [1, 99]\n"));
    assert!(
        missing.contains("fit.toml:15:14") && missing.contains("no cycle 99"),
        "{missing}"
    );
    let other = why(&cycles.replace("mine", "yours"));
    assert!(
        other.contains("unknown cell `yours`") && other.contains("known: mine"),
        "{other}"
    );
    let absent = why(&cycles.replace("cycles.csv", "nothing.csv"));
    assert!(
        absent.contains("fit.toml:14:8") && absent.contains("cannot read"),
        "{absent}"
    );
    let kind = why("[[spectrum]]\ncell = \"mine\"\nfile = \"timeseries.csv\"\n");
    assert!(kind.contains("fit.toml:14:8"), "{kind}");
}

#[test]
fn a_spectrum_the_scenario_does_not_take_is_named() {
    let folder = tempfile::tempdir().expect("a directory");
    measure(folder.path());
    let csv = std::fs::read_to_string(folder.path().join("spectra.csv")).expect("there");
    std::fs::write(folder.path().join("other.csv"), csv.replace("\n1,", "\n2,")).expect("written");
    let data = "[[capacities]]\ncell = \"mine\"\nfile = \"cycles.csv\"\n\n[[spectrum]]\ncell = \"mine\"\nfile = \"other.csv\"\n";
    let found = fit(folder.path(), data);
    let reason = found.numbers.iter().find_map(|n| n.reason.clone());
    assert_eq!(
        reason.as_deref(),
        Some("no spectrum was taken after cycle 2")
    );
}

#[test]
fn a_fit_of_which_nothing_can_be_simulated_says_why() {
    let folder = tempfile::tempdir().expect("a directory");
    let fit = parameter("laws", "contact_loss.mechanical", "0.01", "0.3")
        + "[[cell]]\nname = \"mine\"\nscenario = \"cell.toml\"\n\n[[measured]]\nid = \"a\"\nvalue = 1\nunit = \"um\"\nsimulated = \"mine.diffusion_length(2)\"\n[search]\nsamples = 2\n";
    let plan = lay_out(folder.path(), &fit);
    let outcome = calibrate(&plan, folder.path(), &AtomicBool::new(false), &|_| {});
    let reason = outcome.expect_err("nothing to fit to").to_string();
    assert!(
        reason.contains("no spectrum was taken after cycle 2"),
        "{reason}"
    );
}
