//! What is understood, what is not, and that nothing else happens.

use super::*;
use crate::input::{Dimension, UNITS};
use proptest::prelude::*;

fn understood(text: &str) -> Sentence {
    match understand(text, "In/InLi") {
        Ok((sentence, _)) => sentence,
        Err(error) => panic!("{text}: {error}"),
    }
}

fn volt(value: f64) -> Voltage {
    Voltage {
        value,
        against_lithium: false,
    }
}

fn ends(text: &str) -> Vec<End> {
    let until = understood(text).until;
    until.iter().map(|condition| condition.end).collect()
}

fn charge(current: Current) -> Action {
    Action::Charge(Drive::Current(current))
}

/// In the forms of the examples in PyBaMM's documentation and tests (26.4).
#[test]
fn pybamms_sentences() {
    let discharge = |drive| Action::Discharge(drive);
    #[rustfmt::skip] // a table
    let table = [
        ("Discharge at 1C for 0.5 hours", discharge(Drive::Current(Current::Rate(1.0))), Some(1800.0)),
        ("Discharge at C/20 for 0.5 hours", discharge(Drive::Current(Current::Rate(0.05))), Some(1800.0)),
        ("Charge at 0.5 C for 45 minutes", charge(Current::Rate(0.5)), Some(2700.0)),
        ("Discharge at 1 A for 0.5 hours", discharge(Drive::Current(Current::Total(1.0))), Some(1800.0)),
        ("Discharge at 1 A for 90 seconds", discharge(Drive::Current(Current::Total(1.0))), Some(90.0)),
        ("Charge at 200 mA for 45 minutes (1 minute period)", charge(Current::Total(0.2)), Some(2700.0)),
        ("Discharge at 1W for 0.5 hours", discharge(Drive::Power(Power::Total(1.0))), Some(1800.0)),
        ("Charge at 200mW for 45 minutes", Action::Charge(Drive::Power(Power::Total(0.2))), Some(2700.0)),
        ("Discharge at 10 Ohm for 1 min", discharge(Drive::Resistance(Resistance::Total(10.0))), Some(60.0)),
        ("Rest for 10 minutes (5 minute period)", Action::Rest, Some(600.0)),
        ("Hold at 1V for 20 seconds", Action::Hold(volt(1.0)), Some(20.0)),
        ("Charge at 1 C until 4.1V", charge(Current::Rate(1.0)), None),
        ("Hold at 4.1 V until 50mA", Action::Hold(volt(4.1)), None),
        ("Hold at 3V until C/50", Action::Hold(volt(3.0)), None),
        ("Charge at 4 V until C/50", Action::Hold(volt(4.0)), None),
        ("Discharge at C/3 for 2 hours or until 2.5 V", discharge(Drive::Current(Current::Rate(1.0 / 3.0))), Some(7200.0)),
        ("Discharge at 2C until <2.5V", discharge(Drive::Current(Current::Rate(2.0))), None),
        ("Charge at 1C until > 4.1 V", charge(Current::Rate(1.0)), None),
    ];
    for (text, action, duration) in table {
        let sentence = understood(text);
        assert_eq!(
            (sentence.action, sentence.duration),
            (action, duration),
            "{text}"
        );
    }
    assert_eq!(
        understood("Rest for 10 minutes (5 minute period)").period,
        Some(300.0)
    );
    assert_eq!(
        understood("Charge at 1C for 1 h (0.1 sec period)").period,
        Some(0.1)
    );
    assert_eq!(
        ends("Hold at 4.1 V until 50mA"),
        [End::Current(Current::Total(0.05))]
    );
    assert_eq!(
        ends("Charge at 4 V until C/50"),
        [End::Current(Current::Rate(0.02))]
    );
    assert_eq!(
        ends("Discharge at 2C until <2.5V"),
        [End::Voltage(volt(2.5))]
    );
    let side = |text: &str| understood(text).until[0].side;
    assert_eq!(side("Discharge at 2C until <2.5V"), Some(Side::Below));
    assert_eq!(side("Rest for 1 h or until > 3 V"), Some(Side::Above));
}

