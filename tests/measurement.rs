//! Measured files: what is read, what is repaired and how it is said, what is refused.

use engobe::analysis::{CyclingReading, Known, read_cycling};
use engobe::input::{Diagnostics, Severity};
use engobe::measurement::{Measured, MeasuredSpectrum, Reading, capacities_from_str, from_str};
use engobe::observables::{
    Cycling, cycle_sums, fragment_readings, gas_evolution, peak_readings, stages,
};
use engobe::scenario;
use proptest::prelude::*;

/// A series resistance of 10 ohm with an RC arc of 20 ohm and a capacitor.
fn rows(sign: f64) -> Vec<String> {
    (0..=40)
        .map(|k| {
            let f = 10f64.powf(4.0 - 0.1 * f64::from(k));
            let w = std::f64::consts::TAU * f;
            let arc = 20.0 / (1.0 + (w * 0.01).powi(2));
            let imaginary = -arc * w * 0.01 - 1.0 / (w * 0.05);
            format!("{f},{},{}", 10.0 + arc, sign * imaginary)
        })
        .collect()
}

fn text(rows: &[String]) -> String {
    format!(
        "Frequency / Hz,Real Impedance / ohm,Imaginary Impedance / ohm\n{}\n",
        rows.join("\n")
    )
}

fn spectrum(reading: Reading) -> MeasuredSpectrum {
    match reading.measured {
        Measured::Spectra(mut spectra) if spectra.len() == 1 => spectra.remove(0),
        other => panic!("not one spectrum: {other:?}"),
    }
}

/// The only warning and its line.
fn repair(reading: &Reading) -> (String, usize) {
    let repairs = &reading.repairs;
    assert_eq!(repairs.items.len(), 1, "{repairs}");
    assert_eq!(repairs.items[0].severity, Severity::Warning);
    let line = repairs.position(&repairs.items[0]).expect("a place").0;
    (repairs.items[0].message.clone(), line)
}

/// The first error and its line.
fn refusal(text: &str) -> (String, usize) {
    let refused: Diagnostics = from_str("file.csv", text).expect_err("refused");
    let error = refused
        .items
        .iter()
        .find(|item| item.severity == Severity::Error)
        .expect("an error");
    let line = refused.position(error).map_or(0, |p| p.0);
    (
        format!(
            "{} {}",
            error.message,
            error.help.clone().unwrap_or_default()
        ),
        line,
    )
}

#[test]
fn a_clean_spectrum_needs_no_repair_and_may_rise() {
    let falling = from_str("a", &text(&rows(1.0))).unwrap();
    assert!(falling.repairs.items.is_empty());
    let mut turned = rows(1.0);
    turned.reverse();
    let rising = from_str("a", &text(&turned)).unwrap();
    assert!(rising.repairs.items.is_empty());
    assert_eq!(spectrum(falling), spectrum(rising));
}

#[test]
fn repairs_of_spectra_are_said_with_their_line() {
    let clean = spectrum(from_str("a", &text(&rows(1.0))).unwrap());

    let mut mixed = rows(1.0);
    mixed.swap(5, 20);
    let reading = from_str("a", &text(&mixed)).unwrap();
    let (message, line) = repair(&reading);
    assert!(message.contains("sorted"), "{message}");
    assert_eq!(line, 8, "the first row that turns back");
    assert_eq!(spectrum(reading), clean);

    let mut twice = rows(1.0);
    twice.insert(11, twice[10].clone());
    let reading = from_str("a", &text(&twice)).unwrap();
    assert!(repair(&reading).0.contains("averaged"));
    assert_eq!(spectrum(reading), clean);

    let reading = from_str("a", &text(&rows(-1.0))).unwrap();
    assert!(repair(&reading).0.contains("sign was changed"));
    assert_eq!(spectrum(reading), clean);

    let mut gap = rows(1.0);
    gap.drain(10..22);
    let reading = from_str("a", &text(&gap)).unwrap();
    let (message, line) = repair(&reading);
    assert!(message.contains("no point between"), "{message}");
    assert_eq!(line, 12);
    assert_eq!(spectrum(reading).frequency.len(), 29);

    let mut lacking = rows(1.0);
    lacking[3] = "1,nan,2".into();
    lacking[7] = "1,,2".into();
    let reading = from_str("a", &text(&lacking)).unwrap();
    let (message, line) = repair(&reading);
    assert!(message.starts_with("2 rows lack a number"), "{message}");
    assert_eq!(line, 5);
}

