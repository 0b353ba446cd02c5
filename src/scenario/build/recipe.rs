//! `composition`: parts by mass, by volume or in mass per area, and which material
//! plays which part. Whatever the user's unit, mass fractions leave this file.

use super::Shelf;
use crate::input::{Diagnostic, Dimension, Section, Span, describe_value, parse};
use crate::materials::{ActiveMaterial, Binder, Carbon, Electrolyte, MaterialKind as Kind};
use crate::scenario::types::MassFractions;
use toml::Spanned;
use toml::de::DeValue;

/// How an amount may be written.
const AMOUNTS: &str = "write for example \"70 wt%\", \"47 vol%\" or \"10.6 mg/cm2\"";
/// How far a composition may miss 100 % by rounding.
const ROUNDING: f64 = 1e-3;

/// What a composition names.
pub(super) struct Recipe {
    /// A sulfide of the composition, or the liquid in its pores.
    pub electrolyte: Electrolyte,
    pub carbon: Option<Carbon>,
    pub binder: Option<Binder>,
    pub fractions: MassFractions,
    /// Mass of powder (oxide and coating) per area where the composition states it, kg/m2.
    pub powder_loading: Option<f64>,
}

/// A liquid that fills the pores, as named in the scenario.
pub(super) struct Filling<'a> {
    pub name: &'a str,
    pub span: Span,
}

/// One part of a composition.
struct Part<'a> {
    name: &'a str,
    /// In SI of `kind`.
    amount: f64,
    kind: Dimension,
    extra: bool,
    span: Span,
}

/// Reads the parts, checks their sum, and shares them out by kind of material.
pub(super) fn recipe(
    section: &Section<'_>,
    active: Option<&ActiveMaterial>,
    liquid: Option<&Filling<'_>>,
    shelf: &Shelf,
) -> Option<Recipe> {
    let parts: Option<Vec<Part<'_>>> = section
        .entries()
        .into_iter()
        .map(|(name, _, value)| part(name, value, section))
        .collect();
    let roles = roles(section, liquid, shelf);
    let parts = parts?;
    let kind = one_kind(&parts, section)?;
    if kind != Dimension::ArealLoading {
        check_sum(&parts, section)?;
    }
    let (electrolyte, carbon, binder) = roles?;
    // A part by volume weighs its density; the powder counts with that of the oxide.
    let weight = |density: f64| match kind {
        Dimension::VolumeFraction => density,
        _ => 1.0,
    };
    let of = |name: &str| {
        parts
            .iter()
            .filter(|part| part.name == name)
            .map(|part| part.amount)
            .sum::<f64>()
    };
    let masses = [
        of("active_material") * weight(active?.density),
        if electrolyte.is_liquid() {
            0.0
        } else {
            of(&electrolyte.name) * weight(electrolyte.density)
        },
        carbon
            .as_ref()
            .map_or(0.0, |c| of(&c.name) * weight(c.density)),
        binder
            .as_ref()
            .map_or(0.0, |b| of(&b.name) * weight(b.density)),
    ];
    let total: f64 = match kind {
        Dimension::VolumeFraction => masses.iter().sum(),
        _ => parts.iter().map(|part| part.amount).sum(),
    };
    Some(Recipe {
        fractions: MassFractions {
            active_material: masses[0] / total,
            electrolyte: masses[1] / total,
            carbon: masses[2] / total,
            binder: masses[3] / total,
            coating: 0.0,
        },
        electrolyte,
        carbon,
        binder,
        powder_loading: (kind == Dimension::ArealLoading).then_some(masses[0]),
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
            "`{path}` is {}, but needs a mass fraction, a volume fraction or a mass per area with its unit",
            describe_value(value.get_ref())
        );
        return section.sink().refuse(
            Diagnostic::error(value.span(), message)
                .label("no unit")
                .help(AMOUNTS),
        );
    };
    let (amount, extra) = match text.trim_end().strip_suffix("extra") {
        Some(amount) => (amount, true),
        None => (text, false),
    };
    match parse(amount, &crate::scenario::schema::AMOUNTS) {
        Ok(quantity) => {
            let areal = quantity.dimension == Dimension::ArealLoading;
            let possible = quantity.value > 0.0 && (areal || quantity.value <= 1.0);
            if possible && !(areal && extra) {
                return Some(Part {
                    name,
                    amount: quantity.value,
                    kind: quantity.dimension,
                    extra,
                    span: value.span(),
                });
            }
            let message = if possible {
                format!("`{path}`: a mass per area is what is there, so nothing is `extra`")
            } else {
                let limit = if areal { "" } else { " and at most 100 %" };
                format!("`{path}` cannot be {text}: it must be above 0{limit}")
            };
            section
                .sink()
                .refuse(Diagnostic::error(value.span(), message).label("impossible value"))
        }
        Err(error) => section
            .sink()
            .refuse(Diagnostic::error(value.span(), format!("`{path}`: {error}")).help(AMOUNTS)),
    }
}

/// How a kind of part is called.
fn word(kind: Dimension) -> &'static str {
    match kind {
        Dimension::VolumeFraction => "vol%",
        Dimension::ArealLoading => "mass per area",
        _ => "wt%",
    }
}

/// The kind of unit that all parts share.
fn one_kind(parts: &[Part<'_>], section: &Section<'_>) -> Option<Dimension> {
    let first = parts.first()?;
    let Some(other) = parts.iter().find(|part| part.kind != first.kind) else {
        return Some(first.kind);
    };
    let message = format!(
        "the composition mixes kinds: `{}` is in {}, `{}` in {}",
        first.name,
        word(first.kind),
        other.name,
        word(other.kind)
    );
    section.sink().refuse(
        Diagnostic::error(other.span.clone(), message)
            .label(format!("not in {}", word(first.kind)))
            .help("state every part in wt%, every part in vol% of the solids, or every part in mg/cm2"),
    )
}

/// The parts that are not `extra` must make 100 %.
fn check_sum(parts: &[Part<'_>], section: &Section<'_>) -> Option<()> {
    let sum: f64 = parts
        .iter()
        .filter(|part| !part.extra)
        .map(|part| part.amount)
        .sum();
    let percent = (sum * 1e5).round() / 1e3;
    if sum > 1.0 + ROUNDING {
        let message = format!("the composition adds up to {percent} %, more than 100 %");
        let unit = parts.first().map_or("wt%", |part| word(part.kind));
        let help =
            format!("a part that comes on top of the others is written as \"1 {unit} extra\"");
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

type Roles = (Electrolyte, Option<Carbon>, Option<Binder>);

/// Which part is the electrolyte, which the carbon, which the binder.
fn roles(section: &Section<'_>, liquid: Option<&Filling<'_>>, shelf: &Shelf) -> Option<Roles> {
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
    if let (Some((name, span, _)), Some(_)) = (&electrolyte, liquid) {
        let message = format!("`{name}` and a liquid that fills the pores");
        return sink.refuse(
            Diagnostic::error(span.clone(), message)
                .help("leave the sulfide out of the composition, or `pore_filling`"),
        );
    }
    let electrolyte = electrolyte.or_else(|| {
        liquid.map(|filling| (filling.name, filling.span.clone(), Kind::LiquidElectrolyte))
    });
    let Some((name, span, kind)) = electrolyte else {
        if refused {
            return None;
        }
        let electrolytes = shelf.library.names(&[Kind::SolidElectrolyte]).join(", ");
        return sink.refuse(
            Diagnostic::error(section.span(), "the composition has no electrolyte").help(format!(
                "known: {electrolytes}; or `pore_filling` names a liquid"
            )),
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
