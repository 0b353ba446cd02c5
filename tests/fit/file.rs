//! A fit's file: what is refused and how, what is changed and how, and the project's own.

use super::{SCENARIO, cell, lay_out, measured, parameter, scenario_with};
use engobe::calibration::{apply, calibrate, load};
use engobe::validation::{Paper, Role};
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// A fit in which one thing after another is wrong.
const FIT: &str = r#"title = "Ours"

[[parameter]]
material = "laws"
key = "contact_loss.mechanical"
from = 0.01
to = 0.3
reason = "between nothing and most in ten cycles"

[[parameter]]
scenarios = ["mine"]
key = "cathode.connected_fraction"
from = "80 %"
to = "100 %"
scale = "linear"
reason = "all or most"

[[cell]]
name = "mine"
scenario = "cell.toml"

[[measured]]
id = "a"
value = 150
unit = "mAh/g"
simulated = "mine.discharge(2)"
"#;

fn complaint(folder: &Path, from: &str, to: &str) -> String {
    assert!(FIT.contains(from), "{from}");
    std::fs::write(folder.join("fit.toml"), FIT.replacen(from, to, 1)).expect("written");
    match load(folder.join("fit.toml")) {
        Ok(_) => panic!("{to} was accepted"),
        Err(refused) => refused.to_string(),
    }
}

#[test]
fn every_mistake_is_told_with_its_place_and_what_would_be_right() {
    let folder = tempfile::tempdir().expect("a directory");
    let folder = folder.path();
    std::fs::write(folder.join("cell.toml"), SCENARIO).expect("written");
    #[rustfmt::skip]
    let cases = [
        ("mechanical", "mechanicl", ":5:7", "did you mean `contact_loss.mechanical`?"),
        ("material = \"laws\"", "material = \"lows\"", ":4:12", "did you mean `laws`?"),
        ("material = \"laws\"", "material = \"NCM622\"", ":5:7", "unknown key `contact_loss.mechanical`"),
        ("to = 0.3", "to = \"0.3 nm\"", ":7:6", "needs a bare number 0 or above"),
        ("to = 0.3", "to = 0.001", ":6:8", "`from` is not below `to`"),
        ("from = 0.01", "from = 0.0", ":6:8", "set scale = \"linear\""),
        ("to = 0.3", "to = 0.3\nstart = 0.5", ":8:9", "`start` does not lie between"),
        ("from = \"80 %\"", "from = \"80 nm\"", ":13:8", "a fraction is needed"),
        ("to = \"100 %\"", "to = \"120 %\"", ":14:6", "above 0 and at most"),
        ("cathode.connected_fraction", "cathode.conected_fraction", ":12:7", "did you mean `connected_fraction`?"),
        ("cathode.connected_fraction", "cathode.active_material", ":12:7", "only numbers and quantities"),
        ("[\"mine\"]", "[\"yours\"]", ":11:14", "unknown scenario of this fit `yours`"),
        ("scenarios = [\"mine\"]\n", "", ":10:1", "whose value `key` is, is not said"),
        ("scenario = \"cell.toml\"", "scenario = \"sell.toml\"", ":20:12", "cannot read"),
        ("name = \"mine\"", "name = \"my cell\"", ":19:8", "cannot name a cell"),
        ("discharge(2)", "discarge(2)", ":26:13", "did you mean `discharge`?"),
        ("mine.discharge(2)", "yours.discharge(2)", ":26:13", "cells: mine"),
        ("value = 150", "value = 0", ":24:9", "the uncertainty is relative"),
        ("value = 150", "value = \"150 mAh/g\"", ":24:9", "needs a bare number"),
        ("reason = \"all or most\"\n", "", ":10:1", "lacks `reason`"),
        ("title", "titel", ":1:1", "did you mean `title`?"),
        ("title = \"Ours\"", "most_parameters = 1", ":10:1", "2 parameters, more than 1"),
        ("title = \"Ours\"", "fitted_to = { shi2023 = [] }", ":1:13", "`papers` does not say where"),
        ("title = \"Ours\"", "papers = \"nowhere\"", ":1:10", "cannot read"),
        ("title = \"Ours\"", "[search]\nsamples = 1.5", ":2:11", "whole number from 0"),
        ("title = \"Ours\"", "profile = { keys = [\"mechanical\"] }", ":1:21", "did you mean `contact_loss.mechanical`?"),
        ("[[measured]]\nid = \"a\"\nvalue = 150\nunit = \"mAh/g\"\nsimulated = \"mine.discharge(2)\"\n", "", "", "there is nothing to fit to"),
    ];
    for (from, to, place, words) in cases {
        let told = complaint(folder, from, to);
        assert!(told.contains(&format!("fit.toml{place}")), "{to}: {told}");
        assert!(told.contains(words), "{to}: {told}");
    }
    let twice = FIT.replace(
        "[[cell]]",
        "[[parameter]]\nmaterial = \"laws\"\nkey = \"contact_loss.mechanical\"\nfrom = 0.1\nto = 0.2\nreason = \"again\"\n\n[[cell]]",
    );
    std::fs::write(folder.join("fit.toml"), twice).expect("written");
    let told = load(folder.join("fit.toml"))
        .expect_err("twice")
        .to_string();
    assert!(
        told.contains("fit.toml:20:7") && told.contains("is fitted twice"),
        "{told}"
    );
    assert!(
        load(folder.join("none.toml"))
            .expect_err("absent")
            .to_string()
            .contains("cannot read")
    );
}

