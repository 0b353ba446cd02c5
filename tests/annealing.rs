//! A coating made by annealing, from outside: the scenario that asks for it, how it is
//! refused, what photoelectrons would tell, the command, and a run with it.

mod common;

use assert_cmd::Command;
use common::electrode;
use engobe::annealing::{Annealed, Form, Treatment};
use engobe::electrode::Field;
use engobe::observables::CoatedSurface;
use engobe::scenario::{self, CoatingMorphology, Scenario};
use engobe::simulation::cycling::{Gathered, run_cycle};
use engobe::simulation::march::Cell;
use predicates::prelude::*;
use std::fs;

const ANNEALED: &str = include_str!("../scenarios/kissel2025-400.toml");
const QUICK: &str = include_str!("../scenarios/quick.toml");

fn loaded(text: &str) -> Scenario {
    match scenario::from_str("case.toml", text) {
        Ok(loaded) => loaded.scenario,
        Err(diagnostics) => panic!("{diagnostics}"),
    }
}

fn changed(from: &str, to: &str) -> String {
    assert!(ANNEALED.contains(from), "{from}");
    ANNEALED.replacen(from, to, 1)
}

fn refusal(text: &str) -> String {
    match scenario::from_str("case.toml", text) {
        Ok(_) => panic!("accepted:\n{text}"),
        Err(diagnostics) => diagnostics.to_string(),
    }
}

fn annealed(scenario: &Scenario) -> &Annealed {
    let coating = scenario.coating.as_ref().expect("coated");
    coating.annealed.as_ref().expect("annealed")
}

#[test]
fn the_process_takes_the_place_of_material_thickness_and_coverage() {
    let scenario = common::scenario("kissel2025-400");
    let coating = scenario.coating.as_ref().expect("coated");
    let outcome = &annealed(&scenario).outcome;
    assert_eq!(coating.layers.len(), 1);
    assert_eq!(coating.morphology, CoatingMorphology::Conformal);
    assert!((coating.thickness() - outcome.film.thickness).abs() < 1e-20);
    assert!((coating.coverage - outcome.film.coverage).abs() < 1e-15);
    assert_eq!(
        coating.layers[0].material.name,
        "Li3PS4 annealed at 400 degC"
    );
    // Film and lumps together are the coating: nothing is lost between the two accounts.
    let film = coating.film_ratio(scenario.cathode.specific_surface);
    let whole = annealed(&scenario).mass();
    assert!((film + coating.excess_ratio - whole).abs() < 1e-12 * whole);
    let parts = &scenario.cathode.mass_fractions;
    assert!((parts.coating - whole * parts.active_material).abs() < 1e-15);
    let sum = parts.active_material + parts.coating + parts.electrolyte;
    assert!((sum - 1.0).abs() < 1e-12);
}

#[test]
fn lithium_in_the_coating_is_missing_in_the_oxide() {
    let scenario = loaded(ANNEALED);
    let bare = loaded(&changed(
        "process = {",
        "material = \"Li2SO4\"\nthickness = \"35 nm\"\ncoverage = \"83 %\" # {",
    ));
    let oxide = &scenario.cathode.active_material;
    let (before, after) = (
        bare.cathode.active_material.initial_stoichiometry,
        oxide.initial_stoichiometry,
    );
    let taken = annealed(&scenario).outcome.exchange.oxide_lithium;
    assert!(taken > 0.1, "mol per kg of oxide");
    assert!(((before - after) / oxide.molar_mass - taken).abs() < 1e-12);
    // A scenario that allows none leaves the oxide as it was, with less sulfate.
    let none = format!(
        "{ANNEALED}\n[materials.Li3PS4]\nkind = \"coating-process\"\noxide_lithium = 0.0\n"
    );
    let none = loaded(&none);
    let left = none.cathode.active_material.initial_stoichiometry;
    assert!((left - before).abs() < 1e-15);
    assert!(annealed(&none).outcome.exchange.sulfur_dioxide > 0.1);
}

