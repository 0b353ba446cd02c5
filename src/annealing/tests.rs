//! The model against closed forms, an integrator of its own, balances and the trends
//! of kissel2025.

use super::chemistry::{Chemistry, LITHIUM, OXYGEN, PHOSPHORUS, SULFUR};
use super::kinetics::{Kinetics, Segment, integrate};
use super::*;
use crate::materials::{MaterialKind, library};
use crate::numerics::normal::{lognormal_mean, quantile};
use approx::assert_relative_eq;
use ode_solvers::{System, Vector6};
use proptest::prelude::*;

fn recipe() -> Recipe {
    let coating = |name: &str| {
        library()
            .get(name, MaterialKind::Coating)
            .expect("a shipped coating")
    };
    Recipe {
        process: library()
            .get("Li3PS4", MaterialKind::CoatingProcess)
            .expect("a shipped process"),
        precursor: coating("Li3PS4"),
        intermediate: coating("Li-P-S-O"),
        phosphate: coating("Li3PO4"),
        sulfate: coating("Li2SO4"),
    }
}

/// Polycrystalline NCM85 with an estimated surface.
const POWDER: Powder = Powder {
    specific_surface: 600.0,
    lithium: 10.2,
};

/// As in the paper: 1 to 99 by weight, 2 K/min, 1 h, synthetic air.
fn treatment(celsius: f64) -> Treatment {
    Treatment {
        mass: 1.0 / 99.0,
        temperature: celsius + 273.15,
        hold: 3600.0,
        heating_rate: 2.0 / 60.0,
        oxygen_pressure: 0.21e5,
        residual_lithium: 0.14,
    }
}

fn anneal(treatment: Treatment) -> Annealed {
    Annealed::new(recipe(), treatment, POWDER).expect("integrates")
}

fn at(celsius: f64) -> Annealed {
    anneal(treatment(celsius))
}

fn held(celsius: f64, hours: f64) -> Annealed {
    anneal(Treatment {
        hold: 3600.0 * hours,
        ..treatment(celsius)
    })
}

// ---- the numerics

/// Kinetics of one segment, in air.
fn kinetics<'a>(recipe: &'a Recipe, chemistry: &'a Chemistry, segment: Segment) -> Kinetics<'a> {
    Kinetics {
        process: &recipe.process,
        chemistry,
        oxygen_factor: 1.0,
        segment,
    }
}

fn chemistry(recipe: &Recipe) -> Chemistry {
    Chemistry::new(recipe, &treatment(400.0), &POWDER).expect("a thiophosphate")
}

#[test]
fn isothermal_conversion_is_the_chain_of_first_order_reactions() {
    let recipe = recipe();
    let chemistry = chemistry(&recipe);
    let (temperature, duration) = (560.0, 3000.0);
    let segment = Segment {
        from: temperature,
        to: temperature,
        duration,
    };
    let (times, states) = integrate(
        kinetics(&recipe, &chemistry, segment),
        Progress::start(0.5),
        duration,
    )
    .expect("integrates");
    let process = &recipe.process;
    let limited = |rate: f64| 1.0 / (1.0 / rate + 1.0 / process.fastest);
    let k1 = limited(process.oxidation.at(temperature));
    let k2 = limited(process.decomposition.at(temperature));
    let k3 = limited(process.evaporation.at(temperature));
    for (t, y) in times.iter().zip(&states) {
        let [e1, e2, e3] = [k1, k2, k3].map(|k| (-k * t).exp());
        let products = k1
            * k2
            * (e1 / ((k2 - k1) * (k3 - k1))
                + e2 / ((k1 - k2) * (k3 - k2))
                + e3 / ((k1 - k3) * (k2 - k3)));
        let decomposed = 1.0 + (k1 * e2 - k2 * e1) / (k2 - k1);
        assert!((y[0] - (1.0 - e1)).abs() < 1e-8, "{t}");
        assert!((y[1] - decomposed).abs() < 1e-8, "{t}");
        assert!((y[1] - y[2] - products).abs() < 1e-8, "{t}");
    }
    assert_relative_eq!(times[times.len() - 1], duration);
}

