//! The amplitudes of a spectrum: "10 mV", or several, each down to a frequency.

use crate::input::{Diagnostic, Dimension, Section, Span, parse};
use crate::scenario::procedure::Amplitude;
use std::ops::RangeInclusive;

/// Amplitudes that are allowed, V: below, no instrument sees an answer; above, nobody
/// would take it for a linear one.
const ALLOWED: RangeInclusive<f64> = 1e-5..=0.5;

/// What is wrong with an amplitude: a message and help.
type Wrong = (String, String);

/// Understands one amplitude down to a frequency, "10 mV to 10 mHz"; where no frequency is
/// said, to `lowest` (Hz).
fn understand_amplitude(text: &str, lowest: f64) -> Result<Amplitude, Wrong> {
    let (voltage, frequency) = match text.split_once(" to ") {
        Some((voltage, frequency)) => (voltage, Some(frequency)),
        None => (text, None),
    };
    let quantity = |text: &str, dimension: Dimension, example: &str| {
        parse(text.trim(), &[dimension])
            .map(|q| q.value)
            .map_err(|error| (error.to_string(), error.help(dimension, example)))
    };
    let value = quantity(voltage, Dimension::Voltage, "10 mV")?;
    if !ALLOWED.contains(&value) {
        let (low, high) = (1e3 * ALLOWED.start(), 1e3 * ALLOWED.end());
        let help = format!("amplitudes lie between {low} mV and {high} mV");
        return Err((format!("an amplitude of {} mV", 1e3 * value), help));
    }
    let down_to = match frequency {
        Some(frequency) => quantity(frequency, Dimension::Frequency, "10 mHz")?,
        None => lowest,
    };
    if down_to <= 0.0 {
        let help = "frequencies are positive, for example \"10 mV to 10 mHz\"";
        return Err((format!("down to {down_to} Hz"), help.into()));
    }
    Ok(Amplitude { value, down_to })
}

/// Understands amplitudes separated by commas, "10 mV to 10 mHz, 5 mV to 1 mHz", of a
/// spectrum from `highest` to `lowest` (Hz).
///
/// # Errors
/// A message and help.
pub fn understand_amplitudes(
    text: &str,
    (highest, lowest): (f64, f64),
) -> Result<Vec<Amplitude>, Wrong> {
    let parts = text.split(',');
    let all = parts.map(|part| understand_amplitude(part.trim(), lowest));
    let all = all.collect::<Result<Vec<_>, _>>()?;
    match misfit(&all, (highest, lowest)) {
        Some((_, wrong)) => Err(wrong),
        None => Ok(all),
    }
}

/// The first of `all` that does not fit the others or the frequencies, and why.
fn misfit(all: &[Amplitude], (highest, lowest): (f64, f64)) -> Option<(usize, Wrong)> {
    let slack = 1.0 - 1e-9;
    for (k, own) in all.iter().enumerate() {
        let before = k
            .checked_sub(1)
            .map_or(highest, |before| all[before].down_to);
        if own.down_to >= before {
            let message = format!(
                "{} mV down to {} Hz, which the spectrum is already below",
                1e3 * own.value,
                own.down_to
            );
            let help = "state amplitudes from the highest frequencies to the lowest";
            return Some((k, (message, help.into())));
        }
        if own.down_to < lowest * slack {
            let message = format!(
                "the spectrum ends at {lowest} Hz, not at {} Hz",
                own.down_to
            );
            let help = "end the amplitudes where the spectrum ends";
            return Some((k, (message, help.into())));
        }
    }
    let last = all.last()?;
    if last.down_to > lowest / slack {
        let message = format!(
            "no amplitude from {} Hz down to {lowest} Hz, where the spectrum ends",
            last.down_to
        );
        let help = format!("\"3 mV to {lowest} Hz\" as the last");
        return Some((all.len() - 1, (message, help)));
    }
    None
}

/// The amplitudes of a request from `highest` to `lowest` (Hz); none where the key is left
/// out.
pub(super) fn amplitudes(section: &Section<'_>, frequencies: (f64, f64)) -> Option<Vec<Amplitude>> {
    let Some(value) = section.get("amplitude") else {
        return Some(Vec::new());
    };
    let texts: Vec<(&str, Span)> = match value.get_ref().as_str() {
        Some(text) => vec![(text, value.span())],
        None => section.texts("amplitude")?,
    };
    let sink = section.sink();
    let refuse = |span: Span, (message, help): Wrong| {
        sink.push(Diagnostic::error(span, message).help(help));
    };
    if texts.is_empty() {
        let wrong = (
            "there are no amplitudes".into(),
            "amplitude = \"10 mV\"".into(),
        );
        refuse(section.span_of("amplitude"), wrong);
        return None;
    }
    let understood: Vec<Option<Amplitude>> = texts
        .iter()
        .map(
            |(text, span)| match understand_amplitude(text, frequencies.1) {
                Ok(amplitude) => Some(amplitude),
                Err(wrong) => {
                    refuse(span.clone(), wrong);
                    None
                }
            },
        )
        .collect();
    let all: Vec<Amplitude> = understood.into_iter().collect::<Option<_>>()?;
    if let Some((place, wrong)) = misfit(&all, frequencies) {
        refuse(texts[place].1.clone(), wrong);
        return None;
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDE: (f64, f64) = (1e6, 1e-4);

    #[test]
    fn amplitudes_are_understood_as_papers_state_them() {
        let all = understand_amplitudes("10 mV to 10 mHz, 5 mV to 1 mHz, 3 mV to 100 uHz", WIDE);
        let all: Vec<(f64, f64)> = all.unwrap().iter().map(|a| (a.value, a.down_to)).collect();
        for (found, due) in all.iter().zip([(1e-2, 1e-2), (5e-3, 1e-3), (3e-3, 1e-4)]) {
            assert!((found.0 / due.0 - 1.0).abs() < 1e-12);
            assert!((found.1 / due.1 - 1.0).abs() < 1e-12);
        }
        let one = understand_amplitudes("7 mV", WIDE).unwrap();
        assert!(one.len() == 1 && (one[0].value - 7e-3).abs() < 1e-15);
        assert!((one[0].down_to / 1e-4 - 1.0).abs() < 1e-12);
    }

    #[test]
    fn amplitudes_that_cannot_be_are_refused() {
        for (text, reason) in [
            ("10", "unit"),
            ("10 V", "10000 mV"),
            ("10 mV to 10", "unit"),
            ("10 mV to 1 mHz, 5 mV to 10 mHz", "already below"),
            ("10 mV to 10 uHz", "ends at 0.0001 Hz"),
            ("10 mV to 10 mHz", "no amplitude from 0.01 Hz"),
            ("10 mV to -1 Hz", ""),
        ] {
            let wrong = understand_amplitudes(text, WIDE).unwrap_err();
            let all = format!("{} {}", wrong.0, wrong.1);
            assert!(all.contains(reason), "{text}: {all}");
        }
    }
}