#[test]
fn an_inductive_spectrum_keeps_its_sign() {
    // A wire: R and L, which satisfies the Kramers-Kronig relations as it is.
    let rows: Vec<String> = (0..=30)
        .map(|k| {
            let f = 10f64.powf(6.0 - 0.1 * f64::from(k));
            format!("{f},1.0,{}", std::f64::consts::TAU * f * 1e-6)
        })
        .collect();
    let reading = from_str("a", &text(&rows)).unwrap();
    assert!(repair(&reading).0.contains("left as it is"));
    assert!(spectrum(reading).impedance.iter().all(|z| z.im > 0.0));
}

#[test]
fn spectra_that_cannot_be_used_are_refused_with_line_and_reason() {
    let with = |index: usize, row: &str| {
        let mut rows = rows(1.0);
        rows[index] = row.into();
        text(&rows)
    };
    for (text, reason, at) in [
        (with(2, "fast,1,2"), "`fast` is not a number", 4),
        (with(2, "-5,1,2"), "frequencies are positive", 4),
        (with(2, "5,0,0"), "impedance of zero", 4),
        (with(2, "1,2,3,4"), "4 fields under 3 headings", 4),
        (
            "Frequency / Hz,Real Impedance / ohm,Imaginary Impedanc / ohm\n1,2,3\n".into(),
            "is it `Imaginary Impedanc / ohm`",
            1,
        ),
        (
            "a,b\n1,2\n".into(),
            "neither a spectrum, a cycling record, gas curves nor a surface analysis",
            1,
        ),
        (
            text(&["1,nan,2".into(), "2,nan,3".into(), "3,1,2".into()]),
            "2 of 3 rows",
            2,
        ),
        (
            text(
                &[
                    rows(1.0),
                    rows(1.0).iter().map(|r| r.replace(",1", ",7")).collect(),
                ]
                .concat(),
            ),
            "Cycle Count",
            43,
        ),
    ] {
        let (message, line) = refusal(&text);
        assert!(message.contains(reason), "{reason} in {message}");
        assert_eq!(line, at, "{message}");
    }
}

#[test]
fn several_spectra_are_told_apart_by_their_cycle() {
    let numbered: Vec<String> = [3, 7]
        .iter()
        .flat_map(|cycle| {
            rows(1.0)
                .into_iter()
                .map(move |row| format!("{row},{cycle},3.15"))
        })
        .collect();
    let text = format!(
        "freq/Hz;Re(Z)/Ohm;Im(Z)/Ohm;Cycle Count / 1;Voltage / V\n{}\n",
        numbered.join("\n").replace(',', ";")
    );
    let Measured::Spectra(spectra) = from_str("a", &text).unwrap().measured else {
        panic!("not spectra");
    };
    let known: Vec<_> = spectra.iter().map(|s| (s.cycle, s.voltage)).collect();
    assert_eq!(known, [(Some(3), Some(3.15)), (Some(7), Some(3.15))]);
}

/// Two cycles of charge and discharge at 2 mA for 100 s each.
fn record() -> Vec<String> {
    (0..=400)
        .map(|k| {
            let current = if (k / 100) % 2 == 0 { 2.0 } else { -2.0 };
            format!("{k},{},{current}", 3.0 + 0.001 * f64::from(k % 100))
        })
        .take(400)
        .collect()
}

fn cycling(text: &str) -> (Cycling, Diagnostics) {
    let reading = from_str("a", text).unwrap();
    match reading.measured {
        Measured::Cycling(record) => (record, reading.repairs),
        other => panic!("{other:?}"),
    }
}

#[test]
fn cycles_are_found_where_the_cycler_did_not_count_them() {
    let text = format!(
        "Test Time / s,Voltage / V,Current / mA\n{}\n",
        record().join("\n")
    );
    let (record, repairs) = cycling(&text);
    assert!(repairs.items[0].message.contains("start of a cycle"));
    let sums = cycle_sums(&record, &stages(&record));
    assert_eq!(sums.len(), 2);
    assert!((sums[1].charge - 0.2).abs() < 1e-12 && (sums[1].discharge - 0.2).abs() < 1e-12);
}

