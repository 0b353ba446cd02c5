//! `engobe impedance` and `engobe analyse` as a user meets them.

#[path = "common/command.rs"]
mod command;

use command::{engobe, numbers};
use predicates::prelude::*;
use std::fs;
use std::path::{Path, PathBuf};

const QUICK: &str = include_str!("../scenarios/quick.toml");

fn scenario(directory: &Path) -> PathBuf {
    let path = directory.join("case.toml");
    fs::write(&path, QUICK).expect("a temporary file");
    path
}

/// The scenario in `directory`, and a run of it.
fn ran(directory: &Path) -> (PathBuf, PathBuf) {
    let case = scenario(directory);
    let run = directory.join("results");
    engobe()
        .args(["run", "--quiet", "--output"])
        .arg(&run)
        .arg(&case)
        .assert()
        .success();
    (case, run)
}

/// The text of a file less the column `Source`.
fn readings(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    // Names hold commas only within quotes.
    let cut = |line: &str| match line.strip_prefix('"') {
        Some(rest) => rest.split_once("\",").map(|r| r.1.to_owned()),
        None => line.split_once(',').map(|r| r.1.to_owned()),
    };
    text.lines()
        .map(|line| cut(line).unwrap_or_default() + "\n")
        .collect()
}

#[test]
fn a_run_and_its_analysis_and_that_of_its_files_give_the_same_numbers() {
    let directory = tempfile::tempdir().unwrap();
    let (case, run) = ran(directory.path());
    let again = directory.path().join("again");
    engobe()
        .args(["analyse", "--quiet", "--output"])
        .arg(&again)
        .arg(&run)
        .assert()
        .success();
    for file in [
        "spectra.csv",
        "cycles.csv",
        "differential-capacity.csv",
        "diffusion-lengths.csv",
    ] {
        let own = readings(&run.join("analysis").join(file));
        assert!(own.lines().count() > 2, "{file}");
        assert_eq!(own, readings(&again.join(file)), "{file}");
    }
    // What the run itself reads from relaxed potentials.
    let heading = "Apparent Active Mass Fraction / 1";
    let (own, cycler) = (
        numbers(&run.join("cycles.csv"), heading),
        // The title of the scenario holds no comma.
        numbers(&again.join("cycles.csv"), heading),
    );
    assert_eq!(own.len(), 3);
    for (a, b) in own.iter().zip(&cycler) {
        assert!((a - b).abs() < 1e-9, "{a} {b}");
    }
    // The spectra as a file of their own, with what else is known from the scenario.
    let file = directory.path().join("file");
    engobe()
        .args(["analyse", "--quiet", "--output"])
        .arg(&file)
        .arg(run.join("spectra.csv"))
        .arg("--scenario")
        .arg(&case)
        .assert()
        .success();
    let lengths = "EIS-PSD Spherical: Median Radius / um";
    let (own, cycler) = (
        numbers(&again.join("spectra.csv"), lengths),
        numbers(&file.join("spectra.csv"), lengths),
    );
    assert_eq!((own.len(), cycler.len()), (2, 2));
    for (a, b) in own.iter().zip(&cycler) {
        // The file does not know the (small) electronic resistance.
        assert!((a / b - 1.0).abs() < 0.05, "{a} {b}");
    }
}

