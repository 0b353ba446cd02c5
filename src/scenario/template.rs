//! A scenario read once, of which variants are made by setting values at paths: what a
//! sweep does thousands of times.
//!
//! A variant goes through the same reading and checking as a file. Values keep the place
//! where they were written, so that a complaint about one points at the line of the sweep
//! that asked for it.

use super::{Loaded, assemble, schema};
use crate::input::{Diagnostic, Diagnostics, Sink, Span, describe_value, nearest, parse_document};
use std::borrow::Cow;
use std::fmt;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A step of a path: a key, or an element of an array (from 1).
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Key(String),
    Element(usize),
}

/// Where a value stands in a scenario, as written in messages: `coating.thickness`,
/// `protocol[1].repeat`, `cathode.composition."Super C65"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScenarioPath {
    steps: Vec<Step>,
}

impl ScenarioPath {
    /// Reads a path.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut steps = Vec::new();
        let mut rest = text.trim();
        loop {
            let (key, behind) = first_key(rest)?;
            if key.is_empty() {
                return Err(format!("`{text}` is no path: a key is missing"));
            }
            steps.push(Step::Key(key.to_owned()));
            rest = behind;
            while let Some(inner) = rest.strip_prefix('[') {
                let (number, behind) = inner
                    .split_once(']')
                    .ok_or_else(|| format!("`{text}` lacks a closing `]`"))?;
                let element = number.trim().parse().ok().filter(|n| *n > 0);
                let element = element.ok_or_else(|| {
                    format!("`[{number}]` in `{text}` is no element: they are counted from 1")
                })?;
                steps.push(Step::Element(element));
                rest = behind;
            }
            match rest.strip_prefix('.') {
                Some(behind) => rest = behind,
                None if rest.is_empty() => return Ok(Self { steps }),
                None => return Err(format!("`{text}` is no path: `{rest}` is left over")),
            }
        }
    }

    /// A path within `parent` (the scenario itself for none), as [`Self::parse`].
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn within(parent: Option<&Self>, text: &str) -> Result<Self, String> {
        let mut steps = parent.map_or_else(Vec::new, |p| p.steps.clone());
        steps.extend(Self::parse(text)?.steps);
        Ok(Self { steps })
    }

    /// The first key.
    pub fn root(&self) -> &str {
        match self.steps.first() {
            Some(Step::Key(key)) => key,
            _ => "",
        }
    }

    /// A key as it stands in a path or a table: in quotes where it needs them.
    pub fn quoted(key: &str) -> String {
        let bare = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
        if key.chars().all(bare) {
            key.to_owned()
        } else {
            format!("\"{key}\"")
        }
    }

    /// Whether `other` is this value or lies within it.
    pub fn contains(&self, other: &Self) -> bool {
        other.steps.starts_with(&self.steps)
    }
}

/// A key at the start of a path, and what follows it.
fn first_key(text: &str) -> Result<(&str, &str), String> {
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote) {
            return inner
                .split_once(quote)
                .ok_or_else(|| format!("`{text}` lacks a closing {quote}"));
        }
    }
    let end = text.find(['.', '[']).unwrap_or(text.len());
    Ok((text[..end].trim(), &text[end..]))
}

impl fmt::Display for ScenarioPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, step) in self.steps.iter().enumerate() {
            match step {
                Step::Element(n) => write!(f, "[{n}]")?,
                Step::Key(key) => {
                    let dot = if i > 0 { "." } else { "" };
                    write!(f, "{dot}{}", Self::quoted(key))?;
                }
            }
        }
        Ok(())
    }
}

/// A value to be set, with the places of its key and of itself in the text.
#[derive(Debug, Clone)]
pub struct Setting<'a> {
    /// What is set.
    pub path: &'a ScenarioPath,
    /// Where it was asked for.
    pub span: Span,
    /// To what, with its own place.
    pub value: Spanned<DeValue<'a>>,
}

/// A scenario as written, from which variants are made.
#[derive(Debug)]
pub struct Template<'a> {
    name: &'a str,
    text: &'a str,
    document: Spanned<DeTable<'a>>,
    /// `[sweep]`, which is not part of the variants.
    sweep: Option<(Span, Spanned<DeValue<'a>>)>,
}

