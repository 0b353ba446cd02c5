//! Measurement room: tables of surface analyses out of a sheet: ToF-SIMS intensities, fitted
//! peaks of photoelectron spectra, thicknesses of coatings.

use super::columns::{self, Found, Quantity, counts, find, need, values, whole_rows, words};
use super::sheet::Sheet;
use crate::input::{Diagnostic, Sink};
use crate::observables::{Element, Film, Intensity, Peak, Region, State};
use std::collections::HashSet;

/// Name of the sample of a file that names none.
const ONLY: &str = "sample";

/// The words of a column that may be missing, as an `Option` for the file.
fn optional_words<'a>(
    sheet: &'a Sheet<'_>,
    quantity: &Quantity,
    sink: &Sink<'_>,
) -> Option<Option<Vec<&'a str>>> {
    match find(sheet, quantity) {
        Some(found) => words(sheet, found, sink).map(Some),
        None => Some(None),
    }
}

/// The numbers of a column that may be missing, with it.
fn optional_values(
    sheet: &Sheet<'_>,
    quantity: &Quantity,
    sink: &Sink<'_>,
) -> Option<Option<(Vec<f64>, Found)>> {
    match find(sheet, quantity) {
        Some(found) => values(sheet, found, sink).map(|own| Some((own, found))),
        None => Some(None),
    }
}

/// The name of each row's sample.
fn samples(sheet: &Sheet<'_>, sink: &Sink<'_>) -> Option<Vec<String>> {
    Some(match optional_words(sheet, &columns::SAMPLE, sink)? {
        Some(names) => names.iter().map(|n| (*n).to_owned()).collect(),
        None => vec![ONLY.to_owned(); sheet.len()],
    })
}

/// Refuses the first number of `rows` that is below 0 (or, where `above`, not above it).
fn not_below_zero(
    sheet: &Sheet<'_>,
    sink: &Sink<'_>,
    (values, found): (&[f64], Found),
    rows: &[usize],
    above: bool,
) -> Option<()> {
    let wrong = |row: &&usize| values[**row] < 0.0 || (above && values[**row] <= 0.0);
    let Some(&row) = rows.iter().find(wrong) else {
        return Some(());
    };
    let heading = &sheet.headings[found.column].0;
    let content = sheet.content(row, found.column);
    let message = format!("{content} in `{heading}`");
    let help = match above {
        true => "it must be above 0",
        false => "it cannot be below 0; where a background was taken off, leave the row out",
    };
    sink.refuse(Diagnostic::error(sheet.place(row, found.column), message).help(help))
}

/// Intensities of a sheet; `None`, with a complaint, if they cannot be used.
pub(super) fn intensities(sheet: &Sheet<'_>, sink: &Sink<'_>) -> Option<Vec<Intensity>> {
    let fragment = need(sheet, &columns::FRAGMENT, sink)?;
    let intensity = need(sheet, &columns::INTENSITY, sink)?;
    let fragments = words(sheet, fragment, sink)?;
    let samples = samples(sheet, sink)?;
    let numbers = values(sheet, intensity, sink)?;
    let totals = optional_values(sheet, &columns::ALL_IONS, sink)?;
    let spots = optional_words(sheet, &columns::SPOT, sink)?;
    let cycles = match find(sheet, &columns::CYCLE) {
        Some(found) => Some(counts(sheet, found, sink)?),
        None => None,
    };
    let regions = match find(sheet, &columns::REGION) {
        Some(found) => Some(regions(sheet, found, sink)?),
        None => None,
    };
    let mut needed: Vec<(&[f64], Found)> = vec![(&numbers, intensity)];
    needed.extend(totals.iter().map(|(t, found)| (t.as_slice(), *found)));
    let rows = whole_rows(sheet, &needed, sink)?;
    not_below_zero(sheet, sink, (&numbers, intensity), &rows, false)?;
    if let Some((totals, found)) = &totals {
        not_below_zero(sheet, sink, (totals, *found), &rows, true)?;
    } else if let Some(&row) = rows.iter().find(|&&row| numbers[row] > 1.0) {
        let message = "an intensity above 1 is a count, not a share of all ions; ratios hold only \
                       if all spots gave as many ions";
        let place = sheet.place(row, intensity.column);
        let help = format!("add a column `{}`", columns::ALL_IONS.heading);
        sink.push(Diagnostic::warning(place, message).help(help));
    }
    let found: Vec<(usize, Intensity)> = rows
        .iter()
        .map(|&row| {
            let all = totals.as_ref().map_or(1.0, |(totals, _)| totals[row]);
            let spot = spots.as_ref().map(|spots| spots[row].to_owned());
            let own = Intensity {
                sample: samples[row].clone(),
                cycle: cycles.as_ref().map(|c| c[row]),
                region: regions.as_ref().map(|r| r[row]),
                fragment: plain(fragments[row]),
                spot: spot.unwrap_or_else(|| row.to_string()),
                value: numbers[row] / all,
            };
            (row, own)
        })
        .collect();
    tell_repeated(sheet, sink, fragment, &found);
    Some(found.into_iter().map(|(_, own)| own).collect())
}

