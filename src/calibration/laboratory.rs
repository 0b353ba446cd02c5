//! The user's own cells and what was measured on them.

use super::data::{Observation, Reading};
use super::plan::Space;
use super::read::{Draft, unknown};
use crate::input::{Bounds, Diagnostic, Diagnostics, Section, number_of};
use crate::measurement::{Discharged, Measured, MeasuredSpectrum, read, read_capacities};
use crate::simulation::Wanted;
use crate::validation::asked;
use std::collections::{BTreeMap, BTreeSet};

/// Reads `[[cell]]`, `[[measured]]`, `[[capacities]]` and `[[spectrum]]`.
pub(super) fn read_all(draft: &mut Draft<'_>) {
    let Some(space) = cells(draft) else {
        return;
    };
    let mut found = Vec::new();
    for section in draft.root.sections("measured") {
        found.extend(measured(draft, &section, space));
    }
    for section in draft.root.sections("capacities") {
        found.extend(capacities(draft, &section, space).unwrap_or_default());
    }
    for section in draft.root.sections("spectrum") {
        found.extend(spectrum(draft, &section, space).unwrap_or_default());
    }
    let mut names = BTreeSet::new();
    for observation in &found {
        if !names.insert(observation.name.clone()) {
            let message = format!("two numbers are called `{}`", observation.name);
            draft
                .sink
                .push(Diagnostic::error(draft.root.span(), message));
        }
    }
    draft.observations.extend(found);
}

/// The cells as a space of their own; `None` where there are none.
fn cells(draft: &mut Draft<'_>) -> Option<usize> {
    let sections = draft.root.sections("cell");
    let needed = ["measured", "capacities", "spectrum"];
    let orphan = needed.into_iter().find(|key| draft.root.get(key).is_some());
    if let (true, Some(key)) = (sections.is_empty(), orphan) {
        let complaint = Diagnostic::error(draft.root.span_of(key), "there is no [[cell]]");
        draft
            .sink
            .push(complaint.help("name a cell and its scenario: [[cell]]"));
        return None;
    }
    let mut space = Space {
        name: String::new(),
        cells: Vec::new(),
    };
    for section in sections {
        let (Some(name), Some(file)) = (section.text("name"), section.text("scenario")) else {
            continue;
        };
        let word = name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !word || space.cells.iter().any(|(known, _)| known == name) {
            let message = format!("`{name}` cannot name a cell");
            let complaint = Diagnostic::error(section.span_of("name"), message);
            draft.sink.push(
                complaint
                    .help("letters, digits and `_`, beginning with a letter, and each name once"),
            );
        }
        let path = draft.folder.join(file);
        if let Some(index) = draft.document(path, section.span_of("scenario")) {
            space.cells.push((name.to_owned(), index));
        }
    }
    if space.cells.is_empty() {
        return None;
    }
    draft.spaces.push(space);
    Some(draft.spaces.len() - 1)
}

/// The uncertainty that a section states, or the default.
fn uncertainty(draft: &Draft<'_>, section: &Section<'_>) -> Option<f64> {
    match section.get("uncertainty") {
        Some(_) => section.quantity("uncertainty"),
        None => Some(draft.uncertainty("default")),
    }
}

fn measured(draft: &Draft<'_>, section: &Section<'_>, space: usize) -> Option<Observation> {
    let name = section.text("id")?;
    let value = number_of(
        section.get("value")?,
        &section.path_of("value"),
        Bounds::Any,
        "81.5",
        draft.sink,
    )?;
    let expression = section.text("simulated")?;
    let cells: Vec<&str> = draft.spaces[space]
        .cells
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    let asked = asked(expression, &cells).map_err(|reason| {
        let complaint = Diagnostic::error(section.span_of("simulated"), reason);
        let help = format!("cells: {}", cells.join(", "));
        draft.sink.push(complaint.help(help));
    });
    let relative = uncertainty(draft, section)?;
    if value == 0.0 {
        let message = "the uncertainty is relative to the value, which is zero";
        draft.sink.push(
            Diagnostic::error(section.span_of("value"), message)
                .help("fit a sum or a ratio with something that is not zero"),
        );
        return None;
    }
    Some(Observation {
        name: name.to_owned(),
        space,
        what: expression.to_owned(),
        unit: section.text("unit")?.to_owned(),
        value: [value, value],
        uncertainty: relative * value.abs(),
        reading: Reading::Expression(expression.to_owned()),
        asked: asked.ok()?,
    })
}

/// The cell that a section names, and its document.
fn cell<'a>(draft: &Draft<'_>, section: &Section<'a>, space: usize) -> Option<(&'a str, usize)> {
    let name = section.text("cell")?;
    let cells = &draft.spaces[space].cells;
    match cells.iter().find(|(known, _)| known == name) {
        Some((_, document)) => Some((name, *document)),
        None => {
            let known: Vec<&str> = cells.iter().map(|(name, _)| name.as_str()).collect();
            draft
                .sink
                .refuse(unknown("cell", name, section.span_of("cell"), &known))
        }
    }
}

/// Complains of a file at the place that names it.
fn refuse_file<T>(draft: &Draft<'_>, section: &Section<'_>, refused: &Diagnostics) -> Option<T> {
    draft.sink.refuse(Diagnostic::error(
        section.span_of("file"),
        refused.to_string(),
    ))
}

