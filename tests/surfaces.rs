//! Measured tables of surface analyses: ToF-SIMS intensities, fitted peaks of photoelectrons,
//! thicknesses of coatings; what is read, repaired and refused, and what comes of it.

#[path = "common/command.rs"]
mod command;

use command::{engobe, numbers};
use engobe::input::{Diagnostics, Severity};
use engobe::measurement::{Measured, Reading, from_str};
use engobe::observables::{
    Attenuation, Element, Film, Region, State, fragment_readings, peak_readings,
};
use predicates::prelude::*;
use std::fs;

const IONS: &str = "Sample,Cycle Count / 1,Region,Fragment,Spot,Intensity / counts,Total Ion Counts
bare,50,depth profile,PO2-,1,400,10000
bare,50,depth profile,PO2-,2,600,10000
bare,50,depth profile,SO3-,1,300,10000
bare,50,depth profile,SO3-,2,300,10000
ZrO2,50,depth profile,PO₂⁻,1,200,10000
ZrO2,50,depth profile,PO₂⁻,2,400,20000
ZrO2,50,depth profile,SO3,1,30,10000
";

const PEAKS: &str = "Sample;Line;Component;Position / eV;Area / counts eV;RSF
bare;S 2p;;160.2;100;2
bare;S 2p;;161.7;300;2
bare;S 2p;SOx;;100;2
bare;P 2p;;131.9;30;1
bare;P 2p;;134.4;10;1
bare;Ni 2p;;855.1;2900;10
";

const THICKNESSES: &str = "Sample,Coating Thickness / nm
bare,4
bare,4
bare,0
bare,8
other,0
";

fn read(text: &str) -> Reading {
    from_str("file.csv", text).unwrap_or_else(|e| panic!("{e}"))
}

/// Messages and lines of everything that was repaired.
fn repairs(reading: &Reading) -> Vec<(String, usize)> {
    let own = &reading.repairs;
    let place = |item| own.position(item).map_or(0, |p| p.0);
    own.items
        .iter()
        .map(|i| (i.message.clone(), place(i)))
        .collect()
}

/// The first error with its help, and its line.
fn refusal(text: &str) -> (String, usize) {
    let refused: Diagnostics = from_str("file.csv", text).expect_err("refused");
    let mut errors = refused
        .items
        .iter()
        .filter(|i| i.severity == Severity::Error);
    let error = errors.next().expect("an error");
    let line = refused.position(error).map_or(0, |p| p.0);
    let help = error.help.clone().unwrap_or_default();
    (format!("{} {help}", error.message), line)
}

#[test]
fn intensities_are_normalised_and_fragments_spelt_one_way() {
    let reading = read(IONS);
    assert!(repairs(&reading).is_empty(), "{}", reading.repairs);
    let Measured::Intensities(rows) = reading.measured else {
        panic!("no intensities");
    };
    assert_eq!(rows[4].fragment, "PO2-");
    assert_eq!(rows[6].fragment, "SO3-");
    assert_eq!(
        (rows[0].cycle, rows[0].region),
        (Some(50), Some(Region::DepthProfile))
    );
    let read = fragment_readings(&rows, Some("bare")).unwrap();
    let of = |sample: &str, fragment: &str| {
        let mut own = read
            .iter()
            .filter(|r| r.sample == sample && r.fragment == fragment);
        own.next().expect("a reading")
    };
    // Shares of 0.04 and 0.06 against 0.02 and 0.02.
    assert!((of("ZrO2", "PO2-").relative.unwrap() - 0.4).abs() < 1e-12);
    assert!(of("ZrO2", "PO2-").relative_error.unwrap() > 0.0);
    // One spot gives no scatter.
    assert!((of("ZrO2", "SO3-").relative.unwrap() - 0.1).abs() < 1e-12);
    assert_eq!(of("ZrO2", "SO3-").relative_error, None);
}