/// A copy of the project's fit, papers and scenarios with a change in one file.
fn project(folder: &Path, change: (&str, &str, &str)) -> String {
    let copy = |from: &str, to: &str| {
        std::fs::create_dir_all(folder.join(to)).expect("made");
        for entry in std::fs::read_dir(from).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.extension().is_some_and(|end| end == "toml") {
                let name = path.file_name().expect("a name");
                std::fs::copy(&path, folder.join(to).join(name)).expect("copied");
            }
        }
    };
    copy("validation", "validation");
    copy("validation/papers", "validation/papers");
    copy("scenarios", "scenarios");
    copy("src/materials/data", "src/materials/data");
    let (file, from, to) = change;
    let path = folder.join(file);
    let text = std::fs::read_to_string(&path).expect("there");
    assert!(text.contains(from), "{from} in {file}");
    std::fs::write(&path, text.replacen(from, to, 1)).expect("written");
    match load(folder.join("validation/fit.toml")) {
        Ok(_) => panic!("{to} was accepted"),
        Err(refused) => refused.to_string(),
    }
}

#[test]
fn marks_of_papers_and_the_list_of_the_fit_must_agree() {
    let folder = tempfile::tempdir().expect("a directory");
    let fit = "validation/fit.toml";
    let listed = "\"retention-0p1C-pristine\"";
    for (change, words) in [
        (
            (
                fit,
                listed,
                "\"retention-0p1C-1P\", \"retention-0p1C-pristine\"",
            ),
            "marks it as predicted",
        ),
        (
            (fit, listed, "\"retention-0p1C-pristin\""),
            "did you mean `retention-0p1C-pristine`?",
        ),
        (
            (fit, "\"retention-0p1C-pristine\", ", ""),
            "marks as fitted what is not fitted to: retention-0p1C-pristine",
        ),
        (
            (fit, "shi2023 = [", "shi2022 = ["),
            "did you mean `shi2023`?",
        ),
        (
            (fit, "\"R_cathode\" =", "\"R_cathod\" ="),
            "did you mean `R_cathode`?",
        ),
        (
            (fit, "most_parameters = 25", "most_parameters = 3"),
            "more than 3",
        ),
        (
            (
                "validation/papers/shi2023.toml",
                "role = \"fitted\"",
                "role = \"predicted\"",
            ),
            "marks it as predicted",
        ),
    ] {
        let told = project(folder.path(), change);
        assert!(
            told.contains("fit.toml:") && told.contains(words),
            "{change:?}: {told}"
        );
    }
}

/// The rules that the project's own fit obeys.
#[test]
fn the_projects_fit_has_few_parameters_and_leaves_most_numbers_predicted() {
    let plan = load("validation/fit.toml").expect("valid");
    assert!(plan.parameters.len() <= 25, "{}", plan.parameters.len());
    let text = std::fs::read_to_string("validation/fit.toml").expect("there");
    assert!(text.contains("most_parameters = 25"));
    let papers = Paper::read_all(Path::new("validation/papers")).expect("valid");
    let numbers: Vec<_> = papers.iter().flat_map(|p| &p.measured).collect();
    let fitted = numbers.iter().filter(|m| m.role == Role::Fitted).count();
    assert_eq!(plan.observations.len(), fitted);
    assert!(2 * fitted <= numbers.len(), "{fitted} of {}", numbers.len());
    // Per laboratory at most two numbers of its cells, materials apart.
    for paper in &papers {
        let own = plan
            .parameters
            .iter()
            .filter(|p| p.owner.contains(&paper.source.key));
        assert!(own.count() <= 2, "{}", paper.source.key);
    }
}

