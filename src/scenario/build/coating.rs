//! `[coating]`: layers, coverage, and the balance of stated and filmed mass.

use super::Shelf;
use crate::input::{Diagnostic, Section};
use crate::materials::{CoatingMaterial, MaterialKind};
use crate::scenario::types::{Cathode, Coating, CoatingLayer, CoatingMorphology};

pub(super) fn coating(
    section: &Section<'_>,
    cathode: Option<&Cathode>,
    shelf: &Shelf,
) -> Option<Coating> {
    let outer = layer(section, shelf);
    let inner = section.section("inner").map(|inner| layer(&inner, shelf));
    let coverage = section.quantity("coverage");
    let morphology = section.choice("morphology").map(|word| match word {
        "islands" => CoatingMorphology::Islands,
        "particulate" => CoatingMorphology::Particulate,
        _ => CoatingMorphology::Conformal,
    });
    let variation = section.quantity("thickness_variation");
    let mass_ratio = section.quantity("mass");
    let mut layers = vec![outer?];
    if let Some(inner) = inner {
        layers.push(inner?);
    }
    let mut coating = Coating {
        layers,
        coverage: coverage?,
        morphology: morphology?,
        thickness_variation: variation.unwrap_or(morphology?.usual_variation()),
        mass_ratio,
        excess_ratio: 0.0,
    };
    if let Some(cathode) = cathode {
        check_thickness(section, &coating, cathode)?;
        let film = coating.film_ratio(cathode.specific_surface);
        if let Some(stated) = mass_ratio {
            coating.excess_ratio = (stated - film).max(0.0);
            check_mass(section, stated, film);
        }
    }
    Some(coating)
}

fn layer(section: &Section<'_>, shelf: &Shelf) -> Option<CoatingLayer> {
    let material: Option<CoatingMaterial> = shelf.named(section, "material", MaterialKind::Coating);
    let thickness = section.quantity("thickness");
    Some(CoatingLayer {
        material: material?,
        thickness: thickness?,
    })
}

fn check_thickness(section: &Section<'_>, coating: &Coating, cathode: &Cathode) -> Option<()> {
    let thickness: f64 = coating.layers.iter().map(|layer| layer.thickness).sum();
    let radius = 0.5 * cathode.particle_diameter.median();
    if thickness < radius {
        return Some(());
    }
    let message = format!(
        "the coating ({:.4} um) is thicker than the particles' radius ({:.4} um)",
        1e6 * thickness,
        1e6 * radius
    );
    section.sink().refuse(
        Diagnostic::error(section.span_of("thickness"), message)
            .label("too thick")
            .help("a coating is some nanometres thick: was `nm` meant?"),
    )
}

fn check_mass(section: &Section<'_>, stated: f64, film: f64) {
    if stated < 0.5 * film {
        let message = format!(
            "the stated coating mass ({:.3} wt%) is less than half of what the film weighs ({:.3} wt%)",
            100.0 * stated,
            100.0 * film
        );
        section.sink().push(
            Diagnostic::warning(section.span_of("mass"), message)
                .label("contradicts thickness and coverage")
                .help("thickness, coverage, specific_surface and mass do not fit together; the film is simulated as stated"),
        );
    }
}
