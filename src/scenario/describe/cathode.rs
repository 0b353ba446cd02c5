//! The composite cathode in plain words: recipe, volumes, amounts, structure.

use super::{MA_PER_CM2, MAH_PER_CM2};
use crate::materials::CarbonShape;
use crate::scenario::SizeDistribution;
use crate::scenario::types::*;
use std::f64::consts::PI;
use std::fmt::Write;

/// Volume fractions of the composite, voids included.
pub(super) fn volumes(scenario: &Scenario) -> String {
    let cathode = &scenario.cathode;
    let parts = &cathode.mass_fractions;
    let coating = scenario.coating.as_ref();
    let solids = cathode.solid_volume(coating);
    let share = |mass: f64, density: f64| mass / density / solids * (1.0 - cathode.porosity);
    let carbon = cathode.carbon.as_ref();
    let binder = cathode.binder.as_ref();
    let layer = coating.and_then(|coating| coating.layers.first());
    let all = [
        (
            Some((
                &cathode.active_material.name,
                cathode.active_material.density,
            )),
            parts.active_material,
        ),
        (
            Some((&cathode.electrolyte.name, cathode.electrolyte.density)),
            parts.electrolyte,
        ),
        (carbon.map(|c| (&c.name, c.density)), parts.carbon),
        (binder.map(|b| (&b.name, b.density)), parts.binder),
        (
            layer.map(|l| (&l.material.name, l.material.density)),
            parts.coating,
        ),
    ];
    let mut words: Vec<_> = all
        .into_iter()
        .filter_map(|(part, mass)| {
            let (name, density) = part?;
            Some(format!("{:.1} vol% {name}", 100.0 * share(mass, density)))
        })
        .collect();
    if cathode.porosity > 0.0 {
        words.push(format!("{:.1} vol% voids", 100.0 * cathode.porosity));
    }
    words.join(", ")
}

/// Mass, charge and current per area and in all.
pub(super) fn amounts(scenario: &Scenario) -> String {
    let (cathode, cell) = (&scenario.cathode, &scenario.cell);
    let loading = cathode.areal_loading;
    let composite = loading / cathode.mass_fractions.active_material;
    let one_c = cell.one_c * loading;
    format!(
        "{:.2} mg/cm2 oxide in {:.2} mg/cm2 composite ({:.2} mg on {:.3} cm2); {:.2} mAh/cm2 by its own 1C of {:.0} mA/g = {:.2} mA/cm2 = {:.3} mA",
        100.0 * loading,
        100.0 * composite,
        1e6 * loading * cell.area,
        1e4 * cell.area,
        scenario.areal_capacity() / MAH_PER_CM2,
        cell.one_c,
        one_c / MA_PER_CM2,
        1e3 * one_c * cell.area
    )
}

/// Box, voxels and particles of a structure to be generated.
pub(super) fn structure(scenario: &Scenario) -> String {
    let settings = scenario.microstructure;
    let cathode = &scenario.cathode;
    let parts = &cathode.mass_fractions;
    let solids = cathode.solid_volume(scenario.coating.as_ref());
    let oxide =
        parts.active_material / cathode.active_material.density / solids * (1.0 - cathode.porosity);
    // Particles per volume of oxide: 6 / pi times the mean of diameter^-3 over it.
    let each = 6.0 / PI * cathode.particle_diameter.whole(-3);
    let count = oxide * settings.box_edge.powi(3) * each;
    format!(
        "periodic box of {:.1} um with about {count:.0} particles, {1} x {1} x {1} voxels of {2:.0} nm",
        1e6 * settings.box_edge,
        settings.resolution,
        1e9 * settings.box_edge / settings.resolution as f64
    )
}

/// Recipe, particles and make, in a line.
pub(super) fn cathode(scenario: &Scenario) -> String {
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
