//! The command as a user meets it: what it writes, how it refuses, how it is stopped
//! and goes on.

use assert_cmd::Command;
use predicates::prelude::*;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

const QUICK: &str = include_str!("../scenarios/quick.toml");

fn engobe() -> Command {
    Command::cargo_bin("engobe").expect("the command is built with its tests")
}

/// A scenario file in `directory`, the quick one with replacements.
fn scenario(directory: &Path, changes: &[(&str, &str)]) -> PathBuf {
    let mut text = QUICK.to_string();
    for (from, to) in changes {
        assert!(text.contains(from), "the quick scenario has no `{from}`");
        text = text.replace(from, to);
    }
    let path = directory.join("case.toml");
    fs::write(&path, text).expect("a temporary file");
    path
}

fn run(scenario: &Path, output: &Path) -> assert_cmd::assert::Assert {
    engobe()
        .args(["run", "--quiet", "--output"])
        .arg(output)
        .arg(scenario)
        .assert()
}

#[test]
fn a_run_leaves_results_and_a_second_one_does_not_overwrite_them() {
    let directory = tempfile::tempdir().unwrap();
    let case = scenario(directory.path(), &[]);
    let output = directory.path().join("results");
    run(&case, &output).success();
    for file in [
        "results.h5",
        "cycles.csv",
        "steps.csv",
        "spectra.csv",
        "attribution.csv",
        "report.html",
        "figures/nyquist.svg",
    ] {
        let size = fs::metadata(output.join(file)).map_or(0, |m| m.len());
        assert!(size > 500, "{file} has {size} bytes");
    }
    assert!(!output.join("checkpoint").exists());
    let before = fs::read(output.join("results.h5")).unwrap();
    run(&case, &output)
        .code(2)
        .stderr(predicate::str::contains("--force"));
    assert_eq!(before, fs::read(output.join("results.h5")).unwrap());
    engobe()
        .args(["run", "--quiet", "--force", "--output"])
        .arg(&output)
        .arg(&case)
        .assert()
        .success();
    assert_eq!(before, fs::read(output.join("results.h5")).unwrap());
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let directory = tempfile::tempdir().unwrap();
    let case = scenario(directory.path(), &[]);
    let with = |threads: &str| {
        let output = directory.path().join(threads);
        engobe()
            .env("RAYON_NUM_THREADS", threads)
            .args(["run", "--quiet", "--output"])
            .arg(&output)
            .arg(&case)
            .assert()
            .success();
        fs::read(output.join("results.h5")).unwrap()
    };
    assert!(with("1") == with("3"), "results differ");
}

/// Starts a long run and waits for its first checkpoint.
fn started(case: &Path, output: &Path) -> Child {
    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin("engobe"))
        .args(["run", "--quiet", "--output"])
        .arg(output)
        .arg(case)
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let start = Instant::now();
    while !output.join("checkpoint").exists() {
        assert!(
            child.try_wait().unwrap().is_none(),
            "the run ended before its first checkpoint"
        );
        assert!(start.elapsed() < Duration::from_secs(120), "no checkpoint");
        std::thread::sleep(Duration::from_millis(5));
    }
    child
}

#[test]
fn a_stopped_and_a_killed_run_go_on_to_the_same_results() {
    goes_on(&[
        ("repeat = 3", "repeat = 1500"),
        ("[1, 3]", "[1, 900, 1500]"),
    ]);
}