#[test]
fn intensities_are_repaired_or_refused_with_their_line() {
    let edit = |from: &str, to: &str| IONS.replacen(from, to, 1);
    let reading = read(&edit("PO2-,2,600", "PO2-,1,600"));
    assert_eq!(repairs(&reading).len(), 1);
    let (message, line) = repairs(&reading).remove(0);
    assert!(
        message.contains("second time") && line == 3,
        "{message} {line}"
    );
    let (message, line) = repairs(&read(&edit("300,10000", "nan,10000"))).remove(0);
    assert!(
        message.contains("lacks a number") && line == 4,
        "{message} {line}"
    );
    let counts = "Sample,Fragment,Intensity\nbare,PO2-,0.5\nbare,PO2-,400\n";
    let (message, line) = repairs(&read(counts)).remove(0);
    assert!(
        message.contains("is a count") && line == 3,
        "{message} {line}"
    );
    for (text, reason, at) in [
        (edit("400,10000", "-400,10000"), "cannot be below 0", 2),
        (edit("400,10000", "400,0"), "above 0", 2),
        (
            edit("bare,50,depth profile,SO3-,1", ",50,depth profile,SO3-,1"),
            "nothing in `Sample`",
            4,
        ),
        (
            edit("depth profile,SO3-,2", "edge,SO3-,2"),
            "`edge` is no region",
            5,
        ),
        (
            edit("Intensity / counts", "Intensitaet"),
            "no column `Intensity / 1`",
            1,
        ),
        (edit("bare,50", "bare,5x"), "`5x` is not a number", 2),
    ] {
        let (message, line) = refusal(&text);
        assert!(
            message.contains(reason) && line == at,
            "{reason}: {message} {line}"
        );
    }
}

#[test]
fn peaks_are_assigned_by_name_or_energy() {
    let reading = read(PEAKS);
    assert!(repairs(&reading).is_empty(), "{}", reading.repairs);
    let Measured::Peaks(peaks) = reading.measured else {
        panic!("no peaks");
    };
    assert_eq!(peaks[2].state, Some(State::Oxygenated));
    let read = peak_readings(&peaks).remove(0);
    let (s, p) = (read.sulfur.unwrap(), read.phosphorus.unwrap());
    assert!((s.oxygenated - 0.2).abs() < 1e-12 && (s.thiophosphate - 0.6).abs() < 1e-12);
    assert!((p.oxygenated - 0.25).abs() < 1e-12);
    assert!((read.gamma.unwrap() - 290.0 / 580.0).abs() < 1e-12);
}

#[test]
fn peaks_are_repaired_or_refused_with_their_line() {
    let with = |row: &str| format!("{PEAKS}{row}\n");
    // Its area counts in the amount of sulfur alone.
    let reading = read(&with("bare;S 2p 1/2;;161.4;50;2"));
    let (message, line) = repairs(&reading).remove(0);
    assert!(
        message.contains("2p1/2 peak was left out") && line == 8,
        "{message} {line}"
    );
    let Measured::Peaks(peaks) = reading.measured else {
        panic!("no peaks");
    };
    assert_eq!(peaks.last().map(|p| p.element), Some(Element::Sulfur));
    let read_again = peak_readings(&peaks).remove(0);
    assert!((read_again.sulfur.unwrap().sulfide - 0.2).abs() < 1e-12);
    assert!((read_again.gamma.unwrap() - 315.0 / 605.0).abs() < 1e-12);
    let (message, line) = repairs(&read(&with("bare;P 2p;;129.0;5;1"))).remove(0);
    assert!(
        message.contains("no component lies near 129") && line == 8,
        "{message} {line}"
    );
    let (message, line) = repairs(&read(&with("bare;P 2p;metal;;5;1"))).remove(0);
    assert!(
        message.contains("`metal` is no component") && line == 8,
        "{message} {line}"
    );
    for (text, reason, at) in [
        (with("bare;O 1s;;531;5;1"), "`O 1s` is no line", 8),
        (with("bare;S 2p;;161;-5;1"), "cannot be below 0", 8),
        (with("bare;S 2p;;161;5;0"), "above 0", 8),
        (
            PEAKS.replace("Area", "Surface"),
            "no column `Peak Area / 1`",
            1,
        ),
        (
            "Line,Area\nS 2p,1\n".into(),
            "no column `Binding Energy / eV`",
            1,
        ),
    ] {
        let (message, line) = refusal(&text);
        assert!(
            message.contains(reason) && line == at,
            "{reason}: {message} {line}"
        );
    }
}

