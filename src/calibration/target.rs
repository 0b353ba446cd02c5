//! Where a parameter stands: its key looked up in the materials' or the scenarios' schema,
//! its bounds read in the unit of that key.

use super::document::{Edit, present, unit_of};
use super::plan::{Parameter, Written};
use super::read::{Draft, unknown};
use crate::input::{
    Bounds, Diagnostic, Dimension, Key, Kind, Schema, Section, nearest, number_of, quantity_of,
};
use crate::materials::{Entry, LAWS, MaterialKind, leaves};
use crate::scenario::schema::{PARTICLE_DIAMETER, SCENARIO};
use std::path::Path;

/// Reads a `[[parameter]]`.
pub(super) fn parameter(draft: &Draft<'_>, section: &Section<'_>) -> Option<Parameter> {
    let written = section.text("key")?;
    let (owner, key, places) = match (section.text("material"), section.texts("scenarios")) {
        (Some(material), None) => in_material(draft, section, material, written)?,
        (None, Some(scenarios)) => {
            let places = in_scenarios(draft, &scenarios, written)?;
            let key = scenario_key(draft, section, written)?;
            (owner(&scenarios), key, places)
        }
        (Some(_), Some(_)) => {
            let message = "a parameter belongs to a material or to scenarios, not to both";
            let place = section.span_of("scenarios");
            return draft.sink.refuse(Diagnostic::error(place, message));
        }
        (None, None) => {
            let complaint = Diagnostic::error(section.span(), "whose value `key` is, is not said");
            let help = "material = \"laws\", or scenarios = [\"...\"]";
            return draft.sink.refuse(complaint.help(help));
        }
    };
    let (dimension, allowed) = match &key.kind {
        Kind::Quantity(dimension, bounds) => (Some(*dimension), *bounds),
        Kind::Number(bounds) => (None, *bounds),
        _ => {
            let message = format!("`{written}` is not a single number");
            let place = section.span_of("key");
            return draft.sink.refuse(
                Diagnostic::error(place, message).help("only numbers and quantities can be fitted"),
            );
        }
    };
    let value = |name: &str| -> Option<f64> {
        read_value(draft, section, name, (dimension, allowed), key.example)
    };
    let (low, high) = (value("from"), value("to"));
    let logarithmic = section.choice("scale")? == "logarithmic";
    let (low, high) = (low?, high?);
    if low >= high {
        let message = format!("`{written}`: `from` is not below `to`");
        let place = section.span_of("from");
        return draft.sink.refuse(Diagnostic::error(place, message));
    }
    if logarithmic && low <= 0.0 {
        let message = format!("`{written}`: factors from zero or less do not exist");
        let complaint = Diagnostic::error(section.span_of("from"), message);
        let help = "raise `from` above zero, or set scale = \"linear\"";
        return draft.sink.refuse(complaint.help(help));
    }
    let reason = section.text("reason")?.to_owned();
    let unit = section.get("from").and_then(|from| {
        let text = from.get_ref().as_str()?;
        unit_of(&Written::Text(text.to_owned()), dimension?)
    });
    let mut parameter = Parameter {
        owner,
        key: written.to_owned(),
        dimension,
        bounds: [low, high],
        start: 0.0,
        logarithmic,
        reason,
        edits: edits(draft, places, dimension, unit),
    };
    parameter.start = match section.get("start") {
        Some(_) => value("start")?,
        None => parameter.at(0.5),
    };
    if !(low..=high).contains(&parameter.start) {
        let message = format!("`{written}`: `start` does not lie between `from` and `to`");
        let place = section.span_of("start");
        return draft.sink.refuse(Diagnostic::error(place, message));
    }
    Some(parameter)
}

/// Scenarios in few words.
fn owner(scenarios: &[(&str, std::ops::Range<usize>)]) -> String {
    match scenarios {
        [(first, _), _, _, ..] => format!("{first} and {} more", scenarios.len() - 1),
        few => {
            let names: Vec<_> = few.iter().map(|(name, _)| *name).collect();
            names.join(", ")
        }
    }
}

