//! `[cathode]`: the oxide, its particles, and how the composite is made.

use super::diameter::diameter;
use super::{Shelf, arrangement, recipe};
use crate::input::{Diagnostic, Section};
use crate::materials::{ActiveMaterial, MaterialKind};
use crate::scenario::SizeDistribution;
use crate::scenario::types::{Cathode, Coating, ParticleKind};

/// How far a stated loading may miss that of the composition, as a share.
const LOADING_ROUNDING: f64 = 0.01;

/// A cathode before its coating is known.
pub(super) struct Made {
    pub cathode: Cathode,
    /// Mass of powder per area where the composition states it, kg/m2.
    powder_loading: Option<f64>,
}

pub(super) fn cathode(section: &Section<'_>, coated: bool, shelf: &Shelf) -> Option<Made> {
    let active: Option<ActiveMaterial> =
        shelf.named(section, "active_material", MaterialKind::ActiveMaterial);
    let diameter = diameter(section);
    let liquid = match section.get("pore_filling") {
        Some(_) => Some(recipe::Filling {
            name: section.text("pore_filling")?,
            span: section.span_of("pore_filling"),
        }),
        None => None,
    };
    let recipe = section
        .section("composition")
        .and_then(|parts| recipe::recipe(&parts, active.as_ref(), liquid.as_ref(), shelf));
    let surface = section.quantity("specific_surface");
    let kind = section.choice("particle_kind").map(|word| match word {
        "polycrystal" => ParticleKind::Polycrystal,
        _ => ParticleKind::SingleCrystal,
    });
    let porosity = section.quantity("porosity");
    let pressure = pressing_pressure(section);
    let (contact, connected) = (
        section.quantity("contact_fraction"),
        section.quantity("connected_fraction"),
    );
    let (flattening, heterogeneity) = (
        section.quantity("contact_flattening"),
        section.quantity("heterogeneity"),
    );
    let loading = loading(section, recipe.as_ref());
    let (active_material, particle_diameter, recipe) = (active?, diameter?, recipe?);
    let made_of = (kind?, &particle_diameter, recipe.carbon.as_ref());
    let arrangement = arrangement::arrangement(section, made_of);
    let wetted = match liquid {
        Some(_) => Some(wetted(section)?),
        None => None,
    };
    let specific_surface = match surface {
        Some(surface) => surface,
        None if section.get("specific_surface").is_none() => {
            smooth_surface(&particle_diameter, active_material.density)
        }
        None => return None,
    };
    if coated
        && specific_surface < 0.5 * smooth_surface(&particle_diameter, active_material.density)
    {
        let message =
            "the stated surface is less than half that of smooth spheres of this diameter";
        section.sink().push(
            Diagnostic::warning(section.span_of("specific_surface"), message)
                .help("give the BET of the uncoated powder"),
        );
    }
    let cathode = Cathode {
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
        pressing_pressure: pressure?,
        contact_flattening: flattening?,
        heterogeneity: heterogeneity?,
        contact_fraction: wetted.unwrap_or(contact?),
        connected_fraction: wetted.unwrap_or(connected?),
        arrangement: arrangement?,
    };
    Some(Made {
        cathode,
        powder_loading: recipe.powder_loading,
    })
}

impl Made {
    /// The cathode with its coating: the powder's mass is shared with it, a loading
    /// that follows from the composition is oxide alone, and a porosity that follows
    /// from the pressure counts every solid.
    pub fn with_coating(self, section: &Section<'_>, coating: Option<&Coating>) -> Option<Cathode> {
        let mut cathode = self.cathode;
        let ratio = coating.map_or(0.0, |coating| {
            coating.mass_per_oxide(cathode.specific_surface)
        });
        if let Some(annealed) = coating.and_then(|coating| coating.annealed.as_ref()) {
            // What the coating took is missing in the oxide.
            cathode.active_material.initial_stoichiometry *= 1.0 - annealed.oxide_lithium_taken();
        }
        let parts = &mut cathode.mass_fractions;
        let powder = parts.active_material;
        parts.active_material = powder / (1.0 + ratio);
        parts.coating = powder - parts.active_material;
        if let Some(loading) = self.powder_loading {
            let oxide = loading / (1.0 + ratio);
            agree(section, oxide)?;
            cathode.areal_loading = oxide;
        }
        if let Some(pressure) = cathode.pressing_pressure {
            cathode.porosity = cathode.pressed_porosity(coating, pressure);
        }
        if cathode.electrolyte.is_liquid() {
            fill(&mut cathode, coating);
        }
        Some(cathode)
    }
}

