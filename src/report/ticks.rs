//! Where the marks of an axis sit and what they say.

use super::figure::{Axis, Range, Scale};

/// Margin around the data, as a share of their span.
const MARGIN: f64 = 0.05;

/// The marks of one axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Ticks {
    /// Value and label.
    pub major: Vec<(f64, String)>,
    /// Values without label.
    pub minor: Vec<f64>,
}

/// What an axis shows of `values`: from, to. An axis without data shows 0 to 1
/// (1 to 10 when logarithmic).
pub fn limits(axis: &Axis, values: impl Iterator<Item = f64>) -> (f64, f64) {
    let zero = (axis.range == Range::WithZero && axis.scale == Scale::Linear).then_some(0.0);
    let shown = values.filter(|v| axis.admits(*v)).chain(zero);
    let bounds = shown.fold(None, |bounds: Option<(f64, f64)>, v| {
        Some(bounds.map_or((v, v), |(a, b)| (a.min(v), b.max(v))))
    });
    match (axis.range, axis.scale) {
        (Range::Fixed(from, to), _) => (from, to),
        (_, Scale::Linear) => linear_limits(bounds.unwrap_or((0.0, 1.0)), axis.range),
        (_, Scale::Logarithmic) => {
            let (low, high) = bounds.unwrap_or((1.0, 10.0));
            (low / 1.25, high * 1.25)
        }
    }
}

fn linear_limits((low, high): (f64, f64), range: Range) -> (f64, f64) {
    let span = high - low;
    let size = high.abs().max(low.abs());
    // A single value gets a window of its own size, so that its ticks are sober.
    let margin = if span > 1e-9 * size {
        MARGIN * span
    } else if size > 0.0 {
        0.1 * size
    } else {
        1.0
    };
    let stands_on_zero = range == Range::WithZero;
    let from = if stands_on_zero && low >= 0.0 {
        0.0
    } else {
        low - margin
    };
    let to = if stands_on_zero && high < 0.0 {
        0.0
    } else {
        high + margin
    };
    (from, to)
}

/// Marks between `from` and `to`, about `wanted` of them labelled.
pub fn ticks(scale: Scale, (from, to): (f64, f64), wanted: usize) -> Ticks {
    match scale {
        Scale::Linear => linear(from, to, wanted),
        Scale::Logarithmic => logarithmic(from, to, wanted),
    }
}

/// The same for what is counted: no marks between whole numbers.
pub fn whole((from, to): (f64, f64), wanted: usize) -> Ticks {
    let most = (to - from).floor().max(1.0) as usize;
    let mut ticks = linear(from, to, wanted.min(most));
    ticks.minor.retain(|v| (v - v.round()).abs() < 1e-6);
    ticks
}

fn linear(from: f64, to: f64, wanted: usize) -> Ticks {
    let (step, parts) = round_step((to - from) / wanted.max(1) as f64);
    let decimals = (-step.log10().floor()).max(0.0) as usize;
    let decimals = decimals + usize::from(step * 10f64.powi(decimals as i32) % 1.0 > 1e-6);
    let within = |step: f64| {
        let slack = 1e-9 * (to - from);
        let first = ((from - slack) / step).ceil() as i64;
        let last = ((to + slack) / step).floor() as i64;
        (first..=last).map(move |i| i as f64 * step)
    };
    let major = within(step)
        .map(|v| (v, plain(v, step, decimals)))
        .collect();
    let minor = within(step / parts).collect();
    Ticks { major, minor }
}

/// The nearest 1, 2 or 5 times a power of ten, and in how many parts it is cut.
fn round_step(rough: f64) -> (f64, f64) {
    let decade = 10f64.powf(rough.log10().floor());
    // The bounds are the geometric means of neighbours.
    let (factor, parts) = match rough / decade {
        r if r < 1.41 => (1.0, 5.0),
        r if r < 3.16 => (2.0, 4.0),
        r if r < 7.07 => (5.0, 5.0),
        _ => (10.0, 5.0),
    };
    (factor * decade, parts)
}

/// A number in the digits that its step needs; powers of ten when it would be long.
fn plain(value: f64, step: f64, decimals: usize) -> String {
    let value = if value.abs() < step * 1e-6 {
        0.0
    } else {
        value
    };
    if value != 0.0 && (step < 1e-4 || value.abs() >= 1e5) {
        let exponent = value.abs().log10().floor() as i32;
        let mantissa = value / 10f64.powi(exponent);
        let digits = format!("{mantissa:.2}");
        let digits = digits.trim_end_matches('0').trim_end_matches('.');
        return format!("{}·10{}", minus(digits), superscript(exponent));
    }
    minus(&format!("{value:.decimals$}"))
}

