//! `[coating] process`: a coating made by annealing a precursor on the oxide.

use super::Shelf;
use super::coating::check_thickness;
use crate::annealing::{Annealed, Form, Powder, Recipe, Treatment};
use crate::input::{Diagnostic, Section};
use crate::materials::MaterialKind::{self, CoatingProcess};
use crate::scenario::types::{Cathode, Coating, CoatingLayer, CoatingMorphology};

/// Keys of `[coating]` that a process answers.
const ANSWERED: [&str; 10] = [
    "material",
    "thickness",
    "coverage",
    "mass",
    "morphology",
    "thickness_variation",
    "patch_diameter",
    "packing",
    "aggregate_share",
    "inner",
];

pub(super) fn coating(
    section: &Section<'_>,
    process: &Section<'_>,
    cathode: Option<&Cathode>,
    shelf: &Shelf,
) -> Option<Coating> {
    let alone = refuse_answered(section);
    let recipe = recipe(process, shelf);
    let treatment = treatment(process, recipe.as_ref());
    let aggregate = section.quantity("aggregate_diameter");
    alone?;
    let cathode = cathode?;
    let oxide = &cathode.active_material;
    let powder = Powder {
        specific_surface: cathode.specific_surface,
        lithium: oxide.initial_stoichiometry / oxide.molar_mass,
    };
    let annealed = match Annealed::new(recipe?, treatment?, powder) {
        Ok(annealed) => annealed,
        Err(error) => {
            return section.sink().refuse(
                Diagnostic::error(section.span_of("process"), error.to_string()).help(
                    "the constants of the process are in [materials], kind \"coating-process\"",
                ),
            );
        }
    };
    let film = annealed.outcome.film;
    let morphology = match film.form {
        Form::Ground => CoatingMorphology::Aggregates,
        Form::Film => CoatingMorphology::Conformal,
        Form::Islands => CoatingMorphology::Islands,
    };
    let coating = Coating {
        layers: vec![CoatingLayer {
            material: annealed.material(),
            thickness: film.thickness,
        }],
        coverage: film.coverage,
        morphology,
        thickness_variation: film.variation,
        patch_diameter: morphology.usual_patch(),
        aggregate_diameter: aggregate?,
        mass_ratio: Some(annealed.mass()),
        excess_ratio: annealed.lumps(),
        annealed: Some(annealed),
    };
    check_thickness(section, &coating, cathode)?;
    Some(coating)
}

/// Complains of every key that would have no effect beside a process.
fn refuse_answered(section: &Section<'_>) -> Option<()> {
    let stated = ANSWERED.iter().filter(|key| section.get(key).is_some());
    let mut alone = Some(());
    for key in stated {
        alone = section.sink().refuse(
            Diagnostic::error(
                section.span_of(key),
                format!("`{key}` and `process` are both stated"),
            )
            .label("would have no effect")
            .help("annealing gives substance, thickness, coverage and form of the coating: leave one of the two out"),
        );
    }
    alone
}

/// The process and the substances it passes through.
fn recipe(section: &Section<'_>, shelf: &Shelf) -> Option<Recipe> {
    let name = section.text("precursor")?;
    let span = section.span_of("precursor");
    let process = shelf.named(section, "precursor", CoatingProcess)?;
    let phase = |name: &str| shelf.take(name, MaterialKind::Coating, span.clone(), section.sink());
    Some(Recipe {
        process,
        precursor: phase(name)?,
        intermediate: phase("Li-P-S-O")?,
        phosphate: phase("Li3PO4")?,
        sulfate: phase("Li2SO4")?,
    })
}

fn treatment(section: &Section<'_>, recipe: Option<&Recipe>) -> Option<Treatment> {
    let [mass, temperature, hold, heating_rate, oxygen_pressure] = [
        "mass",
        "temperature",
        "hold",
        "heating_rate",
        "oxygen_pressure",
    ]
    .map(|key| section.quantity(key));
    let residual_lithium = match section.get("residual_lithium") {
        Some(_) => section.quantity("residual_lithium"),
        None => recipe.map(|recipe| recipe.process.residual_lithium),
    };
    Some(Treatment {
        mass: mass?,
        temperature: temperature?,
        hold: hold?,
        heating_rate: heating_rate?,
        oxygen_pressure: oxygen_pressure?,
        residual_lithium: residual_lithium?,
    })
}