#[test]
fn thicknesses_are_read_or_refused() {
    let reading = read(THICKNESSES);
    let Measured::Films(films) = reading.measured else {
        panic!("no films");
    };
    let names: Vec<&str> = films.iter().map(|f| f.0.as_str()).collect();
    assert_eq!(names, ["bare", "other"]);
    assert!((films[0].1.coverage() - 0.75).abs() < 1e-12);
    let (mean, variation) = films[0].1.thickness().unwrap();
    assert!((mean / (16e-9 / 3.0) - 1.0).abs() < 1e-12 && variation > 0.3);
    // The same as shares of a histogram.
    let shares = "Coating Thickness / nm,Share / %\n4,50\n0,25\n8,25\n";
    let Measured::Films(histogram) = read(shares).measured else {
        panic!("no films");
    };
    let by = Attenuation {
        coating: 2.9e-9,
        oxide: 1.5e-9,
        marker_ratio: 0.8,
    };
    let gamma = |film: &Film| film.gamma(&by);
    assert!((gamma(&histogram[0].1) / gamma(&films[0].1) - 1.0).abs() < 1e-12);
    for (text, reason, at) in [
        ("Thickness / nm\n3\n-1\n", "cannot be below 0", 3),
        ("Thickness / nm,Share\n3,0\n", "do not add up", 2),
        ("Thickness / kg\n3\n", "nothing that can be read", 1),
    ] {
        let (message, line) = refusal(text);
        assert!(
            message.contains(reason) && line == at,
            "{reason}: {message} {line}"
        );
    }
}

/// All three files at once from the command line, with the coverage by gamma beside that
/// by thicknesses.
#[test]
fn the_command_reads_all_of_them_and_sets_them_side_by_side() {
    let directory = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| {
        let path = directory.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let files = [
        put("ions.csv", IONS),
        put("xps.csv", PEAKS),
        put("tem.csv", THICKNESSES),
    ];
    let analyse = |name: &str, more: &[&str]| {
        let mut command = engobe();
        command
            .arg("analyse")
            .args(&files)
            .args(more)
            .arg("--output");
        command.arg(directory.path().join(name)).assert()
    };
    analyse(
        "read",
        &["--reference-sample", "bare", "--marker-ratio", "0.8"],
    )
    .success()
    .stdout(predicate::str::contains("0.40 +- 0.08 times the reference"));
    let read = directory.path().join("read");
    let ratio = numbers(
        &read.join("tof-sims-measured.csv"),
        "Relative Intensity / 1",
    );
    assert_eq!(ratio.len(), 4);
    assert!(ratio.iter().any(|r| (r - 0.4).abs() < 1e-12), "{ratio:?}");
    let gamma = numbers(
        &read.join("xps-measured.csv"),
        "Gamma (S + P)/(S + P + Ni) / 1",
    );
    assert!((gamma[0] - 0.5).abs() < 1e-12);
    // Found again from what gamma says, by hand: eq. 1 with two thicknesses.
    let by = |length: f64| (2.0 * (-4.0f64 / length).exp() + (-8.0f64 / length).exp()) / 3.0;
    let expected = 0.5 / (0.8 * (1.0 - by(2.9)) * 0.5 + 0.5 * (1.0 - by(1.5)));
    let coverage = numbers(&read.join("coatings-measured.csv"), "Coverage By Gamma / 1");
    assert!((coverage[0] / expected - 1.0).abs() < 1e-9, "{coverage:?}");
    assert!(coverage[1].is_nan(), "the other sample has no gamma");
    let page = fs::read_to_string(read.join("analysis.html")).unwrap();
    for title in ["ToF-SIMS, measured", "XPS, measured", "Coatings, measured"] {
        assert!(page.contains(title), "{title}");
    }
    for (more, reason) in [
        (&["--reference-sample", "Bare"][..], "no sample `Bare`"),
        (&["--reference", "nowhere"], "there is no such run"),
    ] {
        analyse("none", more)
            .code(2)
            .stderr(predicate::str::contains(reason));
    }
    engobe()
        .args(["analyse", "--marker-ratio", "0.5", "--output"])
        .arg(directory.path().join("none"))
        .arg(&files[0])
        .assert()
        .code(2)
        .stderr(predicate::str::contains("no file here holds thicknesses"));
}
