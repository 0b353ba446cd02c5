//! `[coating]`: layers, and thickness, coverage and mass, of which two give the third.

use super::{Shelf, annealing};
use crate::input::{Diagnostic, Section};
use crate::materials::{CoatingMaterial, MaterialKind};
use crate::scenario::balance::{CoatingBalance, Verdict};
use crate::scenario::types::{Cathode, Coating, CoatingLayer, CoatingMorphology};

/// How far a stated share of lumps may miss what mass, thickness and coverage leave over.
const ROUNDING: f64 = 0.02;

pub(super) fn coating(
    section: &Section<'_>,
    cathode: Option<&Cathode>,
    shelf: &Shelf,
) -> Option<Coating> {
    if let Some(process) = section.section("process") {
        return annealing::coating(section, &process, cathode, shelf);
    }
    if section.get("process").is_some() {
        return None;
    }
    let outer = material(section, shelf);
    let inner = section.section("inner").map(|inner| layer(&inner, shelf));
    let morphology = morphology(section, inner.is_some());
    let amounts = Amounts::read(section);
    let variation = optional(section, "thickness_variation");
    let patch = optional(section, "patch_diameter");
    let aggregate = section.quantity("aggregate_diameter");
    let (morphology, amounts) = (morphology?, amounts?);
    let mut outer = outer?;
    outer.density *= packing(section, morphology)?;
    let inner = match inner {
        Some(inner) => Some(inner?),
        None => None,
    };
    let film = amounts.film(section, cathode?, (&outer, inner.as_ref()), morphology)?;
    let mut layers = vec![CoatingLayer {
        material: outer,
        thickness: film.thickness,
    }];
    layers.extend(inner);
    let coating = Coating {
        layers,
        coverage: film.coverage,
        morphology,
        thickness_variation: variation?.unwrap_or(morphology.usual_variation()),
        patch_diameter: patch?.unwrap_or(morphology.usual_patch()),
        aggregate_diameter: aggregate?,
        mass_ratio: film.mass,
        excess_ratio: film.excess,
        annealed: None,
    };
    check_thickness(section, &coating, cathode?)?;
    if amounts.all_stated() {
        check_mass(section, &coating, cathode?.specific_surface);
    }
    Some(coating)
}

/// The substance, which only a process makes needless.
fn material(section: &Section<'_>, shelf: &Shelf) -> Option<CoatingMaterial> {
    if section.get("material").is_some() {
        return shelf.named(section, "material", MaterialKind::Coating);
    }
    section.sink().refuse(
        Diagnostic::error(section.span(), "[coating] lacks `material`")
            .label("needs `material`")
            .help("add `material = \"LiNbO3\"` (the coating's, or outer layer's, substance), or a `process` that makes one"),
    )
}

fn layer(section: &Section<'_>, shelf: &Shelf) -> Option<CoatingLayer> {
    let material: Option<CoatingMaterial> = shelf.named(section, "material", MaterialKind::Coating);
    let thickness = section.quantity("thickness");
    Some(CoatingLayer {
        material: material?,
        thickness: thickness?,
    })
}

/// A quantity that may be left out: `Some(None)` when it is, `None` when refused.
fn optional(section: &Section<'_>, key: &str) -> Option<Option<f64>> {
    match section.get(key) {
        Some(_) => section.quantity(key).map(Some),
        None => Some(None),
    }
}

fn morphology(section: &Section<'_>, layered: bool) -> Option<CoatingMorphology> {
    let morphology = match section.choice("morphology")? {
        "islands" => CoatingMorphology::Islands,
        "particulate" => CoatingMorphology::Particulate,
        "bilayer" => CoatingMorphology::Bilayer,
        "aggregates" => CoatingMorphology::Aggregates,
        _ => CoatingMorphology::Conformal,
    };
    if morphology == CoatingMorphology::Bilayer && !layered {
        return section.sink().refuse(
            Diagnostic::error(section.span_of("morphology"), "a bilayer needs its inner layer")
                .help("add `inner = { material = \"Li2CO3\", thickness = \"8 nm\" }`, or say \"conformal\""),
        );
    }
    Some(morphology)
}