/// Blocks in blocks, each with its spectra and what ends it early: the way through them
/// is found again from what the checkpoint holds.
#[test]
fn a_run_through_nested_blocks_goes_on_to_the_same_results() {
    let pulses = "steps = [{ gitt = \"Charge at 0.2C for 1 hour\", rest = \"1 hour\", until = \"3.6 V\" }, \"Sweep at 0.2 mV/s until 2.4 V\"]";
    let head = "repeat = 100\nstop = \"40% capacity\"\nblocks = [\n{ repeat = 9, stop = \"100 hours\", steps = [";
    let tail = format!(
        "], impedance = {{ cycles = [2], at = \"3.15 V\", from = \"1 MHz\", to = \"1 Hz\" }} }},\n{{ {pulses} }},\n]"
    );
    goes_on(&[
        ("repeat = 3\nsteps = [", head),
        (
            "    \"Rest for 2 hours\",\n]",
            &format!("    \"Rest for 2 hours\",\n{tail}"),
        ),
        ("[1, 3]", "[1, 11, 300]"),
    ]);
}

/// A long run of the quick scenario with `changes`, stopped and killed and gone on with,
/// against one that was left alone.
fn goes_on(changes: &[(&str, &str)]) {
    let directory = tempfile::tempdir().unwrap();
    let case = scenario(directory.path(), changes);
    let whole = directory.path().join("whole");
    run(&case, &whole).success();
    let expected = fs::read(whole.join("results.h5")).unwrap();
    for signal in ["-INT", "-KILL"] {
        let output = directory.path().join(signal);
        let mut child = started(&case, &output);
        let sent = std::process::Command::new("kill")
            .args([signal, &child.id().to_string()])
            .status()
            .unwrap();
        assert!(sent.success());
        let ended = child.wait().unwrap();
        if signal == "-INT" {
            assert_eq!(ended.code(), Some(130));
        }
        assert!(output.join("checkpoint").exists());
        assert!(!output.join("results.h5").exists(), "not finished yet");
        engobe()
            .args(["run", "--quiet", "--resume", "--output"])
            .arg(&output)
            .arg(&case)
            .assert()
            .success();
        let resumed = fs::read(output.join("results.h5")).unwrap();
        assert!(resumed == expected, "{signal}: results differ");
    }
}

#[test]
fn a_checkpoint_of_another_scenario_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let case = scenario(directory.path(), &[("repeat = 3", "repeat = 1500")]);
    let output = directory.path().join("results");
    let mut child = started(&case, &output);
    child.kill().unwrap();
    child.wait().unwrap();
    let other = scenario(directory.path(), &[("3 nm", "4 nm")]);
    engobe()
        .args(["run", "--quiet", "--resume", "--output"])
        .arg(&output)
        .arg(&other)
        .assert()
        .failure()
        .stderr(predicate::str::contains("different scenario"));
}

/// Each case: what is changed, and what the message must contain.
#[test]
fn bad_input_is_refused_with_its_reason_and_nothing_is_written() {
    type Case<'a> = (&'a [(&'a str, &'a str)], &'a [&'a str]);
    let cases: &[Case] = &[
        (
            &[("thickness = ", "thicknes = ")],
            &["case.toml:16:1", "thicknes", "did you mean", "thickness"],
        ),
        (
            &[("\"3 nm\"", "\"3 mV\"")],
            &["case.toml:16", "3 mV", "length"],
        ),
        (
            &[("\"PVBTA-TFSI\"", "\"PVBTA-TFSl\"")],
            &["case.toml:15", "unknown coating", "PVBTA-TFSI"],
        ),
        (
            &[("LPSCl = \"30 wt%\"", "LPSCl = \"40 wt%\"")],
            &["case.toml:10", "110"],
        ),
        (
            &[("until 3.7 V", "until 1.7 V")],
            &["case.toml:30:27", "1.700 V", "cathode's range"],
        ),
        (
            &[("Charge at 0.1C", "Chrage at 0.1C")],
            &["Chrage", "Charge"],
        ),
        (&[("\"3 nm\"", "\"3 um\"")], &["case.toml:16", "radius"]),
        (
            &[
                (
                    "active_material = \"70 wt%\"",
                    "active_material = \"93 wt%\"",
                ),
                ("LPSCl = \"30 wt%\"", "LPSCl = \"7 wt%\""),
            ],
            &["pack"],
        ),
        (
            &[
                ("LPSCl = \"30 wt%\"", "LPSCl = \"6 wt%\""),
                ("VGCF = \"1 wt% extra\"", "polyisobutylene = \"24 wt%\""),
            ],
            &["electrolyte", "percolate"],
        ),
    ];
    for (changes, parts) in cases {
        let directory = tempfile::tempdir().unwrap();
        let case = scenario(directory.path(), changes);
        let output = directory.path().join("results");
        let ended = run(&case, &output).code(2);
        let message = String::from_utf8_lossy(&ended.get_output().stderr).into_owned();
        let flat = message.split_whitespace().collect::<Vec<_>>().join(" ");
        for part in *parts {
            assert!(
                flat.contains(part),
                "no `{part}` for {changes:?} in:\n{message}"
            );
        }
        assert!(!output.exists(), "something was written for {changes:?}");
    }
}

