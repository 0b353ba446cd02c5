//! What editors, readers and new users are given: the JSON schema, the reference of keys,
//! starters, the list of materials, completions. All of it must say what the reading of a
//! scenario does.

use assert_cmd::Command;
use engobe::materials::{MaterialKind, leaves, library};
use engobe::scenario;
use predicates::prelude::*;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

fn engobe() -> Command {
    Command::cargo_bin("engobe").expect("the command is built with its tests")
}

fn stdout(arguments: &[&str]) -> String {
    let ended = engobe().args(arguments).assert().success();
    String::from_utf8(ended.get_output().stdout.clone()).expect("UTF-8")
}

fn shipped() -> Vec<PathBuf> {
    let entries = fs::read_dir("scenarios").expect("scenarios");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut paths: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .collect();
    paths.sort();
    paths
}

fn json(text: &str) -> Value {
    let table: toml::Table = text.parse().expect("TOML");
    serde_json::to_value(table).expect("no dates in scenarios")
}

fn validator() -> jsonschema::Validator {
    jsonschema::draft7::new(&scenario::json_schema()).expect("a JSON schema")
}

#[test]
fn files_made_from_the_definitions_are_current() {
    for (file, command) in [
        ("scenarios/engobe.schema.json", "schema"),
        ("guide/src/reference.md", "reference"),
    ] {
        let written = fs::read_to_string(file).expect(file);
        assert!(
            written == stdout(&[command]),
            "{file} is out of date: engobe {command} > {file}"
        );
    }
}