#[test]
fn the_integrator_agrees_with_a_fine_runge_kutta_of_fourth_order() {
    let recipe = recipe();
    let chemistry = chemistry(&recipe);
    let segment = Segment {
        from: 298.15,
        to: 773.15,
        duration: 14_250.0,
    };
    let system = kinetics(&recipe, &chemistry, segment);
    let start = Progress::start(0.5);
    let (_, states) = integrate(system, start, segment.duration).expect("integrates");
    let by = |steps: usize| {
        let h = segment.duration / steps as f64;
        let mut y = Vector6::new(0.0, 0.0, 0.0, start.coverage, 0.0, 0.0);
        let slope = |t: f64, y: &Vector6<f64>| {
            let mut dy = Vector6::zeros();
            system.system(t, y, &mut dy);
            dy
        };
        for n in 0..steps {
            let t = h * n as f64;
            let a = slope(t, &y);
            let b = slope(t + 0.5 * h, &(y + 0.5 * h * a));
            let c = slope(t + 0.5 * h, &(y + 0.5 * h * b));
            let d = slope(t + h, &(y + h * c));
            y += h / 6.0 * (a + 2.0 * b + 2.0 * c + d);
        }
        y
    };
    let (coarse, fine) = (by(2_000), by(40_000));
    let last = &states[states.len() - 1];
    assert!((last - fine).amax() < 1e-7, "{last} against {fine}");
    assert!(
        (coarse - fine).amax() < 1e-5,
        "the comparison has converged"
    );
}

// ---- the balance

/// Lithium, phosphorus, sulfur and oxygen of the coating, mol per kg of oxide.
fn elements(annealed: &Annealed) -> [f64; 4] {
    let [a, b, p, s] = annealed.outcome.composition.amounts;
    let oxygen = annealed.recipe.process.intermediate_oxygen;
    [
        3.0 * (a + b) + 3.0 * p + 2.0 * s,
        a + b + p,
        4.0 * (a + b) + s,
        oxygen * b + 4.0 * (p + s),
    ]
}

fn assert_balanced(annealed: &Annealed) {
    let exchange = &annealed.outcome.exchange;
    let molar_mass = 3.0 * LITHIUM + PHOSPHORUS + 4.0 * SULFUR;
    let n = annealed.treatment.mass / molar_mass;
    let (phosphate, sulfate) = (exchange.evaporated_phosphate, exchange.evaporated_sulfate);
    let gas = [exchange.sulfur_dioxide, exchange.phosphorus_pentoxide];
    let taken = exchange.residual_lithium + exchange.oxide_lithium;
    let brought = 2.0 * exchange.oxygen + 0.5 * exchange.residual_lithium;
    let sum = [
        3.0 * n + taken - 3.0 * phosphate - 2.0 * sulfate,
        n - phosphate - 2.0 * gas[1],
        4.0 * n - sulfate - gas[0],
        brought - 4.0 * (phosphate + sulfate) - 2.0 * gas[0] - 5.0 * gas[1],
    ];
    for (held, left) in elements(annealed).into_iter().zip(sum) {
        assert!((held - left).abs() < 1e-13, "{held} against {left}");
    }
    let gained = LITHIUM * taken + OXYGEN * brought
        - gas[0] * (SULFUR + 2.0 * OXYGEN)
        - gas[1] * (2.0 * PHOSPHORUS + 5.0 * OXYGEN)
        - phosphate * (3.0 * LITHIUM + PHOSPHORUS + 4.0 * OXYGEN)
        - sulfate * (2.0 * LITHIUM + SULFUR + 4.0 * OXYGEN);
    let mass = annealed.treatment.mass + gained;
    assert!((annealed.mass() - mass).abs() < 1e-14, "mass");
}