/// Share of the surface that a liquid touches, and of the particles that it reaches: all.
/// What would say otherwise is refused, and a porosity is needed.
fn wetted(section: &Section<'_>) -> Option<f64> {
    for key in [
        "contact_fraction",
        "connected_fraction",
        "pressing_pressure",
    ] {
        if section.get(key).is_some() {
            let message = format!("`{key}` has no meaning where a liquid fills the pores");
            return section.sink().refuse(
                Diagnostic::error(section.span_of(key), message)
                    .label("would have no effect")
                    .help("a liquid touches every surface, and pressing does not squeeze it: leave it out"),
            );
        }
    }
    if section.get("porosity").is_none() {
        return section.sink().refuse(
            Diagnostic::error(
                section.span_of("pore_filling"),
                "nothing says how much liquid there is",
            )
            .label("needs `porosity`")
            .help("add the porosity of the dry electrode, for example porosity = \"35 %\""),
        );
    }
    Some(1.0)
}

/// Puts the liquid into the pores of the dry electrode: it takes their volume, and no
/// pores are left.
fn fill(cathode: &mut Cathode, coating: Option<&Coating>) {
    let pores = cathode.porosity / (1.0 - cathode.porosity) * cathode.solid_volume(coating);
    let liquid = pores * cathode.electrolyte.density;
    let total = 1.0 + liquid;
    let parts = &mut cathode.mass_fractions;
    for part in [
        &mut parts.active_material,
        &mut parts.carbon,
        &mut parts.binder,
        &mut parts.coating,
    ] {
        *part /= total;
    }
    parts.electrolyte = liquid / total;
    cathode.porosity = 0.0;
}

/// Loading as stated or as the composition has it, kg/m2; one of the two must be there.
fn loading(section: &Section<'_>, recipe: Option<&recipe::Recipe>) -> Option<f64> {
    let key = "active_mass_loading";
    if section.get(key).is_some() {
        return section.quantity(key);
    }
    let recipe = recipe?;
    if recipe.powder_loading.is_none() {
        return section.sink().refuse(
            Diagnostic::error(section.span(), format!("[cathode] lacks `{key}`"))
                .label(format!("needs `{key}`"))
                .help(format!(
                    "add `{key} = \"10.6 mg/cm2\"` (oxide without its coating, per cell area), or state the composition in mg/cm2"
                )),
        );
    }
    recipe.powder_loading
}

/// A stated loading must be what the composition in mass per area says.
fn agree(section: &Section<'_>, oxide: f64) -> Option<()> {
    let key = "active_mass_loading";
    let Some(stated) = section.get(key).and_then(|_| section.quantity(key)) else {
        return Some(());
    };
    if (stated - oxide).abs() <= LOADING_ROUNDING * oxide {
        return Some(());
    }
    let message = format!(
        "the stated loading of {:.3} mg/cm2 contradicts the composition, which holds {:.3} mg/cm2 of oxide",
        100.0 * stated,
        100.0 * oxide
    );
    section.sink().refuse(
        Diagnostic::error(section.span_of(key), message)
            .label("contradicts the composition")
            .help(format!("leave `{key}` out: it follows from a composition in mass per area, less the coating")),
    )
}

/// The pressure, if the porosity is to follow from it; both at once are refused, as
/// one would have no effect.
fn pressing_pressure(section: &Section<'_>) -> Option<Option<f64>> {
    if section.get("pressing_pressure").is_none() {
        return Some(None);
    }
    if section.get("porosity").is_some() {
        let message = "`porosity` and `pressing_pressure` are both stated";
        return section.sink().refuse(
            Diagnostic::error(section.span_of("pressing_pressure"), message)
                .label("would have no effect")
                .help("the porosity is estimated from the pressure only where it is not known: leave one of them out"),
        );
    }
    section.quantity("pressing_pressure").map(Some)
}

/// Surface per mass of smooth spheres, m2/kg: 6/(density d32).
fn smooth_surface(diameter: &SizeDistribution, density: f64) -> f64 {
    6.0 / (density * diameter.sauter())
}