impl<'a> Template<'a> {
    /// Reads the text of a scenario; `name` as in [`super::from_str`].
    ///
    /// # Errors
    /// Text that is not TOML.
    pub fn new(name: &'a str, text: &'a str) -> Result<Self, Diagnostics> {
        let sink = Sink::new(text);
        let mut document = parse_document(text, &sink);
        if sink.has_errors() {
            return Err(Diagnostics {
                name: name.into(),
                text: text.into(),
                items: sink.finish(),
            });
        }
        let table = document.get_mut();
        let key = table.keys().find(|key| key.get_ref() == SWEEP);
        let span = key.map(Spanned::span);
        let value = table.remove(SWEEP);
        Ok(Self {
            name,
            text,
            sweep: span.zip(value),
            document,
        })
    }

    /// Name of the file.
    pub fn name(&self) -> &'a str {
        self.name
    }

    /// The text.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// `[sweep]` and the place of its heading.
    pub fn sweep(&self) -> Option<&(Span, Spanned<DeValue<'a>>)> {
        self.sweep.as_ref()
    }

    /// Whether the scenario itself has a key of that name at its top.
    pub fn has(&self, key: &str) -> bool {
        self.document.get_ref().contains_key(key)
    }

    /// The value that stands at a path, if any.
    pub fn value(&self, path: &ScenarioPath) -> Option<&Spanned<DeValue<'a>>> {
        let mut steps = path.steps.iter();
        let Step::Key(first) = steps.next()? else {
            return None;
        };
        let mut value = self.document.get_ref().get(first.as_str())?;
        for step in steps {
            value = match step {
                Step::Key(key) => value.get_ref().as_table()?.get(key.as_str())?,
                Step::Element(n) => value.get_ref().as_array()?.get(*n - 1)?,
            };
        }
        Some(value)
    }

    /// The scenario with these values in place of its own.
    ///
    /// # Errors
    /// Every complaint, as [`super::from_str`] has them.
    pub fn with<'b>(&self, settings: &[Setting<'b>]) -> Result<Loaded, Diagnostics>
    where
        'a: 'b,
    {
        let sink = Sink::new(self.text);
        let mut document: Spanned<DeTable<'b>> = self.document.clone();
        for setting in settings {
            set(document.get_mut(), setting, &sink);
        }
        assemble(
            (self.name, self.text),
            crate::materials::library(),
            &document,
            sink,
            &|_| Vec::new(),
        )
    }

    /// The scenario with these values and this seed as a file of its own. Comments are lost.
    pub fn written_with<'b>(&self, settings: &[Setting<'b>], seed: u64) -> String
    where
        'a: 'b,
    {
        let sink = Sink::new(self.text);
        let mut document: Spanned<DeTable<'b>> = self.document.clone();
        for setting in settings {
            set(document.get_mut(), setting, &sink);
        }
        let inline = toml_text(&DeValue::Table(document.into_inner()));
        let table = toml::from_str::<toml::Table>(&format!("whole = {inline}"));
        let table = table.ok().and_then(|mut table| table.remove("whole"));
        let mut table = table.and_then(|whole| match whole {
            toml::Value::Table(table) => Some(table),
            _ => None,
        });
        if let Some(table) = &mut table {
            // Seeds are whole numbers of TOML.
            let seed = i64::try_from(seed).unwrap_or(i64::MAX);
            table.insert("seed".into(), toml::Value::Integer(seed));
        }
        // What was parsed from TOML can be written as TOML.
        table.map_or(inline, |table| {
            toml::to_string_pretty(&table).unwrap_or_default()
        })
    }
}

/// Key of the sweep.
const SWEEP: &str = "sweep";

/// Puts a value where it belongs; missing tables on the way are made.
fn set<'a>(root: &mut DeTable<'a>, setting: &Setting<'a>, sink: &Sink<'_>) {
    let Some((Step::Key(first), rest)) = setting.path.steps.split_first() else {
        return;
    };
    let mut value = entry(root, first, setting.span.clone());
    let mut passed = first.clone();
    for step in rest {
        let found = describe_value(value.get_ref());
        let refuse = |needed: &str| {
            let message = format!(
                "`{}` cannot be set: `{passed}` is {found}, not {needed}",
                setting.path
            );
            let help =
                format!("write `{passed}` as {needed} in the scenario, or set it as a whole");
            sink.push(Diagnostic::error(setting.span.clone(), message).help(help));
        };
        match step {
            Step::Key(key) => {
                let DeValue::Table(table) = value.get_mut() else {
                    return refuse("a table");
                };
                value = entry(table, key, setting.span.clone());
                passed = format!("{passed}.{key}");
            }
            Step::Element(n) => {
                let DeValue::Array(array) = value.get_mut() else {
                    return refuse("an array");
                };
                let length = array.len();
                let Some(element) = array.get_mut(*n - 1) else {
                    let message = format!(
                        "`{}` cannot be set: `{passed}` has {length} element{}",
                        setting.path,
                        if length == 1 { "" } else { "s" }
                    );
                    sink.push(Diagnostic::error(setting.span.clone(), message));
                    return;
                };
                value = element;
                passed = format!("{passed}[{n}]");
            }
        }
    }
    *value = setting.value.clone();
}

