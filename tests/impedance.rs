//! The experimenter's analysis of spectra against spectra whose truth is known.

use engobe::impedance::{
    CellCircuit, ConstantPhase, DiffusionGeometry, DiffusionLengthSettings, FiniteSpaceDiffusion,
    FitError, SpectrumError, TransmissionLineSettings, Zarc, diffusion_lengths,
    fit_transmission_line, kramers_kronig, two_rail,
};
use num_complex::Complex64;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Normal};
use std::f64::consts::TAU;

/// Active material per cell area, kg/m2 (10.6 mg/cm2).
const LOADING: f64 = 0.106;

/// 1 MHz to 100 uHz, ten per decade.
fn frequencies() -> Vec<f64> {
    (0..=100)
        .map(|k| 10f64.powf(6.0 - f64::from(k) / 10.0))
        .collect()
}

fn settings() -> TransmissionLineSettings {
    TransmissionLineSettings {
        electronic_resistance: 2e-4,
        ..TransmissionLineSettings::shi2023(LOADING)
    }
}

fn cell() -> CellCircuit {
    CellCircuit {
        series_resistance: 4e-3,
        anode: None,
        ionic_resistance: 3e-3,
        electronic_resistance: 2e-4,
        charge_transfer_resistance: 3e-3,
        double_layer: ConstantPhase {
            magnitude: 2.0,
            exponent: 0.88,
        },
        diffusion: FiniteSpaceDiffusion {
            geometry: DiffusionGeometry::Planar,
            capacitance: settings().diffusion_capacitance,
            diffusivity: settings().diffusivity,
            length: 1.1e-6,
        },
    }
}

/// Noise in proportion to the modulus, on both parts.
fn noisy(clean: impl Iterator<Item = Complex64>, noise: f64, seed: u64) -> Vec<Complex64> {
    let normal = Normal::new(0.0, noise).unwrap();
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    clean
        .map(|z| z + z.norm() * Complex64::new(normal.sample(&mut rng), normal.sample(&mut rng)))
        .collect()
}

fn measured(circuit: &CellCircuit, noise: f64, seed: u64) -> Vec<Complex64> {
    let clean = frequencies()
        .into_iter()
        .map(|f| circuit.impedance(TAU * f));
    noisy(clean, noise, seed)
}

/// A cell of which shares of the active material have different lengths.
fn mixture(parts: &[(f64, f64)], noise: f64, seed: u64) -> Vec<Complex64> {
    let base = cell();
    let clean = frequencies().into_iter().map(|f| {
        let omega = TAU * f;
        let diffusion: Complex64 = parts
            .iter()
            .map(|&(share, length)| {
                share
                    * FiniteSpaceDiffusion {
                        length,
                        ..base.diffusion
                    }
                    .admittance(omega)
            })
            .sum();
        let faradaic = 1.0 / (base.charge_transfer_resistance + 1.0 / diffusion);
        let local = 1.0 / (base.double_layer.admittance(omega) + faradaic);
        base.series_resistance + two_rail(base.ionic_resistance, base.electronic_resistance, local)
    });
    noisy(clean, noise, seed)
}

