//! Measurement room: which column is which, and in which unit.

pub(super) use super::quantities::*;
use super::sheet::{Field, Sheet};
use crate::input::{Diagnostic, Sink, Unit, nearest};

/// A column that was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Found {
    pub column: usize,
    /// SI per unit of the column, negative where the heading says so.
    pub factor: f64,
}

/// The column that holds a quantity, the first that fits.
pub(super) fn find(sheet: &Sheet<'_>, quantity: &Quantity) -> Option<Found> {
    sheet
        .headings
        .iter()
        .enumerate()
        .find_map(|(column, (heading, _))| {
            matches(heading, quantity).map(|factor| Found { column, factor })
        })
}

/// SI per unit if a heading names a quantity in a unit of it.
fn matches(heading: &str, quantity: &Quantity) -> Option<f64> {
    let (name, unit) = split(heading);
    let name = name.to_lowercase();
    let (name, sign) = match name.strip_prefix('-') {
        Some(rest) => (rest.trim().to_owned(), -1.0),
        None => (name, 1.0),
    };
    if !quantity.names.contains(&name.as_str()) {
        return None;
    }
    let factor = match (&quantity.units, unit) {
        (_, None) if name.ends_with("_ah") => 3600.0,
        // No unit is usual enough to be taken for granted.
        (Units::GasRate, None) => return None,
        (_, None) => 1.0,
        (Units::None, Some(_)) => 1.0,
        (Units::Electronvolt, Some("eV")) => 1.0,
        (Units::Electronvolt, Some(_)) => return None,
        (Units::Of(dimension), Some(unit)) => Unit::find(unit, *dimension)?.factor,
        (Units::Charge, Some("Ah")) => 3600.0,
        (Units::Charge, Some("mAh")) => 3.6,
        (Units::Charge, Some("C")) => 1.0,
        (Units::Charge, Some(_)) => return None,
        (Units::GasRate, Some(unit)) => {
            let own = GAS_RATES.iter().find(|(spelling, _)| *spelling == unit);
            own?.1
        }
    };
    Some(sign * factor)
}

/// Name and unit of a heading: `Voltage / V`, `Voltage (V)`, `Voltage [V]`, `freq/Hz`.
fn split(heading: &str) -> (&str, Option<&str>) {
    let heading = heading.trim();
    // Brackets at the end hold a unit, except those that belong to Re(Z).
    for (open, close) in [('[', ']'), ('(', ')')] {
        if let Some(inner) = heading.strip_suffix(close)
            && let Some((name, unit)) = inner.rsplit_once(open)
            && !unit.eq_ignore_ascii_case("z")
        {
            return (name.trim(), Some(unit.trim()));
        }
    }
    match heading.rsplit_once('/') {
        Some((name, unit)) => (name.trim(), Some(unit.trim())),
        None => (heading, None),
    }
}

/// The column of a quantity, or a complaint that names what is there.
pub(super) fn need(sheet: &Sheet<'_>, quantity: &Quantity, sink: &Sink<'_>) -> Option<Found> {
    find(sheet, quantity).or_else(|| {
        let message = format!("no column `{}`", quantity.heading);
        sink.refuse(complaint(sheet, message).help(suggestion(sheet, quantity)))
    })
}

/// Refuses a file that is none of what can be read.
pub(super) fn refuse_neither<T>(sheet: &Sheet<'_>, sink: &Sink<'_>) -> Option<T> {
    let list = |quantities: &[&Quantity]| {
        let headings: Vec<String> = quantities
            .iter()
            .map(|q| format!("`{}`", q.heading))
            .collect();
        headings.join(", ")
    };
    let help = format!(
        "a spectrum has {}; a cycling record {}; gas curves {} and rates such as {}; ToF-SIMS \
         intensities {}; fitted peaks of photoelectrons {}; thicknesses of a coating {}. {}",
        list(&[&FREQUENCY, &REAL, &IMAGINARY]),
        list(&[&TIME, &VOLTAGE, &CURRENT]),
        list(&[&TIME]),
        list(&[&CARBON_DIOXIDE]),
        list(&[&SAMPLE, &FRAGMENT, &INTENSITY]),
        list(&[&SAMPLE, &LINE, &ENERGY, &PEAK_AREA]),
        list(&[&SAMPLE, &THICKNESS]),
        listing(sheet)
    );
    sink.refuse(
        complaint(
            sheet,
            "nothing that can be read: neither a spectrum, a cycling record, gas curves nor a surface analysis".into(),
        )
        .help(help),
    )
}

fn complaint(sheet: &Sheet<'_>, message: String) -> Diagnostic {
    let first = sheet.headings.first().map_or(0, |h| h.1.start);
    let last = sheet.headings.last().map_or(0, |h| h.1.end);
    Diagnostic::error(first..last, message).label("the headings")
}

fn suggestion(sheet: &Sheet<'_>, quantity: &Quantity) -> String {
    let names = sheet.headings.iter().map(|(heading, _)| heading.as_str());
    let near = nearest(quantity.heading, names)
        .map(|near| format!("is it `{near}`? Name it `{}`. ", quantity.heading));
    near.unwrap_or_default() + &listing(sheet)
}

fn listing(sheet: &Sheet<'_>) -> String {
    let names: Vec<String> = sheet
        .headings
        .iter()
        .take(12)
        .map(|(heading, _)| format!("`{heading}`"))
        .collect();
    format!("The file has {}", names.join(", "))
}

