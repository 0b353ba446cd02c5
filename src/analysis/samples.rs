//! Analysis room: coverage of measured samples, by thicknesses seen in an electron microscope
//! and by photoelectrons (kissel2025, eq. 1), one beside the other.

use crate::observables::{Attenuation, Film, PeakReading};
use serde::Serialize;

/// The coating of one sample.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FilmReading {
    /// Sample.
    pub sample: String,
    /// Share of the places where a coating was seen, 0..1.
    pub coverage: f64,
    /// Mean thickness where covered, m; `None` of a bare sample.
    pub thickness: Option<f64>,
    /// Relative standard deviation of that.
    pub variation: Option<f64>,
    /// gamma that photoelectrons would show of these thicknesses, 0..1.
    pub gamma_expected: f64,
    /// gamma measured on the sample of the same name, 0..1.
    pub gamma_measured: Option<f64>,
    /// Coverage that gives the measured gamma with a coating as thick as this one where
    /// it covers, 0..1; `None` if no coverage does.
    pub coverage_by_gamma: Option<f64>,
}

/// Reads films (m) with the attenuation `by`; gamma is taken from `peaks`, from the first
/// sample of the same name that has one.
pub fn read_films<'a>(
    films: &[(String, Film)],
    by: &Attenuation,
    peaks: impl Iterator<Item = &'a PeakReading> + Clone,
) -> Vec<FilmReading> {
    let each = films.iter().map(|(sample, film)| {
        let mut own = peaks.clone().filter(|p| p.sample == *sample);
        let measured = own.find_map(|p| p.gamma);
        let thickness = film.thickness();
        FilmReading {
            sample: sample.clone(),
            coverage: film.coverage(),
            thickness: thickness.map(|t| t.0),
            variation: thickness.map(|t| t.1),
            gamma_expected: film.gamma(by),
            gamma_measured: measured,
            coverage_by_gamma: measured.and_then(|gamma| film.coverage_for(gamma, by)),
        }
    });
    each.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gamma_is_that_of_the_sample_of_the_same_name() {
        let by = Attenuation {
            coating: 2.9e-9,
            oxide: 1.5e-9,
            marker_ratio: 1.0,
        };
        let film = |share| Film::new(&[(5e-9, share), (0.0, 1.0 - share)]).unwrap();
        let films = [("A".to_owned(), film(0.5)), ("B".to_owned(), film(0.5))];
        let peaks = [PeakReading {
            sample: "B".into(),
            sulfur: None,
            sulfur_other: 0.0,
            phosphorus: None,
            phosphorus_other: 0.0,
            gamma: Some(film(0.8).gamma(&by)),
        }];
        let read = read_films(&films, &by, peaks.iter());
        assert_eq!(
            (read[0].gamma_measured, read[0].coverage_by_gamma),
            (None, None)
        );
        assert!((read[1].coverage - 0.5).abs() < 1e-12);
        assert!((read[1].coverage_by_gamma.unwrap() - 0.8).abs() < 1e-12);
        assert!(read[1].gamma_expected < read[1].gamma_measured.unwrap());
    }
}
