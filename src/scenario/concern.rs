//! What rooms below have to say of a recipe, told at the place in the file.

use super::types::{Cathode, Coating, MicrostructureSettings};
use super::{Loaded, schema};
use crate::input::{Diagnostic, Diagnostics, Section, Severity, Sink, Span, parse_document};

/// All that decides on a generated structure. It can be looked at even where other parts
/// of a scenario are refused.
#[derive(Debug, Clone, Copy)]
pub struct Composite<'a> {
    /// Recipe and make.
    pub cathode: &'a Cathode,
    /// What covers the oxide.
    pub coating: Option<&'a Coating>,
    /// Box and voxels.
    pub settings: MicrostructureSettings,
    /// Particle size classes.
    pub size_classes: usize,
    /// Seed of every random choice.
    pub seed: u64,
}

/// A complaint about a key.
#[derive(Debug, Clone, PartialEq)]
pub struct Concern {
    /// Dotted path of the key, e.g. `microstructure.box_edge`.
    pub key: &'static str,
    /// Whether it stands in the way.
    pub severity: Severity,
    /// What is wrong, one sentence.
    pub message: String,
    /// Words under the caret.
    pub label: &'static str,
    /// What would be right.
    pub help: String,
}

/// How a room below looks at a recipe.
pub type Inspect<'a> = &'a dyn Fn(&Composite<'_>) -> Vec<Concern>;

impl Concern {
    /// With its place in the text whose root table this is.
    pub(super) fn diagnostic(self, root: &Section<'_>) -> Diagnostic {
        let span = place(root, self.key);
        let diagnostic = match self.severity {
            Severity::Error => Diagnostic::error(span, self.message),
            Severity::Warning => Diagnostic::warning(span, self.message),
        };
        diagnostic.label(self.label).help(self.help)
    }
}

impl Loaded {
    /// A complaint that came up later, with its place in the text.
    pub fn complaint(&self, concern: Concern) -> Diagnostics {
        // Read once more for the places; what there is to complain of was told.
        let sink = Sink::new(&self.text);
        let document = parse_document(&self.text, &sink);
        let (table, span) = (document.get_ref(), document.span());
        let root = Section::open(table, span, "", &schema::SCENARIO, &sink);
        Diagnostics {
            name: self.name.clone(),
            text: self.text.clone(),
            items: vec![concern.diagnostic(&root)],
        }
    }
}

/// Where a key stands: its value, or the nearest table around it that is there.
fn place(root: &Section<'_>, key: &str) -> Span {
    match key.split_once('.') {
        Some((head, rest)) => match root.section(head) {
            Some(inner) => place(&inner, rest),
            None => root.span_of(head),
        },
        None => root.span_of(key),
    }
}