/// The numbers of a column in SI, NaN where one is missing; `None`, with a complaint,
/// if a field is a text.
pub(super) fn values(sheet: &Sheet<'_>, found: Found, sink: &Sink<'_>) -> Option<Vec<f64>> {
    (0..sheet.len())
        .map(|row| match sheet.field(row, found.column) {
            Field::Number(number) => Some(number * found.factor),
            Field::Missing => Some(f64::NAN),
            Field::Text => {
                let content = sheet.content(row, found.column);
                let place = sheet.place(row, found.column);
                let message = format!("`{content}` is not a number");
                let heading = &sheet.headings[found.column].0;
                sink.refuse(Diagnostic::error(place, message).label(format!("in `{heading}`")))
            }
        })
        .collect()
}

/// Numbers of a column that counts; NaN is not allowed.
pub(super) fn counts(sheet: &Sheet<'_>, found: Found, sink: &Sink<'_>) -> Option<Vec<u32>> {
    let values = values(sheet, found, sink)?;
    values
        .iter()
        .enumerate()
        .map(|(row, &value)| {
            if value >= 0.0 && value < f64::from(u32::MAX) && value.fract() == 0.0 {
                return Some(value as u32);
            }
            let heading = &sheet.headings[found.column].0;
            let message = format!("`{}` is not a count", sheet.content(row, found.column));
            let place = sheet.place(row, found.column);
            sink.refuse(Diagnostic::error(place, message).label(format!("in `{heading}`")))
        })
        .collect()
}

/// The words of a column; `None`, with a complaint, if a field is empty.
pub(super) fn words<'a>(
    sheet: &'a Sheet<'_>,
    found: Found,
    sink: &Sink<'_>,
) -> Option<Vec<&'a str>> {
    (0..sheet.len())
        .map(|row| match sheet.content(row, found.column) {
            "" => {
                let heading = &sheet.headings[found.column].0;
                let place = sheet.place(row, found.column);
                let message = format!("nothing in `{heading}`");
                sink.refuse(Diagnostic::error(place, message).help("every row needs its own"))
            }
            word => Some(word),
        })
        .collect()
}

/// Rows in which every column has a number; a warning says which were left out. `None`,
/// with a complaint, if more than half are lost.
pub(super) fn whole_rows(
    sheet: &Sheet<'_>,
    columns: &[(&[f64], Found)],
    sink: &Sink<'_>,
) -> Option<Vec<usize>> {
    let gap = |row: usize| columns.iter().find(|(values, _)| values[row].is_nan());
    let (broken, whole): (Vec<usize>, Vec<usize>) =
        (0..sheet.len()).partition(|&row| gap(row).is_some());
    if let Some(&first) = broken.first() {
        let column = gap(first).map_or(0, |(_, found)| found.column);
        let place = sheet.place(first, column);
        let heading = &sheet.headings[column].0;
        let count = broken.len();
        if whole.len() < broken.len() {
            let message = format!("{count} of {} rows lack a number", sheet.len());
            return sink.refuse(
                Diagnostic::error(place, message).label(format!("the first, in `{heading}`")),
            );
        }
        let message = if count == 1 {
            "a row lacks a number and was left out".to_owned()
        } else {
            format!("{count} rows lack a number and were left out")
        };
        sink.push(Diagnostic::warning(place, message).label(format!("the first, in `{heading}`")));
    }
    Some(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_of_the_format_and_of_instruments_are_known() {
        for (heading, quantity, factor) in [
            ("Frequency / Hz", &FREQUENCY, 1.0),
            ("frequency_hertz", &FREQUENCY, 1.0),
            ("freq/Hz", &FREQUENCY, 1.0),
            ("Frequency [kHz]", &FREQUENCY, 1e3),
            ("Re(Z)/Ohm", &REAL, 1.0),
            ("-Im(Z)/Ohm", &IMAGINARY, -1.0),
            ("Z'' (Ω)", &IMAGINARY, 1.0),
            ("Voltage / mV", &VOLTAGE, 1e-3),
            ("Current / mA", &CURRENT, 1e-3),
            ("Test Time / h", &TIME, 3600.0),
            ("cycle_charging_capacity_ah", &CHARGED, 3600.0),
            ("Cycle Charging Capacity / mAh", &CHARGED, 3.6),
            ("Cycle Count / 1", &CYCLE, 1.0),
            ("CO2 / nmol g-1 s-1", &CARBON_DIOXIDE, 1e-6),
            ("Oxygen Gas Rate / umol g-1 h-1", &OXYGEN, 1e-3 / 3600.0),
            ("Peak Area / counts eV", &PEAK_AREA, 1.0),
            ("Position / eV", &ENERGY, 1.0),
            ("Thickness (nm)", &THICKNESS, 1e-9),
        ] {
            let found = matches(heading, quantity);
            assert!(
                found.is_some_and(|f| (f / factor - 1.0).abs() < 1e-12),
                "{heading}: {found:?}"
            );
        }
        for (heading, quantity) in [
            ("Real Impedance / ohm cm2", &REAL),
            ("Voltage / A", &VOLTAGE),
            ("Binding Energy / J", &ENERGY),
            ("Specific Charge Capacity / mAh g-1", &CHARGED),
        ] {
            assert_eq!(matches(heading, quantity), None, "{heading}");
        }
    }
}