#[test]
fn records_are_repaired_or_refused() {
    let heading = "Test Time / s,Voltage / V,Current / mA,Cycle Count / 1";
    let number = |rows: Vec<String>| -> Vec<String> {
        rows.into_iter()
            .enumerate()
            .map(|(k, row)| format!("{row},{}", 1 + k / 200))
            .collect()
    };
    let text = |rows: &[String]| format!("{heading}\n{}\n", rows.join("\n"));
    let clean = cycling(&text(&number(record()))).0;

    let mut mixed = number(record());
    mixed.swap(30, 60);
    let (sorted, repairs) = cycling(&text(&mixed));
    assert!(repairs.items[0].message.contains("sorted by time"));
    assert_eq!(sorted, clean);

    let mut paused = number(record());
    for (k, row) in paused.iter_mut().enumerate().skip(50) {
        *row = row.replacen(&format!("{k},"), &format!("{},", k + 5000), 1);
    }
    let (_, repairs) = cycling(&text(&paused));
    assert!(
        repairs.items[0].message.contains("a pause without samples"),
        "{repairs}"
    );
    assert_eq!(repairs.position(&repairs.items[0]).unwrap().0, 52);

    // Two records joined whose clocks both begin at zero.
    let mut second = number(record());
    second
        .iter_mut()
        .for_each(|row| *row = row.replace(",2", ",3"));
    let joined = [number(record()), second].concat();
    let (message, _) = refusal(&text(&joined));
    assert!(message.contains("follows cycle"), "{message}");
    let (message, line) = refusal("Test Time / s,Voltage / V,Strom\n1,2,3\n");
    assert!(
        message.contains("no column `Current / A`") && line == 1,
        "{message}"
    );
}

/// What is read from a cycler's file with a scenario's cathode, particles of 1 um volume
/// over surface.
fn read_as_cell(text: &str) -> CyclingReading {
    let scenario = scenario::load("scenarios/quick.toml")
        .expect("shipped")
        .scenario;
    let mut known = Known::of_scenario(&scenario).expect("curves");
    if let Some(cathode) = &mut known.cathode {
        cathode.particle_length = Some(1e-6);
    }
    let (record, repairs) = cycling(text);
    assert!(repairs.items.is_empty(), "{repairs}");
    read_cycling(&record, &known)
}

#[test]
fn a_hold_in_a_file_gives_its_decay_and_a_rest_its_overpotential() {
    let mut text = String::from("Test Time / s,Voltage / V,Current / mA,Cycle Count / 1\n");
    let mut add = |from: u32, length: u32, at: &dyn Fn(f64) -> (f64, f64)| {
        for t in (0..=length).step_by(20) {
            let (voltage, current) = at(f64::from(t));
            text += &format!("{},{voltage},{current},1\n", from + t);
        }
    };
    add(0, 3600, &|t| (2.9 + 1e-4 * t, 2.0));
    // The current decays by e in 600 s; 1 % is reached after 600 ln 100 s.
    add(3620, 3600, &|t| (3.26, 2.0 * (-t / 600.0).exp()));
    // An hour into the rest 30 mV have gone, of 40 in all.
    let fallen = |t: f64| 0.04 * (1.0 - (-t / (3600.0 / 4f64.ln())).exp());
    add(7240, 36_000, &|t| (3.26 - fallen(t), 0.0));
    let read = read_as_cell(&text);
    let decay: Vec<(f64, f64)> = read
        .decay
        .iter()
        .map(|d| (d.share, d.time.unwrap()))
        .collect();
    assert_eq!(decay.len(), 2);
    for (share, time) in decay {
        let due = -600.0 * share.ln();
        assert!((time - due).abs() < 25.0, "{share}: {time} s for {due} s");
    }
    let over = read.cycles[0]
        .overpotential_charged
        .expect("a rest of ten hours");
    assert!((over - 0.03).abs() < 1e-3, "{over}");
}