fn packing(section: &Section<'_>, morphology: CoatingMorphology) -> Option<f64> {
    let packing = optional(section, "packing")?;
    if packing.is_some() && morphology != CoatingMorphology::Particulate {
        let message = format!("a {} coating has no `packing`", morphology.word());
        return section.sink().refuse(
            Diagnostic::error(section.span_of("packing"), message)
                .help("it is that of nanoparticles: say morphology = \"particulate\""),
        );
    }
    Some(packing.unwrap_or(1.0))
}

/// What a scenario says of how much there is.
struct Amounts {
    thickness: Option<f64>,
    coverage: Option<f64>,
    mass: Option<f64>,
    aggregate_share: Option<f64>,
}

/// What follows from it.
struct Film {
    /// Of the outer layer, m.
    thickness: f64,
    coverage: f64,
    /// Mass per mass of active material, where it is not just the film's.
    mass: Option<f64>,
    /// Mass outside the film per mass of active material.
    excess: f64,
}

impl Amounts {
    fn read(section: &Section<'_>) -> Option<Self> {
        let (thickness, coverage) = (
            optional(section, "thickness"),
            optional(section, "coverage"),
        );
        let (mass, share) = (
            optional(section, "mass"),
            optional(section, "aggregate_share"),
        );
        let amounts = Self {
            thickness: thickness?,
            coverage: coverage?,
            mass: mass?,
            aggregate_share: share?,
        };
        let keys = [
            ("thickness", amounts.thickness),
            ("coverage", amounts.coverage),
            ("mass", amounts.mass),
        ];
        let missing: Vec<_> = keys.iter().filter(|(_, v)| v.is_none()).collect();
        if missing.len() < 2 {
            return Some(amounts);
        }
        let names: Vec<_> = missing
            .iter()
            .map(|(name, _)| format!("`{name}`"))
            .collect();
        section.sink().refuse(
            Diagnostic::error(section.span(), format!("[coating] lacks {}", names.join(", ")))
                .label("not enough")
                .help("two of thickness, coverage and mass are needed; the third follows: thickness = \"5 nm\", coverage = \"95 %\""),
        )
    }

    fn all_stated(&self) -> bool {
        self.thickness.is_some() && self.coverage.is_some() && self.mass.is_some()
    }

    /// Thickness and coverage of the film, and what is outside it.
    fn film(
        &self,
        section: &Section<'_>,
        cathode: &Cathode,
        (outer, inner): (&CoatingMaterial, Option<&CoatingLayer>),
        morphology: CoatingMorphology,
    ) -> Option<Film> {
        let surface = cathode.specific_surface;
        let beneath = inner.map_or(0.0, |layer| layer.material.density * layer.thickness);
        let in_film = 1.0 - self.aggregate_share.unwrap_or(0.0);
        let areal = |thickness: f64| outer.density * thickness + beneath;
        match (self.thickness, self.coverage, self.mass) {
            (Some(thickness), Some(coverage), mass) => {
                let weight = coverage * areal(thickness) * surface;
                let mass = self.total(section, weight, mass, morphology)?;
                let excess = mass.map_or(0.0, |mass| (mass - weight).max(0.0));
                Some(Film {
                    thickness,
                    coverage,
                    mass,
                    excess,
                })
            }
            (None, Some(coverage), Some(mass)) => {
                let thickness = (in_film * mass / (coverage * surface) - beneath) / outer.density;
                if !(thickness > 0.0 && thickness.is_finite()) {
                    return no_film(section, coverage, (mass, coverage * beneath * surface));
                }
                Some(Film {
                    thickness,
                    coverage,
                    mass: Some(mass),
                    excess: mass * (1.0 - in_film),
                })
            }
            (Some(thickness), None, Some(mass)) => {
                let full = areal(thickness) * surface;
                let coverage = in_film * mass / full;
                let (coverage, excess) = if coverage > 1.0 {
                    more_than_covers(section, coverage);
                    (1.0, mass - full)
                } else {
                    (coverage, mass * (1.0 - in_film))
                };
                Some(Film {
                    thickness,
                    coverage,
                    mass: Some(mass),
                    excess,
                })
            }
            // Refused when read.
            _ => None,
        }
    }

