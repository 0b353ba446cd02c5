//! Measurement room: gas curves out of a sheet, put in order.

use super::columns::{self, Found, find, need, values, whole_rows};
use super::cycling::in_order;
use super::sheet::Sheet;
use crate::input::Sink;
use crate::observables::{Gas, GasCurve, GasRecord};

/// The gases with their columns.
const GASES: [(Gas, &columns::Quantity); 3] = [
    (Gas::Oxygen, &columns::OXYGEN),
    (Gas::SulfurDioxide, &columns::SULFUR_DIOXIDE),
    (Gas::CarbonDioxide, &columns::CARBON_DIOXIDE),
];

/// Whether a sheet holds the rate of a gas.
pub(super) fn is_gas(sheet: &Sheet<'_>) -> bool {
    GASES
        .iter()
        .any(|(_, quantity)| find(sheet, quantity).is_some())
}

/// The record of a sheet; `None`, with a complaint, if it cannot be used.
pub(super) fn gas(sheet: &Sheet<'_>, sink: &Sink<'_>) -> Option<GasRecord> {
    let time = need(sheet, &columns::TIME, sink)?;
    let times = values(sheet, time, sink)?;
    let found: Vec<(Gas, Found)> = GASES
        .iter()
        .filter_map(|(gas, quantity)| Some((*gas, find(sheet, quantity)?)))
        .collect();
    let rates = found
        .iter()
        .map(|(_, column)| values(sheet, *column, sink))
        .collect::<Option<Vec<_>>>()?;
    let voltages = match find(sheet, &columns::VOLTAGE) {
        Some(column) => Some((values(sheet, column, sink)?, column)),
        None => None,
    };
    let mut needed: Vec<(&[f64], Found)> = vec![(&times, time)];
    needed.extend(
        rates
            .iter()
            .zip(&found)
            .map(|(r, (_, f))| (r.as_slice(), *f)),
    );
    needed.extend(voltages.iter().map(|(v, f)| (v.as_slice(), *f)));
    let rows = whole_rows(sheet, &needed, sink)?;
    let rows = in_order(sheet, sink, &times, time, rows);
    let pick = |column: &[f64]| -> Vec<f64> { rows.iter().map(|&row| column[row]).collect() };
    Some(GasRecord {
        time: pick(&times),
        voltage: voltages.as_ref().map(|(v, _)| pick(v)),
        curves: found
            .iter()
            .zip(&rates)
            .map(|((gas, _), rate)| GasCurve {
                gas: *gas,
                rate: pick(rate),
            })
            .collect(),
    })
}
