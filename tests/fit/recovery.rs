//! Known parameters are found again, within the intervals that the fit states; what the
//! data cannot tell apart is said to be so.

use super::{cell, fitted, measured, parameter, scenario_with};
use engobe::calibration::Standing;

const TRUTH: &str = r#"[materials.NCM83]
charge_transfer.resistance = "160 ohm cm2"
diffusivity.reference = "7e-12 cm2/s"

[laws]
contact_loss.mechanical = 0.08
"#;

/// The parameters of [`TRUTH`] and of the scenario, with bounds an order of magnitude apart.
fn parameters() -> String {
    let mut text = parameter(
        "NCM83",
        "charge_transfer.resistance",
        "\"50 ohm cm2\"",
        "\"600 ohm cm2\"",
    );
    text += &parameter(
        "NCM83",
        "diffusivity.reference",
        "\"3e-12 cm2/s\"",
        "\"5e-11 cm2/s\"",
    );
    text += &parameter("laws", "contact_loss.mechanical", "0.01", "0.3");
    text + "[[parameter]]\nscenarios = [\"mine\"]\nkey = \"cathode.connected_fraction\"\nfrom = \"80 %\"\nto = \"100 %\"\nscale = \"linear\"\nreason = \"test\"\n\n"
}

/// SI values behind [`TRUTH`] and the scenario.
const VALUES: [f64; 4] = [160e-4, 7e-16, 0.08, 0.95];

#[test]
fn known_parameters_lie_within_the_intervals() {
    let truth = cell(&scenario_with(TRUTH));
    // Errors of about the stated uncertainty, drawn once.
    let readings = [
        ("charge", 1, 0.006),
        ("discharge", 1, -0.011),
        ("discharge", 2, 0.004),
        ("discharge", 3, 0.009),
        ("discharge", 5, -0.003),
        ("discharge", 8, -0.008),
        ("cathode_resistance", 1, 0.012),
        ("diffusion_length", 1, 0.002),
        ("cathode_dc_resistance", 1, -0.005),
        ("contact_lost", 8, 0.007),
    ];
    let fit = parameters() + &measured(&truth, &readings, "1 %");
    let found = fitted(&(fit + "[search]\nsamples = 24\n[profile]\nworst = 4\n"));
    assert!(found.loss[1] < 0.1 * found.loss[0], "{:?}", found.loss);
    assert!(found.loss[1] < readings.len() as f64, "{:?}", found.loss);
    for (index, truth) in VALUES.into_iter().enumerate() {
        let p = &found.parameters[index];
        let [low, high] = p.interval_si;
        assert!(
            low <= truth && truth <= high,
            "{}: {:?} without {truth}",
            p.name,
            p.interval
        );
        assert_eq!(p.standing, Standing::Determined, "{}", p.name);
        assert!(!p.at_bound, "{}", p.name);
        assert_eq!(p.fitted_to, ["cell"], "{}", p.name);
        let profile = found.profiles.iter().find(|q| q.parameter == index);
        let profile = profile.expect("all four are followed");
        // The profile's interval has its ends about where the standard error says.
        for (end, sign) in profile.interval.into_iter().zip([-1.0, 1.0]) {
            let Some(end) = end else {
                continue;
            };
            let reach = sign * (end - p.share) / found.known.errors[index];
            assert!(
                (1.0..4.0).contains(&reach),
                "{}: {reach} standard errors",
                p.name
            );
        }
    }
    let closed = found
        .profiles
        .iter()
        .flat_map(|p| p.interval)
        .flatten()
        .count();
    assert!(
        closed >= 6,
        "most profiles rise on both sides: {:?}",
        found.profiles
    );
}

#[test]
fn a_product_is_told_from_its_factors() {
    let truth = cell(&scenario_with("[laws]\ncracking.rate = 0.05\n"));
    // The damage of single crystals grows with the product of both.
    let mut fit = parameter("laws", "cracking.rate", "0.005", "0.5");
    fit += &parameter("laws", "cracking.single_crystal_factor", "0.1", "1.0");
    fit += &measured(&truth, &[("cracks", 3, 0.0), ("cracks", 8, 0.0)], "1 %");
    let found = fitted(&(fit + "[search]\nsamples = 8\n"));
    assert!(found.loss[1] < 1e-2, "{:?}", found.loss);
    let [product, ratio] = &found.known.combinations[..] else {
        panic!("two parameters");
    };
    assert_eq!(product.standing, Standing::Determined);
    assert_eq!(ratio.standing, Standing::Undetermined);
    assert!(
        ratio.singular_value < 1e-2 * product.singular_value,
        "{ratio:?}"
    );
    // Per factor of e both move the damage alike; the ranges are ln 100 and ln 10 wide.
    let per_factor = [
        product.parts[0] / 100_f64.ln(),
        product.parts[1] / 10_f64.ln(),
    ];
    assert!(
        (per_factor[0] / per_factor[1] - 1.0).abs() < 0.05,
        "{per_factor:?}"
    );
    let by_itself: Vec<_> = found.parameters.iter().map(|p| p.standing).collect();
    assert!(!by_itself.contains(&Standing::Determined), "{by_itself:?}");
    assert!(found.known.correlations[0][1] < -0.9);
    let open = found.profiles.iter().flat_map(|p| p.interval);
    assert!(
        open.into_iter().any(|end| end.is_none()),
        "{:?}",
        found.profiles
    );
}

#[test]
fn a_number_far_off_pulls_less_than_with_squares() {
    let truth = cell(&scenario_with(""));
    let readings = [
        ("discharge", 1, 0.0),
        ("discharge", 2, 0.0),
        ("charge", 2, 0.3),
    ];
    let fit = |loss: &str| {
        let fit = "[[parameter]]\nscenarios = [\"mine\"]\nkey = \"cathode.connected_fraction\"\nfrom = \"70 %\"\nto = \"100 %\"\nscale = \"linear\"\nreason = \"test\"\n\n";
        let end = format!("[search]\nsamples = 8\n[refine]\nloss = \"{loss}\"\n");
        fitted(&(fit.to_owned() + &measured(&truth, &readings, "1 %") + &end)).parameters[0].si
    };
    let (tame, wild) = (fit("soft-l1"), fit("squares"));
    assert!((tame - 0.95).abs() < 0.02, "{tame}");
    assert!(wild > 0.98, "{wild}");
}

#[test]
fn a_prior_holds_what_the_data_leave_open() {
    let truth = cell(&scenario_with(""));
    let mut fit = parameter("laws", "cracking.rate", "0.005", "0.5");
    fit = fit.replace("reason", "start = 0.02\nreason");
    fit += &measured(&truth, &[("discharge", 1, 0.0)], "5 %");
    let found = fitted(&(fit + "[search]\nsamples = 4\n[refine]\nprior = \"20 %\"\n"));
    assert!(
        (found.parameters[0].si / 0.02 - 1.0).abs() < 0.1,
        "{:?}",
        found.parameters[0]
    );
    assert_eq!(found.parameters[0].standing, Standing::Undetermined);
}