#[test]
fn a_spectrum_after_some_cycles_with_noise_and_under_current() {
    let directory = tempfile::tempdir().unwrap();
    let case = scenario(directory.path());
    let take = |name: &str, more: &[&str]| {
        let output = directory.path().join(name);
        engobe()
            .args([
                "impedance",
                "--quiet",
                "--at",
                "3.15V",
                "--per-decade",
                "5",
                "--output",
            ])
            .arg(&output)
            .args(more)
            .arg(&case)
            .assert()
            .success();
        fs::read_to_string(output.join("spectra.csv")).unwrap()
    };
    let rest = take("rest", &["--at-cycle", "1"]);
    assert!(rest.starts_with("Cycle Count / 1,Frequency / Hz,Real Impedance / ohm"));
    assert_eq!(rest.lines().count(), 52);
    for file in [
        "results.h5",
        "analysis.html",
        "figures/analysis-nyquist.svg",
        "analysis/spectra.csv",
    ] {
        assert!(directory.path().join("rest").join(file).exists(), "{file}");
    }
    let noisy = take(
        "noisy",
        &["--at-cycle", "1", "--noise", "0.3%", "--seed", "7"],
    );
    assert_ne!(rest, noisy);
    let second = |text: &str| -> f64 {
        let line = text.lines().nth(30).unwrap();
        line.split(',').nth(2).unwrap().parse().unwrap()
    };
    assert!((second(&rest) / second(&noisy) - 1.0).abs() < 0.02);
    let loaded = take("loaded", &["--at-cycle", "1", "--under", "0.1C"]);
    assert_ne!(rest, loaded);
    // A current at which the voltage is passed from the start.
    engobe()
        .args([
            "impedance",
            "--at-cycle",
            "1",
            "--at",
            "3.15V",
            "--under",
            "50C",
            "--output",
        ])
        .arg(directory.path().join("beyond"))
        .arg(&case)
        .assert()
        .code(1)
        .stderr(predicate::str::contains(
            "beyond that voltage from the start",
        ));
    let relaxed = take("relaxed", &["--at-cycle", "1", "--rest", "2 hours"]);
    let voltage = |text: &str| -> f64 {
        let line = text.lines().nth(1).unwrap();
        line.split(',').nth(6).unwrap().parse().unwrap()
    };
    assert!(voltage(&relaxed) < voltage(&loaded) - 1e-3);
    let fresh = take("fresh", &["--at-cycle", "0"]);
    assert!(fresh.lines().nth(1).unwrap().starts_with("0,"));
}

