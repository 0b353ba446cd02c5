//! Observables: measured ToF-SIMS intensities, of several spots on several samples,
//! relative to a named sample.
//!
//! As kissel2025 and shi2023 report them: the mean over the spots, normalised to the
//! total ions, over that of the reference. The scatter is that between spots; that of a
//! ratio follows from both means.

use super::Region;
use serde::Serialize;
use std::collections::BTreeMap;

/// One spot's intensity of one fragment.
#[derive(Debug, Clone, PartialEq)]
pub struct Intensity {
    /// Sample.
    pub sample: String,
    /// Cycle after which the sample was taken out, where the file says so.
    pub cycle: Option<u32>,
    /// Where the beam was, where the file says so.
    pub region: Option<Region>,
    /// Fragment as papers write it, without sub- and superscripts: `PO2-`.
    pub fragment: String,
    /// Name of the spot; rows of the same spot are points of one profile.
    pub spot: String,
    /// Intensity over that of all ions (or counts, where the totals are not known), at
    /// least 0.
    pub value: f64,
}

/// What the spots of one sample show of one fragment.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FragmentReading {
    /// Sample.
    pub sample: String,
    /// Cycle, where known.
    pub cycle: Option<u32>,
    /// Region, where known.
    pub region: Option<Region>,
    /// Fragment.
    pub fragment: String,
    /// Number of spots.
    pub spots: usize,
    /// Mean over the spots.
    pub mean: f64,
    /// Standard deviation from spot to spot; `None` for a single one.
    pub deviation: Option<f64>,
    /// Mean over that of the reference in the same region after the same cycle (or the
    /// only one it has); `None` without a reference, or where that shows none.
    pub relative: Option<f64>,
    /// Standard error of `relative`, by the scatter on both samples; `None` where one of
    /// them has a single spot, and of the reference itself.
    pub relative_error: Option<f64>,
}

/// What tells groups of spots apart: fragment, region, cycle, sample.
type Group = (String, Option<Region>, Option<u32>, String);

/// Means over spots and ratios to the sample named `reference`, in the order of fragment,
/// region, cycle and sample.
///
/// # Errors
/// A message that lists the samples if none is named `reference`.
pub fn fragment_readings(
    rows: &[Intensity],
    reference: Option<&str>,
) -> Result<Vec<FragmentReading>, String> {
    if let Some(name) = reference
        && !rows.iter().any(|row| row.sample == name)
    {
        let mut samples: Vec<&str> = rows.iter().map(|row| row.sample.as_str()).collect();
        samples.sort_unstable();
        samples.dedup();
        return Err(format!(
            "no sample `{name}` to be the reference; the file has `{}`",
            samples.join("`, `")
        ));
    }
    let mut spots: BTreeMap<Group, BTreeMap<&str, Vec<f64>>> = BTreeMap::new();
    for row in rows {
        let group = (
            row.fragment.clone(),
            row.region,
            row.cycle,
            row.sample.clone(),
        );
        let own = spots.entry(group).or_default();
        own.entry(row.spot.as_str()).or_default().push(row.value);
    }
    let means: BTreeMap<Group, Mean> = spots
        .into_iter()
        .map(|(group, spots)| {
            let profiles = spots.values();
            let each = profiles.map(|points| points.iter().sum::<f64>() / points.len() as f64);
            (group, Mean::of(&each.collect::<Vec<f64>>()))
        })
        .collect();
    Ok(means
        .iter()
        .map(|(group, mean)| {
            let other = reference.and_then(|name| counterpart(&means, group, name));
            // The reference is itself without any doubt.
            let ratio = other.and_then(|(own, other)| match own == group {
                true => (other.value > 0.0).then_some((1.0, None)),
                false => mean.over(other),
            });
            let (fragment, region, cycle, sample) = group.clone();
            FragmentReading {
                sample,
                cycle,
                region,
                fragment,
                spots: mean.count,
                mean: mean.value,
                deviation: mean.deviation,
                relative: ratio.map(|r| r.0),
                relative_error: ratio.and_then(|r| r.1),
            }
        })
        .collect())
}

