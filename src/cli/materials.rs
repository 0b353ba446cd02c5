//! `engobe materials`: what each substance is taken to be, and where that comes from.

use super::progress::say;
use super::{Failure, REFUSED};
use crate::input::nearest;
use crate::materials::{Entry, Library, MaterialKind, Property, PropertyValue, leaves, library};
use crate::scenario;
use serde_json::json;
use std::path::PathBuf;

/// Arguments of `engobe materials`.
#[derive(Debug, clap::Args)]
pub struct MaterialsArguments {
    /// The material to show; `laws` are the constants of the degradation mechanisms
    /// [default: list all]
    name: Option<String>,
    /// Show what a scenario makes of the materials it uses
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,
    /// As JSON, every number in SI
    #[arg(long)]
    json: bool,
}

pub fn materials(arguments: &MaterialsArguments) -> Result<(), Failure> {
    let loaded = match &arguments.scenario {
        Some(path) => Some(scenario::load(path).map_err(Failure::Refused)?),
        None => None,
    };
    let all: &[Entry] = match &loaded {
        Some(loaded) => &loaded.materials,
        None => library().entries(),
    };
    let shown = match &arguments.name {
        Some(name) => named(all, name)?,
        None => all.iter().collect(),
    };
    let text = if arguments.json {
        format!("{:#}", json!(shown))
    } else if arguments.name.is_some() {
        shown
            .iter()
            .map(|entry| show(entry))
            .collect::<Vec<_>>()
            .join("\n\n")
    } else {
        list(&shown)
    };
    say(&text);
    Ok(())
}

fn named<'a>(all: &'a [Entry], name: &str) -> Result<Vec<&'a Entry>, Failure> {
    let found: Vec<_> = all.iter().filter(|entry| entry.name == name).collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let names: Vec<_> = all.iter().map(|entry| entry.name.as_str()).collect();
    let help = nearest(name, names.iter().copied())
        .map_or_else(String::new, |near| format!("did you mean `{near}`? "));
    let message = format!("no material `{name}`; {help}known: {}", names.join(", "));
    Err(Failure::Message(REFUSED, message))
}

/// A line per material, kind by kind.
fn list(all: &[&Entry]) -> String {
    let mut lines = Vec::new();
    for kind in MaterialKind::ALL {
        let of_kind: Vec<_> = all.iter().filter(|entry| entry.kind == kind).collect();
        if of_kind.is_empty() {
            continue;
        }
        lines.push(kind.word().replace('-', " "));
        for entry in of_kind {
            lines.push(format!(
                "  {:<18} {} value{}, {} of them estimates, {} fitted; {}",
                entry.name,
                entry.properties.len(),
                if entry.properties.len() == 1 { "" } else { "s" },
                entry.estimates().count(),
                entry
                    .properties
                    .values()
                    .filter(|p| !p.fitted_to.is_empty())
                    .count(),
                entry.about
            ));
        }
    }
    lines.push("`engobe materials NAME` shows every value with its source".into());
    lines.join("\n")
}

/// Every value of a material, in the order of its kind's keys.
fn show(entry: &Entry) -> String {
    let mut lines = vec![format!(
        "{}: {}, {}",
        entry.name,
        entry.kind.word().replace('-', " "),
        entry.about
    )];
    for (path, key) in leaves(entry.kind.schema()) {
        let Some(property) = entry.properties.get(&path) else {
            continue;
        };
        lines.push(format!(
            "  {path:<36} {:<18} {}",
            value(property),
            key.about
        ));
        lines.push(format!("      {}", provenance(property)));
    }
    lines.join("\n")
}

fn value(property: &Property) -> String {
    match &property.value {
        PropertyValue::Number(_) => property.written.clone(),
        PropertyValue::Curve(pairs) => {
            let (first, last) = (pairs.first(), pairs.last());
            let ends = first.zip(last).map_or_else(String::new, |(a, b)| {
                let at = |pair: &(f64, f64)| match property.unit {
                    "1" => format!("{} at x = {}", pair.1, pair.0),
                    unit => format!("{} {unit} at x = {}", pair.1, pair.0),
                };
                format!(", {} to {}", at(a), at(b))
            });
            format!("{} points{ends}", pairs.len())
        }
    }
}

/// Where a value comes from and how far it can be trusted.
fn provenance(property: &Property) -> String {
    let mut text = property.source.clone();
    if let Some(range) = property.plausible() {
        text += &format!("; plausible {range}");
    }
    if !property.fitted_to.is_empty() {
        text += &format!("; fitted to {}", property.fitted_to.join(", "));
    }
    if let Some(from) = &property.inherited_from {
        text += &format!("; as {from}");
    }
    if property.overridden {
        text += "; set by the scenario";
    }
    text
}

/// A shipped material as the structure of its kind, for arguments that name one.
pub fn shipped<T: serde::de::DeserializeOwned>(
    name: &str,
    kind: MaterialKind,
) -> Result<T, Failure> {
    let known: &Library = library();
    known.get::<T>(name, kind).ok_or_else(|| {
        let names = known.names(&[kind]);
        let help = match nearest(name, names.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are {}", names.join(", ")),
        };
        Failure::Message(
            REFUSED,
            format!("no {} `{name}`; {help}", kind.word().replace('-', " ")),
        )
    })
}