#[test]
fn fitted_values_are_written_where_they_stand_and_nothing_else_changes() {
    let folder = tempfile::tempdir().expect("a directory");
    let truth = cell(&scenario_with("[laws.contact_loss]\nmechanical = 0.08\n"));
    let mut fit = parameter("laws", "contact_loss.mechanical", "0.01", "0.3");
    fit += "[[parameter]]\nscenarios = [\"mine\"]\nkey = \"cathode.connected_fraction\"\nfrom = \"80 %\"\nto = \"100 %\"\nscale = \"linear\"\nreason = \"test\"\n\n";
    fit += &measured(
        &truth,
        &[("discharge", 1, -0.05), ("contact_lost", 8, 0.0)],
        "1 %",
    );
    let mut plan = lay_out(
        folder.path(),
        &(fit + "[search]\nsamples = 4\n[profile]\nworst = 0\n"),
    );
    plan.settings.iterations = 3;
    let output = folder.path().join("out");
    let found = calibrate(&plan, &output, &AtomicBool::new(false), &|_| {}).expect("fits");
    let path = folder.path().join("cell.toml");
    assert_eq!(
        std::fs::read_to_string(&path).expect("there"),
        SCENARIO,
        "not in silence"
    );
    let [mechanical, connected] = &found.changes[..] else {
        panic!("two changes");
    };
    assert_eq!(
        (mechanical.key.as_str(), &mechanical.old),
        ("laws.contact_loss.mechanical", &None)
    );
    assert_eq!(connected.old.as_deref(), Some("95 %"));
    assert_eq!(
        apply(&plan, &found).expect("written"),
        std::slice::from_ref(&path)
    );
    let written = std::fs::read_to_string(&path).expect("there");
    let expected = SCENARIO.replace("\"95 %\"", &format!("\"{}\"", connected.new));
    assert_eq!(
        written,
        format!(
            "{expected}\n[laws.contact_loss]\nmechanical = {}\n",
            mechanical.new
        )
    );
    engobe::scenario::load(&path).expect("still valid");
    // The file is not the one the fit began with any more.
    let again = apply(&plan, &found)
        .expect_err("changed meanwhile")
        .to_string();
    assert!(
        again.contains("cell.toml has changed since the fit began"),
        "{again}"
    );
}

#[test]
fn a_materials_value_is_changed_in_its_file_with_what_it_was_fitted_to() {
    let folder = tempfile::tempdir().expect("a directory");
    let data = folder.path().join("data");
    std::fs::create_dir(&data).expect("made");
    for entry in std::fs::read_dir("src/materials/data").expect("there") {
        let path = entry.expect("an entry").path();
        std::fs::copy(&path, data.join(path.file_name().expect("a name"))).expect("copied");
    }
    // NCM85 takes its diffusivity over from NCM83, where it stands.
    let own = SCENARIO.replace("NCM83", "NCM85");
    let truth = cell(&format!(
        "{own}\n[materials.NCM85]\ndiffusivity.reference = \"6e-12 cm2/s\"\n"
    ));
    let mut fit = "materials = \"data\"\n\n".to_owned();
    fit += &parameter(
        "NCM83",
        "diffusivity.reference",
        "\"3e-12 cm2/s\"",
        "\"5e-11 cm2/s\"",
    );
    fit += &measured(
        &truth,
        &[("discharge", 8, 0.0), ("discharge", 1, 0.0)],
        "1 %",
    );
    lay_out(folder.path(), &fit);
    std::fs::write(folder.path().join("cell.toml"), own).expect("written");
    let plan = load(folder.path().join("fit.toml")).expect("valid");
    let output = folder.path().join("out");
    let found = calibrate(&plan, &output, &AtomicBool::new(false), &|_| {}).expect("fits");
    assert!(
        (found.parameters[0].si / 6e-16 - 1.0).abs() < 0.05,
        "{:?}",
        found.parameters[0]
    );
    apply(&plan, &found).expect("written");
    let old = std::fs::read_to_string("src/materials/data/ncm83.toml").expect("there");
    let new = std::fs::read_to_string(data.join("ncm83.toml")).expect("there");
    let differ: Vec<_> = old
        .lines()
        .zip(new.lines())
        .filter(|(a, b)| a != b)
        .collect();
    let [(_, line)] = differ[..] else {
        panic!("one line differs: {differ:?}");
    };
    assert!(
        line.starts_with(&format!(
            "reference = {{ value = \"{}\"",
            found.changes[0].new
        )),
        "{line}"
    );
    assert!(line.ends_with("fitted_to = [\"cell\"] }"), "{line}");
    assert_eq!(old.lines().count(), new.lines().count());
}
