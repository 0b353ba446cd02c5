//! A scenario in plain words, for `engobe check`.

mod cathode;
mod protocol;

use super::Loaded;
use super::balance::CoatingBalance;
use super::types::*;
use crate::annealing::{Annealed, PHASES};
use std::fmt::Write;

/// C/m2 in one mAh/cm2.
const MAH_PER_CM2: f64 = 3.6e4;
/// A/m2 in one mA/cm2.
const MA_PER_CM2: f64 = 10.0;

/// What will be simulated, in some twenty lines.
pub fn describe(loaded: &Loaded) -> String {
    let scenario = &loaded.scenario;
    let mut text = format!("{}\n", scenario.title);
    // Writing into a String cannot fail.
    let _ = writeln!(text, "  cathode    {}", cathode::cathode(scenario));
    match &scenario.image {
        Some(image) => {
            let _ = writeln!(text, "  structure  {}", structure(image));
        }
        None => {
            let _ = writeln!(text, "  volumes    {}", cathode::volumes(scenario));
            let _ = writeln!(text, "  structure  {}", cathode::structure(scenario));
        }
    }
    let _ = writeln!(text, "  amounts    {}", cathode::amounts(scenario));
    let _ = writeln!(text, "  coating    {}", coating(scenario));
    let _ = writeln!(text, "  cell       {}", cell(scenario));
    let protocol = protocol::protocol(scenario).join("\n             ");
    let _ = writeln!(text, "  protocol   {protocol}");
    if let Some(blocks) = &scenario.numerics.cycle_blocks {
        let _ = writeln!(text, "  blocks     {}", cycle_blocks(blocks));
    }
    let _ = writeln!(text, "  ageing     {}", mechanisms(scenario));
    if let [first, .., last] = scenario.attribution[..] {
        let count = scenario.attribution.len();
        let _ = writeln!(
            text,
            "  loss       by mechanism after {count} cycles from {first} to {last}"
        );
    }
    let _ = writeln!(text, "  materials  {}", provenance(loaded));
    text
}

fn cycle_blocks(blocks: &CycleBlocks) -> String {
    format!(
        "up to {} like cycles in a row are not simulated, to within {} % of what ageing changes",
        blocks.longest,
        100.0 * blocks.tolerance
    )
}

fn structure(image: &ImageSource) -> String {
    let edges = image
        .voxel
        .map(|edge| format!("{}", (1e12 * edge).round() / 1e3));
    let edges = match &edges {
        [a, b, c] if a == b && b == c => a.clone(),
        edges => edges.join(" x "),
    };
    let axis = ["first", "second", "third"][image.axis.min(2)];
    let carbon = if image.labels.iter().any(|l| l.phase == PhaseName::Carbon) {
        format!(
            ", {:.0} % of a carbon voxel is carbon",
            100.0 * image.carbon_fill
        )
    } else {
        String::new()
    };
    format!(
        "{} ({}), voxels of {} nm, {axis} axis from separator to current collector, {} sides{carbon}",
        image.file.display(),
        image.sha256.get(..8).unwrap_or(&image.sha256),
        edges,
        if image.periodic { "periodic" } else { "closed" }
    )
}

fn coating(scenario: &Scenario) -> String {
    let Some(coating) = &scenario.coating else {
        return "none".into();
    };
    if let Some(annealed) = &coating.annealed {
        return describe_annealing(annealed);
    }
    let layers: Vec<_> = coating
        .layers
        .iter()
        .map(|layer| {
            format!(
                "{} nm {}",
                (1e12 * layer.thickness).round() / 1e3,
                layer.material.name
            )
        })
        .collect();
    let balance = CoatingBalance::of(coating, scenario.cathode.specific_surface);
    format!(
        "{} on {:.0} % of the surface, {}; {}",
        layers.join(" over "),
        100.0 * coating.coverage,
        coating.morphology.word(),
        balance.sentence()
    )
}

