//! Quantities as regular expressions, for checks by other programs.

use super::Dimension;

/// A number as the reader takes it.
pub const NUMBER: &str = r"([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?";
/// Signs that do not matter in a unit.
const NOISE: &str = "[ *^()·\u{a0}]*";

/// The units of a dimension as one regular expression, in every spelling that is usual.
pub fn unit_pattern(dimension: Dimension) -> String {
    let spellings: Vec<_> = dimension.spellings().map(spelling_pattern).collect();
    spellings.join("|")
}

fn spelling_pattern(spelling: &str) -> String {
    let mut pattern = String::new();
    let mut rest = spelling;
    while let Some(c) = rest.chars().next() {
        if let Some(tail) = rest.strip_prefix("ohm") {
            pattern += if pattern.is_empty() {
                "(ohm|Ohm|Ω|\u{2126})"
            } else {
                "(ohm|Ω|\u{2126})"
            };
            rest = tail;
            continue;
        }
        if let Some(tail) = rest.strip_prefix("deg") {
            pattern += "(deg|°)";
            rest = tail;
            continue;
        }
        match c {
            ' ' | '(' | ')' => pattern += NOISE,
            '/' => pattern += &format!("{NOISE}/{NOISE}"),
            '.' => pattern += r"\.",
            'u' => pattern += "[uµμ]",
            '2' => pattern += &format!("{NOISE}[2²]"),
            '3' => pattern += &format!("{NOISE}[3³]"),
            c => pattern.push(c),
        }
        rest = &rest[c.len_utf8()..];
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_matched_in_the_usual_spellings() {
        assert_eq!(spelling_pattern("um"), "[uµμ]m");
        assert_eq!(spelling_pattern("degC"), "(deg|°)C");
        assert_eq!(spelling_pattern("kohm"), "k(ohm|Ω|\u{2126})");
        assert_eq!(spelling_pattern("ohm"), "(ohm|Ohm|Ω|\u{2126})");
        assert_eq!(spelling_pattern("A.h"), r"A\.h");
    }
}