/// What the reference shows of the same fragment in the same region: after the same
/// cycle, or the only one that there is.
fn counterpart<'a>(
    means: &'a BTreeMap<Group, Mean>,
    (fragment, region, cycle, _): &Group,
    reference: &str,
) -> Option<(&'a Group, &'a Mean)> {
    let same = (fragment.clone(), *region, *cycle, reference.to_owned());
    means.get_key_value(&same).or_else(|| {
        let mut all = means
            .iter()
            .filter(|(g, _)| g.0 == *fragment && g.1 == *region && g.3 == reference);
        let first = all.next()?;
        all.next().is_none().then_some(first)
    })
}

/// Mean of some spots.
#[derive(Debug, Clone, Copy)]
struct Mean {
    count: usize,
    value: f64,
    deviation: Option<f64>,
}

impl Mean {
    fn of(spots: &[f64]) -> Self {
        let count = spots.len();
        let value = spots.iter().sum::<f64>() / count as f64;
        let squares: f64 = spots.iter().map(|v| (v - value).powi(2)).sum();
        Self {
            count,
            value,
            deviation: (count > 1).then(|| (squares / (count - 1) as f64).sqrt()),
        }
    }

    /// This over `other` with its standard error; `None` where the other is nothing.
    fn over(&self, other: &Self) -> Option<(f64, Option<f64>)> {
        let ratio = self.value / other.value;
        if !(other.value > 0.0 && ratio.is_finite()) {
            return None;
        }
        // Squared standard errors of both means, in units of the other's mean.
        let variance = |m: &Self| Some((m.deviation? / other.value).powi(2) / m.count as f64);
        let error = Option::zip(variance(self), variance(other))
            .map(|(own, others)| (own + ratio * ratio * others).sqrt());
        Some((ratio, error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(sample: &str, spot: &str, value: f64) -> Intensity {
        Intensity {
            sample: sample.into(),
            cycle: Some(50),
            region: Some(Region::Surface),
            fragment: "PO2-".into(),
            spot: spot.into(),
            value,
        }
    }

    #[test]
    fn ratios_and_their_errors_by_hand() {
        let rows = [
            row("bare", "1", 0.04),
            row("bare", "2", 0.06),
            row("coated", "1", 0.02),
            row("coated", "2", 0.03),
            // A second point of the profile of the second spot.
            row("coated", "2", 0.05),
        ];
        let read = fragment_readings(&rows, Some("bare")).unwrap();
        assert_eq!(read.len(), 2);
        let (bare, coated) = (&read[0], &read[1]);
        assert!((bare.relative.unwrap() - 1.0).abs() < 1e-15);
        assert_eq!(bare.relative_error, None);
        // Spots of 0.02 and 0.04: the mean is 0.03, the deviation 0.02/sqrt 2.
        assert_eq!(coated.spots, 2);
        assert!((coated.mean - 0.03).abs() < 1e-15);
        let deviation = 0.02 / 2f64.sqrt();
        assert!((coated.deviation.unwrap() - deviation).abs() < 1e-12);
        assert!((coated.relative.unwrap() - 0.6).abs() < 1e-12);
        // Both means have the standard error 0.01.
        let expected = 0.6 * ((0.01f64 / 0.03).powi(2) + (0.01f64 / 0.05).powi(2)).sqrt();
        assert!((coated.relative_error.unwrap() - expected).abs() < 1e-12);
    }

    #[test]
    fn a_reference_of_another_cycle_counts_only_if_it_is_the_only_one() {
        let mut uncycled = row("pristine", "1", 0.01);
        uncycled.cycle = None;
        let mut rows = vec![uncycled.clone(), row("bare", "1", 0.03)];
        let ratio = |rows: &[Intensity]| {
            let read = fragment_readings(rows, Some("pristine")).unwrap();
            read.iter().find(|r| r.sample == "bare").unwrap().relative
        };
        assert!((ratio(&rows).unwrap() - 3.0).abs() < 1e-12);
        uncycled.cycle = Some(1);
        rows.push(uncycled);
        assert_eq!(ratio(&rows), None);
    }

    #[test]
    fn an_unknown_reference_is_refused_with_the_samples_there_are() {
        let rows = [row("bare", "1", 0.0), row("coated", "1", 0.1)];
        let error = fragment_readings(&rows, Some("Bare")).unwrap_err();
        assert!(error.contains("`bare`, `coated`"), "{error}");
        // Nothing in the reference gives no ratio; no reference neither.
        for reference in [Some("bare"), None] {
            let read = fragment_readings(&rows, reference).unwrap();
            assert!(read.iter().all(|r| r.relative.is_none()));
            assert!(read.iter().all(|r| r.deviation.is_none()));
        }
    }
}