/// A fragment without sub- and superscripts: `PO₂⁻` is `PO2-`; the sign may be missing, as
/// the fragments of these papers are all negative.
fn plain(fragment: &str) -> String {
    let mut plain: String = fragment
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '_' | '^' | '{' | '}' | '$'))
        .map(|c| match c {
            '₀'..='₉' => char::from(b'0' + (c as u32 - '₀' as u32) as u8),
            'ₓ' => 'x',
            '⁻' | '−' | '–' => '-',
            '⁺' => '+',
            c => c,
        })
        .collect();
    if !plain.ends_with(['-', '+']) {
        plain.push('-');
    }
    plain
}

fn regions(sheet: &Sheet<'_>, found: Found, sink: &Sink<'_>) -> Option<Vec<Region>> {
    let words = words(sheet, found, sink)?;
    let understood = words.iter().enumerate().map(|(row, word)| {
        match word.to_lowercase().replace(['-', '_'], " ").as_str() {
            "surface" => Some(Region::Surface),
            "depth profile" | "depth" | "profile" | "crater" => Some(Region::DepthProfile),
            _ => {
                let message = format!("`{word}` is no region");
                let place = sheet.place(row, found.column);
                sink.refuse(Diagnostic::error(place, message).help("`surface` or `depth profile`"))
            }
        }
    });
    understood.collect()
}

/// Says that rows of the same spot were averaged.
fn tell_repeated(sheet: &Sheet<'_>, sink: &Sink<'_>, column: Found, rows: &[(usize, Intensity)]) {
    let mut seen = HashSet::new();
    let again: Vec<&usize> = rows
        .iter()
        .filter(|(_, own)| {
            let key = (&own.sample, own.cycle, own.region.map(|r| r as u8));
            !seen.insert((key, &own.fragment, &own.spot))
        })
        .map(|(row, _)| row)
        .collect();
    if let Some(&&first) = again.first() {
        let message = match again.len() {
            1 => "a fragment is here a second time for the same spot; averaged".to_owned(),
            n => format!("{n} rows repeat a fragment of a spot; averaged, as points of a profile"),
        };
        sink.push(Diagnostic::warning(
            sheet.place(first, column.column),
            message,
        ));
    }
}

/// Fitted peaks of a sheet; `None`, with a complaint, if they cannot be used.
pub(super) fn peaks(sheet: &Sheet<'_>, sink: &Sink<'_>) -> Option<Vec<Peak>> {
    let line = need(sheet, &columns::LINE, sink)?;
    let area = need(sheet, &columns::PEAK_AREA, sink)?;
    let lines = words(sheet, line, sink)?;
    let areas = values(sheet, area, sink)?;
    let samples = samples(sheet, sink)?;
    let component = find(sheet, &columns::COMPONENT);
    let named = |row: usize| component.map_or("", |found| sheet.content(row, found.column));
    let energies = optional_values(sheet, &columns::ENERGY, sink)?;
    if energies.is_none() && component.is_none() {
        need(sheet, &columns::ENERGY, sink)?;
    }
    let factors = optional_values(sheet, &columns::SENSITIVITY, sink)?;
    let mut needed: Vec<(&[f64], Found)> = vec![(&areas, area)];
    needed.extend(factors.iter().map(|(f, found)| (f.as_slice(), *found)));
    let rows = whole_rows(sheet, &needed, sink)?;
    not_below_zero(sheet, sink, (&areas, area), &rows, false)?;
    if let Some((factors, found)) = &factors {
        not_below_zero(sheet, sink, (factors, *found), &rows, true)?;
    }
    let is_half = |row: usize| lines[row].contains("1/2") || named(row).contains("1/2");
    tell_halves(sheet, sink, line, &rows, is_half)?;
    let mut found = Vec::new();
    for &row in &rows {
        let element = element(sheet, sink, (row, line), lines[row])?;
        let amount = factors.as_ref().map(|(f, _)| areas[row] / f[row]);
        if is_half(row) {
            found.push(Peak {
                sample: samples[row].clone(),
                element,
                state: None,
                area: 0.0,
                amount,
            });
            continue;
        }
        let energy = energies.as_ref().map(|e| e.0[row]);
        let energy = energy.filter(|e| e.is_finite());
        let state = State::named(element, named(row)).or_else(|| State::at(element, energy?));
        if state.is_none() && element != Element::Nickel {
            let message = match (named(row), energy) {
                ("", Some(energy)) => format!("no component lies near {energy} eV"),
                ("", None) => "the component is not named".to_owned(),
                (name, _) => format!("`{name}` is no component that is known"),
            };
            let place = sheet.place(row, component.unwrap_or(line).column);
            let help = "counted as `other`; components: sulfide, PS4, bridging, polysulfide, SOx; \
                        PS4, bridging, POx";
            sink.push(Diagnostic::warning(place, message).help(help));
        }
        found.push(Peak {
            sample: samples[row].clone(),
            element,
            state,
            area: areas[row],
            amount,
        });
    }
    Some(found)
}