proptest! {
    // A fixed seed: intervals are probabilistic, and a test must not be.
    #![proptest_config(ProptestConfig { cases: 40, rng_seed: RngSeed::Fixed(20), ..ProptestConfig::default() })]

    #[test]
    fn a_known_circuit_is_given_back_within_its_confidence_interval(
        series in 1e-3f64..1e-2,
        ionic in 1e-3f64..1.5e-2,
        transfer in 5e-4f64..7e-2,
        layer in 0.5f64..8.0,
        exponent in 0.78f64..0.98,
        length in 0.6e-6f64..5e-6,
        noise in 5e-4f64..5e-3,
        seed in any::<u64>(),
    ) {
        let mut truth = cell();
        truth.series_resistance = series;
        truth.ionic_resistance = ionic;
        truth.charge_transfer_resistance = transfer;
        truth.double_layer = ConstantPhase { magnitude: layer, exponent };
        truth.diffusion.length = length;
        let fit = fit_transmission_line(&frequencies(), &measured(&truth, noise, seed), &settings()).unwrap();
        let (found, error) = (fit.circuit, fit.standard_errors);
        for (name, found, truth, error) in [
            ("series", found.series_resistance, series, error.series_resistance),
            ("ionic", found.ionic_resistance, ionic, error.ionic_resistance),
            ("transfer", found.charge_transfer_resistance, transfer, error.charge_transfer_resistance),
            ("layer", found.double_layer.magnitude, layer, error.double_layer),
            ("exponent", found.double_layer.exponent, exponent, error.phase_exponent),
            ("length", found.diffusion.length, length, error.diffusion_length),
            ("cathode", fit.cathode_resistance.value, truth.cathode_resistance(), fit.cathode_resistance.standard_error),
            ("dc", fit.direct_current_resistance.value, truth.direct_current_resistance(), fit.direct_current_resistance.standard_error),
        ] {
            prop_assert!(error > 0.0 && (found - truth).abs() < 4.0 * error, "{}: {} against {} +- {}", name, found, truth, error);
        }
        prop_assert!((fit.residual / noise - 1.0).abs() < 0.25);
    }

    #[test]
    fn nothing_panics_on_any_numbers(
        points in proptest::collection::vec((any::<f64>(), any::<f64>(), any::<f64>()), 0..20),
        ordered in any::<bool>(),
    ) {
        let mut frequency: Vec<f64> = points.iter().map(|p| p.0).collect();
        if ordered {
            // Pass the gate now and then: wild impedances at sane frequencies.
            frequency = (0..points.len()).map(|k| 10f64.powi(5 - k as i32 / 2) / (1.0 + (k % 2) as f64)).collect();
        }
        let impedance: Vec<Complex64> = points.iter().map(|p| Complex64::new(p.1, p.2)).collect();
        let with_anode = TransmissionLineSettings { anode_time_constant: Some((1e-6, 1e-3)), ..settings() };
        let fit = fit_transmission_line(&frequency, &impedance, &with_anode);
        let lengths = diffusion_lengths(&frequency, &impedance, &settings(), &DiffusionLengthSettings::default());
        let test = kramers_kronig(&frequency, &impedance);
        if points.len() < 10 {
            prop_assert!(fit.is_err() && lengths.is_err() && test.is_err());
        }
    }
}

#[test]
fn confidence_intervals_hold_as_often_as_they_say() {
    // The standard error must be neither too small nor too large: over 100 noises,
    // 95 % within two of them, the spread within 20 % of it.
    let truth = cell();
    let pulls: Vec<f64> = (0..100)
        .map(|seed| {
            let z = measured(&truth, 0.003, seed);
            let fit = fit_transmission_line(&frequencies(), &z, &settings()).unwrap();
            (fit.cathode_resistance.value - truth.cathode_resistance())
                / fit.cathode_resistance.standard_error
        })
        .collect();
    let within = pulls.iter().filter(|p| p.abs() < 2.0).count();
    let spread = (pulls.iter().map(|p| p * p).sum::<f64>() / 100.0).sqrt();
    assert!(
        (90..=99).contains(&within),
        "{within} of 100 within two errors"
    );
    assert!((spread - 1.0).abs() < 0.2, "spread {spread}");
}

