//! Measurement room: a cycling record out of a sheet, put in order.

use super::columns::{self, Found, counts, find, need, values, whole_rows};
use super::sheet::Sheet;
use crate::input::{Diagnostic, Sink};
use crate::observables::Cycling;

/// A pause between samples this long, s, and this many times the usual one, in which
/// current may have flowed that nobody counted.
const PAUSE: (f64, f64) = (600.0, 50.0);

/// The record of a sheet; `None`, with a complaint, if it cannot be used.
pub(super) fn cycling(sheet: &Sheet<'_>, sink: &Sink<'_>) -> Option<Cycling> {
    let asked = [
        need(sheet, &columns::TIME, sink),
        need(sheet, &columns::VOLTAGE, sink),
        need(sheet, &columns::CURRENT, sink),
    ];
    let [Some(time), Some(voltage), Some(current)] = asked else {
        return None;
    };
    let column = |found: Found| values(sheet, found, sink);
    let (times, voltages, currents) = (column(time)?, column(voltage)?, column(current)?);
    let whole = whole_rows(
        sheet,
        &[(&times, time), (&voltages, voltage), (&currents, current)],
        sink,
    )?;
    let counted = |quantity| match find(sheet, quantity) {
        Some(found) => counts(sheet, found, sink).map(Some),
        None => Some(None),
    };
    let (cycles, steps) = (counted(&columns::CYCLE)?, counted(&columns::STEP)?);
    let rows = in_order(sheet, sink, &times, time, whole);
    tell_pauses(sheet, sink, (&times, time), &currents, &rows);
    let pick = |column: &[f64]| -> Vec<f64> { rows.iter().map(|&row| column[row]).collect() };
    let current = pick(&currents);
    let cycle = match cycles {
        Some(cycles) => cycles_as_counted(sheet, sink, &cycles, &rows)?,
        None => {
            let place = sheet.headings[time.column].1.clone();
            let message = "no column `Cycle Count / 1`; every charge that follows a discharge \
                           was taken as the start of a cycle";
            sink.push(Diagnostic::warning(place, message));
            cycles_by_current(&current)
        }
    };
    let charges = Option::zip(
        find(sheet, &columns::CHARGED),
        find(sheet, &columns::DISCHARGED),
    );
    let counted = match charges {
        Some((charged, discharged)) => Some([pick(&column(charged)?), pick(&column(discharged)?)]),
        None => None,
    };
    Some(Cycling {
        time: pick(&times),
        voltage: pick(&voltages),
        current,
        cycle,
        step: steps.map(|steps| rows.iter().map(|&row| steps[row]).collect()),
        // Where the cycler left a count out, the current is integrated instead.
        counted: counted.filter(|both| both.iter().flatten().all(|q| q.is_finite())),
    })
}

/// Rows in order of time; several samples may share one.
pub(super) fn in_order(
    sheet: &Sheet<'_>,
    sink: &Sink<'_>,
    times: &[f64],
    column: Found,
    mut rows: Vec<usize>,
) -> Vec<usize> {
    let back = rows.windows(2).find(|w| times[w[1]] < times[w[0]]);
    if let Some(back) = back {
        let place = sheet.place(back[1], column.column);
        let message = "time runs backwards here; the rows were sorted by time";
        sink.push(Diagnostic::warning(place, message));
        rows.sort_by(|&a, &b| times[a].total_cmp(&times[b]));
    }
    rows
}

fn tell_pauses(
    sheet: &Sheet<'_>,
    sink: &Sink<'_>,
    (times, column): (&[f64], Found),
    currents: &[f64],
    rows: &[usize],
) {
    let mut lengths: Vec<f64> = rows.windows(2).map(|w| times[w[1]] - times[w[0]]).collect();
    lengths.sort_by(f64::total_cmp);
    let Some(&usual) = lengths.get(lengths.len() / 2) else {
        return;
    };
    let long = rows.windows(2).filter(|w| {
        let length = times[w[1]] - times[w[0]];
        let flows = currents[w[0]] != 0.0 && currents[w[1]] != 0.0;
        flows && length > PAUSE.0 && length > PAUSE.1 * usual
    });
    let pauses: Vec<&[usize]> = long.collect();
    if let Some(first) = pauses.first() {
        let length = times[first[1]] - times[first[0]];
        let message = format!(
            "{} without samples under current, the first of {length:.0} s; the current was \
             taken to change evenly over it",
            if pauses.len() == 1 {
                "a pause".into()
            } else {
                format!("{} pauses", pauses.len())
            }
        );
        sink.push(Diagnostic::warning(
            sheet.place(first[1], column.column),
            message,
        ));
    }
}

/// Cycle numbers as recorded; refused if they fall, as then two records were joined
/// whose clocks both begin at zero.
fn cycles_as_counted(
    sheet: &Sheet<'_>,
    sink: &Sink<'_>,
    cycles: &[u32],
    rows: &[usize],
) -> Option<Vec<u32>> {
    if let Some(back) = rows.windows(2).find(|w| cycles[w[1]] < cycles[w[0]]) {
        let message = format!(
            "in order of time, cycle {} follows cycle {}",
            cycles[back[1]], cycles[back[0]]
        );
        let complaint = Diagnostic::error(sheet.place(back[1], 0), message);
        return sink.refuse(
            complaint.help("if records were joined, let the time go on from one to the next"),
        );
    }
    Some(rows.iter().map(|&row| cycles[row]).collect())
}

/// Cycles by the direction of the current: each begins with a charge after a discharge,
/// the rest between them belonging to the earlier.
fn cycles_by_current(current: &[f64]) -> Vec<u32> {
    let largest = current.iter().map(|i| i.abs()).fold(0.0, f64::max);
    let (mut cycle, mut discharged) = (1, false);
    current
        .iter()
        .map(|&i| {
            if i > 1e-5 * largest && discharged {
                cycle += 1;
                discharged = false;
            } else if i < -1e-5 * largest {
                discharged = true;
            }
            cycle
        })
        .collect()
}