#[test]
fn what_pybamm_does_not_take() {
    #[rustfmt::skip] // a table
    let table = [
        ("charge AT 1 mA / cm2 UNTIL 4.1V", charge(Current::Density(10.0))),
        ("Charge at 20 mA/g until 4.1V", charge(Current::Specific(20.0))),
        ("Charge at 0.1 A/g until 4.1V", charge(Current::Specific(100.0))),
        ("Charge at 0.1c until 4.1V", charge(Current::Rate(0.1))),
        ("Charge at 1C/4 for 1 min", charge(Current::Rate(0.25))),
        ("Charge at 2 mW/cm2 until 4.1 V", Action::Charge(Drive::Power(Power::Density(20.0)))),
        ("Charge at 5 mW/g until 4.1 V", Action::Charge(Drive::Power(Power::Specific(5.0)))),
        ("Discharge at 800 ohm cm2 until 2 V", Action::Discharge(Drive::Resistance(Resistance::Areal(0.08)))),
        ("Sweep at 0.1 mV/s until 3.7 V", Action::Sweep { rate: 1e-4, from: None, to: volt(3.7) }),
        ("scan from 2.2 V to 3.7 V at 0.1 mV/s", Action::Sweep { rate: 1e-4, from: Some(volt(2.2)), to: volt(3.7) }),
        ("Sweep at 1 V/s from 2.2 V until 3.7 V for 2 s", Action::Sweep { rate: 1.0, from: Some(volt(2.2)), to: volt(3.7) }),
    ];
    for (text, action) in table {
        assert_eq!(understood(text).action, action, "{text}");
    }
    let times = [
        ("1 day", 86400.0),
        ("2 Hours", 7200.0),
        ("3 hrs", 10800.0),
        ("1 HR", 3600.0),
        ("5 mins", 300.0),
        ("7 sec", 7.0),
        ("2 m", 120.0),
    ];
    for (text, seconds) in times {
        assert_eq!(
            understood(&format!("Rest for {text}")).duration,
            Some(seconds)
        );
    }
    let share = |share, whose| [End::Share(share, whose)];
    assert_eq!(
        ends("Hold at 3.15 V until 80% of charge current"),
        share(0.8, Whose::Charge)
    );
    assert_eq!(
        ends("Hold at 3.15 V until 1 % of the charging current"),
        share(0.01, Whose::Charge)
    );
    assert_eq!(
        ends("Hold at 3.15 V until 5% of discharge current"),
        share(0.05, Whose::Discharge)
    );
    assert_eq!(
        ends("Hold at 3.15 V until 80 % of previous current"),
        share(0.8, Whose::Previous)
    );
    assert_eq!(
        ends("Hold at 3.15 V until 0.8 of the last current"),
        share(0.8, Whose::Previous)
    );
    assert_eq!(
        ends("Charge at 0.1C until 100 mAh/g"),
        [End::Charge(Charge::Specific(360000.0))]
    );
    assert_eq!(
        ends("Charge at 0.1C until 2 mAh capacity"),
        [End::Charge(Charge::Total(7.2))]
    );
    assert_eq!(ends("Hold at 4 V until C/50 or 10 uA").len(), 2);
    let lithium = Voltage {
        value: 3.77,
        against_lithium: true,
    };
    assert_eq!(
        ends("Charge at 0.1C until 3.77 V vs Li"),
        [End::Voltage(lithium)]
    );
    assert_eq!(
        ends("Charge at 0.1C until 3.15 V vs In/InLi"),
        [End::Voltage(volt(3.15))]
    );
    let both = understood("Charge at 0.1C until 3.7 V or until 2 hours");
    assert_eq!(
        (both.duration, both.until[0].end),
        (Some(7200.0), End::Voltage(volt(3.7)))
    );
}