    /// The mass of all coating, where thickness and coverage give the film's.
    fn total(
        &self,
        section: &Section<'_>,
        film: f64,
        mass: Option<f64>,
        morphology: CoatingMorphology,
    ) -> Option<Option<f64>> {
        match (mass, self.aggregate_share) {
            (None, None) if morphology == CoatingMorphology::Aggregates => section.sink().refuse(
                Diagnostic::error(
                    section.span_of("morphology"),
                    "nothing says how much of the coating sits in aggregates",
                )
                .help("add its whole mass, mass = \"1 wt%\", or aggregate_share = \"60 %\""),
            ),
            (Some(mass), Some(share)) if (1.0 - film / mass - share).abs() > ROUNDING => {
                let message = format!(
                    "aggregate_share is {:.0} %, but mass, thickness and coverage leave {:.0} % outside the film",
                    100.0 * share,
                    100.0 * (1.0 - film / mass).max(0.0)
                );
                section.sink().refuse(
                    Diagnostic::error(section.span_of("aggregate_share"), message)
                        .label("contradicts the others")
                        .help("leave one of the four out: it follows"),
                )
            }
            (None, Some(share)) => Some(Some(film / (1.0 - share))),
            (mass, _) => Some(mass),
        }
    }
}

/// Refuses a mass that leaves no thickness for the outer layer.
fn no_film(section: &Section<'_>, coverage: f64, (mass, beneath): (f64, f64)) -> Option<Film> {
    let (key, message) = if coverage > 0.0 {
        let message = format!(
            "{:.3} wt% is no more than the inner layer and the aggregates take ({:.3} wt% inner layer): nothing is left for the outer one",
            100.0 * mass,
            100.0 * beneath
        );
        ("mass", message)
    } else {
        (
            "coverage",
            "a coating without coverage has no thickness".to_owned(),
        )
    };
    section.sink().refuse(
        Diagnostic::error(section.span_of(key), message)
            .label("leaves no film")
            .help("state the thickness itself, or change mass, coverage or inner layer"),
    )
}

fn more_than_covers(section: &Section<'_>, factor: f64) {
    let message = format!(
        "the stated mass is {factor:.2} times what covers all of the surface at this thickness"
    );
    section.sink().push(
        Diagnostic::warning(section.span_of("mass"), message)
            .label("more than full coverage")
            .help("the whole surface counts as covered and the rest as aggregates; state the coverage and the mass in the film to say otherwise"),
    );
}

pub(super) fn check_thickness(
    section: &Section<'_>,
    coating: &Coating,
    cathode: &Cathode,
) -> Option<()> {
    let thickness = coating.thickness();
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

/// Warns where the three stated amounts contradict each other.
fn check_mass(section: &Section<'_>, coating: &Coating, surface: f64) {
    let balance = CoatingBalance::of(coating, surface);
    let Some(stated) = balance.stated else { return };
    let compared = match balance.verdict {
        Verdict::Deficit => "less than",
        Verdict::Excessive => "more than ten times",
        Verdict::Follows | Verdict::Agree | Verdict::Surplus => return,
    };
    let message = format!(
        "the stated coating mass ({:.3} wt%) is {compared} what the film weighs ({:.3} wt%)",
        100.0 * stated,
        100.0 * balance.film
    );
    let help = format!(
        "that mass covers {:.0} % of the surface at this thickness, or makes {:.2} nm at this coverage; thickness, coverage, specific_surface and mass do not fit together, and the film is simulated as stated",
        100.0 * balance.implied_coverage.min(1.0),
        1e9 * balance.spread / coating.coverage.max(f64::MIN_POSITIVE)
    );
    section.sink().push(
        Diagnostic::warning(section.span_of("mass"), message)
            .label("contradicts thickness and coverage")
            .help(help),
    );
}
