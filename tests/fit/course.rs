//! How a fit runs: the same on any number of threads, and after being killed.

use super::{SCENARIO, cell, lay_out, measured, parameter, scenario_with};
use engobe::calibration::{CalibrationError, calibrate};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

fn small_fit() -> String {
    let truth = cell(&scenario_with(
        "[materials.NCM83]\ncharge_transfer.resistance = \"160 ohm cm2\"\n",
    ));
    let mut fit = parameter(
        "NCM83",
        "charge_transfer.resistance",
        "\"50 ohm cm2\"",
        "\"600 ohm cm2\"",
    );
    fit += &parameter("laws", "contact_loss.mechanical", "0.01", "0.3");
    let readings = [
        ("discharge", 3, 0.0),
        ("discharge", 8, 0.01),
        ("cathode_resistance", 1, 0.0),
    ];
    fit + &measured(&truth, &readings, "1 %") + "[search]\nsamples = 6\n"
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let fit = small_fit();
    let run = |threads: usize| {
        let folder = tempfile::tempdir().expect("a directory");
        let plan = lay_out(folder.path(), &fit);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let output = folder.path().join("out");
        let mut found = pool
            .expect("threads")
            .install(|| calibrate(&plan, &output, &AtomicBool::new(false), &|_| {}))
            .expect("fits");
        // Only the folder differs.
        for change in &mut found.changes {
            change.file = "".into();
        }
        serde_json::to_string(&found).expect("a table")
    };
    let one = run(1);
    assert_eq!(one, run(2));
    assert_eq!(one, run(3));
}

#[test]
fn an_interrupt_stops_and_a_second_run_goes_on() {
    let folder = tempfile::tempdir().expect("a directory");
    let plan = lay_out(folder.path(), &small_fit());
    let (stop, calls) = (AtomicBool::new(false), AtomicUsize::new(0));
    let output = folder.path().join("out");
    let outcome = calibrate(&plan, &output, &stop, &|progress| {
        assert!(progress.done <= progress.of as f64);
        if calls.fetch_add(1, Ordering::Relaxed) == 12 {
            stop.store(true, Ordering::Relaxed);
        }
    });
    assert!(matches!(outcome, Err(CalibrationError::Interrupted)));
    let before = lines(&output);
    let found = calibrate(&plan, &output, &AtomicBool::new(false), &|_| {}).expect("goes on");
    let whole = tempfile::tempdir().expect("a directory");
    let fresh = calibrate(&plan, whole.path(), &AtomicBool::new(false), &|_| {}).expect("fits");
    assert_eq!(found, fresh);
    assert!(before.is_subset(&lines(&output)));
    assert_eq!(lines(&output), lines(whole.path()));
}

/// Keys of the journal, each of which stands there once.
fn lines(output: &Path) -> BTreeSet<String> {
    let text = std::fs::read_to_string(output.join("journal")).expect("a journal");
    let keys: Vec<String> = text
        .lines()
        .filter(|line| line.ends_with(" ."))
        .map(|line| line[..64].to_owned())
        .collect();
    let unique: BTreeSet<String> = keys.iter().cloned().collect();
    assert_eq!(unique.len(), keys.len(), "simulated twice");
    unique
}

fn command(folder: &Path, output: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_engobe"));
    command
        .current_dir(folder)
        .args(["fit", "fit.toml", "--quiet", "--output", output])
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

#[test]
fn a_killed_fit_goes_on_and_ends_the_same() {
    let folder = tempfile::tempdir().expect("a directory");
    // Longer cells, so that there is time to be killed in.
    let longer = SCENARIO.replace("repeat = 6", "repeat = 30");
    let fit = small_fit().replace("(8)", "(30)");
    lay_out(folder.path(), &fit);
    std::fs::write(folder.path().join("cell.toml"), &longer).expect("written");
    let output = folder.path().join("killed");
    let mut child = command(folder.path(), "killed").spawn().expect("starts");
    let begun = Instant::now();
    let count = || std::fs::read_to_string(output.join("journal")).map_or(0, |t| t.lines().count());
    while count() < 5 {
        assert!(
            begun.elapsed() < Duration::from_secs(300),
            "nothing is simulated"
        );
        assert!(
            child.try_wait().expect("asked").is_none(),
            "it ended before it was killed"
        );
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().expect("killed");
    child.wait().expect("gone");
    assert!(
        !output.join("fit.json").exists(),
        "it was done before it was killed"
    );
    // A line that was being written.
    let journal = output.join("journal");
    let mut text = std::fs::read_to_string(&journal).expect("a journal");
    text += "0123";
    std::fs::write(&journal, text).expect("written");
    let before = count();
    assert!(
        command(folder.path(), "killed")
            .status()
            .expect("runs")
            .success()
    );
    assert!(
        command(folder.path(), "whole")
            .status()
            .expect("runs")
            .success()
    );
    let json =
        |output: &str| std::fs::read(folder.path().join(output).join("fit.json")).expect("json");
    assert_eq!(json("killed"), json("whole"));
    assert!(count() > before);
    lines(&output);
}
