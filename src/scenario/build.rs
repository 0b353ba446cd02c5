//! Sections of a scenario turned into the structures of [`super::types`].

use super::protocol::{self, Reference};
use super::types::*;
use crate::input::{Diagnostic, Dimension, Section, Sink, Span, parse};
use crate::materials::{
    ActiveMaterial, Anode, Carbon, CoatingMaterial, Entry, Library, MaterialKind as Kind,
    SolidElectrolyte,
};
use serde::de::DeserializeOwned;
use std::cell::RefCell;
use toml::Spanned;
use toml::de::DeValue;

/// z(0.9) of the standard normal distribution: d90 = d50 exp(z sigma).
const NORMAL_90: f64 = 1.281_551_565_544_6;
/// How far a composition may miss 100 % by rounding.
const ROUNDING: f64 = 1e-3;

/// Materials of one scenario, with a note of which were used.
pub(super) struct Shelf {
    library: Library,
    used: RefCell<Vec<Entry>>,
}

impl Shelf {
    /// The shipped materials with the scenario's changes.
    pub fn new(root: &Section<'_>) -> Self {
        let mut library = crate::materials::library().clone();
        for (name, span, value) in root.section("materials").iter().flat_map(Section::entries) {
            library.read(name, span, value.get_ref(), true, root.sink());
        }
        if let Some(laws) = root.get("laws") {
            library.read("laws", laws.span(), laws.get_ref(), true, root.sink());
        }
        Self { library, used: RefCell::default() }
    }

    /// A material named at a place; complains of unknown names.
    pub fn take<T: DeserializeOwned>(&self, name: &str, kind: Kind, span: Span, sink: &Sink<'_>) -> Option<T> {
        let Some(entry) = self.library.find(name, kind) else {
            return sink.refuse(self.library.unknown(name, span, &[kind]));
        };
        let material = self.library.get(name, kind);
        // A material with refused or missing values was complained of where it stands.
        if material.is_some() && !self.used.borrow().contains(entry) {
            self.used.borrow_mut().push(entry.clone());
        }
        material
    }

    fn named<T: DeserializeOwned>(&self, section: &Section<'_>, key: &str, kind: Kind) -> Option<T> {
        self.take(section.text(key)?, kind, section.span_of(key), section.sink())
    }

    /// The materials used, in order of use.
    pub fn used(self) -> Vec<Entry> {
        self.used.into_inner()
    }
}

/// Everything; `None` when anything was refused (and the sink says what).
pub(super) fn scenario(root: &Section<'_>, shelf: &Shelf) -> Option<Scenario> {
    let cell_section = root.section("cell");
    let coating_section = root.section("coating");
    let cathode = root.section("cathode").and_then(|section| cathode(&section, coating_section.is_some(), shelf));
    let coating = coating_section.map(|section| coating(&section, cathode.as_ref(), shelf));
    let cell = cell_section.as_ref().and_then(|section| cell(section, cathode.as_ref(), shelf));
    let blocks = root.sections("protocol");
    if blocks.is_empty() && root.get("protocol").is_some() {
        root.sink().push(Diagnostic::error(root.span_of("protocol"), "the protocol is empty").help("add a `[[protocol]]` with steps"));
    }
    let anode = || cell_section.as_ref().and_then(|section| section.text("anode")).unwrap_or("the anode");
    let reference = match (&cathode, &cell) {
        (Some(cathode), Some(cell)) => reference(cathode, cell),
        _ => Reference::unknown(anode()),
    };
    let protocol = protocol::blocks(&blocks, &reference);
    let laws = shelf.take("laws", Kind::Laws, root.span(), root.sink());
    let (microstructure, numerics, mechanisms) = (microstructure(root), numerics(root), mechanisms(root));
    let coating = match coating {
        Some(coating) => Some(coating?),
        None => None,
    };
    let mut cathode = cathode?;
    if let Some(coating) = &coating {
        share_with_coating(&mut cathode.mass_fractions, coating, cathode.specific_surface);
    }
    Some(Scenario {
        title: root.text("title")?.to_owned(),
        seed: u64::try_from(root.integer("seed")?).ok()?,
        cathode,
        coating,
        cell: cell?,
        protocol: protocol?,
        microstructure: microstructure?,
        numerics: numerics?,
        mechanisms: mechanisms?,
        laws: laws?,
    })
}

