//! Observables: gas as a mass spectrometer behind a flushed cell (DEMS) shows it.
//!
//! Gas leaves the pellet with one delay and the headspace with another; both are taken
//! as well mixed, so what arrives is the release convolved with two exponentials:
//! tau_1 x_1' = r - x_1, tau_2 x_2' = x_1 - x_2, and x_2 is measured. Between two
//! samples of the amount released its rate is constant, for which the equations are
//! solved exactly: no gas is lost, whatever the spacing.

use crate::scenario::Headspace;

/// Why no curve can be given.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum HeadspaceError {
    /// Times and amounts are not as many.
    #[error("{times} times but {amounts} amounts")]
    Length {
        /// Number of times.
        times: usize,
        /// Number of amounts.
        amounts: usize,
    },
    /// A value that is not finite, or a time that runs backwards.
    #[error("point {index} (time {time} s, amount {amount}) is not finite or runs backwards")]
    Point {
        /// Index from 0.
        index: usize,
        /// s.
        time: f64,
        /// In the unit given.
        amount: f64,
    },
    /// A delay that is not a positive number.
    #[error("a delay of {delay} s is not positive")]
    Delay {
        /// s.
        delay: f64,
    },
}

/// Rate at which gas arrives at the spectrometer at each time, in the unit of `released`
/// per second. `released` is the amount released up to each time (s, never falling).
///
/// # Errors
/// [`HeadspaceError`] for columns or delays that cannot be used.
pub fn detected(
    time: &[f64],
    released: &[f64],
    headspace: &Headspace,
) -> Result<Vec<f64>, HeadspaceError> {
    sampled(time, released, headspace, time)
}

/// As [`detected`], at the times at which the spectrometer takes a sample: `at`, s, never
/// falling. After the last of `time` no more is released.
///
/// # Errors
/// As [`detected`].
pub fn sampled(
    time: &[f64],
    released: &[f64],
    headspace: &Headspace,
    at: &[f64],
) -> Result<Vec<f64>, HeadspaceError> {
    let lags = [headspace.pellet_delay, headspace.flushing()];
    check(time, released, lags)?;
    let Some(&first) = time.first() else {
        return Ok(vec![0.0; at.len()]);
    };
    let (mut state, mut now, mut next) = ([0.0, 0.0], first, 1);
    let rate = |next: usize| match next < time.len() {
        true => (released[next] - released[next - 1]) / (time[next] - time[next - 1]),
        false => 0.0,
    };
    let mut arriving = Vec::with_capacity(at.len());
    for &sample in at {
        while next < time.len() && time[next] <= sample {
            if time[next] > time[next - 1] {
                state = advance(state, rate(next), time[next] - now, lags);
            } else {
                // Released in no time: a puff that enters the pellet at once.
                state[0] += (released[next] - released[next - 1]) / lags[0];
            }
            now = time[next];
            next += 1;
        }
        let ahead = (sample - now).max(0.0);
        arriving.push(advance(state, rate(next), ahead, lags)[1]);
    }
    Ok(arriving)
}

fn check(time: &[f64], released: &[f64], lags: [f64; 2]) -> Result<(), HeadspaceError> {
    if time.len() != released.len() {
        return Err(HeadspaceError::Length {
            times: time.len(),
            amounts: released.len(),
        });
    }
    for delay in lags {
        if !(delay > 0.0 && delay.is_finite()) {
            return Err(HeadspaceError::Delay { delay });
        }
    }
    for (index, (&t, &amount)) in time.iter().zip(released).enumerate() {
        let forward = index == 0 || t >= time[index - 1];
        if !(t.is_finite() && amount.is_finite() && forward) {
            return Err(HeadspaceError::Point {
                index,
                time: t,
                amount,
            });
        }
    }
    Ok(())
}