#[test]
fn a_titration_in_a_file_gives_its_diffusivity() {
    // Pulses of 600 s whose voltage rises by 0.5 mV for a second's root, each of which moves
    // the relaxed voltage by 6 mV: D = 4/pi (L dE/(tau b))^2.
    let (pulse, rest, slope, step) = (600.0, 7200.0, 5e-4, 6e-3);
    let mut text = String::from("Test Time / s,Voltage / V,Current / mA,Cycle Count / 1\n");
    let mut begin = 600.0;
    text += "0,3.6,0,1\n300,3.6,0,1\n600,3.6,0,1\n";
    for k in 0..4 {
        let level = 3.6 + step * f64::from(k);
        for n in 1..=150 {
            let t = pulse * f64::from(n) / 150.0;
            text += &format!("{},{},1.5,1\n", begin + t, level + 0.02 + slope * t.sqrt());
        }
        for n in 1..=120 {
            let t = rest * f64::from(n) / 120.0;
            let left = 0.01 * (-t / 600.0).exp();
            text += &format!("{},{},0,1\n", begin + pulse + t, level + step + left);
        }
        begin += pulse + rest;
    }
    let read = read_as_cell(&text);
    assert_eq!(read.titration.len(), 4);
    let due = 4.0 / std::f64::consts::PI * (1e-6 * step / (pulse * slope)).powi(2);
    for own in &read.titration {
        let found = own.diffusivity.expect("the length is known");
        assert!((found / due - 1.0).abs() < 0.02, "{found:e} for {due:e}");
        assert!((own.fast_drop - 0.02).abs() < 2e-4, "{own:?}");
        assert!(
            (own.relaxed - own.relaxed_before - step).abs() < 1e-5,
            "{own:?}"
        );
    }
}

#[test]
fn gas_curves_are_read_put_in_order_or_refused() {
    let heading = "Test Time / s,Ecell/V,O2 / nmol g-1 s-1,CO2 / umol g-1 h-1";
    let rows = ["0,3.0,0,0", "60,3.1,2,3.6", "120,3.2,0,7.2"];
    let record = |rows: &[&str]| {
        let reading = from_str("gas.csv", &format!("{heading}\n{}\n", rows.join("\n")));
        let reading = reading.expect("a gas file");
        match reading.measured {
            Measured::Gas(record) => (record, reading.repairs),
            other => panic!("no gas: {other:?}"),
        }
    };
    let (sorted, repairs) = record(&rows);
    assert!(repairs.items.is_empty(), "{repairs}");
    assert_eq!(sorted.voltage.as_deref(), Some(&[3.0, 3.1, 3.2][..]));
    let read = gas_evolution(&sorted);
    assert_eq!(read.len(), 2);
    // Triangle of 2 nmol/(g s) over 120 s, ramp to 7.2 umol/(g h) over 120 s.
    assert!(
        (read[0].amount / 1.2e-4 - 1.0).abs() < 1e-12,
        "{:?}",
        read[0]
    );
    assert!(
        (read[1].amount / 1.2e-4 - 1.0).abs() < 1e-12,
        "{:?}",
        read[1]
    );

    let (again, repairs) = record(&[rows[1], rows[0], "90,3.15,,1", rows[2]]);
    assert_eq!(again, sorted);
    let told: Vec<&str> = repairs.items.iter().map(|i| i.message.as_str()).collect();
    // In the order of their lines: the row of 0 s is the third, that of 90 s the fourth.
    assert!(told[0].contains("time runs backwards"), "{told:?}");
    assert!(told[1].contains("lacks a number"), "{told:?}");

    let (message, line) = refusal("Voltage / V,O2 / nmol g-1 s-1\n3,1\n");
    assert!(
        message.contains("no column `Test Time / s`") && line == 1,
        "{message}"
    );
    // Without a unit it is not known what the numbers are.
    let (message, _) = refusal("Test Time / s,O2\n0,1\n");
    assert!(message.contains("no column `Voltage / V`"), "{message}");
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "(Frequency / Hz,Real Impedance / ohm,Imaginary Impedance / ohm\n)?([0-9eE.,;\"nan \\-#\t]{0,20}\n){0,12}") {
        let _ = from_str("junk", &text);
    }

    #[test]
    fn no_numbers_make_the_reader_panic(numbers in proptest::collection::vec((any::<f64>(), any::<f64>(), any::<f64>()), 1..30)) {
        let rows: Vec<String> = numbers.iter().map(|(f, a, b)| format!("{f},{a},{b}")).collect();
        let _ = from_str("junk", &text(&rows));
        let _ = from_str("junk", &format!("time/s,voltage/V,current/A\n{}\n", rows.join("\n")));
        let gas = from_str("junk", &format!("time/s,O2/nmol g-1 s-1,voltage/V\n{}\n", rows.join("\n")));
        if let Ok(Reading { measured: Measured::Gas(record), .. }) = gas {
            let _ = gas_evolution(&record);
        }
    }
}