#[test]
fn a_run_gives_spectra_of_other_cycles_gas_and_surfaces() {
    let directory = tempfile::tempdir().unwrap();
    let (case, run) = ran(directory.path());
    let page = fs::read_to_string(run.join("report.html")).unwrap();
    assert!(page.contains("href=\"analysis/analysis.html\""));

    // The state after cycle 2 is kept: the spectrum is that of a simulation, to the last bit.
    let take = |name: &str, of: &Path, told: &str| {
        let output = directory.path().join(name);
        engobe()
            .args([
                "impedance",
                "--at-cycle",
                "2",
                "--at",
                "3.15V",
                "--per-decade",
                "3",
            ])
            .args(["--on", "discharge", "--under", "0.1C", "--run"])
            .arg(of)
            .arg("--output")
            .arg(&output)
            .arg(&case)
            .assert()
            .success()
            .stderr(predicate::str::contains(told));
        fs::read_to_string(output.join("spectra.csv")).unwrap()
    };
    let kept = take("kept", &run, "is that of an earlier run");
    let simulated = take(
        "simulated",
        &directory.path().join("none"),
        "were simulated",
    );
    assert_eq!(kept, simulated);
    let current = numbers(&directory.path().join("kept/spectra.csv"), "Current / A");
    assert!(current.iter().all(|i| *i < -1e-5), "{current:?}");
    let voltage = numbers(&directory.path().join("kept/spectra.csv"), "Voltage / V");
    assert!((voltage[0] - 3.15).abs() < 1e-3, "{}", voltage[0]);

    // Gas and surfaces, again from the run, and gas from its own file.
    let analyse = |name: &str, what: &Path, more: &[&Path]| {
        let output = directory.path().join(name);
        let mut command = engobe();
        command
            .args(["analyse", "--quiet", "--output"])
            .arg(&output);
        for path in more {
            command.arg("--reference").arg(path);
        }
        command.arg(what).assert().success();
        output
    };
    let (own, again) = (run.join("analysis"), analyse("again", &run, &[&run]));
    for file in ["gas.csv", "gas-curves.csv", "photoelectrons.csv"] {
        assert_eq!(
            readings(&own.join(file)),
            readings(&again.join(file)),
            "{file}"
        );
    }
    for fragment in ["PO2- Relative / 1", "SO3- Relative / 1", "Sx- Relative / 1"] {
        let seen = numbers(&again.join("tof-sims.csv"), fragment);
        // Two regions after each of three cycles, relative to themselves.
        assert_eq!(seen.len(), 6);
        assert!(seen.iter().all(|x| (x - 1.0).abs() < 1e-12), "{seen:?}");
    }
    assert!(
        !own.join("tof-sims.csv").exists(),
        "no intensities without a reference"
    );
    let file = analyse("file", &own.join("gas-curves.csv"), &[]);
    for heading in [
        "Amount / umol g-1",
        "Voltage At Onset / V",
        "Time Of Largest Rate / s",
    ] {
        let (a, b) = (
            numbers(&own.join("gas.csv"), heading),
            numbers(&file.join("gas.csv"), heading),
        );
        assert!(!a.is_empty() && a.len() == b.len());
        for (a, b) in a.iter().zip(&b) {
            assert!((a / b - 1.0).abs() < 1e-9, "{heading}: {a} {b}");
        }
    }
    for (reference, reason) in [
        (case.clone(), "takes the directory of a run"),
        (directory.path().join("nowhere"), "there is no such run"),
        (directory.path().to_path_buf(), "no results.h5 in it"),
    ] {
        for mut command in ["analyse", "run"].map(|verb| {
            let mut command = engobe();
            command.arg(verb).arg("--output");
            command.arg(directory.path().join("none"));
            command.arg(if verb == "run" { &case } else { &run });
            command
        }) {
            command
                .arg("--reference")
                .arg(&reference)
                .assert()
                .code(2)
                .stderr(predicate::str::contains(reason));
        }
    }
    assert!(!directory.path().join("none").exists());
    // A run that is told its reference gives intensities of its own.
    let told = directory.path().join("told");
    engobe()
        .args(["run", "--quiet", "--output"])
        .arg(&told)
        .arg("--reference")
        .arg(&run)
        .arg(&case)
        .assert()
        .success();
    let seen = numbers(&told.join("analysis/tof-sims.csv"), "PO3- Relative / 1");
    assert!(
        seen.len() == 6 && seen.iter().all(|x| (x - 1.0).abs() < 1e-12),
        "{seen:?}"
    );
}

