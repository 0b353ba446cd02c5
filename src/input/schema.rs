//! Which keys a table may have, said once as data: reading, checking and
//! documentation all use these definitions.

use super::value::limits;
use super::{Diagnostic, Dimension, Span, nearest};

/// A table: its name, meaning and keys.
#[derive(Debug)]
pub struct Schema {
    /// For messages, e.g. `[coating]`.
    pub name: &'static str,
    /// One line.
    pub about: &'static str,
    /// In the order in which documentation lists them.
    pub keys: &'static [Key],
    /// Where other keys are names chosen by the user: what they name.
    pub names: Option<Names>,
}

/// Keys that the user chooses.
#[derive(Debug)]
pub struct Names {
    /// What they name.
    pub what: &'static str,
    /// What each of them holds.
    pub kind: Kind,
}

impl Schema {
    /// A table all of whose keys are these.
    pub const fn new(name: &'static str, about: &'static str, keys: &'static [Key]) -> Self {
        Self {
            name,
            about,
            keys,
            names: None,
        }
    }

    /// The key of that name.
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }

    /// The complaint that a table has no such key, with the one that may be meant.
    pub fn unknown(&self, name: &str, span: Span) -> Diagnostic {
        let keys = || self.keys.iter().map(|key| key.name);
        let mut help = format!("keys here: {}", keys().collect::<Vec<_>>().join(", "));
        if let Some(near) = nearest(name, keys()) {
            help = format!("did you mean `{near}`? {help}");
        }
        Diagnostic::error(span, format!("unknown key `{name}` in {}", self.name))
            .label("unknown key")
            .help(help)
    }
}

/// One key of a table.
#[derive(Debug)]
pub struct Key {
    /// As written.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether it must be there.
    pub presence: Presence,
    /// How it is written, without the quotes of a string.
    pub example: &'static str,
    /// One line.
    pub about: &'static str,
}

/// A key, in the order of a line of documentation.
pub const fn key(
    name: &'static str,
    kind: Kind,
    presence: Presence,
    example: &'static str,
    about: &'static str,
) -> Key {
    Key {
        name,
        kind,
        presence,
        example,
        about,
    }
}