#[test]
fn stop_conditions() {
    let share = |share, of_block| Stop::Share { share, of_block };
    let stop = |text: &str| understand_stop(text, "LTO").unwrap_or_else(|e| panic!("{text}: {e}"));
    assert_eq!(stop("80% capacity"), share(0.8, false));
    assert_eq!(stop("80 % capacity of the block"), share(0.8, true));
    assert_eq!(
        stop("4 Ah capacity"),
        Stop::Capacity(Charge::Total(14400.0))
    );
    assert_eq!(
        stop("4 A.h capacity"),
        Stop::Capacity(Charge::Total(14400.0))
    );
    assert_eq!(
        stop("150 mAh/g"),
        Stop::Capacity(Charge::Specific(540000.0))
    );
    assert_eq!(
        stop("2.5 V vs Li"),
        Stop::Voltage(Voltage {
            value: 2.5,
            against_lithium: true
        })
    );
    assert_eq!(stop("100 hours"), Stop::Time(360000.0));
    for wrong in [
        "80%",
        "120% capacity",
        "80% energy",
        "3 A",
        "0 h",
        "80% capacity please",
        "",
        "soon",
    ] {
        assert!(understand_stop(wrong, "LTO").is_err(), "{wrong}");
    }
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
        "Charge at 0.1C until 80% capacity",
        "Charge at C/0 for 1 h",
        "Charge at -5 W for 1 h",
        "Charge at 0.1C until 3.7 V vs",
        "Rest for 0 s",
        "Rest for 2 hours please",
        "Rest for 2 hours (1 minute)",
        "Rest for 2 hours (0 s period)",
        "Rest for 2 hours (1 V period)",
        "Rest for 2 hours (1 minute period) or 3 V",
        "Sweep at 0.1 mV/s",
        "Sweep at 0.1 mV/s for 1 h",
        "Sweep at 0.1 V until 3 V",
        "Sweep until 3 V",
        "Run US06 (A)",
        "Charge at 1C for 1 h at 25oC",
    ] {
        assert!(understand(text, "LTO").is_err(), "{text}");
    }
}

/// Numbers of many sizes that text gives back exactly.
fn number() -> impl Strategy<Value = f64> {
    (1u32..999_999, -4i32..4).prop_map(|(digits, power)| f64::from(digits) * 10f64.powi(power))
}

/// A number with any spelling of a unit of one of these dimensions.
fn quantity(dimensions: &'static [Dimension]) -> impl Strategy<Value = String> {
    let spellings: Vec<_> = UNITS
        .iter()
        .filter(|unit| dimensions.contains(&unit.dimension))
        .map(|unit| unit.spelling)
        .collect();
    (number(), any::<bool>(), prop::sample::select(spellings))
        .prop_map(|(number, blank, unit)| format!("{number}{}{unit}", if blank { " " } else { "" }))
}

fn current() -> impl Strategy<Value = String> {
    prop_oneof![
        quantity(&values::CURRENTS),
        number().prop_map(|n| format!("C/{n}"))
    ]
}

fn voltage() -> impl Strategy<Value = String> {
    let against = prop::sample::select(vec!["", " vs Li", " vs. li", " vs LTO"]);
    (quantity(&[Dimension::Voltage]), against).prop_map(|(voltage, against)| voltage + against)
}

fn sign() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["", "<", "> ", "< "])
}

/// Everything that may follow `until`, besides a time.
fn condition() -> impl Strategy<Value = String> {
    let whose = prop::sample::select(vec![
        "",
        "the ",
        "previous ",
        "charge ",
        "the charging ",
        "discharge ",
    ]);
    let share = (1u32..9999, whose);
    prop_oneof![
        (sign(), voltage()).prop_map(|(sign, voltage)| format!("{sign}{voltage}")),
        (sign(), current()).prop_map(|(sign, current)| format!("{sign}{current}")),
        quantity(&values::CHARGES),
        share.prop_map(|(share, whose)| format!("{}% of {whose}current", f64::from(share) / 100.0)),
    ]
}