fn warn_of_repairs(draft: &Draft<'_>, section: &Section<'_>, repairs: &Diagnostics) {
    if !repairs.items.is_empty() {
        let warning = Diagnostic::warning(section.span_of("file"), repairs.to_string());
        draft.sink.push(warning);
    }
}

fn capacities(draft: &Draft<'_>, section: &Section<'_>, space: usize) -> Option<Vec<Observation>> {
    let (name, document) = cell(draft, section, space)?;
    let file = section.text("file")?;
    let relative = uncertainty(draft, section)?;
    let read = match read_capacities(draft.folder.join(file)) {
        Ok(read) => read,
        Err(refused) => return refuse_file(draft, section, &refused),
    };
    warn_of_repairs(draft, section, &read.repairs);
    let document = &draft.documents[document];
    let path = document.path.display().to_string();
    // A scenario that is refused is complained of elsewhere.
    let loaded = crate::scenario::with_materials(&path, &document.text, &draft.library).ok()?;
    let mass = loaded.scenario.cathode.areal_loading * loaded.scenario.cell.area;
    let wanted = match section.get("cycles") {
        Some(_) => Some(section.integers("cycles")?),
        None => None,
    };
    for (cycle, span) in wanted.iter().flatten() {
        if !read
            .cycles
            .iter()
            .any(|(known, _)| i64::from(*known) == *cycle)
        {
            let message = format!("{file} has no cycle {cycle}");
            draft.sink.push(Diagnostic::error(span.clone(), message));
        }
    }
    let chosen = |cycle: u32| {
        let wanted = wanted.as_ref();
        wanted.is_none_or(|list| list.iter().any(|(c, _)| *c == i64::from(cycle)))
    };
    let number = |(cycle, discharged): &(u32, Discharged)| {
        let specific = match discharged {
            Discharged::Charge(charge) => charge / mass,
            Discharged::Specific(charge) => *charge,
        };
        let value = specific / 3600.0;
        let expression = format!("{name}.discharge({cycle})");
        let asked = asked(&expression, &[name]).ok()?;
        Some(Observation {
            name: format!("{name}: discharge {cycle}"),
            space,
            what: format!("discharge capacity of {name}, cycle {cycle}"),
            unit: "mAh/g".into(),
            value: [value, value],
            uncertainty: relative * value.max(1e-3),
            reading: Reading::Expression(expression),
            asked,
        })
    };
    let kept = read.cycles.iter().filter(|(cycle, _)| chosen(*cycle));
    Some(kept.filter_map(number).collect())
}

fn spectrum(draft: &Draft<'_>, section: &Section<'_>, space: usize) -> Option<Vec<Observation>> {
    let (name, _) = cell(draft, section, space)?;
    let file = section.text("file")?;
    let relative = uncertainty(draft, section)?;
    let reading = match read(draft.folder.join(file)) {
        Ok(reading) => reading,
        Err(refused) => return refuse_file(draft, section, &refused),
    };
    warn_of_repairs(draft, section, &reading.repairs);
    let place = section.span_of("file");
    let Measured::Spectra(spectra) = reading.measured else {
        let message = format!("{file} holds a cycling record, not a spectrum");
        let complaint = Diagnostic::error(place, message);
        return draft
            .sink
            .refuse(complaint.help("use [[capacities]] for it"));
    };
    let asked_for = match section.get("after_cycle") {
        Some(_) => Some(section.count("after_cycle")?),
        None => None,
    };
    let numbered = |s: &&MeasuredSpectrum| s.cycle.is_some_and(|c| Some(c as usize) == asked_for);
    let found = match &spectra[..] {
        [only] => Some(only),
        several => several.iter().find(numbered),
    };
    let cycle = found.and_then(|s| asked_for.or(s.cycle.map(|c| c as usize)));
    let (Some(spectrum), Some(cycle)) = (found, cycle) else {
        let cycles: Vec<_> = spectra.iter().filter_map(|s| s.cycle).collect();
        let message = format!("which spectrum of {file} is meant is not said");
        let help = format!("after_cycle = one of the cycles of the file: {cycles:?}");
        return draft
            .sink
            .refuse(Diagnostic::error(place, message).help(help));
    };
    let limit = |key: &str| match section.get(key) {
        Some(_) => section.quantity(key),
        None => None,
    };
    let (low, high) = (
        limit("lowest").unwrap_or(0.0),
        limit("highest").unwrap_or(f64::INFINITY),
    );
    let wanted = Wanted {
        cycles: BTreeSet::from([1, cycle]),
        spectra: BTreeSet::from([cycle]),
    };
    let points = spectrum.frequency.iter().zip(&spectrum.impedance);
    let points = points.filter(|(f, _)| (low..=high).contains(*f));
    let numbers = points.flat_map(|(&frequency, z)| {
        [(z.re, false), (z.im, true)].map(|(value, imaginary)| {
            let part = if imaginary { "Im" } else { "Re" };
            Observation {
                name: format!("{name}: {part} Z {cycle}, {frequency:.6e} Hz"),
                space,
                what: format!("{part} Z of {name} after cycle {cycle}"),
                unit: "ohm".into(),
                value: [value, value],
                uncertainty: relative * z.norm(),
                reading: Reading::Impedance {
                    cell: name.to_owned(),
                    cycle,
                    frequency,
                    imaginary,
                },
                asked: BTreeMap::from([(name.to_owned(), wanted.clone())]),
            }
        })
    });
    Some(numbers.collect())
}