fn cathode(section: &Section<'_>, coated: bool, shelf: &Shelf) -> Option<Cathode> {
    let active: Option<ActiveMaterial> = shelf.named(section, "active_material", Kind::ActiveMaterial);
    let diameter = diameter(section);
    let recipe = section.section("composition").and_then(|parts| recipe(&parts, shelf));
    let surface = section.quantity("specific_surface");
    let kind = section.choice("particle_kind").map(|word| match word {
        "polycrystal" => ParticleKind::Polycrystal,
        _ => ParticleKind::SingleCrystal,
    });
    let (loading, porosity) = (section.quantity("active_mass_loading"), section.quantity("porosity"));
    let (contact, connected) = (section.quantity("contact_fraction"), section.quantity("connected_fraction"));
    let (active_material, particle_diameter, recipe) = (active?, diameter?, recipe?);
    let specific_surface = match surface {
        Some(surface) => surface,
        None if section.get("specific_surface").is_none() => {
            smooth_surface(particle_diameter, active_material.density)
        }
        None => return None,
    };
    if coated && specific_surface < 0.5 * smooth_surface(particle_diameter, active_material.density) {
        let message = "the stated surface is less than half that of smooth spheres of this diameter";
        section.sink().push(Diagnostic::warning(section.span_of("specific_surface"), message).help("give the BET of the uncoated powder"));
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
        crate::input::quantity_of(value, path, (Dimension::Length, crate::input::Bounds::Positive), "4 um", sink)
    };
    let Some(table) = value.get_ref().as_table() else {
        return Some(SizeDistribution { median: read(value, "cathode.particle_diameter")?, log_deviation: 0.0 });
    };
    for (key, _) in table.iter().filter(|(key, _)| !["d50", "d90"].contains(&key.get_ref().as_ref())) {
        let message = format!("unknown key `{}` in particle_diameter", key.get_ref());
        sink.push(Diagnostic::error(key.span(), message).label("unknown key").help("keys here: d50, d90"));
    }
    let end = |name: &str| match table.get(name) {
        Some(value) => read(value, name),
        None => sink.refuse(Diagnostic::error(value.span(), format!("particle_diameter lacks `{name}`")).help("{ d50 = \"4 um\", d90 = \"4.8 um\" }")),
    };
    let (median, upper) = (end("d50"), end("d90"));
    let (median, upper) = (median?, upper?);
    if upper < median {
        return sink.refuse(Diagnostic::error(value.span(), "d90 is smaller than d50").help("90 % of the volume lies below d90, half below d50"));
    }
    Some(SizeDistribution { median, log_deviation: (upper / median).ln() / NORMAL_90 })
}

/// What a composition names.
struct Recipe {
    electrolyte: SolidElectrolyte,
    carbon: Option<Carbon>,
    binder: Option<crate::materials::Binder>,
    fractions: MassFractions,
}

/// One part of a composition.
struct Part<'a> {
    name: &'a str,
    span: Span,
    mass: f64,
    extra: bool,
}

/// Reads the parts, checks their sum, and shares them out by kind of material.
fn recipe(section: &Section<'_>, shelf: &Shelf) -> Option<Recipe> {
    let parts: Option<Vec<Part<'_>>> =
        section.entries().into_iter().map(|(name, span, value)| part(name, span, value, section)).collect();
    let roles = roles(section, shelf);
    let parts = parts?;
    check_sum(&parts, section)?;
    let (electrolyte, carbon, binder) = roles?;
    let total: f64 = parts.iter().map(|part| part.mass).sum();
    let of = |name: &str| parts.iter().filter(|part| part.name == name).map(|part| part.mass).sum::<f64>() / total;
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

fn part<'a>(name: &'a str, span: Span, value: &Spanned<DeValue<'_>>, section: &Section<'_>) -> Option<Part<'a>> {
    let path = section.path_of(name);
    let Some(text) = value.get_ref().as_str() else {
        let message = format!("`{path}` is {}, but needs a mass fraction with its unit", crate::input::describe_value(value.get_ref()));
        return section.sink().refuse(Diagnostic::error(value.span(), message).label("no unit").help("write for example \"70 wt%\""));
    };
    let (amount, extra) = match text.trim_end().strip_suffix("extra") {
        Some(amount) => (amount, true),
        None => (text, false),
    };
    match parse(amount, &[Dimension::MassFraction]) {
        Ok(quantity) if quantity.value > 0.0 && quantity.value <= 1.0 => {
            Some(Part { name, span, mass: quantity.value, extra })
        }
        Ok(_) => section.sink().refuse(
            Diagnostic::error(value.span(), format!("`{path}` cannot be {text}: it must be above 0 and at most 100 %")).label("impossible value"),
        ),
        Err(error) => section.sink().refuse(
            Diagnostic::error(value.span(), format!("`{path}`: {error}")).help(error.help(Dimension::MassFraction, "70 wt%")),
        ),
    }
}