/// A good file of every kind that is read.
fn good_files() -> Vec<String> {
    let cycling = format!(
        "Test Time / s,Voltage / V,Current / mA,Cycle Count / 1\n{}\n",
        record()
            .iter()
            .take(250)
            .enumerate()
            .map(|(k, row)| format!("{row},{}\n", 1 + k / 200))
            .collect::<String>()
    );
    let gas: String = (0..30)
        .map(|k| format!("{},3.{k:02},{k},0\n", 60 * k))
        .collect();
    vec![
        text(&rows(1.0)),
        text(&rows(-1.0)).replace(',', ";").replace('.', ","),
        cycling,
        format!("Test Time / s,Ecell/V,O2 / nmol g-1 s-1,CO2 / umol g-1 h-1\n{gas}"),
        "Sample,Fragment,Spot,Intensity,Total Ion Counts\na,PO2-,1,4,100\na,SO3-,1,5,100\nb,PO2-,1,6,90\n".into(),
        "Sample,Line,Position / eV,Area,RSF\na,S 2p,161.7,4,1\na,P 2p,131.9,2,1\na,Ni 2p,855,7,9\n".into(),
        "Sample,Coating Thickness / nm,Share / %\na,3,40\na,0,60\nb,2,100\n".into(),
        "Cycle Count / 1,Cycle Discharging Capacity / mAh\n1,1.5\n2,1.4\n3,1.2\n".into(),
    ]
}

/// What may happen to a file between the instrument and here.
#[derive(Debug, Clone, Copy)]
enum Damage {
    /// One character becomes another.
    Character(char),
    /// Characters are lost from here on.
    Lost(usize),
    /// A line is there again, here.
    Repeated(usize),
    /// Two lines change places.
    Swapped(usize),
    /// A field is emptied.
    Emptied,
    /// The file ends here.
    Truncated,
    /// A column is lost from every line.
    Column,
}

fn damage() -> impl Strategy<Value = Damage> {
    let characters = "0159.,;-+eE\"'#\tnax \n\r/µ⁻\u{feff}∞"
        .chars()
        .collect::<Vec<char>>();
    prop_oneof![
        4 => proptest::sample::select(characters).prop_map(Damage::Character),
        2 => (1usize..12).prop_map(Damage::Lost),
        2 => any::<usize>().prop_map(Damage::Repeated),
        2 => any::<usize>().prop_map(Damage::Swapped),
        2 => Just(Damage::Emptied),
        1 => Just(Damage::Truncated),
        1 => Just(Damage::Column),
    ]
}

/// `text` with damage at a place.
fn damaged(text: &str, damage: Damage, place: usize) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    let at = place % characters.len().max(1);
    let mut lines: Vec<&str> = text.lines().collect();
    let line = place % lines.len().max(1);
    match damage {
        Damage::Character(new) => {
            if let Some(own) = characters.get_mut(at) {
                *own = new;
            }
            characters.into_iter().collect()
        }
        Damage::Lost(count) => {
            let end = (at + count).min(characters.len());
            characters.drain(at.min(end)..end);
            characters.into_iter().collect()
        }
        Damage::Truncated => characters[..at.min(characters.len())].iter().collect(),
        Damage::Repeated(to) if !lines.is_empty() => {
            lines.insert(to % lines.len(), lines[line]);
            lines.join("\n")
        }
        Damage::Swapped(with) if !lines.is_empty() => {
            let with = with % lines.len();
            lines.swap(line, with);
            lines.join("\n")
        }
        Damage::Emptied if !lines.is_empty() => {
            let fields: Vec<&str> = lines[line].split(',').collect();
            let gone = place % fields.len();
            let kept = fields
                .iter()
                .enumerate()
                .map(|(k, f)| if k == gone { "" } else { f });
            let new = kept.collect::<Vec<_>>().join(",");
            lines[line] = &new;
            lines.join("\n")
        }
        Damage::Column => {
            let cut = |line: &&str| {
                let fields: Vec<&str> = line.split(',').collect();
                let gone = place % fields.len().max(1);
                let kept = fields.iter().enumerate().filter(|(k, _)| *k != gone);
                kept.map(|(_, f)| *f).collect::<Vec<_>>().join(",")
            };
            lines.iter().map(cut).collect::<Vec<_>>().join("\n")
        }
        _ => text.to_owned(),
    }
}