#[test]
fn intervals_of_every_parameter_hold_over_random_circuits_and_noises() {
    // 95 % intervals over 200 circuits: between 90.5 and 99.5 % hold, three standard
    // deviations of a count around 95 %.
    const CIRCUITS: u64 = 200;
    const NAMES: [&str; 7] = [
        "series", "ionic", "transfer", "layer", "exponent", "length", "dc",
    ];
    let mut rng = ChaCha8Rng::seed_from_u64(41);
    let mut between = |low: f64, high: f64| -> f64 {
        let draw: f64 = rand_distr::Uniform::new(0.0, 1.0).unwrap().sample(&mut rng);
        low * (high / low).powf(draw)
    };
    let mut held = [0; NAMES.len()];
    for seed in 0..CIRCUITS {
        let mut truth = cell();
        truth.series_resistance = between(1e-3, 1e-2);
        truth.ionic_resistance = between(2e-3, 1e-2);
        truth.charge_transfer_resistance = between(1e-3, 5e-2);
        truth.double_layer.magnitude = between(0.5, 8.0);
        truth.double_layer.exponent = between(0.8, 0.95);
        truth.diffusion.length = between(0.7e-6, 4e-6);
        let noise = between(5e-4, 4e-3);
        let fit =
            fit_transmission_line(&frequencies(), &measured(&truth, noise, seed), &settings())
                .unwrap();
        let (found, error) = (fit.circuit, fit.standard_errors);
        let pulls = [
            (found.series_resistance - truth.series_resistance) / error.series_resistance,
            (found.ionic_resistance - truth.ionic_resistance) / error.ionic_resistance,
            (found.charge_transfer_resistance - truth.charge_transfer_resistance)
                / error.charge_transfer_resistance,
            (found.double_layer.magnitude - truth.double_layer.magnitude) / error.double_layer,
            (found.double_layer.exponent - truth.double_layer.exponent) / error.phase_exponent,
            (found.diffusion.length - truth.diffusion.length) / error.diffusion_length,
            (fit.direct_current_resistance.value - truth.direct_current_resistance())
                / fit.direct_current_resistance.standard_error,
        ];
        for (count, pull) in held.iter_mut().zip(pulls) {
            *count += usize::from(pull.abs() < 1.96);
        }
    }
    for (name, count) in NAMES.iter().zip(held) {
        let share = count as f64 / CIRCUITS as f64;
        println!("{name}: {:.1} % of the 95 % intervals hold", 100.0 * share);
        assert!((0.905..=0.995).contains(&share), "{name}: {share}");
    }
}

#[test]
fn an_exact_spectrum_is_given_back_exactly_with_an_anode_arc() {
    let truth = CellCircuit {
        anode: Some(Zarc {
            resistance: 1.2e-3,
            time_constant: 2e-5,
            exponent: 0.9,
        }),
        ..cell()
    };
    let known = TransmissionLineSettings {
        anode_time_constant: Some((1e-6, 1e-3)),
        ..settings()
    };
    let fit = fit_transmission_line(&frequencies(), &measured(&truth, 0.0, 0), &known).unwrap();
    let (arc, true_arc) = (fit.circuit.anode.unwrap(), truth.anode.unwrap());
    for (found, truth) in [
        (fit.circuit.ionic_resistance, truth.ionic_resistance),
        (
            fit.circuit.charge_transfer_resistance,
            truth.charge_transfer_resistance,
        ),
        (fit.circuit.diffusion.length, truth.diffusion.length),
        (arc.resistance, true_arc.resistance),
        (arc.time_constant, true_arc.time_constant),
        (arc.exponent, true_arc.exponent),
    ] {
        assert!((found / truth - 1.0).abs() < 1e-5, "{found} {truth}");
    }
    assert!(fit.residual < 1e-7);
}

#[test]
fn an_ideal_capacitor_at_the_end_of_its_range_is_found_and_said_to_be_there() {
    let mut truth = cell();
    truth.double_layer.exponent = 1.0;
    let fit =
        fit_transmission_line(&frequencies(), &measured(&truth, 1e-3, 3), &settings()).unwrap();
    assert!(fit.circuit.double_layer.exponent > 0.995);
    let error = fit.standard_errors.ionic_resistance;
    assert!((fit.circuit.ionic_resistance - truth.ionic_resistance).abs() < 5.0 * error);
}

#[test]
fn a_cathode_alone_without_series_resistance_is_read_as_well() {
    // What is left when separator and anode are subtracted: the fit must not need a
    // series resistance to lean on.
    let mut truth = cell();
    truth.series_resistance = 0.0;
    let z = measured(&truth, 1e-3, 2);
    let fit = fit_transmission_line(&frequencies(), &z, &settings()).unwrap();
    assert!(fit.circuit.series_resistance < 1e-5);
    let error = fit.standard_errors.ionic_resistance;
    assert!((fit.circuit.ionic_resistance - truth.ionic_resistance).abs() < 4.0 * error);
    let read = diffusion_lengths(
        &frequencies(),
        &z,
        &settings(),
        &DiffusionLengthSettings::default(),
    )
    .unwrap();
    assert!((read.median / truth.diffusion.length - 1.0).abs() < 0.02);
    let transfer = read.circuit.charge_transfer_resistance / truth.charge_transfer_resistance;
    assert!((transfer - 1.0).abs() < 0.02, "{transfer}");
}

