//! Measurement room: spectra out of a sheet, put in order.

use super::MeasuredSpectrum;
use super::columns::{self, Found, counts, find, need, values, whole_rows};
use super::sheet::Sheet;
use crate::impedance::kramers_kronig;
use crate::input::{Diagnostic, Sink};
use num_complex::Complex64;

/// One row.
#[derive(Debug, Clone, Copy)]
struct Point {
    row: usize,
    frequency: f64,
    impedance: Complex64,
    cathode: Option<Complex64>,
}

/// Impedances at one frequency that differ by more than this, relatively, are not the
/// same measurement taken twice.
const REPEATED: f64 = 0.1;
/// A step between frequencies this many times the usual one is a gap.
const GAP: f64 = 3.0;
/// The sign of the imaginary part is wrong if the spectrum breaks the Kramers-Kronig
/// relations this many times more than its mirror image.
const MIRROR: f64 = 3.0;

/// All spectra of a sheet; `None`, with a complaint, if one cannot be used.
pub(super) fn spectra(sheet: &Sheet<'_>, sink: &Sink<'_>) -> Option<Vec<MeasuredSpectrum>> {
    let asked = [
        need(sheet, &columns::FREQUENCY, sink),
        need(sheet, &columns::REAL, sink),
        need(sheet, &columns::IMAGINARY, sink),
    ];
    let [Some(frequency), Some(real), Some(imaginary)] = asked else {
        return None;
    };
    let cathode = Option::zip(
        find(sheet, &columns::CATHODE_REAL),
        find(sheet, &columns::CATHODE_IMAGINARY),
    );
    let column = |found: Found| values(sheet, found, sink);
    let (frequencies, reals, imaginaries) = (column(frequency)?, column(real)?, column(imaginary)?);
    let cathodes = match cathode {
        Some((real, imaginary)) => Some((column(real)?, column(imaginary)?)),
        None => None,
    };
    let voltages = match find(sheet, &columns::VOLTAGE) {
        Some(found) => Some(column(found)?),
        None => None,
    };
    let cycles = match find(sheet, &columns::CYCLE) {
        Some(found) => Some(counts(sheet, found, sink)?),
        None => None,
    };
    let whole = whole_rows(
        sheet,
        &[
            (&frequencies, frequency),
            (&reals, real),
            (&imaginaries, imaginary),
        ],
        sink,
    )?;
    let mut found = Vec::new();
    for rows in whole.chunk_by(|&a, &b| cycles.as_ref().is_none_or(|c| c[a] == c[b])) {
        let points: Vec<Point> = rows
            .iter()
            .map(|&row| Point {
                row,
                frequency: frequencies[row],
                impedance: Complex64::new(reals[row], imaginaries[row]),
                cathode: cathodes
                    .as_ref()
                    .map(|(real, imaginary)| Complex64::new(real[row], imaginary[row])),
            })
            .collect();
        let points = Repair {
            sheet,
            sink,
            frequency,
            imaginary,
        }
        .run(points)?;
        let known: Vec<f64> = voltages.as_ref().map_or_else(Vec::new, |voltages| {
            rows.iter()
                .map(|&row| voltages[row])
                .filter(|v| v.is_finite())
                .collect()
        });
        found.push(MeasuredSpectrum {
            cycle: cycles.as_ref().map(|c| c[rows[0]]),
            voltage: known.first().map(|first| mean(*first, &known)),
            frequency: points.iter().map(|p| p.frequency).collect(),
            impedance: points.iter().map(|p| p.impedance).collect(),
            cathode: points.iter().map(|p| p.cathode).collect(),
            electronic_resistance: None,
            linearity: Vec::new(),
        });
    }
    Some(found)
}

/// Mean of numbers near `first`: exactly that where all are the same.
fn mean(first: f64, numbers: &[f64]) -> f64 {
    first + numbers.iter().map(|v| v - first).sum::<f64>() / numbers.len() as f64
}

/// The repairs of one spectrum.
struct Repair<'a> {
    sheet: &'a Sheet<'a>,
    sink: &'a Sink<'a>,
    frequency: Found,
    imaginary: Found,
}