#[test]
fn check_says_what_will_be_simulated() {
    engobe()
        .args(["check", "scenarios/shi2023-1p.toml"])
        .assert()
        .success()
        .stdout(
            predicate::str::contains("2.12 mAh/cm2 by its own 1C of 200 mA/g = 2.12 mA/cm2")
                .and(predicate::str::contains("vol% voids"))
                .and(predicate::str::contains(
                    "film 0.24 wt% of the oxide, stated 1.00 wt%",
                ))
                .and(predicate::str::contains(
                    "Charge at 0.1C until 3.7 V; 0.212 mA/cm2, 0.1C, about 10 h",
                ))
                .and(predicate::str::contains(
                    "LPSCl: 5 of 8 values are estimates",
                )),
        );
    engobe()
        .args(["check", "scenarios/shi2023-1p.toml", "--estimates"])
        .assert()
        .success()
        .stdout(predicate::str::contains(
            "hardness = 550 MPa: nanoindentation",
        ));
}

/// Standard output as events, every line one JSON object.
fn events(output: &[u8]) -> Vec<serde_json::Value> {
    let text = std::str::from_utf8(output).expect("UTF-8");
    let lines = text.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}")))
        .collect()
}

#[test]
fn programs_are_told_events() {
    let directory = tempfile::tempdir().unwrap();
    let case = scenario(directory.path(), &[]);
    let output = directory.path().join("results");
    let ended = engobe()
        .args(["run", "--json", "--output"])
        .arg(&output)
        .arg(&case)
        .assert()
        .success()
        .stderr("");
    let told = events(&ended.get_output().stdout);
    let of = |kind: &str| -> Vec<_> { told.iter().filter(|e| e["event"] == kind).collect() };
    let stages: Vec<_> = of("stage").iter().map(|e| e["stage"].clone()).collect();
    assert_eq!(
        stages,
        ["microstructure", "transport", "cycling", "writing"]
    );
    let last = *of("progress")
        .iter()
        .rfind(|e| e["stage"] == "cycling")
        .unwrap();
    assert_eq!(
        (last["done"].clone(), last["of"].clone()),
        (3.into(), 3.into())
    );
    assert_eq!(last["unit"], "cycle");
    let done = told.last().unwrap();
    assert_eq!(done["event"], "done");
    assert_eq!(done["cycles"], 3);
    assert!(done["last_cycle"]["discharge"].as_f64().unwrap() > 50.0);

    let wrong = scenario(directory.path(), &[("\"3 nm\"", "\"3 mV\"")]);
    let ended = engobe()
        .args(["run", "--json"])
        .arg(&wrong)
        .assert()
        .code(2)
        .stderr("");
    let told = events(&ended.get_output().stdout);
    assert_eq!(told[0]["event"], "error");
    assert_eq!(told[0]["line"], 16);
    assert!(told[0]["help"].as_str().unwrap().contains("nm"));
    let last = told.last().unwrap();
    assert_eq!(
        (last["event"].clone(), last["code"].clone()),
        ("failed".into(), 2.into())
    );
    let ended = engobe()
        .args(["check", "--json", "scenarios/shi2023-1p.toml"])
        .assert()
        .success();
    let told = events(&ended.get_output().stdout);
    assert!((told[0]["capacity_mAh_per_cm2"].as_f64().unwrap() - 2.12).abs() < 1e-9);
}

