//! A scenario in plain words, for `engobe check`.

mod protocol;

use super::balance::CoatingBalance;
use super::types::*;
use super::{Loaded, SizeDistribution};
use crate::annealing::{Annealed, PHASES};
use crate::materials::CarbonShape;
use std::fmt::Write;

/// C/m2 in one mAh/cm2.
const MAH_PER_CM2: f64 = 3.6e4;
/// A/m2 in one mA/cm2.
const MA_PER_CM2: f64 = 10.0;

/// What will be simulated, in a dozen lines.
pub fn describe(loaded: &Loaded) -> String {
    let scenario = &loaded.scenario;
    let mut text = format!("{}\n", scenario.title);
    // Writing into a String cannot fail.
    let _ = writeln!(text, "  cathode    {}", cathode(scenario));
    if let Some(image) = &scenario.image {
        let _ = writeln!(text, "  structure  {}", structure(image));
    }
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

fn cathode(scenario: &Scenario) -> String {
    let cathode = &scenario.cathode;
    let kind = match cathode.particle_kind {
        ParticleKind::SingleCrystal => "single crystals",
        ParticleKind::Polycrystal => "polycrystals",
    };
    let parts = &cathode.mass_fractions;
    let mut recipe = format!(
        "{:.1} wt% {}, {:.1} wt% {}",
        100.0 * parts.active_material,
        cathode.active_material.name,
        100.0 * parts.electrolyte,
        cathode.electrolyte.name
    );
    let others = [
        (
            cathode.carbon.as_ref().map(|carbon| carbon.name.as_str()),
            parts.carbon,
        ),
        (
            cathode.binder.as_ref().map(|binder| binder.name.as_str()),
            parts.binder,
        ),
    ];
    for (name, fraction) in others {
        if let Some(name) = name {
            let _ = write!(recipe, ", {:.1} wt% {name}", 100.0 * fraction);
        }
    }
    if scenario.image.is_some() {
        return format!(
            "{recipe} as stated; {kind}; fractions, particles and voids as in the image"
        );
    }
    let pressed = cathode
        .pressing_pressure
        .map_or_else(String::new, |pressure| {
            format!(" (estimated for pressing at {:.0} MPa)", 1e-6 * pressure)
        });
    let pores = if cathode.electrolyte.is_liquid() {
        "with pores full of liquid".to_owned()
    } else {
        format!("at {:.0} % porosity{pressed}", 100.0 * cathode.porosity)
    };
    format!(
        "{recipe}; {kind} of {}{}; about {:.0} um thick {pores}{}{}{}",
        diameter(&cathode.particle_diameter),
        grains(&cathode.arrangement),
        1e6 * scenario.cathode_thickness(),
        voids(&cathode.arrangement),
        packing(cathode),
        carbon(cathode)
    )
}

/// How large the particles are.
fn diameter(sizes: &SizeDistribution) -> String {
    let um = |diameter: f64| format!("{:.1} um", 1e6 * diameter);
    let quantile = |share: f64| um(sizes.quantile(0, share, 0.0));
    match sizes {
        // What most scenarios state is said shortly.
        SizeDistribution::Lognormal { median, .. } => um(*median),
        _ => format!(
            "{} (d10 {}, d90 {} by volume)",
            um(sizes.median()),
            quantile(0.1),
            quantile(0.9)
        ),
    }
}

/// What is out of the ordinary in how the particles lie; empty if nothing.
fn packing(cathode: &Cathode) -> String {
    let mut text = String::new();
    if cathode.heterogeneity > 0.0 {
        let _ = write!(
            text,
            "; {:.0} % of the oxide in agglomerates",
            100.0 * cathode.heterogeneity
        );
    }
    if cathode.contact_flattening > 0.0 {
        let _ = write!(
            text,
            "; touching particles overlap by {:.1} % of their radius",
            100.0 * cathode.contact_flattening
        );
    }
    text
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

fn grains(arrangement: &Arrangement) -> String {
    arrangement.primary_grain.map_or_else(String::new, |grain| {
        format!(" with grains of {:.2} um", 1e6 * grain)
    })
}

/// Where the voids lie, as far as it is stated.
fn voids(arrangement: &Arrangement) -> String {
    let mut text = String::new();
    if arrangement.voids_in_particles > 0.0 {
        let share = 100.0 * arrangement.voids_in_particles;
        let _ = write!(text, ", {share:.0} % of it inside particles");
    }
    if let Some(share) = arrangement.voids_at_surfaces {
        let share = 100.0 * share * (1.0 - arrangement.voids_in_particles);
        let _ = write!(text, ", {share:.0} % of it at oxide surfaces");
    }
    text
}

/// How the carbon lies, as far as it differs from fibres in all directions.
fn carbon(cathode: &Cathode) -> String {
    let arrangement = &cathode.arrangement;
    match cathode.carbon.as_ref().map(|carbon| carbon.shape) {
        Some(CarbonShape::Black { .. }) => {
            let share = 100.0 * arrangement.carbon_at_surfaces;
            format!("; {share:.0} % of the carbon at oxide surfaces")
        }
        Some(CarbonShape::Fibre { .. }) if arrangement.fibres_in_plane > 0.0 => {
            let share = 100.0 * arrangement.fibres_in_plane;
            format!("; fibres lie {share:.0} % in the plane")
        }
        _ => String::new(),
    }
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
    let one_c = cell.one_c * scenario.cathode.areal_loading;
    format!(
        "{:.2} mAh/cm2 by its own 1C of {:.2} mA/cm2 ({:.3} mA on {:.3} cm2); against {}, {:.0} um {} between, {:.0} degC, {:.0} MPa",
        scenario.areal_capacity() / MAH_PER_CM2,
        one_c / MA_PER_CM2,
        1e3 * one_c * cell.area,
        1e4 * cell.area,
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
            let mut line = format!(
                "{}: {} of {} values are estimates",
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
