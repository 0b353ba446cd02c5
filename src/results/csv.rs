//! Tables for spreadsheets: comma-separated, headings with units, `.` as the
//! decimal sign, an empty field where nothing was measured.

use super::ResultsError;
use super::summary;
use super::table::{Column, Table, Values};
use crate::record::{RunRecord, Spectrum};

/// One row per cycle: the cycle summary followed by the degradation products.
///
/// # Errors
/// None in practice; see [`Table::new`].
pub fn cycles(record: &RunRecord) -> Result<Table, ResultsError> {
    let mut columns = summary::cycles(record)?.columns().to_vec();
    let note = columns.pop();
    // The products table opens with the cycle number, which is there already.
    columns.extend(summary::products(record)?.columns().iter().skip(1).cloned());
    columns.extend(note);
    Table::new(columns)
}

/// One row per frequency of each spectrum, impedances per cell in ohm and per
/// area in ohm cm2.
///
/// # Errors
/// [`ResultsError::Length`] when a spectrum has more frequencies than
/// impedances or the reverse.
pub fn spectra(record: &RunRecord) -> Result<Table, ResultsError> {
    let area = record.scenario.cell.area;
    let points = || record.spectra.iter().flat_map(|s| &s.impedance);
    let real = |factor: f64| points().map(|z| z.re * factor).collect();
    let imaginary = |factor: f64| points().map(|z| z.im * factor).collect();
    let frequencies = record.spectra.iter().flat_map(|s| &s.frequency);
    let cycles = record.spectra.iter();
    let cycles = cycles.flat_map(|s| std::iter::repeat_n(s.cycle, s.frequency.len()));
    let specific = summary::ohm_square_centimetres(1.0);
    let alone = || record.spectra.iter().flat_map(|s| &s.cathode);
    let each = |value: &dyn Fn(&Spectrum) -> f64| -> Vec<f64> {
        let spectra = record.spectra.iter();
        spectra
            .flat_map(|s| std::iter::repeat_n(value(s), s.frequency.len()))
            .collect()
    };
    #[rustfmt::skip]
    let columns = vec![
        Column::count("cycle_count", "Cycle Count", cycles.collect()),
        Column::real("frequency_hertz", "Frequency", "Hz", frequencies.copied().collect()),
        Column::real("real_impedance_ohm", "Real Impedance", "ohm", real(1.0 / area)),
        Column::real("imaginary_impedance_ohm", "Imaginary Impedance", "ohm", imaginary(1.0 / area)),
        Column::real("real_impedance_area", "Real Impedance", "ohm cm2", real(specific)),
        Column::real("imaginary_impedance_area", "Imaginary Impedance", "ohm cm2", imaginary(specific)),
        Column::real("voltage_volt", "Voltage", "V", each(&|s| s.voltage)),
        Column::real("current_ampere", "Current", "A", each(&|s| s.current * area)),
        Column::real("cathode_real_impedance_ohm", "Cathode Real Impedance", "ohm", alone().map(|z| z.re / area).collect()),
        Column::real("cathode_imaginary_impedance_ohm", "Cathode Imaginary Impedance", "ohm", alone().map(|z| z.im / area).collect()),
    ];
    Table::new(columns)
}

/// The table as text, lines ended by a line feed.
pub fn render(table: &Table) -> String {
    let mut text = String::new();
    let headings = table.columns().iter().map(|c| quoted(&c.heading()));
    push_row(&mut text, headings);
    for row in 0..table.rows() {
        push_row(&mut text, table.columns().iter().map(|c| field(c, row)));
    }
    text
}

pub(super) fn push_row(text: &mut String, fields: impl Iterator<Item = String>) {
    for (index, field) in fields.enumerate() {
        if index > 0 {
            text.push(',');
        }
        text.push_str(&field);
    }
    text.push('\n');
}

fn field(column: &Column, row: usize) -> String {
    match &column.values {
        Values::Real(values) => number(values[row]),
        Values::Count(values) => values[row].to_string(),
        Values::Text(values) => quoted(&values[row]),
    }
}

/// The shortest text that reads back as the same number; nothing for NaN.
pub(crate) fn number(value: f64) -> String {
    let magnitude = value.abs();
    if value.is_nan() {
        String::new()
    } else if magnitude == 0.0 || (1e-4..1e9).contains(&magnitude) {
        value.to_string()
    } else {
        format!("{value:e}")
    }
}

/// Quoted where the text would otherwise break the row (RFC 4180).
pub(crate) fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_back_exactly() {
        for value in [
            0.1 + 0.2,
            -1.0e-300,
            6.02e23,
            0.0,
            -0.0,
            1e-4,
            123456789.125,
            f64::MIN_POSITIVE,
        ] {
            let back: f64 = number(value).parse().unwrap();
            assert_eq!(back.to_bits(), value.to_bits());
        }
        assert_eq!(number(f64::NAN), "");
    }

    #[test]
    fn awkward_text_stays_one_field() {
        assert_eq!(quoted("a, \"b\""), "\"a, \"\"b\"\"\"");
        assert_eq!(quoted("plain"), "plain");
    }
}