/// With the true minus sign.
fn minus(text: &str) -> String {
    text.replace('-', "\u{2212}")
}

fn logarithmic(from: f64, to: f64, wanted: usize) -> Ticks {
    let (first, last) = (from.log10().floor() as i32, to.log10().ceil() as i32);
    let shown = |v: &f64| *v >= from * (1.0 - 1e-9) && *v <= to * (1.0 + 1e-9);
    let decades = to.log10() - from.log10();
    let stride = ((decades / wanted.max(1) as f64).ceil() as i32).max(1);
    // Over two decades or less, powers of ten alone would leave the axis bare.
    let multiples: &[f64] = if decades < 2.2 {
        &[1.0, 2.0, 5.0]
    } else {
        &[1.0]
    };
    let mut ticks = Ticks {
        major: Vec::new(),
        minor: Vec::new(),
    };
    for exponent in first..=last {
        let decade = 10f64.powi(exponent);
        let labelled = multiples.iter().map(|m| (*m, m * decade));
        let labelled = labelled.filter(|(_, v)| shown(v) && exponent.rem_euclid(stride) == 0);
        ticks
            .major
            .extend(labelled.map(|(m, v)| (v, power(m, exponent, decades))));
        let inner = (1..10).map(|m| f64::from(m) * decade).filter(shown);
        ticks
            .minor
            .extend(inner.filter(|v| stride == 1 || (v / decade - 1.0).abs() < 1e-9));
    }
    ticks
}

/// `multiple` times a power of ten: written out over few decades.
fn power(multiple: f64, exponent: i32, decades: f64) -> String {
    let value = multiple * 10f64.powi(exponent);
    if decades <= 3.5 && (-3..4).contains(&exponent) {
        let decimals = usize::try_from(-exponent).unwrap_or(0);
        format!("{value:.decimals$}")
    } else if (multiple - 1.0).abs() < 1e-9 {
        format!("10{}", superscript(exponent))
    } else {
        format!("{multiple}·10{}", superscript(exponent))
    }
}

/// An exponent in superscript digits.
pub fn superscript(exponent: i32) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let text = exponent.to_string();
    text.chars()
        .map(|c| c.to_digit(10).map_or('⁻', |d| DIGITS[d as usize]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(ticks: &Ticks) -> Vec<&str> {
        ticks
            .major
            .iter()
            .map(|(_, label)| label.as_str())
            .collect()
    }

    #[test]
    fn linear_marks_are_round() {
        let ticks = linear(-0.3, 1.05, 3);
        assert_eq!(labels(&ticks), ["0.0", "0.5", "1.0"]);
        assert_eq!(
            labels(&linear(2.0, 3.7, 7)),
            [
                "2.0", "2.2", "2.4", "2.6", "2.8", "3.0", "3.2", "3.4", "3.6"
            ]
        );
        assert_eq!(
            labels(&linear(-20.0, 20.0, 4)),
            ["−20", "−10", "0", "10", "20"]
        );
        assert_eq!(labels(&linear(0.0, 3e-6, 3))[1], "1·10⁻⁶");
    }

    #[test]
    fn what_is_counted_has_whole_marks() {
        let few = whole((0.0, 3.15), 6);
        assert_eq!(labels(&few), ["0", "1", "2", "3"]);
        assert_eq!(few.minor.len(), 4);
        assert_eq!(labels(&whole((0.0, 105.0), 6)).len(), 6);
    }

    #[test]
    fn logarithmic_marks_are_powers() {
        assert_eq!(
            labels(&logarithmic(1e-4, 1e6, 6)),
            ["10⁻⁴", "10⁻²", "10⁰", "10²", "10⁴", "10⁶"]
        );
        assert_eq!(labels(&logarithmic(0.9, 12.0, 6)), ["1", "2", "5", "10"]);
    }

    #[test]
    fn limits_hold_all_data_and_ignore_what_is_not_measured() {
        let axis = Axis::new("a", "");
        let (from, to) = limits(&axis, [2.0, f64::NAN, 4.0].into_iter());
        assert!(from < 2.0 && to > 4.0 && from > 1.8 && to < 4.2);
        let axis = axis.showing(Range::WithZero);
        assert_eq!(limits(&axis, [2.0, 4.0].into_iter()), (0.0, 4.2));
        let nothing = limits(&axis, std::iter::empty());
        assert!(nothing.1 > nothing.0);
        let constant = limits(&axis, [0.0, 0.0].into_iter());
        assert_eq!(constant, (0.0, 1.0));
        let logarithmic = Axis::new("a", "").logarithmic();
        let (from, to) = limits(&logarithmic, [-1.0, 0.0, 1.0, 100.0].into_iter());
        assert!(from > 0.7 && to < 130.0);
    }
}