/// Any first part of a sentence.
fn doing() -> impl Strategy<Value = String> {
    const POWERS: &[Dimension] = &[
        Dimension::Power,
        Dimension::ArealPower,
        Dimension::SpecificPower,
    ];
    const RESISTANCES: &[Dimension] = &[Dimension::Resistance, Dimension::ArealResistance];
    let drive = prop_oneof![
        current(),
        quantity(POWERS),
        quantity(RESISTANCES),
        voltage()
    ];
    let sweep = (
        voltage(),
        any::<bool>(),
        quantity(&[Dimension::VoltageRate]),
        voltage(),
    );
    prop_oneof![
        (
            prop::sample::select(vec!["Charge", "discharge", "CHARGE"]),
            drive
        )
            .prop_map(|(verb, drive)| format!("{verb} at {drive}")),
        voltage().prop_map(|voltage| format!("Hold at {voltage}")),
        sweep.prop_map(|(from, has, rate, to)| {
            let from = if has {
                format!("from {from} ")
            } else {
                String::new()
            };
            format!("Sweep {from}at {rate} to {to}")
        }),
        Just("Rest".to_owned()),
    ]
}

/// Any sentence: what is done, its ends in any order, perhaps a period.
fn sentence() -> impl Strategy<Value = String> {
    let time = || prop::option::of(quantity(&[Dimension::Time]));
    let conditions = prop::collection::vec(condition(), 0..4);
    (
        doing(),
        time(),
        conditions,
        any::<prop::sample::Index>(),
        any::<bool>(),
        time(),
    )
        .prop_map(|(doing, time, conditions, place, until, period)| {
            let mut ends: Vec<_> = conditions.iter().map(|c| format!("until {c}")).collect();
            if let Some(time) = time {
                let word = if until { "until" } else { "for" };
                ends.insert(place.index(ends.len() + 1), format!("{word} {time}"));
            }
            let period = period.map_or(String::new(), |period| format!(" ({period} period)"));
            format!("{doing} {}{period}", ends.join(" or "))
        })
}

proptest! {
    #[test]
    fn every_sentence_of_the_grammar_is_understood_and_printed_the_same(text in sentence()) {
        let (sentence, places) = match understand(&text, "LTO") {
            Ok(understood) => understood,
            Err(error) => return Err(TestCaseError::fail(format!("{text}: {error}"))),
        };
        prop_assert_eq!(places.len(), sentence.until.len());
        let printed = sentence.to_string();
        match understand(&printed, "LTO") {
            Ok((again, _)) => prop_assert_eq!(again, sentence, "{} as {}", text, printed),
            Err(error) => return Err(TestCaseError::fail(format!("{printed}: {error}"))),
        }
    }

    #[test]
    fn junk_never_panics_and_points_inside(
        text in prop_oneof![
            "\\PC{0,40}",
            prop::collection::vec(prop::sample::select(vec![
                "Charge", "Discharge", "Hold", "Rest", "Sweep", "at", "for", "until", "or", "of", "vs", "Li",
                "current", "0.1C", "C/10", "3.7", "V", "1", "%", "1%", "hours", "<", ">", "(1", "minute", "period)",
                "é", "mA/cm2", "W", "ohm", "cm2", "mV/s", "from", "to", "mAh/g", "capacity", "block",
            ]), 0..10).prop_map(|words| words.join(" ")),
        ],
    ) {
        if let Err(error) = understand(&text, "LTO") {
            prop_assert!(text.get(error.span).is_some());
        }
        if let Err(error) = understand_stop(&text, "LTO") {
            prop_assert!(text.get(error.span).is_some());
        }
        if let Err(error) = understand_conditions(&text, "LTO") {
            prop_assert!(text.get(error.span).is_some());
        }
    }
}