#[test]
fn shipped_scenarios_carry_the_schema_and_conform() {
    let validator = validator();
    for path in shipped() {
        let text = fs::read_to_string(&path).expect("readable");
        let name = path.display();
        assert!(
            text.starts_with("#:schema ./engobe.schema.json\n"),
            "{name}"
        );
        let errors: Vec<_> = validator
            .iter_errors(&json(&text))
            .map(|e| format!("{}: {e}", e.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
    }
}

const GOOD: &str = include_str!("../scenarios/shi2023-1p.toml");

/// What an editor underlines is what the reader refuses, for faults of a single key.
#[test]
#[rustfmt::skip] // a table
fn the_schema_refuses_what_the_reader_refuses() {
    let validator = validator();
    let faults = [
        ("thickness = \"3 nm\"", "thicknes = \"3 nm\""),
        ("thickness = \"3 nm\"", "thickness = 3"),
        ("thickness = \"3 nm\"", "thickness = \"3\""),
        ("thickness = \"3 nm\"", "thickness = \"3 V\""),
        ("thickness = \"3 nm\"", "thickness = \"-3 nm\""),
        ("thickness = \"3 nm\"", "thickness = \"3,5 nm\""),
        ("particle_kind = \"single-crystal\"", "particle_kind = \"single\""),
        ("anode = \"In/InLi\"\n", ""),
        ("area = \"0.785 cm2\"", "area = \"0.785 mm\""),
        ("repeat = 100", "repeat = 0"),
        ("repeat = 100", "repeat = 2.5"),
        ("repeat = 100", "repeat = \"100\""),
        ("LPSCl = \"30 wt%\"", "LPSCl = 30"),
        ("LPSCl = \"30 wt%\"", "LPSCl = \"30 mA\""),
        ("cycles = [1,", "cycles = [0,"),
        ("at = \"3.15 V\", ", ""),
        ("[cell]", "[cel]"),
        ("[cell]", "[materials.LPSCl]\nionic_conductivty = \"2 mS/cm\"\n[cell]"),
        ("[cell]", "[materials.LPSCl]\nionic_conductivity = \"2 mS\"\n[cell]"),
        ("[cell]", "[materials.New]\ndensity = \"2 g/cm3\"\n[cell]"),
        ("[cell]", "[laws.oxigen]\nonset = \"4.2 V\"\n[cell]"),
        ("[cell]", "[laws.oxygen]\nonset = { value = 4.2 }\n[cell]"),
        ("[cell]", "[mechanisms]\ncracking = \"no\"\n[cell]"),
        ("[cell]", "[numerics]\ntolerance = 1\n[cell]"),
        ("[cell]", "[microstructure]\nresolution = 4\n[cell]"),
    ];
    for (from, to) in faults {
        assert!(GOOD.contains(from), "{from}");
        let text = GOOD.replacen(from, to, 1);
        assert!(scenario::from_str("x", &text).is_err(), "read: {to}");
        assert!(!validator.is_valid(&json(&text)), "valid: {to}");
    }
}

/// And what the reader takes is not underlined.
#[test]
#[rustfmt::skip] // a table
fn the_schema_takes_what_the_reader_takes() {
    let validator = validator();
    let forms = [
        ("thickness = \"3 nm\"", "thickness = \" 3.0e0 nm \""),
        ("thickness = \"3 nm\"", "thickness = \"+.003µm\""),
        ("specific_surface = \"0.593 m2/g\"", "specific_surface = \"0.593 m²/g\""),
        ("specific_surface = \"0.593 m2/g\"", "specific_surface = \"0.593 m^2 / g\""),
        ("temperature = \"25 degC\"", "temperature = \"-5 °C\""),
        ("{ d50 = \"4.4 um\", d90 = \"5 um\" }", "\"4.4 um\""),
        ("{ d50 = \"4.4 um\", d90 = \"5 um\" }", "{ diameters = [\"2 um\", \"8 um\"], shares = [\"100 %\"] }"),
        ("{ active_material = \"70 wt%\", LPSCl = \"30 wt%\", VGCF = \"1 wt% extra\" }", "{ active_material = \"50 vol%\", LPSCl = \"50vol%\" }"),
        ("repeat = 100", "repeat = 100\nstop = [\"80% capacity\", \"2 days\"]"),
        ("    \"Rest for 2 hours\",\n    \"Discharge", "    { gitt = \"Charge at 0.1C for 20 minutes\", rest = \"2 hours\", until = \"3.7 V\" },\n    \"Discharge"),
        ("[cell]", "[materials.LPSCl]\nionic_conductivity = \"2 mS/cm\"\nmolar_mass = { value = \"268.4 g/mol\", source = \"formula\", range = [\"268 g/mol\", \"269 g/mol\"] }\n[cell]"),
        ("[cell]", "[materials.New]\nlike = \"LiNbO3\"\n[cell]"),
        ("[cell]", "[materials.NCM83.diffusivity]\nreference = \"2e-11 cm2/s\"\nfloor = 0.02\n[cell]"),
        ("[cell]", "[laws.oxygen]\nonset = \"4.2 V\"\nrate = \"9e-11 mol/m2/s\"\n[cell]"),
        ("[cell]", "[attribution]\ncycles = []\n[cell]"),
    ];
    for (from, to) in forms {
        assert!(GOOD.contains(from), "{from}");
        let text = GOOD.replacen(from, to, 1);
        if let Err(refused) = scenario::from_str("x", &text) {
            panic!("{to}: {refused}");
        }
        let errors: Vec<_> = validator.iter_errors(&json(&text)).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(errors.is_empty(), "{to}: {errors:?}");
    }
}

#[test]
fn the_schema_offers_names_defaults_and_meanings() {
    let schema = scenario::json_schema();
    let cathode = &schema["definitions"]["cathode"]["properties"];
    assert_eq!(cathode["porosity"]["default"], "12 %");
    let oxides = cathode["active_material"]["anyOf"][0]["enum"]
        .as_array()
        .expect("names");
    assert!(oxides.iter().any(|name| name == "NCM83"));
    assert!(
        cathode["porosity"]["description"]
            .as_str()
            .expect("text")
            .contains("vol%")
    );
    let materials = &schema["definitions"]["materials"]["properties"];
    for entry in library()
        .entries()
        .iter()
        .filter(|e| e.kind != MaterialKind::Laws)
    {
        assert!(materials.get(&entry.name).is_some(), "{}", entry.name);
    }
}

#[test]
fn the_reference_names_every_key() {
    let text = scenario::reference();
    for key in scenario::schema::SCENARIO.keys {
        assert!(
            text.contains(&format!("| `{}` |", key.name)),
            "{}",
            key.name
        );
    }
    for kind in MaterialKind::ALL {
        for (path, key) in leaves(kind.schema()) {
            assert!(text.contains(&format!("| `{path}` |")), "{path}");
            assert!(text.contains(key.about), "{}", key.about);
        }
    }
    for words in [
        "## `[[protocol]]`",
        "## `[cathode]`",
        "| `12 %` |",
        "**required**",
        "`mg/cm2`",
    ] {
        assert!(text.contains(words), "{words}");
    }
}

#[test]
fn a_starter_is_written_once_checked_and_run() {
    let directory = tempfile::tempdir().expect("a directory");
    let at = |arguments: &[&str]| {
        let mut command = engobe();
        command.current_dir(directory.path()).args(arguments);
        command
    };
    at(&["new"])
        .assert()
        .success()
        .stdout(predicate::str::contains("ma2024 "));
    at(&["new", "shi2032"])
        .assert()
        .code(2)
        .stderr(predicate::str::contains("did you mean `shi2023`"));
    at(&["new", "quick"]).assert().success();
    let first = fs::read(directory.path().join("quick.toml")).expect("written");
    at(&["new", "quick"])
        .assert()
        .code(2)
        .stderr(predicate::str::contains("is there already"));
    assert_eq!(
        first,
        fs::read(directory.path().join("quick.toml")).expect("still there")
    );
    at(&["new", "kissel2025", "-o", "other.toml"])
        .assert()
        .success();
    for name in ["quick.toml", "other.toml"] {
        at(&["check", name]).assert().success().stderr("");
    }
    assert!(Path::new(&directory.path().join("engobe.schema.json")).exists());
    at(&["run", "quick.toml", "--quiet"])
        .assert()
        .success()
        .stdout("");
    assert!(directory.path().join("runs/quick/report.html").exists());
}

#[test]
fn materials_are_listed_and_shown() {
    let list = stdout(&["materials"]);
    for entry in library().entries() {
        assert!(
            list.contains(&format!("  {} ", entry.name)),
            "{}",
            entry.name
        );
    }
    let shown = stdout(&["materials", "LPSCl"]);
    for part in ["ionic_conductivity", "3 mS/cm", "plausible", "estimate: "] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    // An electrolyte, a coating and the making of one share this name.
    assert_eq!(
        stdout(&["materials", "Li3PS4"]).matches("Li3PS4: ").count(),
        3
    );
    let all: Value = serde_json::from_str(&stdout(&["materials", "--json"])).expect("JSON");
    assert_eq!(
        all.as_array().map(Vec::len),
        Some(library().entries().len())
    );
    engobe()
        .args(["materials", "LPSC"])
        .assert()
        .code(2)
        .stderr(predicate::str::contains("did you mean `LPSCl`"));
}

#[test]
fn completions_and_examples_are_there() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(
            stdout(&["completions", shell]).contains("microstructure"),
            "{shell}"
        );
    }
    for command in [
        "new",
        "check",
        "run",
        "microstructure",
        "impedance",
        "analyse",
        "anneal",
        "validate",
        "materials",
        "schema",
        "completions",
    ] {
        let help = stdout(&["help", command]);
        assert!(
            help.contains("Examples:") && help.contains(&format!("engobe {command}")),
            "{help}"
        );
    }
}