/// The parts that are not `extra` must make 100 %.
fn check_sum(parts: &[Part<'_>], section: &Section<'_>) -> Option<()> {
    let sum: f64 = parts.iter().filter(|part| !part.extra).map(|part| part.mass).sum();
    let percent = (sum * 1e5).round() / 1e3;
    if sum > 1.0 + ROUNDING {
        let message = format!("the composition adds up to {percent} %, more than 100 %");
        let help = "a part that comes on top of the others is written as \"1 wt% extra\"";
        return section.sink().refuse(Diagnostic::error(section.span(), message).label(format!("{percent} %")).help(help));
    }
    if sum < 1.0 - ROUNDING {
        let message = format!("the composition adds up to only {percent} %");
        return section.sink().refuse(Diagnostic::error(section.span(), message).label(format!("{percent} %")).help("the parts that are not `extra` must make 100 %"));
    }
    Some(())
}

type Roles = (SolidElectrolyte, Option<Carbon>, Option<crate::materials::Binder>);

/// Which part is the electrolyte, which the carbon, which the binder.
fn roles(section: &Section<'_>, shelf: &Shelf) -> Option<Roles> {
    let sink = section.sink();
    let kinds = [Kind::SolidElectrolyte, Kind::CarbonFibre, Kind::CarbonBlack, Kind::Binder];
    let (mut electrolyte, mut carbon, mut binder) = (None, None, None);
    let mut refused = false;
    for (name, span, _) in section.entries().into_iter().filter(|(name, ..)| *name != "active_material") {
        let kind = kinds.into_iter().find(|kind| shelf.library.find(name, *kind).is_some());
        let twice = match kind {
            Some(Kind::SolidElectrolyte) => electrolyte.replace((name, span.clone(), Kind::SolidElectrolyte)).is_some(),
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
            sink.push(Diagnostic::error(span, message).help("one electrolyte, one carbon and one binder"));
            refused = true;
        }
    }
    let Some((name, span, kind)) = electrolyte else {
        if refused {
            return None;
        }
        let electrolytes = shelf.library.names(&[Kind::SolidElectrolyte]).join(", ");
        return sink.refuse(Diagnostic::error(section.span(), "the composition has no electrolyte").help(format!("known: {electrolytes}")));
    };
    let electrolyte = shelf.take(name, kind, span, sink);
    let carbon = carbon.map(|(name, span, kind)| shelf.take(name, kind, span, sink));
    let binder = binder.map(|(name, span, kind)| shelf.take(name, kind, span, sink));
    if refused {
        return None;
    }
    Some((electrolyte?, carbon.map_or(Some(None), |c: Option<_>| c.map(Some))?, binder.map_or(Some(None), |b: Option<_>| b.map(Some))?))
}

/// Mass of the film per mass of active material.
pub(super) fn film_ratio(coating: &Coating, specific_surface: f64) -> f64 {
    let areal: f64 = coating.layers.iter().map(|layer| layer.thickness * layer.material.density).sum();
    coating.coverage * areal * specific_surface
}

/// The powder as weighed is oxide and coating: gives the coating its share.
fn share_with_coating(fractions: &mut MassFractions, coating: &Coating, specific_surface: f64) {
    let ratio = coating.mass_ratio.unwrap_or_else(|| film_ratio(coating, specific_surface));
    let powder = fractions.active_material;
    fractions.active_material = powder / (1.0 + ratio);
    fractions.coating = powder - fractions.active_material;
}

fn coating(section: &Section<'_>, cathode: Option<&Cathode>, shelf: &Shelf) -> Option<Coating> {
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
        thickness_variation: variation?,
        mass_ratio,
        excess_ratio: 0.0,
    };
    if let Some(cathode) = cathode {
        check_thickness(section, &coating, cathode)?;
        let film = film_ratio(&coating, cathode.specific_surface);
        if let Some(stated) = mass_ratio {
            coating.excess_ratio = (stated - film).max(0.0);
            check_mass(section, stated, film);
        }
    }
    Some(coating)
}

fn layer(section: &Section<'_>, shelf: &Shelf) -> Option<CoatingLayer> {
    let material: Option<CoatingMaterial> = shelf.named(section, "material", Kind::Coating);
    let thickness = section.quantity("thickness");
    Some(CoatingLayer { material: material?, thickness: thickness? })
}

