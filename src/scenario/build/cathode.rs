//! `[cathode]`: the oxide, its particles, and how the composite is made.

use super::{Shelf, arrangement, recipe};
use crate::input::{Bounds, Diagnostic, Dimension, Section, quantity_of};
use crate::materials::{ActiveMaterial, MaterialKind};
use crate::scenario::types::{Cathode, ParticleKind, SizeDistribution};
use toml::Spanned;
use toml::de::DeValue;

/// z(0.9) of the standard normal distribution: d90 = d50 exp(z sigma).
const NORMAL_90: f64 = 1.281_551_565_544_6;
pub(super) fn cathode(section: &Section<'_>, coated: bool, shelf: &Shelf) -> Option<Cathode> {
    let active: Option<ActiveMaterial> =
        shelf.named(section, "active_material", MaterialKind::ActiveMaterial);
    let diameter = diameter(section);
    let recipe = section
        .section("composition")
        .and_then(|parts| recipe::recipe(&parts, shelf));
    let surface = section.quantity("specific_surface");
    let kind = section.choice("particle_kind").map(|word| match word {
        "polycrystal" => ParticleKind::Polycrystal,
        _ => ParticleKind::SingleCrystal,
    });
    let (loading, porosity) = (
        section.quantity("active_mass_loading"),
        section.quantity("porosity"),
    );
    let (contact, connected) = (
        section.quantity("contact_fraction"),
        section.quantity("connected_fraction"),
    );
    let (active_material, particle_diameter, recipe) = (active?, diameter?, recipe?);
    let made_of = (kind?, particle_diameter, recipe.carbon.as_ref());
    let arrangement = arrangement::arrangement(section, made_of);
    let specific_surface = match surface {
        Some(surface) => surface,
        None if section.get("specific_surface").is_none() => {
            smooth_surface(particle_diameter, active_material.density)
        }
        None => return None,
    };
    if coated && specific_surface < 0.5 * smooth_surface(particle_diameter, active_material.density)
    {
        let message =
            "the stated surface is less than half that of smooth spheres of this diameter";
        section.sink().push(
            Diagnostic::warning(section.span_of("specific_surface"), message)
                .help("give the BET of the uncoated powder"),
        );
    }
    Some(Cathode {
        active_material,
        particle_kind: kind?,
        particle_diameter,
        specific_surface,
        electrolyte: recipe.electrolyte,
        carbon: recipe.carbon,
        binder: recipe.binder,
        mass_fractions: recipe.fractions,
        areal_loading: loading?,
        porosity: porosity?,
        contact_fraction: contact?,
        connected_fraction: connected?,
        arrangement: arrangement?,
    })
}

/// Surface per mass of smooth spheres, m2/kg: 6/(density d32), d32 of a lognormal
/// distribution by volume = median exp(-s^2/2).
fn smooth_surface(diameter: SizeDistribution, density: f64) -> f64 {
    let sauter = diameter.median * (-0.5 * diameter.log_deviation.powi(2)).exp();
    6.0 / (density * sauter)
}

/// One diameter, or d50 and d90.
fn diameter(section: &Section<'_>) -> Option<SizeDistribution> {
    let sink = section.sink();
    let value = section.get("particle_diameter")?;
    let read = |value: &Spanned<DeValue<'_>>, path: &str| {
        quantity_of(
            value,
            path,
            (Dimension::Length, Bounds::Positive),
            "4 um",
            sink,
        )
    };
    let Some(table) = value.get_ref().as_table() else {
        return Some(SizeDistribution {
            median: read(value, "cathode.particle_diameter")?,
            log_deviation: 0.0,
        });
    };
    for (key, _) in table
        .iter()
        .filter(|(key, _)| !["d50", "d90"].contains(&key.get_ref().as_ref()))
    {
        let message = format!("unknown key `{}` in particle_diameter", key.get_ref());
        sink.push(
            Diagnostic::error(key.span(), message)
                .label("unknown key")
                .help("keys here: d50, d90"),
        );
    }
    let end = |name: &str| match table.get(name) {
        Some(value) => read(value, name),
        None => sink.refuse(
            Diagnostic::error(value.span(), format!("particle_diameter lacks `{name}`"))
                .help("{ d50 = \"4 um\", d90 = \"4.8 um\" }"),
        ),
    };
    let (median, upper) = (end("d50"), end("d90"));
    let (median, upper) = (median?, upper?);
    if upper < median {
        return sink.refuse(
            Diagnostic::error(value.span(), "d90 is smaller than d50")
                .help("90 % of the volume lies below d90, half below d50"),
        );
    }
    Some(SizeDistribution {
        median,
        log_deviation: (upper / median).ln() / NORMAL_90,
    })
}
