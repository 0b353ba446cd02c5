//! The front door: text in, SI numbers or plain diagnostics out.
//!
//! Everything a user writes (scenarios, materials) passes here once: [`parse`]
//! turns a number with a unit into SI, a [`Schema`] says which keys a table may
//! have, [`Section`] reads a table by its schema, and a [`Sink`] gathers every
//! complaint with its place in the text, so that all of them are told at once.
//! Open to all rooms, knows no chemistry.
mod diagnostic;
mod json_schema;
mod pattern;
mod quantity;
mod reference;
mod render;
mod schema;
mod section;
mod units;
mod value;

pub use diagnostic::{Diagnostic, Diagnostics, Severity, Sink, Span};
pub use json_schema::JsonSchema;
pub use quantity::{Quantity, QuantityError, parse, split_number};
pub use reference::markdown;
pub use render::reports;
pub use schema::{Bounds, Key, Kind, Names, Presence, Schema, key};
pub use section::Section;
pub use units::{Dimension, UNITS, Unit};
pub use value::{bare_number, describe_value, number_of, parse_document, quantity_of};

/// The candidate most like `word`, if it is near enough to be meant.
///
/// Near (ignoring case) is a Jaro-Winkler similarity of at least 0.8, a name that
/// contains what was written, or one letter too many, too few, wrong or swapped:
/// `thicknes` finds `thickness`, `LPSC` finds `LPSCl`, `nnm` finds `nm`.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (likeness(&word, &candidate.to_lowercase()), candidate))
        .filter(|(likeness, _)| *likeness >= 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

fn likeness(word: &str, other: &str) -> f64 {
    let contained = word.len() >= 3 && (other.contains(word) || word.contains(other));
    let slip = word.len() + other.len() >= 5 && strsim::osa_distance(word, other) == 1;
    let floor = if slip {
        0.85
    } else if contained {
        0.8
    } else {
        0.0
    };
    strsim::jaro_winkler(word, other).max(floor)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn nearest_finds_slips_and_not_strangers() {
        let keys = ["thickness", "coverage", "material"];
        assert_eq!(nearest("thicknes", keys), Some("thickness"));
        assert_eq!(nearest("Coverage", keys), Some("coverage"));
        assert_eq!(nearest("colour", keys), None);
    }
}
