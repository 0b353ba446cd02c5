//! Impedance room: what every analysis asks of a spectrum before it starts.

use num_complex::Complex64;

/// Why a spectrum cannot be analysed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SpectrumError {
    /// Frequencies and impedances are not as many.
    #[error("{frequencies} frequencies but {impedances} impedances")]
    LengthMismatch {
        /// Number of frequencies.
        frequencies: usize,
        /// Number of impedances.
        impedances: usize,
    },
    /// Too few points for what is asked.
    #[error("a spectrum of {found} points cannot determine this; at least {needed} are needed")]
    TooShort {
        /// Points found.
        found: usize,
        /// Points needed.
        needed: usize,
    },
    /// A frequency that is not a positive finite number.
    #[error("frequency {value} Hz of point {index} is not a positive number")]
    Frequency {
        /// Index of the point, from 0.
        index: usize,
        /// Its frequency, Hz.
        value: f64,
    },
    /// Frequencies that neither rise nor fall throughout, or that repeat.
    #[error("frequencies are not in order: {value} Hz of point {index} turns back or repeats")]
    Unordered {
        /// Index of the offending point, from 0.
        index: usize,
        /// Its frequency, Hz.
        value: f64,
    },
    /// An impedance that is zero or not finite.
    #[error("impedance {value} ohm m2 of point {index} is zero or not finite")]
    Impedance {
        /// Index of the point, from 0.
        index: usize,
        /// The value, ohm m2.
        value: Complex64,
    },
}

/// Passes a spectrum of at least `needed` points with positive, strictly rising
/// or strictly falling frequencies (Hz) and finite impedances other than zero.
pub(super) fn check(
    frequency: &[f64],
    impedance: &[Complex64],
    needed: usize,
) -> Result<(), SpectrumError> {
    if frequency.len() != impedance.len() {
        return Err(SpectrumError::LengthMismatch {
            frequencies: frequency.len(),
            impedances: impedance.len(),
        });
    }
    if frequency.len() < needed {
        return Err(SpectrumError::TooShort {
            found: frequency.len(),
            needed,
        });
    }
    let rising = frequency.len() > 1 && frequency[1] > frequency[0];
    for (index, (&f, &z)) in frequency.iter().zip(impedance).enumerate() {
        if !(f > 0.0 && f.is_finite()) {
            return Err(SpectrumError::Frequency { index, value: f });
        }
        let in_order = match index.checked_sub(1).map(|before| frequency[before]) {
            None => true,
            Some(before) if rising => f > before,
            Some(before) => f < before,
        };
        if !in_order {
            return Err(SpectrumError::Unordered { index, value: f });
        }
        let size = z.norm();
        if !(size > 0.0 && size.is_finite()) {
            return Err(SpectrumError::Impedance { index, value: z });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_what_is_wrong() {
        let z = [Complex64::new(1.0, -1.0); 3];
        assert_eq!(check(&[3.0, 2.0, 1.0], &z, 3), Ok(()));
        assert_eq!(check(&[1.0, 2.0, 3.0], &z, 3), Ok(()));
        assert!(matches!(
            check(&[1.0], &z, 1),
            Err(SpectrumError::LengthMismatch { .. })
        ));
        assert!(matches!(
            check(&[], &[], 1),
            Err(SpectrumError::TooShort { found: 0, .. })
        ));
        for bad in [[3.0, 1.0, 2.0], [3.0, 3.0, 1.0], [3.0, 2.0, 2.0]] {
            assert!(matches!(
                check(&bad, &z, 3),
                Err(SpectrumError::Unordered { .. })
            ));
        }
        for bad in [
            [3.0, f64::NAN, 1.0],
            [3.0, 2.0, 0.0],
            [f64::INFINITY, 2.0, 1.0],
        ] {
            assert!(matches!(
                check(&bad, &z, 3),
                Err(SpectrumError::Frequency { .. })
            ));
        }
        let broken = [z[0], Complex64::new(f64::NAN, 0.0), z[2]];
        assert!(matches!(
            check(&[3.0, 2.0, 1.0], &broken, 3),
            Err(SpectrumError::Impedance { index: 1, .. })
        ));
    }
}
