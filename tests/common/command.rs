//! The command, and the tables that it leaves.

use assert_cmd::Command;
use std::fs;
use std::path::Path;

/// The command as built with the tests.
pub fn engobe() -> Command {
    Command::cargo_bin("engobe").expect("the command is built with its tests")
}

/// A column of a CSV file by its heading, as numbers; NaN where a field holds none.
pub fn numbers(path: &Path, heading: &str) -> Vec<f64> {
    let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut lines = text.lines();
    let headings = lines.next().expect("headings");
    let place = headings.split(',').position(|h| h == heading);
    let place = place.unwrap_or_else(|| panic!("{heading} in {headings}"));
    // The titles used here hold no comma.
    lines
        .map(|l| l.split(',').nth(place).unwrap().parse().unwrap_or(f64::NAN))
        .collect()
}
