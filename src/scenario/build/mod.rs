//! Sections of a scenario turned into the structures of [`super::types`].

mod annealing;
mod arrangement;
mod attribution;
mod cathode;
mod cell;
mod coating;
mod consistency;
mod diameter;
mod image;
mod recipe;

use super::concern::{Composite, Inspect};
use super::protocol::{self, Reference};
use super::types::{CycleBlocks, Mechanisms, MicrostructureSettings, Numerics, Scenario};
use crate::input::{Diagnostic, Section, Sink, Span};
use crate::materials::{Entry, Library, MaterialKind as Kind};
use cathode::cathode;
use cell::cell;
use coating::coating;
use serde::de::DeserializeOwned;
use std::cell::RefCell;
use std::path::Path;

/// Materials of one scenario, with a note of which were used.
pub(super) struct Shelf {
    library: Library,
    used: RefCell<Vec<Entry>>,
}

impl Shelf {
    /// The materials of `library` with the scenario's changes.
    pub fn new(root: &Section<'_>, library: &Library) -> Self {
        let mut library = library.clone();
        for (name, span, value) in root.section("materials").iter().flat_map(Section::entries) {
            library.read(name, span, value.get_ref(), true, root.sink());
        }
        if let Some(laws) = root.get("laws") {
            library.read("laws", laws.span(), laws.get_ref(), true, root.sink());
        }
        Self {
            library,
            used: RefCell::default(),
        }
    }

    /// A material named at a place; complains of unknown names.
    pub fn take<T: DeserializeOwned>(
        &self,
        name: &str,
        kind: Kind,
        span: Span,
        sink: &Sink<'_>,
    ) -> Option<T> {
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

    fn named<T: DeserializeOwned>(
        &self,
        section: &Section<'_>,
        key: &str,
        kind: Kind,
    ) -> Option<T> {
        self.take(
            section.text(key)?,
            kind,
            section.span_of(key),
            section.sink(),
        )
    }

    /// Warns of materials that the scenario changes but does not use.
    pub fn warn_of_unused(&self, root: &Section<'_>) {
        let used = self.used.borrow();
        for (name, span, _) in root.section("materials").iter().flat_map(Section::entries) {
            let inherits = |entry: &Entry| {
                entry
                    .properties
                    .values()
                    .any(|p| p.inherited_from.as_deref() == Some(name))
            };
            if !used
                .iter()
                .any(|entry| entry.name == name || inherits(entry))
            {
                let message =
                    format!("the scenario does not use `{name}`, so this changes nothing");
                root.sink()
                    .push(Diagnostic::warning(span, message).label("not used"));
            }
        }
    }

    /// The materials used, in order of use.
    pub fn used(self) -> Vec<Entry> {
        self.used.into_inner()
    }
}

/// Everything, files looked for from `directory`; `None` when anything was refused (and the sink says what).
pub(super) fn scenario(
    root: &Section<'_>,
    shelf: &Shelf,
    directory: &Path,
    inspect: Inspect<'_>,
) -> Option<Scenario> {
    let cell_section = root.section("cell");
    let coating_section = root.section("coating");
    let cathode_section = root.section("cathode");
    let made = cathode_section
        .as_ref()
        .and_then(|section| cathode(section, coating_section.is_some(), shelf));
    let coating = coating_section.map(|section| {
        let cathode = made.as_ref().map(|made| &made.cathode);
        coating(&section, cathode, shelf)
    });
    let cathode = match (&cathode_section, &coating, made) {
        // A refused coating leaves the cathode as it is, for the complaints to come.
        (Some(_), Some(None), Some(made)) => Some(made.cathode),
        (Some(section), coating, Some(made)) => {
            made.with_coating(section, coating.as_ref().and_then(Option::as_ref))
        }
        _ => None,
    };
    let cell = cell_section
        .as_ref()
        .and_then(|section| cell(section, cathode.as_ref(), shelf));
    let blocks = root.sections("protocol");
    if blocks.is_empty() && root.get("protocol").is_some() {
        root.sink().push(
            Diagnostic::error(root.span_of("protocol"), "the protocol is empty")
                .help("add a `[[protocol]]` with steps"),
        );
    }
    let reference = match (&cathode, &cell) {
        (Some(cathode), Some(cell)) => Reference::of(cathode, cell),
        _ => partial_reference(cathode_section.as_ref(), cell_section.as_ref(), shelf),
    };
    let protocol = protocol::blocks(&blocks, &reference, directory);
    let laws = shelf.take("laws", Kind::Laws, root.span(), root.sink());
    let (microstructure, numerics, mechanisms) =
        (microstructure(root), numerics(root), mechanisms(root));
    let image = image::image(root, directory);
    let attribution = attribution::cycles(root, protocol.as_deref());
    let seed = root
        .integer("seed")
        .and_then(|seed| u64::try_from(seed).ok());
    let built = (&cathode, microstructure, numerics, seed);
    // A recipe whose coating is refused is not the one that was meant.
    if let (Some(cathode), Some(settings), Some(numerics), Some(seed)) = built
        && image.is_none()
        && !matches!(coating, Some(None))
    {
        let composite = Composite {
            cathode,
            coating: coating.as_ref().and_then(Option::as_ref),
            settings,
            size_classes: numerics.size_classes,
            seed,
        };
        for concern in inspect(&composite) {
            root.sink().push(concern.diagnostic(root));
        }
    }
    consistency::check(root, cathode.as_ref(), cell.as_ref(), protocol.as_deref());
    let coating = match coating {
        Some(coating) => Some(coating?),
        None => None,
    };
    Some(Scenario {
        title: root.text("title")?.to_owned(),
        seed: seed?,
        cathode: cathode?,
        coating,
        cell: cell?,
        protocol: protocol?,
        microstructure: microstructure?,
        image: match image {
            Some(image) => Some(image?),
            None => None,
        },
        numerics: numerics?,
        mechanisms: mechanisms?,
        attribution: attribution?,
        laws: laws?,
    })
}

/// What can be said of the protocol's voltages where cathode or cell are refused: the
/// window, if both electrodes are known.
fn partial_reference(
    cathode: Option<&Section<'_>>,
    cell: Option<&Section<'_>>,
    shelf: &Shelf,
) -> Reference {
    let name = |section: Option<&Section<'_>>, key| {
        let value = section.and_then(|section| section.get(key))?;
        value.get_ref().as_str().map(str::to_owned)
    };
    let anode = name(cell, "anode");
    let electrodes = name(cathode, "active_material")
        .and_then(|name| shelf.library.get(&name, Kind::ActiveMaterial))
        .zip(
            anode
                .as_ref()
                .and_then(|name| shelf.library.get(name, Kind::Anode)),
        );
    let unknown = Reference::unknown(anode.as_deref().unwrap_or("the anode"));
    match electrodes {
        Some((oxide, anode)) => unknown.between(&oxide, &anode),
        None => unknown,
    }
}