/// Says that shares are read from the 2p3/2 peaks alone, where their 2p1/2 have rows of
/// their own; refused if there is nothing else.
fn tell_halves(
    sheet: &Sheet<'_>,
    sink: &Sink<'_>,
    line: Found,
    rows: &[usize],
    is_half: impl Fn(usize) -> bool,
) -> Option<()> {
    let halves: Vec<usize> = rows.iter().copied().filter(|row| is_half(*row)).collect();
    let Some(&first) = halves.first() else {
        return Some(());
    };
    let place = sheet.place(first, line.column);
    if halves.len() == rows.len() {
        let message = "only 2p1/2 peaks";
        return sink.refuse(Diagnostic::error(place, message).help("add their 2p3/2"));
    }
    let message = match halves.len() {
        1 => "a 2p1/2 peak was left out of the shares".to_owned(),
        n => format!("{n} 2p1/2 peaks were left out of the shares"),
    };
    let message = message + "; the 2p3/2 stands for its doublet";
    sink.push(Diagnostic::warning(place, message));
    Some(())
}

/// The element of a line such as `S 2p` or `Ni2p3/2`.
fn element(
    sheet: &Sheet<'_>,
    sink: &Sink<'_>,
    (row, line): (usize, Found),
    name: &str,
) -> Option<Element> {
    let bare: String = name.split_whitespace().collect::<String>().to_lowercase();
    let bare = bare.trim_end_matches("3/2").trim_end_matches("1/2");
    match bare {
        "s2p" => Some(Element::Sulfur),
        "p2p" => Some(Element::Phosphorus),
        "ni2p" => Some(Element::Nickel),
        _ => {
            let message = format!("`{name}` is no line that is read");
            let place = sheet.place(row, line.column);
            let help = "`S 2p`, `P 2p` or `Ni 2p`; leave rows of other lines out";
            sink.refuse(Diagnostic::error(place, message).help(help))
        }
    }
}

/// A sample, its thicknesses (m) with their weights, and its first row.
type Places = (String, Vec<(f64, f64)>, usize);

/// Thicknesses of a sheet, by sample in the order of the file; `None`, with a complaint, if
/// they cannot be used.
pub(super) fn films(sheet: &Sheet<'_>, sink: &Sink<'_>) -> Option<Vec<(String, Film)>> {
    let thickness = need(sheet, &columns::THICKNESS, sink)?;
    let numbers = values(sheet, thickness, sink)?;
    let shares = optional_values(sheet, &columns::SHARE, sink)?;
    let samples = samples(sheet, sink)?;
    let mut needed: Vec<(&[f64], Found)> = vec![(&numbers, thickness)];
    needed.extend(shares.iter().map(|(s, found)| (s.as_slice(), *found)));
    let rows = whole_rows(sheet, &needed, sink)?;
    not_below_zero(sheet, sink, (&numbers, thickness), &rows, false)?;
    if let Some((shares, found)) = &shares {
        not_below_zero(sheet, sink, (shares, *found), &rows, false)?;
    }
    let mut places: Vec<Places> = Vec::new();
    for &row in &rows {
        let share = shares.as_ref().map_or(1.0, |(s, _)| s[row]);
        let own = (numbers[row], share);
        match places.iter_mut().find(|p| p.0 == samples[row]) {
            Some(found) => found.1.push(own),
            None => places.push((samples[row].clone(), vec![own], row)),
        }
    }
    let films = places.into_iter().map(|(name, places, row)| {
        let film = Film::new(&places).or_else(|| {
            let message = format!("the shares of `{name}` do not add up to a number above 0");
            let place = sheet.place(row, thickness.column);
            sink.refuse(Diagnostic::error(place, message).help("state how often each was seen"))
        });
        film.map(|film| (name, film))
    });
    films.collect()
}