/// Two lags in a row under a constant rate, exactly.
fn advance([first, second]: [f64; 2], rate: f64, length: f64, [slow, fast]: [f64; 2]) -> [f64; 2] {
    let (a, b) = ((-length / slow).exp(), (-length / fast).exp());
    // tau_1/(tau_1 - tau_2) (e^(-t/tau_1) - e^(-t/tau_2)), finite where both are equal.
    let coupling = if (slow / fast - 1.0).abs() < 1e-6 {
        length / slow * a
    } else {
        slow / (slow - fast) * (a - b)
    };
    let excess = first - rate;
    [
        rate + excess * a,
        rate + excess * coupling + (second - rate) * b,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Delays of a pellet and of a headspace, s.
    fn headspace(pellet_delay: f64, flushing: f64) -> Headspace {
        Headspace {
            volume: 5e-6,
            flow: 5e-6 / flushing,
            pellet_delay,
        }
    }

    #[test]
    fn all_gas_arrives_and_later_than_it_was_released() {
        let headspace = headspace(420.0, 120.0);
        let time: Vec<f64> = (0..=4000).map(|k| f64::from(k) * 5.0).collect();
        let released: Vec<f64> = time.iter().map(|t| (t / 3600.0).min(1.0)).collect();
        let arriving = detected(&time, &released, &headspace).unwrap();
        let sum: f64 = arriving.windows(2).map(|w| 2.5 * (w[0] + w[1])).sum();
        assert!((sum - 1.0).abs() < 1e-4, "{sum}");
        // Mean delay is the sum of both.
        let mean = |rate: &dyn Fn(usize) -> f64| -> f64 {
            let weight: f64 = (0..time.len()).map(rate).sum();
            (0..time.len()).map(|k| rate(k) * time[k]).sum::<f64>() / weight
        };
        let source = |k: usize| if time[k] <= 3600.0 { 1.0 } else { 0.0 };
        let delay = mean(&|k| arriving[k]) - mean(&source);
        assert!((delay - 540.0).abs() < 3.0, "{delay}");
    }

    #[test]
    fn the_answer_does_not_depend_on_the_spacing() {
        for headspace in [headspace(420.0, 120.0), headspace(300.0, 300.0)] {
            let coarse = detected(&[0.0, 900.0, 1800.0], &[0.0, 1.0, 1.0], &headspace).unwrap();
            let time: Vec<f64> = (0..=180).map(|k| f64::from(k) * 10.0).collect();
            let released: Vec<f64> = time.iter().map(|t| (t / 900.0).min(1.0)).collect();
            let fine = detected(&time, &released, &headspace).unwrap();
            assert!((coarse[1] / fine[90] - 1.0).abs() < 1e-9);
            assert!((coarse[2] / fine[180] - 1.0).abs() < 1e-9);
            // Nor on when the spectrometer looks.
            let at: Vec<f64> = (0..=300).map(|k| f64::from(k) * 6.0).collect();
            let seen = sampled(&[0.0, 900.0, 1800.0], &[0.0, 1.0, 1.0], &headspace, &at).unwrap();
            for (k, found) in seen.iter().enumerate().filter(|(k, _)| k % 5 == 0) {
                assert!((found - fine[k / 5 * 3]).abs() < 1e-9 * fine[90], "{k}");
            }
        }
    }

    #[test]
    fn what_is_released_at_once_or_last_still_arrives() {
        let headspace = headspace(300.0, 60.0);
        let at: Vec<f64> = (0..=2000).map(|k| f64::from(k) * 2.0).collect();
        let seen = sampled(&[0.0, 0.0, 10.0], &[0.0, 1.0, 1.0], &headspace, &at).unwrap();
        let sum: f64 = seen.windows(2).map(|w| w[0] + w[1]).sum();
        assert!((sum - 1.0).abs() < 1e-4, "{sum}");
        let top = (0..seen.len())
            .max_by(|a, b| seen[*a].total_cmp(&seen[*b]))
            .unwrap();
        // tau_1 tau_2/(tau_1 - tau_2) ln(tau_1/tau_2).
        let expected = 300.0 * 60.0 / 240.0 * 5.0f64.ln();
        assert!((at[top] - expected).abs() <= 2.0, "{}", at[top]);
        assert_eq!(
            sampled(&[], &[], &headspace, &[1.0, 2.0]).unwrap(),
            [0.0, 0.0]
        );
    }

    #[test]
    fn broken_columns_are_refused() {
        let none = headspace(0.0, 1.0);
        let headspace = headspace(420.0, 120.0);
        assert!(detected(&[0.0], &[], &headspace).is_err());
        assert!(detected(&[1.0, 0.0], &[0.0, 1.0], &headspace).is_err());
        assert!(detected(&[0.0, 1.0], &[0.0, f64::NAN], &headspace).is_err());
        assert!(matches!(
            detected(&[], &[], &none),
            Err(HeadspaceError::Delay { .. })
        ));
    }
}
