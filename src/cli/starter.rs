//! `engobe new`: a commented scenario of a paper's system to start from.

use super::progress::say;
use super::{Failure, REFUSED, UNWRITTEN};
use crate::input::nearest;
use crate::scenario::{annotated, json_schema};
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

/// What can be started from: name and scenario.
const SYSTEMS: [(&str, &str); 11] = [
    ("quick", include_str!("../../scenarios/quick.toml")),
    ("shi2023", include_str!("../../scenarios/shi2023-1p.toml")),
    (
        "shi2023-bare",
        include_str!("../../scenarios/shi2023-pristine.toml"),
    ),
    (
        "shi2023-rates",
        include_str!("../../scenarios/shi2023-1p-rates.toml"),
    ),
    ("ma2022", include_str!("../../scenarios/ma2022-zro2.toml")),
    (
        "ma2022-liquid",
        include_str!("../../scenarios/ma2022-liquid-bare.toml"),
    ),
    (
        "walther2021",
        include_str!("../../scenarios/walther2021-coated.toml"),
    ),
    ("ma2024", include_str!("../../scenarios/ma2024-0p76.toml")),
    (
        "ma2024-slurry",
        include_str!("../../scenarios/ma2024-slurry-0p76-0p2c.toml"),
    ),
    (
        "kissel2025",
        include_str!("../../scenarios/kissel2025-400.toml"),
    ),
    (
        "kissel2025-slurry",
        include_str!("../../scenarios/kissel2025-slurry-400.toml"),
    ),
];

/// File name of the JSON schema beside a scenario.
const SCHEMA_NAME: &str = "engobe.schema.json";

/// Arguments of `engobe new`.
#[derive(Debug, clap::Args)]
pub struct NewArguments {
    /// The system to start from [default: list them]
    system: Option<String>,
    /// The file to write [default: <system>.toml]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub fn new(arguments: &NewArguments) -> Result<(), Failure> {
    let Some(system) = &arguments.system else {
        say(&list());
        return Ok(());
    };
    let Some((name, text)) = SYSTEMS.iter().find(|(name, _)| name == system) else {
        let names = SYSTEMS.map(|(name, _)| name);
        let help = match nearest(system, names) {
            Some(near) => format!("did you mean `{near}`? "),
            None => String::new(),
        };
        let message = format!(
            "there is no system `{system}`; {help}known: {}",
            names.join(", ")
        );
        return Err(Failure::Message(REFUSED, message));
    };
    let path = match &arguments.output {
        Some(path) => path.clone(),
        None => PathBuf::from(format!("{name}.toml")),
    };
    write_new(&path, starter(name, text).as_bytes())?;
    say(&format!("{} written", path.display()));
    let schema = path.with_file_name(SCHEMA_NAME);
    if !schema.exists() {
        write_new(&schema, pretty(&json_schema()).as_bytes())?;
        say(&format!(
            "{} written (completion in editors)",
            schema.display()
        ));
    }
    say(&format!(
        "next:\n  engobe check {0}\n  engobe run {0}",
        path.display()
    ));
    Ok(())
}

/// A JSON document as files and `engobe schema` have it.
pub fn pretty(document: &serde_json::Value) -> String {
    format!("{document:#}\n")
}

fn starter(name: &str, text: &str) -> String {
    // Said of the file among its kin, or of where it lies.
    let kept = text
        .lines()
        .filter(|line| !line.starts_with("#:schema"))
        .filter(|line| !(line.starts_with("# The ") && line.contains("files ")));
    let body: String = kept.flat_map(|line| [line, "\n"]).collect();
    format!(
        "#:schema ./{SCHEMA_NAME}\n\
         # Started from `engobe new {name}`. Keys that are left out stand switched off (#key = value),\n\
         # with their default, or an example where leaving them out means something else.\n\
         # `engobe check` says in words what the file asks for.\n#\n{}",
        annotated(&body)
    )
}

fn list() -> String {
    let mut lines = vec!["systems to start from (engobe new SYSTEM):".to_owned()];
    for (name, text) in SYSTEMS {
        let title = text.lines().find_map(|line| line.strip_prefix("title = "));
        let title = title.unwrap_or_default().trim_matches('"');
        lines.push(format!("  {name:<18} {title}"));
    }
    lines.join("\n")
}

/// Writes a file that must not be there yet.
fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let unwritten = |error: std::io::Error| {
        let message = format!("cannot write {}: {error}", path.display());
        match error.kind() {
            std::io::ErrorKind::AlreadyExists => Failure::Message(
                REFUSED,
                format!(
                    "{} is there already; name another with --output",
                    path.display()
                ),
            ),
            _ => Failure::Message(UNWRITTEN, message),
        }
    };
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
        .map_err(unwritten)?;
    file.write_all(bytes).map_err(unwritten)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_starter_is_a_scenario_with_the_values_of_its_paper() {
        for (name, text) in SYSTEMS {
            let read = |text: &str| crate::scenario::from_str(name, text);
            let made = read(&starter(name, text)).unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(
                made.scenario,
                read(text).expect("shipped").scenario,
                "{name}"
            );
        }
    }
}
