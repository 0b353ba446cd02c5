//! Measurement room: discharge capacities over cycles, from a table with a row per cycle
//! or from a whole cycling record.

use super::columns::{self, counts, find, need, refuse_neither, values};
use super::sheet::Sheet;
use crate::input::{Diagnostic, Diagnostics, Severity, Sink};
use crate::observables::{cycle_sums, stages};
use std::path::Path;

/// What one cycle discharged.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Discharged {
    /// C of the whole cell.
    Charge(f64),
    /// C/kg of active material.
    Specific(f64),
}

/// Discharge capacities by number of cycle.
#[derive(Debug, Clone, PartialEq)]
pub struct Capacities {
    /// (cycle, capacity), cycles rising.
    pub cycles: Vec<(u32, Discharged)>,
    /// What was repaired, as warnings with their place.
    pub repairs: Diagnostics,
}

/// Reads discharge capacities: a table with `Cycle Count / 1` and `Cycle Discharging
/// Capacity / Ah` (mAh, C) or `Discharge Capacity (mAh/g)`, or a cycling record.
///
/// # Errors
/// Every complaint at once, with line and reason.
pub fn read_capacities(path: impl AsRef<Path>) -> Result<Capacities, Diagnostics> {
    let name = path.as_ref().display().to_string();
    let text = match std::fs::read(&path) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) => {
            return Err(Diagnostics {
                items: vec![Diagnostic::elsewhere(format!(
                    "cannot read {name}: {error}"
                ))],
                name,
                text: String::new(),
            });
        }
    };
    capacities_from_str(&name, &text)
}

/// Reads discharge capacities from a text; `name` is used in messages.
///
/// # Errors
/// As [`read_capacities`].
pub fn capacities_from_str(name: &str, text: &str) -> Result<Capacities, Diagnostics> {
    let sink = Sink::new(text);
    let cycles = Sheet::read(text, &sink).and_then(|sheet| {
        if find(&sheet, &columns::TIME).is_some() && find(&sheet, &columns::CURRENT).is_some() {
            let record = super::cycling::cycling(&sheet, &sink)?;
            let sums = cycle_sums(&record, &stages(&record)).into_iter();
            Some(
                sums.map(|sum| (sum.cycle, Discharged::Charge(sum.discharge)))
                    .collect(),
            )
        } else {
            table(&sheet, &sink)
        }
    });
    let items = sink.finish();
    let refused = items.iter().any(|item| item.severity == Severity::Error);
    let repairs = Diagnostics {
        name: name.into(),
        text: text.into(),
        items,
    };
    match cycles {
        Some(cycles) if !refused => Ok(Capacities { cycles, repairs }),
        _ => Err(repairs),
    }
}

fn table(sheet: &Sheet<'_>, sink: &Sink<'_>) -> Option<Vec<(u32, Discharged)>> {
    let specific = find(sheet, &columns::SPECIFIC_DISCHARGED);
    let Some(found) = specific.or_else(|| find(sheet, &columns::DISCHARGED)) else {
        return refuse_neither(sheet, sink);
    };
    let (heading, place) = &sheet.headings[found.column];
    if !heading.contains(['/', '(', '[', '_']) {
        let complaint = Diagnostic::error(place.clone(), format!("`{heading}` has no unit"));
        return sink.refuse(complaint.help("write for example \"Discharge Capacity (mAh/g)\""));
    }
    let counted = need(sheet, &columns::CYCLE, sink)?;
    let (numbers, charges) = (counts(sheet, counted, sink)?, values(sheet, found, sink)?);
    let missing = |row: &usize| !charges[*row].is_finite();
    if let Some(first) = (0..charges.len()).find(missing) {
        let count = (0..charges.len()).filter(missing).count();
        let message = format!("{count} of {} rows lack a capacity", charges.len());
        let complaint = Diagnostic::warning(sheet.place(first, found.column), message);
        sink.push(complaint.label("the first; left out"));
    }
    let mut cycles = Vec::new();
    for (row, (&cycle, &charge)) in numbers.iter().zip(&charges).enumerate() {
        if !charge.is_finite() {
            continue;
        }
        if cycles.last().is_some_and(|(last, _)| *last >= cycle) {
            let place = sheet.place(row, counted.column);
            let message = format!("cycle {cycle} does not rise; a table has one row per cycle");
            return sink.refuse(Diagnostic::error(place, message));
        }
        let charge = charge.abs();
        cycles.push((
            cycle,
            match specific {
                Some(_) => Discharged::Specific(charge),
                None => Discharged::Charge(charge),
            },
        ));
    }
    if cycles.is_empty() {
        let complaint = Diagnostic::error(place.clone(), "no cycle has a discharge capacity");
        return sink.refuse(complaint.label("nothing below it"));
    }
    Some(cycles)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(u32, Discharged)> {
        let read = capacities_from_str("mine.csv", text).expect("readable");
        read.cycles
    }

    #[test]
    fn both_kinds_of_capacity_are_read() {
        let charges = read("Cycle Count / 1,Cycle Discharging Capacity / mAh\n1,2.0\n3,1.5\n");
        assert_eq!(
            charges,
            [
                (1, Discharged::Charge(7.2)),
                (3, Discharged::Charge(1.5 * 3.6))
            ]
        );
        let specific = read("cycle;Discharge Capacity (mAh/g)\n1;200\n2;\n4;190\n");
        assert_eq!(
            specific,
            [
                (1, Discharged::Specific(720_000.0)),
                (4, Discharged::Specific(684_000.0))
            ]
        );
    }

    #[test]
    fn a_record_is_summed_up() {
        let text = "Test Time / s,Voltage / V,Current / A,Cycle Count / 1\n0,3,0,1\n100,3.5,1,1\n200,4,1,1\n201,3.9,-1,1\n300,3,-1,1\n";
        let [(1, Discharged::Charge(charge))] = read(text)[..] else {
            panic!("one cycle");
        };
        assert!((charge - 100.0).abs() < 2.0, "{charge}");
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let why = |text: &str| {
            capacities_from_str("x.csv", text)
                .expect_err("refused")
                .to_string()
        };
        assert!(why("a,b\n1,2\n").contains("cycling record"));
        let falling = why("cycle,Discharge Capacity (mAh/g)\n2,200\n1,190\n");
        assert!(falling.starts_with("x.csv:3:1"), "{falling}");
        assert!(why("Discharge Capacity (mAh/g)\n2\n").contains("Cycle Count"));
        assert!(why("cycle,Discharge Capacity\n1,200\n").contains("has no unit"));
    }
}
