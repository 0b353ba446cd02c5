//! `engobe impedance` and `engobe analyse` as a user meets them.

use assert_cmd::Command;
use predicates::prelude::*;
use std::fs;
use std::path::{Path, PathBuf};

const QUICK: &str = include_str!("../scenarios/quick.toml");

fn engobe() -> Command {
    Command::cargo_bin("engobe").expect("the command is built with its tests")
}

fn scenario(directory: &Path) -> PathBuf {
    let path = directory.join("case.toml");
    fs::write(&path, QUICK).expect("a temporary file");
    path
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
    let case = scenario(directory.path());
    let run = directory.path().join("results");
    engobe()
        .args(["run", "--quiet", "--output"])
        .arg(&run)
        .arg(&case)
        .assert()
        .success();
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
    let column = |path: &Path, heading: &str| -> Vec<f64> {
        let text = fs::read_to_string(path).unwrap();
        let mut lines = text.lines();
        let place = lines
            .next()
            .unwrap()
            .split(',')
            .position(|h| h == heading)
            .unwrap();
        lines
            .map(|l| l.split(',').nth(place).unwrap().parse().unwrap())
            .collect()
    };
    let heading = "Apparent Active Mass Fraction / 1";
    let (own, cycler) = (
        column(&run.join("cycles.csv"), heading),
        // The title of the scenario holds no comma.
        column(&again.join("cycles.csv"), heading),
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
        column(&again.join("spectra.csv"), lengths),
        column(&file.join("spectra.csv"), lengths),
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
    let fresh = take("fresh", &["--at-cycle", "0"]);
    assert!(fresh.lines().nth(1).unwrap().starts_with("0,"));
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