/// What ends a command is told apart by its exit code.
#[test]
fn exit_codes_tell_why() {
    let directory = tempfile::tempdir().unwrap();
    let case = scenario(directory.path(), &[]);
    engobe().args(["run", "--no-such-flag"]).assert().code(2);
    engobe().args(["run", "nowhere.toml"]).assert().code(2);
    let file = directory.path().join("a file");
    fs::write(&file, "in the way").unwrap();
    engobe()
        .args([
            "anneal",
            "--quiet",
            "scenarios/kissel2025-400.toml",
            "--output",
        ])
        .arg(file.join("results"))
        .assert()
        .code(3)
        .stderr(predicate::str::contains("cannot make"));
    // A checkpoint that is none fails on the way.
    let output = directory.path().join("results");
    fs::create_dir(&output).unwrap();
    fs::write(output.join("checkpoint"), "torn").unwrap();
    engobe()
        .args(["run", "--quiet", "--resume", "--output"])
        .arg(&output)
        .arg(&case)
        .assert()
        .code(1);
}

#[test]
fn the_structure_alone_can_be_had() {
    let directory = tempfile::tempdir().unwrap();
    let case = scenario(directory.path(), &[]);
    let output = directory.path().join("structure");
    engobe()
        .args(["microstructure", "--output"])
        .arg(&output)
        .arg(&case)
        .assert()
        .success()
        .stdout(predicate::str::contains("tortuosity factor"));
    let volume = fs::read(output.join("structure.vti")).unwrap();
    assert!(volume.len() > 40 * 40 * 40 * 9);
}

#[test]
fn the_structure_is_exported_as_asked_and_can_be_read_again() {
    let directory = tempfile::tempdir().unwrap();
    let case = scenario(directory.path(), &[]);
    let output = directory.path().join("structure");
    engobe()
        .args(["microstructure", "--quiet", "--fields", "--slices", "2"])
        .args(["--axis", "thickness", "--export", "tiff,npy,vtk,hdf5"])
        .arg("--output")
        .arg(&output)
        .arg(&case)
        .assert()
        .success();
    let mut files: Vec<String> = fs::read_dir(&output)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    let expected = "chords.csv figures image.toml particles.csv particles.npy particles.tif phases.npy phases.tif slice-10.png slice-30.png statistics.csv structure.h5 structure.html structure.vti two-point-correlation.csv";
    assert_eq!(files.join(" "), expected);
    let volume = fs::read(output.join("structure.vti")).unwrap();
    assert!(volume.len() > 40 * 40 * 40 * 17, "labels and two fields");

    let settings = "box_edge = \"16 um\"\nresolution = 40";
    let image = "image = { file = \"structure/phases.tif\", voxel = \"400 nm\", labels = { \"0\" = \"void\", \"1\" = \"active material\", \"2\" = \"electrolyte\", \"3\" = \"carbon\", \"4\" = \"polymer\" } }";
    // All of a carbon voxel taken for carbon is far too much of it.
    let case = scenario(directory.path(), &[(settings, image)]);
    engobe()
        .arg("check")
        .arg(&case)
        .assert()
        .success()
        .stdout(predicate::str::contains("phases.tif"))
        .stderr(predicate::str::contains("% of the image is carbon"));
    let case = scenario(
        directory.path(),
        &[(settings, &image.replace("\"4\"", "\"6\""))],
    );
    engobe()
        .arg("check")
        .arg(&case)
        .assert()
        .code(2)
        .stderr(predicate::str::contains(
            "labels that are given no phase: 4",
        ));
}