fn microstructure(root: &Section<'_>) -> Option<MicrostructureSettings> {
    let section = root.section_or_defaults("microstructure")?;
    let (box_edge, resolution) = (section.quantity("box_edge"), section.count("resolution"));
    Some(MicrostructureSettings {
        box_edge: box_edge?,
        resolution: resolution?,
    })
}

fn numerics(root: &Section<'_>) -> Option<Numerics> {
    let section = root.section_or_defaults("numerics")?;
    let (depths, size_classes) = (section.count("depths"), section.count("size_classes"));
    let (shells, tolerance) = (section.count("shells"), section.number("tolerance"));
    let cycle_blocks = match section.section("cycle_blocks") {
        Some(inner) => Some(cycle_blocks(&inner)?),
        None if section.get("cycle_blocks").is_some() => return None,
        None => None,
    };
    Some(Numerics {
        depths: depths?,
        size_classes: size_classes?,
        shells: shells?,
        tolerance: tolerance?,
        cycle_blocks,
    })
}

fn cycle_blocks(section: &Section<'_>) -> Option<CycleBlocks> {
    let (tolerance, longest) = (section.quantity("tolerance"), section.count("longest"));
    Some(CycleBlocks {
        tolerance: tolerance?,
        longest: u32::try_from(longest?).ok()?,
    })
}

fn mechanisms(root: &Section<'_>) -> Option<Mechanisms> {
    let section = root.section_or_defaults("mechanisms")?;
    let on = |name: &str| section.switch(name);
    let (oxidation, oxygen, contact_reaction) =
        (on("oxidation"), on("oxygen"), on("contact_reaction"));
    let (gas, contact_loss, cracking) = (on("gas"), on("contact_loss"), on("cracking"));
    let (disconnection, conduction_loss, coating_wear) = (
        on("disconnection"),
        on("conduction_loss"),
        on("coating_wear"),
    );
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