/// A value in the form and within the limits of its key.
fn read_value(
    draft: &Draft<'_>,
    section: &Section<'_>,
    name: &str,
    (dimension, allowed): (Option<Dimension>, Bounds),
    example: &str,
) -> Option<f64> {
    let value = section.get(name)?;
    let path = section.path_of(name);
    match dimension {
        Some(dimension) => quantity_of(value, &path, (dimension, allowed), example, draft.sink),
        None => number_of(value, &path, allowed, example, draft.sink),
    }
}

/// The places with the unit each value has there; `unit` where there is none yet.
fn edits(
    draft: &Draft<'_>,
    places: Vec<(usize, Vec<String>)>,
    dimension: Option<Dimension>,
    unit: Option<String>,
) -> Vec<Edit> {
    let edit = |(document, path): (usize, Vec<String>)| {
        let written = present(&draft.documents[document].text, &path);
        let own = written.and_then(|written| unit_of(&written, dimension?));
        Edit {
            document,
            path,
            unit: own.or_else(|| unit.clone()),
        }
    };
    places.into_iter().map(edit).collect()
}

type Places = Vec<(usize, Vec<String>)>;

/// Name of the owner, the key's declaration, and where the value of a material stands.
fn in_material(
    draft: &Draft<'_>,
    section: &Section<'_>,
    material: &str,
    written: &str,
) -> Option<(String, &'static Key, Places)> {
    let entry = entry(draft, section, material)?;
    let key = leaf(draft, section, entry.kind.schema(), written)?;
    let places = if draft.own_materials {
        vec![(
            file(draft, &entry)?,
            path(std::iter::once(material), written),
        )]
    } else {
        let start: Vec<&str> = match entry.kind {
            MaterialKind::Laws => vec!["laws"],
            _ => vec!["materials", material],
        };
        let scenarios = draft.documents.iter().enumerate();
        scenarios
            .filter(|(_, d)| {
                d.scenario && (entry.kind == MaterialKind::Laws || uses(draft, &d.text, material))
            })
            .map(|(index, _)| (index, path(start.iter().copied(), written)))
            .collect()
    };
    if places.is_empty() {
        let message = format!("no scenario of this fit uses `{material}`");
        let place = section.span_of("material");
        let help = "without `materials`, the values of the scenarios' own materials are fitted, also those it takes over from another";
        return draft
            .sink
            .refuse(Diagnostic::error(place, message).help(help));
    }
    Some((material.to_owned(), key, places))
}

/// Whether a scenario uses a material under its own name.
fn uses(draft: &Draft<'_>, text: &str, material: &str) -> bool {
    let read = crate::scenario::with_materials("", text, &draft.library);
    read.is_ok_and(|loaded| loaded.materials.iter().any(|entry| entry.name == material))
}

fn entry(draft: &Draft<'_>, section: &Section<'_>, material: &str) -> Option<Entry> {
    let place = section.span_of("material");
    let asked = section.text("kind");
    let named: Vec<_> = draft
        .library
        .entries()
        .iter()
        .filter(|e| e.name == material && asked.is_none_or(|kind| e.kind.word() == kind))
        .collect();
    match named[..] {
        [entry] => Some(entry.clone()),
        [] => {
            let known: Vec<_> = draft
                .library
                .entries()
                .iter()
                .map(|e| e.name.as_str())
                .collect();
            draft
                .sink
                .refuse(unknown("material", material, place, &known))
        }
        ref several => {
            let kinds: Vec<_> = several
                .iter()
                .map(|e| format!("\"{}\"", e.kind.word()))
                .collect();
            let message = format!("`{material}` is more than one material");
            draft.sink.refuse(
                Diagnostic::error(place, message).help(format!("kind = {}", kinds.join(" or "))),
            )
        }
    }
}

