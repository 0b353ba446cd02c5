//! `engobe export`: what it writes, and how it refuses. That other programs read the files is
//! proved with those programs, in `tests/python`.

use assert_cmd::Command;
use predicates::prelude::*;
use serde_json::Value;
use std::fs;
use std::path::Path;

const QUICK: &str = "scenarios/quick.toml";

fn export(source: &Path, arguments: &[&str], output: &Path) -> assert_cmd::assert::Assert {
    Command::cargo_bin("engobe")
        .expect("the command is built with its tests")
        .args(["export", "--json"])
        .arg(source)
        .args(arguments)
        .arg("--output")
        .arg(output)
        .assert()
}

#[test]
fn a_scenario_becomes_a_bpx_file_once() {
    let folder = tempfile::tempdir().unwrap();
    let quick = Path::new(QUICK);
    export(quick, &["--bpx"], folder.path()).success();
    let path = folder.path().join("quick-bpx.json");
    let text = fs::read_to_string(&path).unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(file["Header"]["Model"], "DFN");
    let cathode = &file["Parameterisation"]["Positive electrode"];
    for (name, low, high) in [
        ("Thickness [m]", 40e-6, 80e-6),
        ("Porosity", 0.4, 0.5),
        ("Transport efficiency", 0.05, 0.2),
        ("Conductivity [S.m-1]", 0.1, 10.0),
        ("Particle radius [m]", 1e-6, 3e-6),
        ("Minimum stoichiometry", 0.05, 0.4),
        ("Maximum stoichiometry", 0.95, 1.0),
    ] {
        let value = cathode[name].as_f64().unwrap();
        assert!((low..high).contains(&value), "{name} {value}");
    }
    let potential = cathode["OCP [V]"]["y"].as_array().unwrap();
    let falls = potential
        .windows(2)
        .all(|pair| pair[0].as_f64() >= pair[1].as_f64());
    assert!(potential.len() > 20 && falls);
    // The same again, but only if that is wanted.
    export(quick, &["--bpx"], folder.path())
        .code(2)
        .stdout(predicate::str::contains("--force"));
    export(quick, &["--bpx", "--force"], folder.path()).success();
    assert_eq!(text, fs::read_to_string(&path).unwrap());
    // Other voltages, other window.
    let wider = ["--bpx", "--force", "--upper", "3.9 V"];
    export(quick, &wider, folder.path()).success();
    let other: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    let lower = |file: &Value| {
        file["Parameterisation"]["Positive electrode"]["Minimum stoichiometry"].as_f64()
    };
    assert!(lower(&other) < lower(&file));
}

#[test]
fn what_cannot_be_exported_is_refused_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let (quick, nothing) = (Path::new(QUICK), folder.path());
    let said = |source: &Path, arguments: &[&str], words: &str| {
        export(source, arguments, nothing)
            .code(2)
            .stdout(predicate::str::contains(words));
    };
    said(nothing, &["--bpx"], "--bpx is made of a scenario");
    said(nothing, &["--series"], "no results.h5");
    said(quick, &["--bpx", "--lower", "3.8 V"], "not above");
    let upper = ["--bpx", "--lower", "0.3 V", "--upper", "0.5 V"];
    said(quick, &upper, "outside of what it can do");
    let timed = fs::read_to_string(QUICK).unwrap();
    let timed = timed.replace("until 2.0 V", "for 2 hours");
    let path = folder.path().join("timed.toml");
    fs::write(&path, timed).unwrap();
    said(&path, &["--bpx"], "--lower '2.0 V'");
    for arguments in [
        &[][..],
        &["--bpx", "--series"],
        &["--series", "--lower", "2 V"],
    ] {
        export(quick, arguments, nothing).code(2);
    }
    assert_eq!(fs::read_dir(nothing).unwrap().count(), 1);
}

#[test]
fn curves_of_a_run_become_plain_tables() {
    let folder = tempfile::tempdir().unwrap();
    let (run, out) = (folder.path().join("run"), folder.path().join("out"));
    Command::cargo_bin("engobe")
        .unwrap()
        .args(["run", "--quiet", QUICK, "--output"])
        .arg(&run)
        .assert()
        .success();
    export(&run, &["--spectra", "--series"], &out).success();
    let rows = |path: &Path| -> Vec<Vec<String>> {
        let text = fs::read_to_string(path).unwrap();
        let split = |line: &str| line.split(',').map(str::to_owned).collect();
        text.lines().map(split).collect()
    };
    // To the digit what spectra.csv has.
    let all = rows(&run.join("spectra.csv"));
    for cycle in ["1", "3"] {
        let own = rows(&out.join(format!("spectrum-{cycle}.csv")));
        let theirs = all.iter().filter(|row| row[0] == cycle);
        let theirs: Vec<_> = theirs.map(|row| row[1..4].to_vec()).collect();
        assert!(own.len() > 40);
        assert_eq!(own, theirs);
    }
    let series = rows(&out.join("series.bdf.csv"));
    assert_eq!(
        series[0][..3],
        ["Test Time / s", "Voltage / V", "Current / A"]
    );
    let width = series[0].len();
    assert!(series.len() > 100 && series.iter().all(|row| row.len() == width));
    // What was written can be read like a cycler's record.
    Command::cargo_bin("engobe")
        .unwrap()
        .arg("analyse")
        .arg(out.join("series.bdf.csv"))
        .args(["--scenario", QUICK, "--output"])
        .arg(folder.path().join("analysis"))
        .assert()
        .success();
    export(&run, &["--series"], &out)
        .code(2)
        .stdout(predicate::str::contains("series.bdf.csv is there already"));
}