#[test]
fn contradictions_and_slips_are_refused_with_what_is_allowed() {
    let both = refusal(&changed("[coating]", "[coating]\nthickness = \"5 nm\""));
    assert!(
        both.contains("`thickness` and `process` are both stated"),
        "{both}"
    );
    let all = refusal(&changed(
        "[coating]",
        "[coating]\nmaterial = \"Li2SO4\"\ncoverage = \"5 %\"",
    ));
    assert!(
        all.contains("`material` and") && all.contains("`coverage` and"),
        "{all}"
    );
    let hot = refusal(&changed("\"400 degC\"", "\"1400 degC\""));
    assert!(hot.contains("(15 to 800 degC)"), "{hot}");
    let fast = refusal(&changed("\"2 K/min\"", "\"2 K/s\""));
    assert!(fast.contains("between 0.1 and 100 K/min"), "{fast}");
    let unit = refusal(&changed("\"2 K/min\"", "\"2 min\""));
    assert!(
        unit.contains("coating.process.heating_rate") && unit.contains("K/min"),
        "{unit}"
    );
    let unknown = refusal(&changed("\"Li3PS4\"", "\"Li3PS\""));
    assert!(
        unknown.contains("unknown coating process `Li3PS`"),
        "{unknown}"
    );
    assert!(unknown.contains("did you mean `Li3PS4`"), "{unknown}");
    let key = refusal(&changed("hold =", "holds ="));
    assert!(key.contains("did you mean `hold`"), "{key}");
    let neither = refusal(&changed("process = {", "# process = {"));
    assert!(neither.contains("[coating] lacks `material`"), "{neither}");
    let gone = refusal(&changed(
        "\"400 degC\", hold = \"1 h\"",
        "\"800 degC\", hold = \"20 d\"",
    ));
    assert!(gone.contains("the coating has evaporated"), "{gone}");
}

#[test]
fn photoelectrons_rank_the_samples_as_in_the_paper() {
    let scenario = loaded(ANNEALED);
    let like = annealed(&scenario);
    let at = |celsius: f64| {
        let treatment = Treatment {
            temperature: celsius + 273.15,
            ..like.treatment
        };
        Annealed::new(like.recipe.clone(), treatment, like.powder).expect("integrates")
    };
    let gamma =
        |celsius: f64| CoatedSurface::of(&at(celsius), &scenario.cathode.active_material).gamma();
    let falling = [300.0, 400.0, 500.0, 600.0, 700.0].map(gamma);
    assert!(
        falling.windows(2).all(|pair| pair[1] < pair[0]),
        "{falling:?}"
    );
    let rising = [25.0, 100.0, 200.0].map(gamma);
    assert!(rising.iter().all(|share| *share < falling[0]), "{rising:?}");
    assert_eq!(at(700.0).outcome.film.form, Form::Islands);
}

#[test]
fn the_command_writes_table_and_page() {
    let directory = tempfile::tempdir().unwrap();
    let output = directory.path().join("annealing");
    let anneal = |scenario: &str| {
        let mut command = Command::cargo_bin("engobe").expect("built with its tests");
        command.args(["anneal", scenario, "--output"]).arg(&output);
        command.assert()
    };
    anneal("scenarios/quick.toml")
        .code(2)
        .stderr(predicate::str::contains("no `process`"));
    anneal("scenarios/kissel2025-400.toml")
        .success()
        .stdout(predicate::str::contains("a film: "));
    anneal("scenarios/kissel2025-400.toml")
        .code(2)
        .stderr(predicate::str::contains("--force"));
    let table = fs::read_to_string(output.join("annealing.csv")).unwrap();
    let mut lines = table.lines();
    let headings: Vec<_> = lines.next().unwrap().split(',').collect();
    let column = |name: &str| headings.iter().position(|h| *h == name).unwrap();
    let (temperature, coverage) = (column("Temperature / degC"), column("Coverage / 1"));
    let rows: Vec<Vec<f64>> = lines
        .map(|line| {
            line.split(',')
                .map(|field| field.parse().unwrap())
                .collect()
        })
        .collect();
    assert!((rows[0][temperature] - 25.0).abs() < 1e-9);
    assert!((rows[rows.len() - 1][temperature] - 700.0).abs() < 1e-9);
    let best = rows
        .iter()
        .max_by(|a, b| a[coverage].total_cmp(&b[coverage]))
        .unwrap();
    assert!((250.0..=330.0).contains(&best[temperature]), "{best:?}");
    let page = fs::read_to_string(output.join("annealing.html")).unwrap();
    assert!(page.matches("<svg").count() == 5 && !page.contains("http://www.w3.org/1999/xhtml"));
    assert!(output.join("figures/annealing.svg").exists());
}

#[test]
fn check_says_what_coating_results() {
    Command::cargo_bin("engobe")
        .expect("built with its tests")
        .args(["check", "scenarios/kissel2025-400.toml"])
        .assert()
        .success()
        .stdout(predicate::str::contains("annealed for 1.0 h at 400 degC"))
        .stdout(predicate::str::contains("vol% sulfate"))
        .stdout(predicate::str::contains("estimates"));
}