/// What a key holds.
#[derive(Debug)]
pub enum Kind {
    /// A number with a unit, in a string.
    Quantity(Dimension, Bounds),
    /// A bare number.
    Number(Bounds),
    /// A whole number within these limits (both allowed).
    Integer(i64, i64),
    /// A quantity of any of these dimensions in a string, with a word that may follow it.
    Amount(&'static [Dimension], &'static str),
    /// Free text.
    Text,
    /// The name of something defined elsewhere, of one of these kinds.
    Name(&'static [&'static str]),
    /// One of these words.
    Choice(&'static [&'static str]),
    /// `true` or `false`.
    Switch,
    /// Pairs of a bare number and a quantity of this dimension (with `unit`).
    Curve(Dimension),
    /// A table.
    Table(&'static Schema),
    /// An array of tables.
    Tables(&'static Schema),
    /// An array of strings.
    Texts,
    /// An array of these.
    List(&'static Kind),
    /// One of several forms, told apart by code of its own.
    Either(&'static [Kind]),
    /// A table of values, each bare or as a table with `value`, `unit`, `source`, `range`
    /// and `fitted_to`; all may be left out.
    Values(&'static Schema),
    /// Forms that no other kind tells, read by code of its own; they are spelt out here.
    Forms(&'static str),
}

impl Kind {
    /// The SI unit in which the value is kept, where it has one.
    pub fn si(&self) -> &'static str {
        match self {
            Self::Quantity(dimension, _) | Self::Curve(dimension) => dimension.si(),
            _ => "1",
        }
    }

    /// What is allowed, in words: kind, units, bounds, choices.
    pub fn words(&self) -> String {
        let list = |words: &[&str]| words.join("`, `");
        let units = |dimensions: &[Dimension]| {
            let mut all: Vec<&str> = Vec::new();
            for unit in dimensions.iter().flat_map(|d| d.spellings()) {
                if !all.contains(&unit) {
                    all.push(unit);
                }
            }
            list(&all)
        };
        match self {
            Self::Quantity(dimension, bounds) => {
                let limits = limits(*bounds, *dimension);
                format!(
                    "{} in `{}`; {limits}",
                    dimension.name(),
                    units(&[*dimension])
                )
            }
            Self::Number(Bounds::Any) => "number".into(),
            // A bare number is written as it is, not in per cent.
            Self::Number(bounds) => format!("number {}", bounds.words("")).trim().into(),
            Self::Integer(least, i64::MAX) => format!("whole number from {least}"),
            Self::Integer(least, most) => format!("whole number from {least} to {most}"),
            Self::Amount(dimensions, word) => {
                let what: Vec<_> = dimensions.iter().map(|d| d.name()).collect();
                let what = what.join(" or ");
                format!(
                    "{what} in `{}`, with or without `{word}`",
                    units(dimensions)
                )
            }
            Self::Text => "text".into(),
            Self::Name(kinds) => format!("name of: {}", kinds.join(", ").replace('-', " ")),
            Self::Choice(words) => format!("`{}`", list(words)),
            Self::Switch => "`true`, `false`".into(),
            Self::Curve(dimension) => format!(
                "pairs [x, {}], x rising within 0 to 1, in `{}`",
                dimension.name(),
                units(&[*dimension])
            ),
            Self::Table(_) => "table".into(),
            Self::Tables(_) => "array of tables".into(),
            Self::Texts => "array of texts".into(),
            Self::List(kind) => format!("array, each: {}", kind.words()),
            Self::Either(kinds) => {
                let all: Vec<_> = kinds.iter().map(Self::words).collect();
                all.join("; or ")
            }
            Self::Values(_) => "table of values".into(),
            Self::Forms(words) => (*words).into(),
        }
    }
}

/// Whether a key must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// Always.
    Required,
    /// May be left out; then the thing is absent or follows from other keys.
    Optional,
    /// May be left out; then this, as it would be written (a string without its quotes).
    Default(&'static str),
}

/// Which values of a number are possible at all.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bounds {
    /// Any finite number.
    Any,
    /// Above 0.
    Positive,
    /// 0 or above.
    NotNegative,
    /// 0 to 1, both allowed.
    Fraction,
    /// 0 to 1, not 1.
    BelowOne,
    /// Above 0, up to 1.
    Share,
    /// Between two values in SI, both allowed.
    Between(f64, f64),
}

impl Bounds {
    /// Whether a value (SI) is possible.
    pub fn allow(self, value: f64) -> bool {
        value.is_finite()
            && match self {
                Self::Any => true,
                Self::Positive => value > 0.0,
                Self::NotNegative => value >= 0.0,
                Self::Fraction => (0.0..=1.0).contains(&value),
                Self::BelowOne => (0.0..1.0).contains(&value),
                Self::Share => value > 0.0 && value <= 1.0,
                Self::Between(low, high) => (low..=high).contains(&value),
            }
    }

    /// In words; `unit` is the SI unit, `1` for fractions.
    pub fn words(self, unit: &str) -> String {
        match self {
            Self::Any => "a finite number".into(),
            Self::Positive => "above 0".into(),
            Self::NotNegative => "0 or above".into(),
            Self::Fraction if unit == "1" => "between 0 and 100 %".into(),
            Self::BelowOne if unit == "1" => "at least 0 and below 100 %".into(),
            Self::Share if unit == "1" => "above 0 and at most 100 %".into(),
            Self::Fraction => "between 0 and 1".into(),
            Self::BelowOne => "at least 0 and below 1".into(),
            Self::Share => "above 0 and at most 1".into(),
            Self::Between(low, high) if unit == "Pa" => {
                format!("between {} and {} MPa", 1e-6 * low, 1e-6 * high)
            }
            Self::Between(low, high) => format!("between {low} and {high} {unit}"),
        }
    }
}

/// With a capital first letter.
pub(super) fn upper(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}