#[test]
fn with_all_the_lithium_it_needs_no_sulfur_leaves_and_the_volume_grows_as_by_hand() {
    let rich = anneal(Treatment {
        residual_lithium: 1.0,
        ..treatment(400.0)
    });
    let exchange = &rich.outcome.exchange;
    assert!(exchange.sulfur_dioxide.abs() < 1e-15 && exchange.oxide_lithium.abs() < 1e-15);
    // Li3PS4 (96.3 cm3/mol) to Li3PO4 (46.3) and 4 Li2SO4 (49.5): 2.54 times.
    let volume: f64 = rich.outcome.composition.volumes.iter().sum();
    let before: f64 = at(25.0).outcome.composition.volumes.iter().sum();
    let left = 1.0 - rich.outcome.progress.evaporated;
    assert!((volume / before / left - 2.54).abs() < 0.01);
    // 8 lithium from residues bring 4 of the 20 oxygen.
    assert_relative_eq!(
        exchange.oxygen / exchange.residual_lithium,
        1.0,
        max_relative = 2e-3
    );
}

#[test]
fn without_lithium_all_sulfur_leaves() {
    let mut recipe = recipe();
    recipe.process.oxide_lithium = 0.0;
    let poor = Annealed::new(
        recipe,
        Treatment {
            residual_lithium: 0.0,
            ..treatment(400.0)
        },
        POWDER,
    )
    .expect("integrates");
    let [.., sulfate] = poor.outcome.composition.amounts;
    assert!(sulfate.abs() < 1e-15);
    assert_balanced(&poor);
}