#[test]
fn an_annealed_cell_runs_and_its_results_carry_the_process() {
    let start = QUICK.find("material = \"PVBTA").unwrap();
    let end = QUICK.find("[cell]").unwrap();
    let process =
        "process = { precursor = \"Li3PS4\", mass = \"1 wt%\", temperature = \"300 degC\" }\n";
    let text = format!("{}{process}{}", &QUICK[..start], &QUICK[end..]);
    let text = text
        .replace("repeat = 3", "repeat = 1")
        .replace("[1, 3]", "[1]");
    let directory = tempfile::tempdir().unwrap();
    let case = directory.path().join("case.toml");
    fs::write(&case, text).unwrap();
    let output = directory.path().join("results");
    let ran = Command::cargo_bin("engobe")
        .expect("built with its tests")
        .args(["run", "--output"])
        .arg(&output)
        .arg(&case)
        .assert()
        .success();
    let said = String::from_utf8_lossy(&ran.get_output().stdout).into_owned();
    let balance = said.split("lithium balance ").nth(1).expect("a balance");
    let balance: f64 = balance.split(',').next().unwrap().parse().unwrap();
    assert!(balance.abs() < 1e-9, "{said}");
    assert!(output.join("results.h5").exists());
}

/// First cycle of a cell annealed at `celsius`: what was gathered, the charge of the
/// coating's sulfide (C/m2) and its share left.
fn first_cycle(celsius: f64, edit: impl FnOnce(&mut Scenario)) -> (Gathered, f64, f64) {
    let mut scenario = loaded(&changed("\"400 degC\"", &format!("\"{celsius} degC\"")));
    edit(&mut scenario);
    let model = electrode(&scenario, &[1.5e-6, 2.0e-6]);
    let fresh = model.initial_state();
    let mut cell = Cell::new(&model, fresh.clone(), scenario.numerics.tolerance);
    let mut gathered = Gathered::default();
    let block = &scenario.protocol[0];
    run_cycle(&mut cell, &scenario, block, &fresh, &mut gathered);
    let left = &cell.state[Field::CoatingSulfide];
    let mean = left.iter().sum::<f64>() / left.len() as f64;
    (gathered, cell.state.scalar(Field::SideCoating), mean)
}

#[test]
fn sulfide_left_in_the_coating_is_oxidised_in_the_first_charge_and_accounted_for() {
    let (raw, charge, left) = first_cycle(25.0, |_| ());
    assert!(raw.lithium_error < 1e-10, "{}", raw.lithium_error);
    assert!(raw.charge_error < 1e-10, "{}", raw.charge_error);
    let scenario = loaded(&changed("\"400 degC\"", "\"25 degC\""));
    let cathode = &scenario.cathode;
    let all = annealed(&scenario);
    // Of the film, where it also touches electrolyte: less than half of the surface.
    let pool = all.outcome.oxidisable_charge
        * (1.0 - all.recipe.process.lump_share)
        * cathode.contact_fraction
        * cathode.areal_loading
        * cathode.connected_fraction;
    // It limits itself as the electrolyte does.
    assert!(left > 0.2 && left < 1.0, "{left}");
    assert!(
        charge > 0.3 * pool * (1.0 - left) && charge < 1.02 * pool * (1.0 - left),
        "{charge} of {pool}"
    );
    // It costs the first cycle's efficiency what it weighs.
    let (inert, none, _) = first_cycle(25.0, |scenario| {
        let coating = scenario.coating.as_mut().expect("coated");
        let annealed = coating.annealed.as_mut().expect("annealed");
        annealed.outcome.oxidisable_charge = 0.0;
    });
    assert!(none.abs() < f64::MIN_POSITIVE);
    let loss = |gathered: &Gathered| gathered.cycles[0].charge - gathered.cycles[0].discharge;
    let more = loss(&raw) - loss(&inert);
    assert!((more / charge - 1.0).abs() < 0.3, "{more} against {charge}");
    // Annealed at 400 degC nothing is left to oxidise; without the mechanism nothing is.
    assert!(first_cycle(400.0, |_| ()).1 < 1e-3 * charge);
    let off = first_cycle(25.0, |scenario| scenario.mechanisms.oxidation = false);
    assert!(off.1.abs() < f64::MIN_POSITIVE);
}