#[test]
fn spheres_read_by_slabs() {
    let radius = 2.3e-6;
    let mut truth = cell();
    truth.diffusion.geometry = DiffusionGeometry::Spherical;
    truth.diffusion.length = radius;
    let z = measured(&truth, 0.0, 0);
    // The right element finds the radius.
    let spherical = TransmissionLineSettings {
        geometry: DiffusionGeometry::Spherical,
        ..settings()
    };
    let read = fit_transmission_line(&frequencies(), &z, &spherical).unwrap();
    assert!((read.circuit.diffusion.length / radius - 1.0).abs() < 1e-5);
    // One slab cannot follow the tail; what holds is the geometric mean of the rails.
    let read = fit_transmission_line(&frequencies(), &z, &settings()).unwrap();
    let transfer = read.circuit.charge_transfer_resistance / truth.charge_transfer_resistance;
    let mean = read.cathode_resistance.value / truth.cathode_resistance();
    assert!(
        transfer < 0.5 && (mean - 1.0).abs() < 0.4,
        "{transfer} {mean}"
    );
    // Several slabs can; half of the volume lies below about R/sqrt(5), as R^2/15 = L^2/3.
    let read = diffusion_lengths(
        &frequencies(),
        &z,
        &settings(),
        &DiffusionLengthSettings::default(),
    )
    .unwrap();
    let transfer = read.circuit.charge_transfer_resistance / truth.charge_transfer_resistance;
    assert!((transfer - 1.0).abs() < 0.02, "{transfer}");
    assert!(
        (read.median / (radius / 5f64.sqrt()) - 1.0).abs() < 0.1,
        "{}",
        read.median
    );
    assert!((read.total - 1.0).abs() < 0.02);
}

#[test]
fn analyses_are_deterministic_and_blind_to_the_order_of_frequencies() {
    let z = measured(&cell(), 0.003, 8);
    let f = frequencies();
    let first = fit_transmission_line(&f, &z, &settings()).unwrap();
    assert_eq!(first, fit_transmission_line(&f, &z, &settings()).unwrap());
    let lengths = |f: &[f64], z: &[Complex64]| {
        diffusion_lengths(f, z, &settings(), &DiffusionLengthSettings::default()).unwrap()
    };
    assert_eq!(lengths(&f, &z), lengths(&f, &z));
    let (rising, upwards): (Vec<f64>, Vec<Complex64>) =
        f.iter().copied().zip(z.iter().copied()).rev().unzip();
    let other = fit_transmission_line(&rising, &upwards, &settings()).unwrap();
    let ratio = other.cathode_resistance.value / first.cathode_resistance.value;
    assert!((ratio - 1.0).abs() < 1e-5);
}

#[test]
fn bad_spectra_and_settings_are_refused_by_name() {
    let (f, z) = (frequencies(), measured(&cell(), 0.0, 0));
    let spectrum_error = |f: &[f64], z: &[Complex64]| match fit_transmission_line(f, z, &settings())
    {
        Err(FitError::Spectrum(error)) => error,
        other => panic!("{other:?}"),
    };
    assert!(matches!(
        spectrum_error(&[], &[]),
        SpectrumError::TooShort { .. }
    ));
    assert!(matches!(
        spectrum_error(&f[1..], &z),
        SpectrumError::LengthMismatch { .. }
    ));
    let mut shuffled = f.clone();
    shuffled.swap(3, 40);
    assert!(matches!(
        spectrum_error(&shuffled, &z),
        SpectrumError::Unordered { .. }
    ));
    let mut broken = z.clone();
    broken[7].re = f64::NAN;
    assert!(matches!(
        spectrum_error(&f, &broken),
        SpectrumError::Impedance { index: 7, .. }
    ));
    for bad in [
        TransmissionLineSettings {
            diffusivity: 0.0,
            ..settings()
        },
        TransmissionLineSettings {
            electronic_resistance: f64::NAN,
            ..settings()
        },
        TransmissionLineSettings {
            anode_time_constant: Some((1e-3, 1e-3)),
            ..settings()
        },
    ] {
        let found = fit_transmission_line(&f, &z, &bad);
        assert!(matches!(found, Err(FitError::Setting { .. })));
    }
    for bad in [
        DiffusionLengthSettings {
            shortest: 0.0,
            ..DiffusionLengthSettings::default()
        },
        DiffusionLengthSettings {
            longest: 1e-7,
            ..DiffusionLengthSettings::default()
        },
        DiffusionLengthSettings {
            per_decade: 0,
            ..DiffusionLengthSettings::default()
        },
        DiffusionLengthSettings {
            noise: f64::NAN,
            ..DiffusionLengthSettings::default()
        },
    ] {
        assert!(diffusion_lengths(&f, &z, &settings(), &bad).is_err());
    }
}