#[test]
fn what_is_no_thiophosphate_or_is_gone_is_refused() {
    let mut odd = recipe();
    odd.process.lithium = 12.0;
    let error = Annealed::new(odd, treatment(400.0), POWDER).expect_err("too much lithium");
    assert!(error.to_string().contains("12 lithium"));
    let gone = Treatment {
        hold: 20.0 * 86_400.0,
        ..treatment(800.0)
    };
    let error = Annealed::new(recipe(), gone, POWDER).expect_err("evaporates");
    assert!(error.to_string().contains("evaporated"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn everything_stays_in_bounds_and_balanced(
        celsius in 20.0..750.0f64,
        hours in 0.0..20.0f64,
        mass in 0.001..0.1f64,
        rate in 0.1..50.0f64,
        oxygen in 0.0..1e5f64,
        residual in 0.0..0.6f64,
    ) {
        let annealed = Annealed::new(recipe(), Treatment {
            mass,
            temperature: celsius + 273.15,
            hold: 3600.0 * hours,
            heating_rate: rate / 60.0,
            oxygen_pressure: oxygen,
            residual_lithium: residual,
        }, POWDER);
        if let Err(AnnealingError::Gone { evaporated }) = annealed {
            prop_assert!(evaporated > 99.9 && celsius > 600.0);
            return Ok(());
        }
        let annealed = annealed.expect("integrates");
        let (progress, film) = (annealed.outcome.progress, annealed.outcome.film);
        prop_assert!(0.0 <= progress.evaporated && progress.evaporated <= progress.decomposed);
        prop_assert!(progress.decomposed <= progress.oxidised && progress.oxidised <= 1.0);
        prop_assert!(film.coverage > 0.0 && film.coverage <= 1.0);
        prop_assert!(film.thickness > 0.0 && film.variation >= 0.0);
        assert_balanced(&annealed);
        let material = annealed.material();
        let phases = annealed.recipe.phases();
        let between = |value: &dyn Fn(&CoatingMaterial) -> f64, found: f64| {
            let all = phases.map(value);
            let low = all.iter().copied().fold(f64::INFINITY, f64::min);
            let high = all.iter().copied().fold(0.0, f64::max);
            found >= low * (1.0 - 1e-9) && found <= high * (1.0 + 1e-9)
        };
        prop_assert!(between(&|p| p.ionic_conductivity, material.ionic_conductivity));
        prop_assert!(between(&|p| p.youngs_modulus, material.youngs_modulus));
        prop_assert!(between(&|p| p.permittivity, material.permittivity));
        prop_assert!(between(&|p| p.density, material.density));
        prop_assert!(between(&|p| p.activation_energy + 1e4, material.activation_energy + 1e4));
    }

    #[test]
    fn conversion_only_grows_with_time(celsius in 50.0..700.0f64, hours in 0.1..10.0f64) {
        let [short, long] = [hours, 1.5 * hours].map(|h| held(celsius, h).outcome.progress);
        prop_assert!(long.oxidised >= short.oxidised - 1e-9);
        prop_assert!(long.decomposed >= short.decomposed - 1e-9);
        prop_assert!(long.evaporated >= short.evaporated - 1e-9);
    }
}

// ---- the trends of kissel2025, which the constants describe

const TEMPERATURES: [f64; 8] = [25.0, 100.0, 200.0, 300.0, 400.0, 500.0, 600.0, 700.0];

#[test]
fn coverage_is_highest_at_300_degrees() {
    let coverages = TEMPERATURES.map(|celsius| at(celsius).outcome.film.coverage);
    let best = coverages[3];
    assert!(coverages.iter().all(|coverage| *coverage <= best));
    assert!(best > 0.9);
    assert!(coverages[3..].windows(2).all(|pair| pair[1] < pair[0]));
}

#[test]
fn conversion_starts_between_100_and_200_degrees_and_is_complete_at_400() {
    assert!(at(25.0).outcome.progress.oxidised < 1e-3);
    assert!(at(100.0).outcome.progress.oxidised < 0.05);
    let half = at(200.0).outcome.progress.oxidised;
    assert!((0.3..0.9).contains(&half), "{half}");
    assert!(at(300.0).outcome.progress.decomposed < 0.5);
    assert!(at(400.0).outcome.progress.decomposed > 0.98);
}

#[test]
fn the_film_thickens_as_measured_and_ends_in_islands() {
    for (celsius, [low, high]) in [
        (100.0, [5.0, 20.0]),
        (400.0, [20.0, 50.0]),
        (700.0, [50.0, 120.0]),
    ] {
        let thickness = 1e9 * at(celsius).outcome.film.thickness;
        assert!(
            (low..=high).contains(&thickness),
            "{celsius}: {thickness} nm"
        );
    }
    assert_eq!(at(100.0).outcome.film.form, Form::Ground);
    assert_eq!(at(300.0).outcome.film.form, Form::Film);
    assert_eq!(at(400.0).outcome.film.form, Form::Film);
    assert_eq!(at(700.0).outcome.film.form, Form::Islands);
    assert!(at(700.0).outcome.film.coverage < 0.2);
}

#[test]
fn longer_annealing_converts_more_only_below_400_degrees() {
    let converted = |celsius: f64, hours: f64| {
        let progress = held(celsius, hours).outcome.progress;
        0.5 * (progress.oxidised + progress.decomposed)
    };
    for celsius in [200.0, 300.0] {
        assert!(converted(celsius, 5.0) > converted(celsius, 1.0) + 0.1);
    }
    for celsius in [400.0, 500.0, 700.0] {
        assert!(converted(celsius, 5.0) < converted(celsius, 1.0) + 0.01);
        let film = |hours: f64| held(celsius, hours).outcome.film;
        assert!(
            film(5.0).coverage < film(1.0).coverage,
            "it only coagulates"
        );
    }
}

#[test]
fn more_oxygen_helps_at_low_temperature() {
    let oxidised = |celsius: f64, pressure: f64| {
        anneal(Treatment {
            oxygen_pressure: pressure,
            ..treatment(celsius)
        })
        .outcome
        .progress
        .oxidised
    };
    assert!(oxidised(200.0, 1e5) > oxidised(200.0, 0.21e5) + 0.1);
    assert!(oxidised(200.0, 0.05e5) < oxidised(200.0, 0.21e5) - 0.1);
    assert!((oxidised(400.0, 1e5) - oxidised(400.0, 0.21e5)).abs() < 1e-3);
    assert!(
        oxidised(400.0, 0.0).abs() < f64::MIN_POSITIVE,
        "no oxygen, no oxidation"
    );
}

#[test]
fn sulfide_is_left_below_300_degrees_only() {
    // 1 wt% of 180 g/mol, three electrons each: 4.5 mAh per g of oxide.
    assert!((at(25.0).outcome.oxidisable_charge / 3600.0 - 4.51).abs() < 0.01);
    let left = TEMPERATURES.map(|celsius| at(celsius).outcome.oxidisable_charge);
    assert!(left.windows(2).all(|pair| pair[1] <= pair[0]));
    assert!(left[3] < 1e-3 * left[0]);
}

#[test]
fn oxygen_takes_the_film_from_outside() {
    // Volume beyond the depth reached, by the mean over the distribution of thickness.
    for celsius in [150.0, 180.0, 200.0, 220.0, 240.0] {
        let annealed = at(celsius);
        let log_variance = annealed.outcome.film.variation.powi(2).ln_1p();
        let deviation = log_variance.sqrt();
        let z = -quantile(annealed.sulfide_share(), -9.0);
        let depth = (deviation * z - 0.5 * log_variance).exp();
        let left = lognormal_mean(log_variance, |h| (h - depth).max(0.0));
        let expected = 1.0 - annealed.outcome.progress.oxidised;
        assert!(
            (left - expected).abs() < 2e-3,
            "{celsius}: {left} {expected}"
        );
        assert!(annealed.sulfide_share() > expected);
    }
    assert!(at(25.0).sulfide_share() > 0.999 && at(400.0).sulfide_share() < 1e-6);
}

#[test]
fn what_is_left_for_oxygen_falls_and_the_oxide_is_cleaned() {
    let ground = at(25.0);
    assert!((ground.unoxidised_share() - 1.0).abs() < 1e-3);
    assert!((ground.native_film_left() - 1.0).abs() < 1e-3);
    assert!(ground.residue() < 0.01 * ground.recipe.process.residue_thickness);
    let left = TEMPERATURES.map(|celsius| at(celsius).unoxidised_share());
    assert!(left.windows(2).all(|pair| pair[1] <= pair[0]));
    // Half oxidised: phosphate and four sulfates would hold twenty oxygen, it holds eight.
    let half = at(200.0);
    let [sulfide, intermediate, ..] = half.outcome.composition.volume_fractions();
    let share = half.sulfide_share();
    assert!(share > sulfide && share < 1.0);
    let expected = share + (1.0 - share) * 0.6 * intermediate / (1.0 - sulfide);
    assert_relative_eq!(half.unoxidised_share(), expected, max_relative = 1e-12);
    let islands = at(700.0);
    assert!(islands.unoxidised_share() < 1e-6);
    // More precursor than residual lithium can serve uses all of it.
    assert!(islands.native_film_left() < 1e-6);
    let whole = islands.recipe.process.residue_thickness;
    assert!(islands.residue() > 0.9 * whole && islands.residue() <= whole);
    // A tenth of the precursor leaves most of it.
    let little = anneal(Treatment {
        mass: 1e-3 / 9.9,
        ..treatment(700.0)
    });
    assert!(little.native_film_left() > 0.9);
}

#[test]
fn the_precursor_alone_gains_mass_before_it_loses_sulfur() {
    let heated = survey::thermogram(&recipe(), treatment(25.0), 973.15).expect("integrates");
    let near = |celsius: f64| {
        let after = heated.partition_point(|point| point.0 < celsius + 273.15);
        heated[after].1
    };
    // kissel2025: gain from 180 degC, over near 300 degC; loss from 320 to 380 degC.
    assert!(near(120.0) < 1.02 && near(180.0) > 1.02);
    assert!(near(290.0) > near(250.0) - 0.05 && near(290.0) > 1.4);
    assert!(near(320.0) - near(380.0) > 0.5);
    assert!((near(430.0) - near(480.0)).abs() < 0.05, "slow above");
}

#[test]
fn a_row_of_temperatures_is_what_each_alone_gives() {
    let like = at(400.0);
    let row =
        survey::over_temperature(&like, like.treatment, (298.15, 973.15), 28).expect("integrates");
    assert_eq!(row.len(), 28);
    assert_eq!(row[15], at(row[15].treatment.temperature - 273.15));
    let course = survey::course(&like).expect("integrates");
    assert_eq!(course[course.len() - 1].progress, like.outcome.progress);
    let hottest = course
        .iter()
        .map(|moment| moment.temperature)
        .fold(0.0, f64::max);
    assert_relative_eq!(hottest, 673.15, max_relative = 1e-12);
}
