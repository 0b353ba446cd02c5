//! The keys of `[cathode]` that say how its parts lie among each other.

use crate::input::{Diagnostic, Section};
use crate::materials::{Carbon, CarbonShape};
use crate::scenario::SizeDistribution;
use crate::scenario::types::{Arrangement, ParticleKind};

/// Primary grains where a scenario states none, m (an estimate: micrographs of nickel-rich
/// secondary particles show grains of some hundred nanometres).
const USUAL_GRAIN: f64 = 500e-9;

pub(super) fn arrangement(
    section: &Section<'_>,
    (kind, particles, carbon): (ParticleKind, &SizeDistribution, Option<&Carbon>),
) -> Option<Arrangement> {
    let primary_grain = match kind {
        ParticleKind::SingleCrystal => {
            without_effect(section, "primary_grain_diameter", "single crystals");
            without_effect(section, "voids_in_particles", "single crystals");
            None
        }
        ParticleKind::Polycrystal => Some(grain(section, particles)?),
    };
    let fibres = carbon.is_some_and(|c| matches!(c.shape, CarbonShape::Fibre { .. }));
    let black = carbon.is_some_and(|c| matches!(c.shape, CarbonShape::Black { .. }));
    if !fibres {
        without_effect(section, "fibres_in_plane", "a composite without fibres");
    }
    if !black {
        without_effect(
            section,
            "carbon_at_surfaces",
            "a composite without carbon black",
        );
    }
    let voids = match section.get("voids_at_surfaces") {
        Some(_) => Some(section.quantity("voids_at_surfaces")?),
        None => None,
    };
    Some(Arrangement {
        carbon_at_surfaces: section.quantity("carbon_at_surfaces")?,
        fibres_in_plane: section.quantity("fibres_in_plane")?,
        voids_at_surfaces: voids,
        primary_grain,
        voids_in_particles: match kind {
            ParticleKind::SingleCrystal => 0.0,
            ParticleKind::Polycrystal => section.quantity("voids_in_particles")?,
        },
    })
}

fn grain(section: &Section<'_>, particles: &SizeDistribution) -> Option<f64> {
    let key = "primary_grain_diameter";
    if section.get(key).is_none() {
        return Some(USUAL_GRAIN.min(particles.median()));
    }
    let diameter = section.quantity(key)?;
    if diameter <= particles.median() {
        return Some(diameter);
    }
    let message = format!(
        "the primary grains ({:.3} um) are larger than the particles they make up ({:.3} um)",
        1e6 * diameter,
        1e6 * particles.median()
    );
    section.sink().refuse(
        Diagnostic::error(section.span_of(key), message)
            .label("too large")
            .help("grains are some hundred nanometres wide: was `nm` meant? For one grain a particle say particle_kind = \"single-crystal\""),
    )
}

/// Warns of a key that changes nothing here.
fn without_effect(section: &Section<'_>, key: &str, what: &str) {
    if section.get(key).is_some() {
        let message = format!("`{}` changes nothing in {what}", section.path_of(key));
        section
            .sink()
            .push(Diagnostic::warning(section.span_of(key), message).label("not used"));
    }
}