/// The entry of a table, made as an empty table if it is missing.
fn entry<'t, 'a>(
    table: &'t mut DeTable<'a>,
    key: &str,
    span: Span,
) -> &'t mut Spanned<DeValue<'a>> {
    let key = Spanned::new(span.clone(), Cow::Owned(key.to_owned()));
    table
        .entry(key)
        .or_insert(Spanned::new(span, DeValue::Table(DeTable::new())))
}

/// The complaint that a path begins with no key of a scenario; `None` if it does.
pub fn unknown_root(path: &ScenarioPath, span: Span) -> Option<Diagnostic> {
    let names = || schema::SCENARIO.keys.iter().map(|key| key.name);
    let root = path.root();
    let names = || names().filter(|name| *name != SWEEP);
    if names().any(|name| name == root) {
        return None;
    }
    let all = names().collect::<Vec<_>>().join(", ");
    let help = match nearest(root, names()) {
        Some(near) => format!("did you mean `{near}`? parts of a scenario: {all}"),
        None => format!("parts of a scenario: {all}"),
    };
    let message = format!("`{path}` is no path in a scenario: there is no `{root}`");
    Some(Diagnostic::error(span, message).help(help))
}

/// A value as TOML in one line.
pub fn toml_text(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => toml::Value::String(text.to_string()).to_string(),
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.to_string(),
        DeValue::Boolean(switch) => switch.to_string(),
        DeValue::Datetime(date) => date.to_string(),
        DeValue::Array(items) => {
            let items: Vec<_> = items.iter().map(|i| toml_text(i.get_ref())).collect();
            format!("[{}]", items.join(", "))
        }
        DeValue::Table(table) => {
            let entry = |(key, value): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
                let key: &Cow<'_, str> = key.get_ref();
                let key = ScenarioPath::quoted(key);
                format!("{key} = {}", toml_text(value.get_ref()))
            };
            let entries: Vec<_> = table.iter().map(entry).collect();
            format!("{{ {} }}", entries.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> ScenarioPath {
        ScenarioPath::parse(text).expect(text)
    }

    #[test]
    fn paths_read_back() {
        for text in [
            "seed",
            "coating.thickness",
            "protocol[1].repeat",
            "protocol[1].blocks[2].repeat",
            "cathode.composition.\"Super C65\"",
        ] {
            assert_eq!(path(text).to_string(), text);
        }
        for text in ["", "a..b", "a[0]", "a[x]", "a[1", "a[1]b", "a.\"b"] {
            assert!(ScenarioPath::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_variant_is_what_the_edited_file_would_be() {
        let text = include_str!("../../scenarios/quick.toml");
        let template = Template::new("quick", text).expect("TOML");
        let thickness = path("coating.thickness");
        let separator = path("cell.separator.thickness");
        let repeat = path("protocol[1].repeat");
        let value = |text| Spanned::new(0..0, DeValue::parse(text).expect("a value").into_inner());
        let setting = |path, text| Setting {
            path,
            span: 0..0,
            value: value(text),
        };
        let refused = template.with(&[setting(&separator, "\"400 um\"")]);
        assert!(refused.is_err(), "mass and thickness at once");
        let cycles = path("protocol[1].impedance.cycles");
        let made = template
            .with(&[
                setting(&thickness, "\"7 nm\""),
                setting(&repeat, "2"),
                setting(&cycles, "[1, 2]"),
            ])
            .expect("valid");
        let edited = text
            .replace("thickness = \"3 nm\"", "thickness = \"7 nm\"")
            .replace("repeat = 3", "repeat = 2")
            .replace("cycles = [1, 3]", "cycles = [1, 2]");
        assert_ne!(edited, text);
        let edited = crate::scenario::from_str("quick", &edited).expect("valid");
        assert_eq!(made.scenario, edited.scenario);
    }

    #[test]
    fn a_path_through_a_text_is_refused_with_both() {
        let text = include_str!("../../scenarios/quick.toml");
        let template = Template::new("quick", text).expect("TOML");
        let path = path("coating.material.density");
        let value = Spanned::new(0..0, DeValue::Boolean(true));
        let refused = template.with(&[Setting {
            path: &path,
            span: 3..5,
            value,
        }]);
        let message = refused.expect_err("refused").to_string();
        assert!(
            message.contains("`coating.material` is the text"),
            "{message}"
        );
    }
}
