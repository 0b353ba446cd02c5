//! What is understood, what is not, and that nothing else happens.

use super::*;
use proptest::prelude::*;

fn understood(text: &str) -> Sentence {
    understand(text, "In/InLi").unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn pybamms_sentences_and_ours() {
    let volt = |value, against_lithium| {
        End::Voltage(Voltage {
            value,
            against_lithium,
        })
    };
    let ends = |text: &str| {
        understood(text)
            .until
            .iter()
            .map(|(end, _)| *end)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        understood("Discharge at 1C for 0.5 hours").duration,
        Some(1800.0)
    );
    assert_eq!(
        understood("Discharge at C/20 for 0.5 hours").action,
        Action::Discharge(Current::Rate(0.05))
    );
    assert_eq!(
        understood("Charge at 1C/4 for 1 min").action,
        Action::Charge(Current::Rate(0.25))
    );
    assert_eq!(
        understood("Charge at 1 A until 4.1V").action,
        Action::Charge(Current::Total(1.0))
    );
    assert_eq!(
        understood("charge AT 1 mA / cm2 UNTIL 4.1V").action,
        Action::Charge(Current::Density(10.0))
    );
    assert_eq!(
        understood("Charge at 20 mA/g until 4.1V").action,
        Action::Charge(Current::Specific(20.0))
    );
    assert_eq!(
        ends("Hold at 1 V until 20 mA"),
        [End::Current(Current::Total(0.02))]
    );
    assert_eq!(
        ends("Hold at 4.1 V until 50mA"),
        [End::Current(Current::Total(0.05))]
    );
    assert_eq!(
        ends("Hold at 4.1 V until C/50"),
        [End::Current(Current::Rate(0.02))]
    );
    assert_eq!(
        ends("Hold at 4.1 V until < 50 mA"),
        [End::Current(Current::Total(0.05))]
    );
    assert_eq!(
        ends("Hold at 3.15 V until 1% of charge current"),
        [End::Share(0.01)]
    );
    assert_eq!(
        ends("Hold at 3.15 V until 80 % of previous current"),
        [End::Share(0.8)]
    );
    assert_eq!(
        ends("Charge at 0.1C until 3.77 V vs Li"),
        [volt(3.77, true)]
    );
    assert_eq!(
        ends("Charge at 0.1C until 3.15 V vs In/InLi"),
        [volt(3.15, false)]
    );
    assert_eq!(understood("Rest for 1 day").duration, Some(86400.0));
    let both = understood("Discharge at C/10 for 2 hours or until 2.0 V");
    assert_eq!(
        (both.duration, both.until[0].0),
        (Some(7200.0), volt(2.0, false))
    );
    let both = understood("Charge at 0.1C until 3.7 V or until 2 hours");
    assert_eq!(
        (both.duration, both.until[0].0),
        (Some(7200.0), volt(3.7, false))
    );
    assert_eq!(ends("Hold at 4 V until C/50 or 10 uA").len(), 2);
}

#[test]
fn what_does_not_fit() {
    for text in [
        "Charge",
        "Charge at",
        "Charge at 0.1C until",
        "Rest for 2 hours for 3 hours",
        "Rest or",
        "Hold at 3 V until 5%",
        "Hold at 3 V until 1% of capacity",
        "Charge at C/0 for 1 h",
        "Charge at 0.1C until 3.7 V vs",
        "Rest for 0 s",
        "Rest for 2 hours please",
    ] {
        assert!(understand(text, "LTO").is_err(), "{text}");
    }
}

fn number() -> impl Strategy<Value = f64> {
    (1u32..9999).prop_map(|n| f64::from(n) / 100.0)
}

proptest! {
    #[test]
    fn valid_sentences_are_understood(
        charge in any::<bool>(), rate in number(), over in any::<bool>(),
        volts in number(), lithium in any::<bool>(),
        hours in number(), unit in prop::sample::select(vec!["s", "seconds", "min", "hours", "h", "day", "days"]),
        order in 0usize..3,
    ) {
        let verb = if charge { "Charge" } else { "Discharge" };
        let current = if over { format!("C/{rate}") } else { format!("{rate}C") };
        let until = format!("until {volts} V{}", if lithium { " vs Li" } else { "" });
        let during = format!("for {hours} {unit}");
        let tail = match order {
            0 => until,
            1 => format!("{during} or {until}"),
            _ => format!("{until} or {during}"),
        };
        let sentence = understood(&format!("{verb} at {current} {tail}"));
        let expected = if over { 1.0 / rate } else { rate };
        let (Action::Charge(Current::Rate(got)) | Action::Discharge(Current::Rate(got))) = sentence.action else {
            return Err(TestCaseError::fail("not a current"));
        };
        prop_assert!((got - expected).abs() < 1e-12 * expected);
        prop_assert_eq!(matches!(sentence.action, Action::Charge(_)), charge);
        prop_assert_eq!(sentence.until[0].0, End::Voltage(Voltage { value: volts, against_lithium: lithium }));
        prop_assert_eq!(sentence.duration.is_some(), order > 0);
    }

    #[test]
    fn junk_never_panics_and_points_inside(
        text in prop_oneof![
            "\\PC{0,40}",
            prop::collection::vec(prop::sample::select(vec![
                "Charge", "Discharge", "Hold", "Rest", "at", "for", "until", "or", "of", "vs", "Li", "current",
                "0.1C", "C/10", "3.7", "V", "1", "%", "1%", "hours", "<", "(1", "minute", "é", "mA/cm2",
            ]), 0..10).prop_map(|words| words.join(" ")),
        ],
    ) {
        if let Err(error) = understand(&text, "LTO") {
            prop_assert!(text.get(error.span).is_some());
        }
    }
}
