//! Mean, spread and confidence of every number over the realisations.

use super::Realisation;

/// A number over the realisations of one box.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// Name of the number.
    pub name: String,
    /// Unit.
    pub unit: &'static str,
    /// Realisations in which it could be measured.
    pub count: usize,
    /// Mean.
    pub mean: f64,
    /// Standard deviation between realisations (with n - 1); not a number below two.
    pub deviation: f64,
    /// Half width of the interval that holds the true mean with 95 % confidence
    /// (Student's t); not a number below two realisations.
    pub confidence: f64,
}

/// Sums up every number of some realisations, in the order in which the numbers
/// first appear.
pub fn summarise<'a>(
    realisations: impl IntoIterator<Item = &'a Realisation> + Clone,
) -> Vec<Summary> {
    let mut names: Vec<(&str, &'static str)> = Vec::new();
    let longest = realisations
        .clone()
        .into_iter()
        .max_by_key(|r| r.numbers.len());
    let all = realisations.clone().into_iter().flat_map(|r| &r.numbers);
    // All complete realisations have the same numbers: the longest goes first.
    for number in longest.iter().flat_map(|r| &r.numbers).chain(all) {
        if !names.iter().any(|(name, _)| *name == number.name) {
            names.push((&number.name, number.unit));
        }
    }
    names
        .into_iter()
        .map(|(name, unit)| {
            let values = realisations.clone().into_iter().map(|r| r.value(name));
            summary(name, unit, values.filter(|v| v.is_finite()).collect())
        })
        .collect()
}

fn summary(name: &str, unit: &'static str, values: Vec<f64>) -> Summary {
    let count = values.len();
    let n = count as f64;
    let mean = values.iter().sum::<f64>() / n;
    let square: f64 = values.iter().map(|v| (v - mean).powi(2)).sum();
    let deviation = (square / (n - 1.0)).sqrt();
    let (deviation, confidence) = if count < 2 {
        (f64::NAN, f64::NAN)
    } else {
        (deviation, student(count - 1) * deviation / n.sqrt())
    };
    Summary {
        name: name.to_owned(),
        unit,
        count,
        mean,
        deviation,
        confidence,
    }
}

/// Student's t that 97.5 % stay below, from one degree of freedom: tabulated to
/// 12, then by the expansion about the normal distribution (M. Abramowitz and
/// I. A. Stegun, Handbook of Mathematical Functions, 26.7.5 and table 26.10).
fn student(freedom: usize) -> f64 {
    const TABLE: [f64; 12] = [
        12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179,
    ];
    if let Some(&tabulated) = freedom.checked_sub(1).and_then(|i| TABLE.get(i)) {
        return tabulated;
    }
    let (z, n) = (1.959_964_f64, freedom as f64);
    let first = (z.powi(3) + z) / 4.0;
    let second = (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / 96.0;
    z + first / n + second / (n * n)
}

#[cfg(test)]
mod tests {
    use super::super::{BoxSize, Number};
    use super::*;
    use approx::assert_relative_eq;

    fn row(values: &[(&str, f64)]) -> Realisation {
        Realisation {
            seed: 1,
            size: BoxSize {
                edge: 1e-5,
                resolution: 10,
            },
            numbers: values
                .iter()
                .map(|&(name, value)| Number {
                    name: name.into(),
                    unit: "1",
                    value,
                })
                .collect(),
            note: String::new(),
        }
    }

    #[test]
    fn means_spreads_and_confidence() {
        let rows = [
            row(&[]),
            row(&[("a", 1.0), ("b", 4.0)]),
            row(&[("a", 2.0), ("b", f64::NAN)]),
            row(&[("a", 3.0)]),
        ];
        let found = summarise(&rows);
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].name.as_str(), found[0].count), ("a", 3));
        assert_relative_eq!(found[0].mean, 2.0);
        assert_relative_eq!(found[0].deviation, 1.0);
        assert_relative_eq!(found[0].confidence, 4.303 / 3.0_f64.sqrt());
        assert_eq!(found[1].count, 1);
        assert!(found[1].deviation.is_nan() && found[1].confidence.is_nan());
    }

    #[test]
    fn students_t_goes_on_smoothly_from_the_table() {
        // Handbook values at 13, 20, 30 and 120 degrees of freedom.
        for (freedom, expected) in [
            (1, 12.706),
            (13, 2.160),
            (20, 2.086),
            (30, 2.042),
            (120, 1.980),
        ] {
            assert_relative_eq!(student(freedom), expected, max_relative = 5e-4);
        }
    }
}