fn check_thickness(section: &Section<'_>, coating: &Coating, cathode: &Cathode) -> Option<()> {
    let thickness: f64 = coating.layers.iter().map(|layer| layer.thickness).sum();
    let radius = 0.5 * cathode.particle_diameter.median;
    if thickness < radius {
        return Some(());
    }
    let message = format!("the coating ({:.4} um) is thicker than the particles' radius ({:.4} um)", 1e6 * thickness, 1e6 * radius);
    section.sink().refuse(Diagnostic::error(section.span_of("thickness"), message).label("too thick").help("a coating is some nanometres thick: was `nm` meant?"))
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

fn cell(section: &Section<'_>, cathode: Option<&Cathode>, shelf: &Shelf) -> Option<Cell> {
    let anode: Option<Anode> = shelf.named(section, "anode", Kind::Anode);
    let ratio = section.number("capacity_ratio");
    let (area, temperature, one_c) = (section.quantity("area"), section.quantity("temperature"), section.quantity("one_C"));
    let pressure = section.quantity("stack_pressure");
    let separator = section.section("separator").and_then(|section| separator(&section, area, shelf));
    let (mut anode, one_c) = (anode?, one_c?);
    if let Some(cathode) = cathode {
        let capacity = one_c * 3600.0 * cathode.areal_loading;
        if let Some(ratio) = ratio {
            anode.capacity = ratio * capacity;
        }
        let room = anode.capacity * (1.0 - anode.initial_lithiation);
        if room < capacity {
            let message = format!("the anode takes up {:.2} mAh/cm2, the cathode gives {:.2} mAh/cm2", room / 3.6e4, capacity / 3.6e4);
            section.sink().push(Diagnostic::warning(section.span_of("anode"), message).help("raise `capacity_ratio`"));
        }
    }
    let (separator, separator_thickness) = separator?;
    Some(Cell {
        anode,
        separator,
        separator_thickness,
        area: area?,
        temperature: temperature?,
        one_c,
        stack_pressure: pressure?,
    })
}

/// The separator's electrolyte and its thickness, m.
fn separator(section: &Section<'_>, area: Option<f64>, shelf: &Shelf) -> Option<(SolidElectrolyte, f64)> {
    let material: Option<SolidElectrolyte> = shelf.named(section, "material", Kind::SolidElectrolyte);
    let (mass, thickness) = (section.quantity("mass"), section.quantity("thickness"));
    match (section.get("mass").is_some(), section.get("thickness").is_some()) {
        (true, false) => {
            let material = material?;
            let thickness = mass? / (material.density * area?);
            Some((material, thickness))
        }
        (false, true) => Some((material?, thickness?)),
        (both, _) => {
            let message = if both { "the separator has both `mass` and `thickness`" } else { "the separator lacks `mass` or `thickness`" };
            section.sink().refuse(Diagnostic::error(section.span(), message).help("separator = { material = \"LPSCl\", mass = \"80 mg\" }"))
        }
    }
}

/// What the sentences' numbers refer to in this cell.
fn reference(cathode: &Cathode, cell: &Cell) -> Reference {
    let plateau = cell.anode.plateau_potential();
    let potentials = cathode.active_material.open_circuit_potential.iter().map(|p| p.1 - plateau);
    let window = potentials.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
    Reference {
        loading: cathode.areal_loading,
        area: cell.area,
        one_c: cell.one_c,
        anode: cell.anode.name.clone(),
        plateau,
        window,
    }
}

fn microstructure(root: &Section<'_>) -> Option<MicrostructureSettings> {
    let section = root.section_or_defaults("microstructure")?;
    let (box_edge, resolution) = (section.quantity("box_edge"), section.count("resolution"));
    Some(MicrostructureSettings { box_edge: box_edge?, resolution: resolution? })
}

fn numerics(root: &Section<'_>) -> Option<Numerics> {
    let section = root.section_or_defaults("numerics")?;
    let (depths, size_classes) = (section.count("depths"), section.count("size_classes"));
    let (shells, tolerance) = (section.count("shells"), section.number("tolerance"));
    Some(Numerics { depths: depths?, size_classes: size_classes?, shells: shells?, tolerance: tolerance? })
}

fn mechanisms(root: &Section<'_>) -> Option<Mechanisms> {
    let section = root.section_or_defaults("mechanisms")?;
    let on = |name: &str| section.switch(name);
    let (oxidation, oxygen, contact_reaction) = (on("oxidation"), on("oxygen"), on("contact_reaction"));
    let (gas, contact_loss, cracking) = (on("gas"), on("contact_loss"), on("cracking"));
    let (disconnection, conduction_loss, coating_wear) = (on("disconnection"), on("conduction_loss"), on("coating_wear"));
    Some(Mechanisms {
        oxidation: oxidation?,
        oxygen: oxygen?,
        contact_reaction: contact_reaction?,
        gas: gas?,
        contact_loss: contact_loss?,
        cracking: cracking?,
        disconnection: disconnection?,
        conduction_loss: conduction_loss?,
        coating_wear: coating_wear?,
    })
}