/// The file that has the last word on a material.
fn file(draft: &Draft<'_>, entry: &Entry) -> Option<usize> {
    let documents = draft.documents.iter().enumerate();
    let has = |text: &str| {
        let table: toml::Table = text.parse().unwrap_or_default();
        let kind = |table: &toml::Value| {
            let kind = table.get("kind").and_then(toml::Value::as_str);
            kind.is_none_or(|kind| kind == entry.kind.word())
        };
        table.get(&entry.name).is_some_and(kind)
    };
    documents
        .filter(|(_, d)| !d.scenario && has(&d.text))
        .map(|(index, _)| index)
        .next_back()
}

fn path<'a>(start: impl Iterator<Item = &'a str>, key: &'a str) -> Vec<String> {
    start.chain(key.split('.')).map(str::to_owned).collect()
}

/// The declaration at a dotted path of a schema.
fn leaf(
    draft: &Draft<'_>,
    section: &Section<'_>,
    schema: &'static Schema,
    written: &str,
) -> Option<&'static Key> {
    let all = leaves(schema);
    let found = all.iter().find(|(path, _)| path == written);
    found.map(|(_, key)| *key).or_else(|| {
        let known: Vec<_> = all.iter().map(|(path, _)| path.as_str()).collect();
        let place = section.span_of("key");
        draft.sink.refuse(unknown("key", written, place, &known))
    })
}

/// Where a key stands in scenarios, which are named as papers or cells name them.
fn in_scenarios(
    draft: &Draft<'_>,
    scenarios: &[(&str, std::ops::Range<usize>)],
    written: &str,
) -> Option<Places> {
    let mut places = Vec::new();
    for (name, span) in scenarios {
        let stem = |path: &Path| path.file_stem().is_some_and(|stem| stem == *name);
        let own = draft
            .spaces
            .iter()
            .filter(|space| space.name.is_empty())
            .flat_map(|space| &space.cells)
            .find(|(cell, _)| cell == name)
            .map(|(_, index)| *index);
        let named = || {
            let mut documents = draft.documents.iter();
            documents.position(|d| d.scenario && stem(&d.path))
        };
        let Some(index) = own.or_else(named) else {
            let known: Vec<_> = draft
                .documents
                .iter()
                .filter(|d| d.scenario)
                .filter_map(|d| d.path.file_stem()?.to_str())
                .collect();
            let complaint = unknown("scenario of this fit", name, span.clone(), &known);
            return draft.sink.refuse(complaint);
        };
        places.push((index, path(std::iter::empty(), written)));
    }
    Some(places)
}

/// The declaration of a scenario's key.
fn scenario_key(draft: &Draft<'_>, section: &Section<'_>, written: &str) -> Option<&'static Key> {
    let mut schema = &SCENARIO;
    let mut rest = written;
    loop {
        let (first, after) = rest.split_once('.').unwrap_or((rest, ""));
        if std::ptr::eq(schema, &SCENARIO) && first == "laws" {
            return leaf(draft, section, &LAWS, after);
        }
        if std::ptr::eq(schema, &SCENARIO) && first == "materials" {
            let (material, key) = after.split_once('.').unwrap_or((after, ""));
            let entry = draft.library.entries().iter().find(|e| e.name == material);
            let Some(entry) = entry else {
                let known: Vec<_> = draft
                    .library
                    .entries()
                    .iter()
                    .map(|e| e.name.as_str())
                    .collect();
                let complaint = unknown("material", material, section.span_of("key"), &known);
                return draft.sink.refuse(complaint);
            };
            return leaf(draft, section, entry.kind.schema(), key);
        }
        let Some(key) = schema.key(first) else {
            let near = nearest(first, schema.keys.iter().map(|key| key.name));
            let mut complaint = schema.unknown(first, section.span_of("key"));
            if let Some(near) = near {
                complaint = complaint.label(format!("`{near}`?"));
            }
            return draft.sink.refuse(complaint);
        };
        if after.is_empty() {
            return Some(key);
        }
        schema = match key.kind {
            Kind::Table(inner) => inner,
            Kind::Forms(_) if first == "particle_diameter" => &PARTICLE_DIAMETER,
            _ => {
                let message = format!("`{first}` holds nothing by the name `{after}`");
                let place = section.span_of("key");
                return draft.sink.refuse(Diagnostic::error(place, message));
            }
        };
        rest = after;
    }
}
