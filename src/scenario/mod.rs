//! What is asked: a scenario TOML read, checked and turned into SI.
//!
//! [`load`] reads a file, [`from_str`] a text; both give a [`Loaded`] or every
//! complaint at once. `schema` lists the keys, `sentence` is the grammar of
//! the protocol.
mod balance;
mod build;
mod concern;
mod describe;
mod distribution;
mod guide;
mod image;
mod procedure;
mod protocol;
mod resolved;
pub mod schema;
pub mod sentence;
mod starter;
mod template;
mod types;

pub use balance::{CoatingBalance, Verdict};
pub use concern::{Composite, Concern, Inspect};
pub use describe::{describe, describe_annealing, describe_estimates};
pub use distribution::SizeDistribution;
pub use guide::{json_schema, reference};
pub use procedure::{Amplitude, Block, Control, Cutoff, ImpedanceRequest, Profile, Step, Stop};
pub use protocol::understand_amplitudes;
pub use starter::annotated;
pub use template::{ScenarioPath, Setting, Template, toml_text, unknown_root};
pub use types::*;

use crate::input::{Diagnostic, Diagnostics, Section, Severity, Sink, parse_document};
use crate::materials::{Entry, Library};
use std::path::Path;
use toml::Spanned;
use toml::de::DeTable;

/// A scenario with the text it came from and what is worth knowing about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// Checked and complete.
    pub scenario: Scenario,
    /// Name of the file or other origin.
    pub name: String,
    /// The file as written.
    pub text: String,
    /// What contradicts itself without standing in the way.
    pub warnings: Vec<Diagnostic>,
    /// The materials used, with units and sources, after the scenario's changes.
    pub materials: Vec<Entry>,
}

impl Loaded {
    /// The warnings with their text, to be rendered.
    pub fn diagnostics(&self) -> Diagnostics {
        Diagnostics {
            name: self.name.clone(),
            text: self.text.clone(),
            items: self.warnings.clone(),
        }
    }
}

/// Reads a scenario file.
///
/// # Errors
/// Every complaint at once: an unreadable file, TOML syntax, unknown or missing
/// keys, wrong units, impossible values, unknown materials, sentences.
pub fn load(path: impl AsRef<Path>) -> Result<Loaded, Diagnostics> {
    load_inspected(path, &|_| Vec::new())
}

/// Reads a scenario file that rooms below look at as well: `inspect` is shown the recipe
/// as soon as it is known, so that what it says is told with everything else.
///
/// # Errors
/// As [`load`], and what `inspect` refuses.
pub fn load_inspected(path: impl AsRef<Path>, inspect: Inspect<'_>) -> Result<Loaded, Diagnostics> {
    let name = path.as_ref().display().to_string();
    match std::fs::read_to_string(&path) {
        Ok(text) => from_str_inspected(&name, &text, inspect),
        Err(error) => Err(Diagnostics {
            items: vec![Diagnostic::elsewhere(format!(
                "cannot read {name}: {error}"
            ))],
            name,
            text: String::new(),
        }),
    }
}

/// Reads a scenario from a text; `name` is used in messages, and the files it
/// names are looked for from there.
///
/// # Errors
/// As [`load`].
pub fn from_str(name: &str, text: &str) -> Result<Loaded, Diagnostics> {
    from_str_inspected(name, text, &|_| Vec::new())
}

/// Reads a scenario from a text as [`load_inspected`] does from a file.
///
/// # Errors
/// As [`load_inspected`].
pub fn from_str_inspected(
    name: &str,
    text: &str,
    inspect: Inspect<'_>,
) -> Result<Loaded, Diagnostics> {
    loaded(name, text, crate::materials::library(), inspect)
}

/// Reads a scenario from a text as [`from_str`], with the materials of `library` in
/// place of the shipped ones.
///
/// # Errors
/// As [`load`].
pub fn with_materials(name: &str, text: &str, library: &Library) -> Result<Loaded, Diagnostics> {
    loaded(name, text, library, &|_| Vec::new())
}

fn loaded(
    name: &str,
    text: &str,
    library: &Library,
    inspect: Inspect<'_>,
) -> Result<Loaded, Diagnostics> {
    let sink = Sink::new(text);
    let document = parse_document(text, &sink);
    assemble((name, text), library, &document, sink, inspect)
}

/// A parsed text made into a scenario, or every complaint.
fn assemble(
    (name, text): (&str, &str),
    library: &Library,
    document: &Spanned<DeTable<'_>>,
    sink: Sink<'_>,
    inspect: Inspect<'_>,
) -> Result<Loaded, Diagnostics> {
    let built = read(name, library, document, &sink, inspect);
    let mut items = sink.finish();
    if built.is_none() && items.iter().all(|item| item.severity == Severity::Warning) {
        items.push(Diagnostic::elsewhere(
            "the scenario could not be put together; please report this with the file",
        ));
    }
    let refused = items.iter().any(|item| item.severity == Severity::Error);
    match built {
        Some((scenario, materials)) if !refused => Ok(Loaded {
            scenario,
            name: name.into(),
            text: text.into(),
            warnings: items,
            materials,
        }),
        _ => Err(Diagnostics {
            name: name.into(),
            text: text.into(),
            items,
        }),
    }
}

fn read(
    name: &str,
    library: &Library,
    document: &Spanned<DeTable<'_>>,
    sink: &Sink<'_>,
    inspect: Inspect<'_>,
) -> Option<(Scenario, Vec<Entry>)> {
    if sink.has_errors() {
        return None;
    }
    let root = Section::open(
        document.get_ref(),
        document.span(),
        "",
        &schema::SCENARIO,
        sink,
    );
    let directory = Path::new(name).parent().unwrap_or(Path::new(""));
    let shelf = build::Shelf::new(&root, library);
    let scenario = build::scenario(&root, &shelf, directory, inspect)?;
    shelf.warn_of_unused(&root);
    Some((scenario, shelf.used()))
}