/// Every complaint of a file that has lines names one of them.
fn places_are_named(found: &Diagnostics) -> Result<(), TestCaseError> {
    let lines = found.text.lines().count();
    for item in &found.items {
        let place = found.position(item);
        let empty = item.message.contains("empty");
        prop_assert!(
            empty || place.is_some_and(|(line, column)| (1..=lines.max(1)).contains(&line) && column >= 1),
            "{} at {:?} of {} lines",
            item.message,
            place,
            lines
        );
    }
    Ok(())
}

/// What is read is fit for every analysis.
fn content_is_sound(measured: &Measured) -> Result<(), TestCaseError> {
    match measured {
        Measured::Spectra(spectra) => {
            prop_assert!(!spectra.is_empty());
            for s in spectra {
                prop_assert!(s.frequency.windows(2).all(|w| w[0] > w[1] && w[1] > 0.0));
                prop_assert_eq!(s.frequency.len(), s.impedance.len());
                prop_assert!(
                    s.impedance
                        .iter()
                        .all(|z| z.is_finite() && z.norm_sqr() > 0.0)
                );
            }
        }
        Measured::Cycling(record) => {
            prop_assert!(record.time.windows(2).all(|w| w[0] <= w[1]));
            prop_assert!(record.cycle.windows(2).all(|w| w[0] <= w[1]));
            prop_assert_eq!(record.time.len(), record.current.len());
            cycle_sums(record, &stages(record));
        }
        Measured::Gas(record) => {
            gas_evolution(record);
        }
        Measured::Intensities(rows) => {
            prop_assert!(
                rows.iter()
                    .all(|r| r.value >= 0.0 && !r.fragment.is_empty())
            );
            let name = rows[0].sample.clone();
            prop_assert!(fragment_readings(rows, Some(&name)).is_ok());
        }
        Measured::Peaks(peaks) => {
            for read in peak_readings(peaks) {
                prop_assert!(read.gamma.is_none_or(|g| (0.0..=1.0).contains(&g)));
            }
        }
        Measured::Films(films) => {
            for (_, film) in films {
                prop_assert!((-1e-12..=1.0 + 1e-12).contains(&film.coverage()));
            }
        }
    }
    Ok(())
}

proptest! {
    /// A damaged file is read, repairs told, or refused, always with a line.
    #[test]
    fn damaged_files_are_read_or_refused_with_a_line(
        file in 0usize..8,
        done in proptest::collection::vec((damage(), any::<usize>()), 1..5),
    ) {
        let good = good_files().swap_remove(file);
        let text = done.iter().fold(good, |text, &(damage, place)| self::damaged(&text, damage, place));
        match from_str("damaged.csv", &text) {
            Ok(reading) => {
                prop_assert!(reading.repairs.items.iter().all(|i| i.severity == Severity::Warning));
                places_are_named(&reading.repairs)?;
                content_is_sound(&reading.measured)?;
            }
            Err(refused) => {
                prop_assert!(refused.items.iter().any(|i| i.severity == Severity::Error));
                places_are_named(&refused)?;
            }
        }
        match capacities_from_str("damaged.csv", &text) {
            Ok(read) => places_are_named(&read.repairs)?,
            Err(refused) => places_are_named(&refused)?,
        }
    }
}

#[test]
fn good_files_are_read_without_damage() {
    for text in good_files().iter().take(7) {
        let reading = from_str("good.csv", text).unwrap_or_else(|e| panic!("{e}"));
        content_is_sound(&reading.measured).unwrap();
    }
    assert!(capacities_from_str("good.csv", &good_files()[7]).is_ok());
}
