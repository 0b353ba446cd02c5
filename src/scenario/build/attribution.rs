//! The cycles after which lost capacity is shared out among the mechanisms.

use crate::input::{Diagnostic, Section};
use crate::scenario::Block;

/// First digits of the cycles chosen when none are stated, ten times over per decade.
const SPREAD: [f64; 6] = [1.0, 1.5, 2.0, 3.0, 5.0, 7.0];

/// The cycles stated, or a spread over those of `protocol`; `None` when refused.
pub(super) fn cycles(root: &Section<'_>, protocol: Option<&[Block]>) -> Option<Vec<usize>> {
    let section = root.section_or_defaults("attribution")?;
    let last = protocol.map(|blocks| blocks.iter().map(Block::cycles).sum::<usize>());
    if section.get("cycles").is_none() {
        return Some(spread(last.unwrap_or(1)));
    }
    let mut cycles = Vec::new();
    for (cycle, span) in section.integers("cycles")? {
        match usize::try_from(cycle) {
            Ok(cycle) if cycle >= 1 && last.is_none_or(|last| cycle <= last) => cycles.push(cycle),
            _ => {
                let of = last.map_or_else(|| "some".to_owned(), |last| last.to_string());
                let message = format!("loss after cycle {cycle}, but the protocol has {of} cycles");
                section.sink().push(
                    Diagnostic::error(span, message)
                        .label("no such cycle")
                        .help("cycles count from 1 over all blocks of the protocol"),
                );
            }
        }
    }
    cycles.sort_unstable();
    cycles.dedup();
    Some(cycles)
}

/// About six cycles per decade up to `last`, and `last`.
fn spread(last: usize) -> Vec<usize> {
    let decades = (0..).map(|power| 10f64.powi(power));
    let mut cycles: Vec<usize> = decades
        .take_while(|ten| *ten <= last as f64)
        .flat_map(|ten| SPREAD.map(|digit| (digit * ten) as usize))
        .filter(|cycle| *cycle < last)
        .collect();
    cycles.push(last);
    cycles.dedup();
    cycles
}

#[cfg(test)]
mod tests {
    use super::spread;

    #[test]
    fn cycles_are_spread_from_the_first_to_the_last() {
        assert_eq!(spread(1), [1]);
        assert_eq!(spread(3), [1, 2, 3]);
        assert_eq!(spread(100), [1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100]);
        assert_eq!(spread(160)[12..], [150, 160]);
    }
}
