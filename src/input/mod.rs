//! The front door: text in, SI numbers or plain diagnostics out.
//!
//! Everything a user writes (scenarios, materials) passes here once: [`parse`]
//! turns a number with a unit into SI, a [`Schema`] says which keys a table may
//! have, [`Section`] reads a table by its schema, and a [`Sink`] gathers every
//! complaint with its place in the text, so that all of them are told at once.
//! Open to all rooms, knows no chemistry.
mod diagnostic;
mod quantity;
mod render;
mod schema;
mod section;

pub use diagnostic::{Diagnostic, Diagnostics, Severity, Sink, Span};
pub use quantity::{Dimension, Quantity, QuantityError, UNITS, Unit, parse, split_number};
pub use render::reports;
pub use schema::{Bounds, Key, Kind, Presence, Schema};
pub use section::{Section, describe_value, number_of, parse_document, quantity_of};

/// The candidate most like `word`, if it is near enough to be meant.
///
/// Near is a Jaro-Winkler similarity of at least 0.8 (ignoring case), or a name that
/// contains what was written; `thicknes` finds `thickness`, `LPSC` finds `LPSCl`.
pub fn nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let lower = word.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| {
            let other = candidate.to_lowercase();
            let contained = lower.len() >= 3 && (other.contains(&lower) || lower.contains(&other));
            let similarity = strsim::jaro_winkler(&lower, &other).max(if contained { 0.8 } else { 0.0 });
            (similarity, candidate)
        })
        .filter(|(similarity, _)| *similarity >= 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
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