impl Repair<'_> {
    fn run(&self, points: Vec<Point>) -> Option<Vec<Point>> {
        let points = self.possible(points)?;
        let points = self.in_order(points);
        let points = self.once(points)?;
        self.tell_gaps(&points);
        Some(self.right_side_up(points))
    }

    fn warn(&self, row: usize, column: Found, message: String) {
        let place = self.sheet.place(row, column.column);
        self.sink.push(Diagnostic::warning(place, message));
    }

    /// Refuses frequencies and impedances that cannot be.
    fn possible(&self, points: Vec<Point>) -> Option<Vec<Point>> {
        for point in &points {
            let place = |column: Found| self.sheet.place(point.row, column.column);
            if point.frequency <= 0.0 {
                let message = format!("a frequency of {} Hz", point.frequency);
                let complaint = Diagnostic::error(place(self.frequency), message);
                return self.sink.refuse(complaint.help("frequencies are positive"));
            }
            if point.impedance.norm_sqr() == 0.0 {
                let message = "an impedance of zero";
                let complaint = Diagnostic::error(place(self.imaginary), message);
                return self
                    .sink
                    .refuse(complaint.help("leave out points that were not measured"));
            }
        }
        Some(points)
    }

    /// Falling frequencies. A spectrum that rises throughout is turned in silence:
    /// instruments do either.
    fn in_order(&self, mut points: Vec<Point>) -> Vec<Point> {
        let one_way = |forward: fn(f64, f64) -> bool| {
            points
                .windows(2)
                .all(|w| forward(w[0].frequency, w[1].frequency))
        };
        if !(one_way(|a, b| a >= b) || one_way(|a, b| a <= b)) {
            let first = points
                .windows(3)
                .find(|w| {
                    (w[1].frequency - w[0].frequency) * (w[2].frequency - w[1].frequency) < 0.0
                })
                .map_or(points[0].row, |w| w[2].row);
            self.warn(
                first,
                self.frequency,
                "frequencies turn back here; the points were sorted".into(),
            );
        }
        points.sort_by(|a, b| b.frequency.total_cmp(&a.frequency));
        points
    }

    /// Every frequency once: points taken twice are averaged.
    fn once(&self, points: Vec<Point>) -> Option<Vec<Point>> {
        let mut kept = Vec::with_capacity(points.len());
        let mut repeated = Vec::new();
        for same in points.chunk_by(|a, b| a.frequency / b.frequency < 1.0 + 1e-9) {
            let first = same[0];
            let count = same.len() as f64;
            let mean = same.iter().map(|p| p.impedance).sum::<Complex64>() / count;
            let cathode: Option<Complex64> = same.iter().map(|p| p.cathode).sum();
            let differs = |p: &&Point| (p.impedance - mean).norm() > REPEATED * mean.norm();
            if let Some(other) = same.iter().filter(differs).max_by_key(|p| p.row) {
                let message = format!(
                    "{} Hz is here a second time with another impedance",
                    first.frequency
                );
                let place = self.sheet.place(other.row, self.frequency.column);
                let complaint = Diagnostic::error(place, message);
                return self.sink.refuse(complaint.help(
                    "several spectra in one file need a column `Cycle Count / 1` that tells them apart",
                ));
            }
            if same.len() > 1 {
                repeated.push(first);
            }
            kept.push(Point {
                impedance: mean,
                cathode: cathode.map(|z| z / count),
                ..first
            });
        }
        if let Some(first) = repeated.first() {
            let message = match repeated.len() {
                1 => format!(
                    "{} Hz was measured more than once; averaged",
                    first.frequency
                ),
                n => format!("{n} frequencies were measured more than once; averaged"),
            };
            self.warn(first.row, self.frequency, message);
        }
        Some(kept)
    }

    fn tell_gaps(&self, points: &[Point]) {
        let mut steps: Vec<f64> = points
            .windows(2)
            .map(|w| (w[0].frequency / w[1].frequency).ln())
            .collect();
        let widths = steps.clone();
        steps.sort_by(f64::total_cmp);
        let Some(&usual) = steps.get(steps.len() / 2) else {
            return;
        };
        for (pair, width) in points.windows(2).zip(widths) {
            // Less than half a decade hides nothing.
            if width > GAP * usual && width > 0.5 * std::f64::consts::LN_10 {
                let message = format!(
                    "no point between {} and {} Hz; what relaxes there cannot be read",
                    pair[0].frequency, pair[1].frequency
                );
                self.warn(pair[1].row, self.frequency, message);
            }
        }
    }

    /// Mirrors a spectrum whose imaginary part has the wrong sign. A cell can be
    /// inductive, so most of the points must say so, and, where there are enough of
    /// them, the Kramers-Kronig relations.
    fn right_side_up(&self, mut points: Vec<Point>) -> Vec<Point> {
        let positive = points.iter().filter(|p| p.impedance.im > 0.0).count();
        if 2 * positive <= points.len() {
            return points;
        }
        let frequency: Vec<f64> = points.iter().map(|p| p.frequency).collect();
        let residual = |mirrored: bool| {
            let impedance: Vec<Complex64> = points
                .iter()
                .map(|p| {
                    if mirrored {
                        p.impedance.conj()
                    } else {
                        p.impedance
                    }
                })
                .collect();
            kramers_kronig(&frequency, &impedance).map(|test| test.noise)
        };
        let wrong = match (residual(false), residual(true)) {
            (Ok(as_it_is), Ok(mirrored)) => as_it_is > MIRROR * mirrored,
            _ => true,
        };
        let row = points[0].row;
        if wrong {
            let message = "the imaginary part is positive where a cell is capacitive; \
                           its sign was changed (the file holds -Im Z)";
            self.warn(row, self.imaginary, message.into());
            for point in &mut points {
                point.impedance.im = -point.impedance.im;
                if let Some(cathode) = &mut point.cathode {
                    cathode.im = -cathode.im;
                }
            }
        } else {
            let message =
                "most of the spectrum is inductive (positive imaginary part); left as it is";
            self.warn(row, self.imaginary, message.into());
        }
        points
    }
}