#[test]
fn two_diffusion_lengths_are_recovered() {
    let truth = [(0.6, 0.8e-6), (0.4, 4e-6)];
    // Noise, seed, tolerance of weight and length of the short and of the long one.
    for (noise, seed, short, long) in [
        (0.0, 0, 0.02, 0.06),
        (0.003, 1, 0.03, 0.15),
        (0.003, 2, 0.03, 0.15),
        (0.003, 3, 0.03, 0.15),
    ] {
        let z = mixture(&truth, noise, seed);
        let found = diffusion_lengths(
            &frequencies(),
            &z,
            &settings(),
            &DiffusionLengthSettings::default(),
        )
        .unwrap();
        // The gap between the two is empty.
        let classes = || found.length.iter().zip(&found.weight);
        let gap: f64 = classes()
            .filter(|(l, _)| (1.4e-6..1.7e-6).contains(*l))
            .map(|(_, w)| w)
            .sum();
        assert!(gap < 0.02, "gap {gap}");
        for (is_short, (weight, length), tolerance) in
            [(true, truth[0], short), (false, truth[1], long)]
        {
            let mode = || classes().filter(move |(l, _)| (**l < 1.5e-6) == is_short);
            let sum: f64 = mode().map(|(_, w)| w).sum();
            let mean = (mode().map(|(l, w)| w * l.ln()).sum::<f64>() / sum).exp();
            assert!(
                (sum - weight).abs() < tolerance,
                "noise {noise}: weight {sum}"
            );
            assert!(
                (mean / length - 1.0).abs() < tolerance,
                "noise {noise}: length {mean}"
            );
        }
        // One length for all reads the interface four times too small; the distribution
        // puts it right.
        let transfer = found.circuit.charge_transfer_resistance / cell().charge_transfer_resistance;
        assert!((transfer - 1.0).abs() < 0.05, "R_ct {transfer}");
        let last = found.cumulative.len() - 1;
        assert!((found.cumulative[last] - 1.0).abs() < 1e-12);
        assert!(found.cumulative.windows(2).all(|w| w[1] >= w[0]));
    }
}

#[test]
fn a_single_length_and_a_share_that_is_too_slow_to_see() {
    let read = |parts: &[(f64, f64)]| {
        let z = mixture(parts, 0.003, 4);
        diffusion_lengths(
            &frequencies(),
            &z,
            &settings(),
            &DiffusionLengthSettings::default(),
        )
        .unwrap()
    };
    let single = read(&[(1.0, 1.1e-6)]);
    assert!((single.median / 1.1e-6 - 1.0).abs() < 0.02);
    assert!((single.mean / 1.1e-6 - 1.0).abs() < 0.02);
    assert!((single.total - 1.0).abs() < 0.02);
    // 12 um at 1e-11 cm2/s answer below 1e-5 Hz: hardly any of their charge is seen.
    let slow = read(&[(0.81, 1.9e-6), (0.19, 12e-6)]);
    assert!((0.80..0.92).contains(&slow.total), "{}", slow.total);
    assert!((slow.median / 1.9e-6 - 1.0).abs() < 0.06, "{}", slow.median);
}