/// The amplitudes of shi2023: stated in the scenario or for one spectrum, checked by sines in
/// time, kept with the run and told again by its analysis.
#[test]
fn amplitudes_are_checked_kept_and_read_again() {
    const PAPER: &str = "10 mV to 10 mHz, 5 mV to 1 mHz, 3 mV to 100 uHz";
    let directory = tempfile::tempdir().unwrap();
    let stated = QUICK.replace(
        "to = \"100 uHz\"",
        "to = \"100 uHz\", amplitude = [\"10 mV to 10 mHz\", \"5 mV to 1 mHz\", \"3 mV to 100 uHz\"]",
    );
    assert_ne!(stated, QUICK, "the scenario takes spectra down to 100 uHz");
    let case = directory.path().join("stated.toml");
    fs::write(&case, stated).unwrap();
    let run = directory.path().join("run");
    engobe()
        .args(["run", "--quiet", "--output"])
        .arg(&run)
        .arg(&case)
        .assert()
        .success();
    let (own, again) = (run.join("analysis"), directory.path().join("again"));
    engobe()
        .args(["analyse", "--quiet", "--output"])
        .arg(&again)
        .arg(&run)
        .assert()
        .success();
    let [first, second] = [&own, &again].map(|d| readings(&d.join("linearity.csv")));
    assert_eq!(first, second);
    let amplitude = numbers(&own.join("linearity.csv"), "Amplitude / mV");
    assert_eq!(amplitude[..3], [10.0, 5.0, 3.0]);
    let deviation = numbers(
        &own.join("linearity.csv"),
        "Relative Deviation Of Impedance / 1",
    );
    assert!(deviation.iter().all(|d| d.abs() < 0.05), "{deviation:?}");

    // One spectrum, with a scatter of the voltage: the smaller the amplitude, the more of it.
    let take = |name: &str, more: &[&str]| {
        let output = directory.path().join(name);
        engobe()
            .args(["impedance", "--quiet", "--at-cycle", "1", "--at", "3.15V"])
            .args(more)
            .arg("--output")
            .arg(&output)
            .arg(scenario(directory.path()))
            .assert()
            .success();
        let column = |heading| numbers(&output.join("spectra.csv"), heading);
        (
            column("Real Impedance / ohm"),
            column("Imaginary Impedance / ohm"),
        )
    };
    let clean = take("clean", &[]);
    let noisy = take("noisy", &["--amplitude", PAPER, "--noise", "100 uV"]);
    let scatter = |points: std::ops::Range<usize>| {
        let count = points.len() as f64;
        let square = |k: usize| {
            let size = clean.0[k].hypot(clean.1[k]);
            (noisy.0[k] - clean.0[k])
                .hypot(noisy.1[k] - clean.1[k])
                .powi(2)
                / size.powi(2)
        };
        (points.map(square).sum::<f64>() / 2.0 / count).sqrt()
    };
    // 1 % of 10 mV over eight decades, a thirtieth of 3 mV over the last.
    assert!(
        (scatter(0..80) / 0.01 - 1.0).abs() < 0.3,
        "{}",
        scatter(0..80)
    );
    assert!(
        (scatter(91..101) / 0.0333 - 1.0).abs() < 0.5,
        "{}",
        scatter(91..101)
    );
    for (more, reason) in [
        (&["--noise", "100 uV"][..], "needs --amplitude"),
        (&["--amplitude", "10"], "--amplitude"),
        (&["--amplitude", "10 mV to 1 Hz"], "no amplitude from 1 Hz"),
    ] {
        engobe()
            .args(["impedance", "--at", "3.15V", "--output"])
            .arg(directory.path().join("none"))
            .args(more)
            .arg(&case)
            .assert()
            .code(2)
            .stderr(predicate::str::contains(reason));
    }
}

#[test]
fn what_cannot_be_taken_or_read_is_refused_in_words() {
    let directory = tempfile::tempdir().unwrap();
    let case = scenario(directory.path());
    let refuse = |arguments: &[&str], file: &Path, reason: &str| {
        engobe()
            .args(arguments)
            .arg(file)
            .arg("--output")
            .arg(directory.path().join("none"))
            .assert()
            .code(2)
            .stderr(predicate::str::contains(reason));
    };
    refuse(
        &["impedance", "--at", "3.15V", "--at-cycle", "9"],
        &case,
        "only 3 cycles",
    );
    refuse(&["impedance", "--at", "9V"], &case, "cannot be held");
    refuse(&["impedance", "--at", "3.15"], &case, "--at");
    refuse(
        &["impedance", "--at", "3.15V", "--to", "10 MHz"],
        &case,
        "--from is the highest",
    );
    refuse(
        &["impedance", "--at", "open circuit", "--under", "0.1C"],
        &case,
        "as the cycle left it",
    );
    refuse(
        &["impedance", "--at", "3.9V", "--on", "discharge"],
        &case,
        "charges to 3.700 V",
    );
    refuse(
        &["impedance", "--at", "3.15V", "--rest", "0.5 s"],
        &case,
        "1 s",
    );
    let broken = directory.path().join("broken.csv");
    fs::write(&broken, "Frequency / Hz,Real Impedance / ohm\n1,2\n").unwrap();
    refuse(
        &["analyse"],
        &broken,
        "no column `Imaginary Impedance / ohm`",
    );
    fs::write(&broken, "Frequency / Hz,Re(Z)/Ohm,Im(Z)/Ohm\n10,2,x\n").unwrap();
    refuse(&["analyse"], &broken, "broken.csv:2:6");
    refuse(
        &["analyse", "--material", "NCM83x", "--loading", "10 mg/cm2"],
        &broken,
        "did you mean `NCM83`",
    );
}