/// What was annealed and what it became, in some lines.
pub fn describe_annealing(annealed: &Annealed) -> String {
    let Annealed {
        treatment, outcome, ..
    } = annealed;
    let (progress, film, exchange) = (&outcome.progress, &outcome.film, &outcome.exchange);
    let percent = |share: f64| format!("{:.1} %", 100.0 * share);
    let phases: Vec<_> = PHASES
        .iter()
        .zip(outcome.composition.volume_fractions())
        .filter(|(_, share)| *share > 5e-4)
        .map(|(phase, share)| format!("{:.0} vol% {phase}", 100.0 * share))
        .collect();
    let indent = "\n             ";
    let [how, far, lies, made, balance] = [
        format!(
            "{:.2} wt% {} annealed for {:.1} h at {:.0} degC ({:.1} K/min, {:.2} bar oxygen); a description of kissel2025, all constants estimates",
            100.0 * treatment.mass,
            annealed.recipe.precursor.name,
            treatment.hold / 3600.0,
            treatment.temperature - 273.15,
            60.0 * treatment.heating_rate,
            1e-5 * treatment.oxygen_pressure
        ),
        format!(
            "{} oxidised, {} decomposed, {} evaporated",
            percent(progress.oxidised),
            percent(progress.decomposed),
            percent(progress.evaporated)
        ),
        format!(
            "{}: {:.1} nm (+- {:.0} %) on {} of the surface; {:.2} wt% of the oxide, of which {:.2} wt% in lumps",
            film.form.words(),
            1e9 * film.thickness,
            100.0 * film.variation,
            percent(film.coverage),
            100.0 * annealed.mass(),
            100.0 * annealed.lumps()
        ),
        format!(
            "{}; {:.1e} S/cm at 25 degC; sulfide left for {:.1} mAh/g in the first charge",
            phases.join(", "),
            0.01 * annealed.material().ionic_conductivity,
            outcome.oxidisable_charge / 3600.0
        ),
        format!(
            "takes up {:.3} mmol/g O2, {:.3} mmol/g residual lithium and {} of the oxide's lithium; gives off {:.3} mmol/g SO2",
            exchange.oxygen,
            exchange.residual_lithium,
            percent(annealed.oxide_lithium_taken()),
            exchange.sulfur_dioxide
        ),
    ];
    [how, far, lies, made, balance].join(indent)
}

fn cell(scenario: &Scenario) -> String {
    let cell = &scenario.cell;
    let resistance = cell
        .separator_resistance
        .map_or(String::new(), |resistance| {
            format!(" of {:.0} ohm cm2", 1e4 * resistance)
        });
    format!(
        "against {}, {:.0} um {}{resistance} between, {:.0} degC, {:.0} MPa",
        cell.anode.name,
        1e6 * cell.separator_thickness,
        cell.separator.name,
        cell.temperature - 273.15,
        1e-6 * cell.stack_pressure
    )
}

fn mechanisms(scenario: &Scenario) -> String {
    let mechanisms = &scenario.mechanisms;
    if scenario.cathode.electrolyte.is_liquid() {
        // The other laws are those of a sulfide.
        let left = [
            ("gas", mechanisms.gas),
            ("coating wear", mechanisms.coating_wear),
        ];
        let left: Vec<_> = left.iter().filter(|(_, on)| *on).map(|l| l.0).collect();
        return if left.is_empty() {
            "nothing (in a liquid)".into()
        } else {
            format!("in a liquid only {}", left.join(", "))
        };
    }
    let all = [
        ("oxidation", mechanisms.oxidation),
        ("oxygen", mechanisms.oxygen),
        ("contact reaction", mechanisms.contact_reaction),
        ("gas", mechanisms.gas),
        ("contact loss", mechanisms.contact_loss),
        ("cracking", mechanisms.cracking),
        ("disconnection", mechanisms.disconnection),
        ("conduction loss", mechanisms.conduction_loss),
        ("coating wear", mechanisms.coating_wear),
    ];
    let off: Vec<_> = all
        .iter()
        .filter(|(_, on)| !on)
        .map(|(name, _)| *name)
        .collect();
    if off.is_empty() {
        "every mechanism".into()
    } else {
        format!("every mechanism but {}", off.join(", "))
    }
}

/// How many values are measured, estimated or set by the scenario.
fn provenance(loaded: &Loaded) -> String {
    let lines: Vec<_> = loaded
        .materials
        .iter()
        .map(|entry| {
            let set: Vec<_> = entry
                .properties
                .iter()
                .filter(|(_, p)| p.overridden)
                .map(|(path, _)| path.as_str())
                .collect();
            let twins = loaded.materials.iter().filter(|e| e.name == entry.name);
            let kind = if twins.count() > 1 {
                format!(" ({})", entry.kind.word().replace('-', " "))
            } else {
                String::new()
            };
            let mut line = format!(
                "{}{kind}: {} of {} values are estimates",
                entry.name,
                entry.estimates().count(),
                entry.properties.len()
            );
            if !set.is_empty() {
                let _ = write!(line, ", set here: {}", set.join(", "));
            }
            line
        })
        .collect();
    lines.join("\n             ")
}

/// Every estimate among the materials used, with its reason.
pub fn describe_estimates(loaded: &Loaded) -> String {
    let mut text = String::new();
    for entry in &loaded.materials {
        let estimates = entry.properties.iter().filter(|(_, p)| p.is_estimate());
        let estimates: Vec<_> = estimates.collect();
        if estimates.is_empty() {
            continue;
        }
        // Writing into a String cannot fail.
        let _ = writeln!(text, "  estimates of {}", entry.name);
        for (path, property) in estimates {
            let reason = property.source.trim_start_matches("estimate");
            let reason = reason.trim_start_matches(':').trim();
            let fitted = match property.fitted_to.as_slice() {
                [] => String::new(),
                data => format!(" (fitted to {})", data.join(", ")),
            };
            let _ = writeln!(text, "    {path} = {}: {reason}{fitted}", property.written);
        }
    }
    text
}
