//! `composition`: parts by mass, and which material plays which part.

use super::Shelf;
use crate::input::{Diagnostic, Dimension, Section, describe_value, parse};
use crate::materials::{Binder, Carbon, MaterialKind as Kind, SolidElectrolyte};
use crate::scenario::types::MassFractions;
use toml::Spanned;
use toml::de::DeValue;

/// How far a composition may miss 100 % by rounding.
const ROUNDING: f64 = 1e-3;

/// What a composition names.
pub(super) struct Recipe {
    pub electrolyte: SolidElectrolyte,
    pub carbon: Option<Carbon>,
    pub binder: Option<Binder>,
    pub fractions: MassFractions,
}

/// One part of a composition.
struct Part<'a> {
    name: &'a str,
    mass: f64,
    extra: bool,
}

/// Reads the parts, checks their sum, and shares them out by kind of material.
pub(super) fn recipe(section: &Section<'_>, shelf: &Shelf) -> Option<Recipe> {
    let parts: Option<Vec<Part<'_>>> = section
        .entries()
        .into_iter()
        .map(|(name, _, value)| part(name, value, section))
        .collect();
    let roles = roles(section, shelf);
    let parts = parts?;
    check_sum(&parts, section)?;
    let (electrolyte, carbon, binder) = roles?;
    let total: f64 = parts.iter().map(|part| part.mass).sum();
    let of = |name: &str| {
        parts
            .iter()
            .filter(|part| part.name == name)
            .map(|part| part.mass)
            .sum::<f64>()
            / total
    };
    Some(Recipe {
        fractions: MassFractions {
            active_material: of("active_material"),
            electrolyte: of(&electrolyte.name),
            carbon: carbon.as_ref().map_or(0.0, |carbon| of(&carbon.name)),
            binder: binder.as_ref().map_or(0.0, |binder| of(&binder.name)),
            coating: 0.0,
        },
        electrolyte,
        carbon,
        binder,
    })
}

fn part<'a>(
    name: &'a str,
    value: &Spanned<DeValue<'_>>,
    section: &Section<'_>,
) -> Option<Part<'a>> {
    let path = section.path_of(name);
    let Some(text) = value.get_ref().as_str() else {
        let message = format!(
            "`{path}` is {}, but needs a mass fraction with its unit",
            describe_value(value.get_ref())
        );
        return section.sink().refuse(
            Diagnostic::error(value.span(), message)
                .label("no unit")
                .help("write for example \"70 wt%\""),
        );
    };
    let (amount, extra) = match text.trim_end().strip_suffix("extra") {
        Some(amount) => (amount, true),
        None => (text, false),
    };
    match parse(amount, &[Dimension::MassFraction]) {
        Ok(quantity) if quantity.value > 0.0 && quantity.value <= 1.0 => Some(Part {
            name,
            mass: quantity.value,
            extra,
        }),
        Ok(_) => section.sink().refuse(
            Diagnostic::error(
                value.span(),
                format!("`{path}` cannot be {text}: it must be above 0 and at most 100 %"),
            )
            .label("impossible value"),
        ),
        Err(error) => section.sink().refuse(
            Diagnostic::error(value.span(), format!("`{path}`: {error}"))
                .help(error.help(Dimension::MassFraction, "70 wt%")),
        ),
    }
}

/// The parts that are not `extra` must make 100 %.
fn check_sum(parts: &[Part<'_>], section: &Section<'_>) -> Option<()> {
    let sum: f64 = parts
        .iter()
        .filter(|part| !part.extra)
        .map(|part| part.mass)
        .sum();
    let percent = (sum * 1e5).round() / 1e3;
    if sum > 1.0 + ROUNDING {
        let message = format!("the composition adds up to {percent} %, more than 100 %");
        let help = "a part that comes on top of the others is written as \"1 wt% extra\"";
        return section.sink().refuse(
            Diagnostic::error(section.span(), message)
                .label(format!("{percent} %"))
                .help(help),
        );
    }
    if sum < 1.0 - ROUNDING {
        let message = format!("the composition adds up to only {percent} %");
        return section.sink().refuse(
            Diagnostic::error(section.span(), message)
                .label(format!("{percent} %"))
                .help("the parts that are not `extra` must make 100 %"),
        );
    }
    Some(())
}

type Roles = (SolidElectrolyte, Option<Carbon>, Option<Binder>);

/// Which part is the electrolyte, which the carbon, which the binder.
fn roles(section: &Section<'_>, shelf: &Shelf) -> Option<Roles> {
    let sink = section.sink();
    let kinds = [
        Kind::SolidElectrolyte,
        Kind::CarbonFibre,
        Kind::CarbonBlack,
        Kind::Binder,
    ];
    let (mut electrolyte, mut carbon, mut binder) = (None, None, None);
    let mut refused = false;
    for (name, span, _) in section
        .entries()
        .into_iter()
        .filter(|(name, ..)| *name != "active_material")
    {
        let kind = kinds
            .into_iter()
            .find(|kind| shelf.library.find(name, *kind).is_some());
        let twice = match kind {
            Some(Kind::SolidElectrolyte) => electrolyte
                .replace((name, span.clone(), Kind::SolidElectrolyte))
                .is_some(),
            Some(Kind::Binder) => binder.replace((name, span.clone(), Kind::Binder)).is_some(),
            Some(kind) => carbon.replace((name, span.clone(), kind)).is_some(),
            None => {
                let mut complaint = shelf.library.unknown(name, span.clone(), &kinds);
                if shelf.library.find(name, Kind::ActiveMaterial).is_some() {
                    complaint = complaint.help("the oxide's part is written as `active_material`");
                }
                sink.push(complaint);
                refused = true;
                false
            }
        };
        if twice {
            let message = format!("`{name}` is the second of its kind in the composition");
            sink.push(
                Diagnostic::error(span, message).help("one electrolyte, one carbon and one binder"),
            );
            refused = true;
        }
    }
    let Some((name, span, kind)) = electrolyte else {
        if refused {
            return None;
        }
        let electrolytes = shelf.library.names(&[Kind::SolidElectrolyte]).join(", ");
        return sink.refuse(
            Diagnostic::error(section.span(), "the composition has no electrolyte")
                .help(format!("known: {electrolytes}")),
        );
    };
    let electrolyte = shelf.take(name, kind, span, sink);
    let carbon = carbon.map(|(name, span, kind)| shelf.take(name, kind, span, sink));
    let binder = binder.map(|(name, span, kind)| shelf.take(name, kind, span, sink));
    if refused {
        return None;
    }
    Some((
        electrolyte?,
        carbon.map_or(Some(None), |c: Option<_>| c.map(Some))?,
        binder.map_or(Some(None), |b: Option<_>| b.map(Some))?,
    ))
}
