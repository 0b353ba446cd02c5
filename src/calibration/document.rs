//! The files a fit reads and may change: values found by their path, changed in place
//! with comments and layout kept.

use super::plan::Written;
use crate::input::{Dimension, parse};
use std::path::PathBuf;
use toml_edit::{DocumentMut, InlineTable, Item, Table, Value};

/// A file of materials or a scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// Where it lies.
    pub path: PathBuf,
    /// As it is.
    pub text: String,
    /// Whether it is a scenario.
    pub scenario: bool,
}

/// A place in a document.
#[derive(Debug, Clone, PartialEq)]
pub struct Edit {
    /// Which of the plan's documents.
    pub document: usize,
    /// Keys from the outermost inwards.
    pub path: Vec<String>,
    /// Unit in which the value stands there, or is to be written.
    pub unit: Option<String>,
}

/// A value that stands at a place, as written.
pub(super) fn present(text: &str, path: &[String]) -> Option<Written> {
    let document: DocumentMut = text.parse().ok()?;
    let mut item = document.as_item();
    for key in path {
        item = item.as_table_like()?.get(key)?;
    }
    // Materials write a value as a table with unit and source.
    if let Some(inner) = item.as_table_like() {
        item = inner.get("value")?;
    }
    match item.as_value()? {
        Value::String(text) => Some(Written::Text(text.value().clone())),
        Value::Float(number) => Some(Written::Number(*number.value())),
        Value::Integer(number) => Some(Written::Number(*number.value() as f64)),
        _ => None,
    }
}

/// The unit of a written quantity.
pub(super) fn unit_of(written: &Written, dimension: Dimension) -> Option<String> {
    let Written::Text(text) = written else {
        return None;
    };
    parse(text, &[dimension]).ok()?;
    let (_, unit) = crate::input::split_number(text)?;
    Some(unit.to_owned())
}

/// The text with values put at their places, everything else as it was.
///
/// # Errors
/// A message if the text is no TOML, or a place lies within something that is no table.
pub fn changed<'a>(
    text: &str,
    changes: impl IntoIterator<Item = (&'a [String], &'a Written)>,
) -> Result<String, String> {
    let mut document: DocumentMut = text.parse().map_err(|e| format!("{e}"))?;
    for (path, written) in changes {
        put(document.as_item_mut(), path, written)
            .ok_or_else(|| format!("`{}` cannot be set", path.join(".")))?;
    }
    Ok(document.to_string())
}

/// Sets a list of words beside a value that stands as a table with its source.
pub(super) fn note(text: &str, path: &[String], name: &str, words: &[String]) -> Option<String> {
    let mut document: DocumentMut = text.parse().ok()?;
    let mut item = document.as_item_mut();
    for key in path {
        item = item.as_table_like_mut()?.get_mut(key)?;
    }
    item.as_table_like()?.get("value")?;
    if let Some(inline) = item.as_inline_table_mut()
        && !inline.contains_key(name)
        && let Some((_, last)) = inline.iter_mut().last()
    {
        // The blank before the brace belongs behind the new last value.
        last.decor_mut().set_suffix("");
    }
    let table = item.as_table_like_mut()?;
    let array: toml_edit::Array = words.iter().map(String::as_str).collect();
    let mut value = Value::Array(array);
    match table.get_mut(name).and_then(Item::as_value_mut) {
        Some(old) => {
            *value.decor_mut() = old.decor().clone();
            *old = value;
        }
        None => drop(table.insert(name, Item::Value(value))),
    }
    Some(document.to_string())
}

fn put(item: &mut Item, path: &[String], written: &Written) -> Option<()> {
    let Some((first, rest)) = path.split_first() else {
        match item.as_table_like_mut() {
            Some(sourced) => replace(sourced.get_mut("value")?, written),
            None => replace(item, written),
        }
        return Some(());
    };
    // Within braces only braces can stand.
    let inline = item.is_inline_table();
    let table = item.as_table_like_mut()?;
    if table.get(first).is_none() {
        let new = if rest.is_empty() {
            Item::Value(Value::from(0))
        } else if inline {
            Item::Value(Value::InlineTable(InlineTable::new()))
        } else {
            let mut new = Table::new();
            new.set_implicit(rest.len() > 1);
            Item::Table(new)
        };
        table.insert(first, new);
    }
    put(table.get_mut(first)?, rest, written)
}

fn replace(item: &mut Item, written: &Written) {
    let mut value = match written {
        Written::Number(number) => Value::from(*number),
        Written::Text(text) => Value::from(text.as_str()),
    };
    if let Some(old) = item.as_value() {
        *value.decor_mut() = old.decor().clone();
    }
    *item = Item::Value(value);
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# top\n[laws.oxygen] # of the oxide\nrate = { value = \"1e-10 mol/(m2 s)\", source = \"x\" }  # here\nshare = 0.5 # there\n\n[cell]\nseparator = { material = \"LPSCl\" }\n";

    fn path(keys: &[&str]) -> Vec<String> {
        keys.iter().map(|key| (*key).to_owned()).collect()
    }

    #[test]
    fn only_the_value_changes() {
        let rate = path(&["laws", "oxygen", "rate"]);
        let share = path(&["laws", "oxygen", "share"]);
        assert_eq!(
            present(TEXT, &rate),
            Some(Written::Text("1e-10 mol/(m2 s)".into()))
        );
        assert_eq!(present(TEXT, &share), Some(Written::Number(0.5)));
        let new = Written::Text("2e-10 mol/(m2 s)".into());
        let text = changed(
            TEXT,
            [(&rate[..], &new), (&share[..], &Written::Number(0.25))],
        );
        let expected = TEXT.replace("1e-10", "2e-10").replace("0.5 #", "0.25 #");
        assert_eq!(text, Ok(expected));
    }

    #[test]
    fn what_is_missing_is_added_where_it_belongs() {
        let new = Written::Text("2 mS/cm".into());
        let thickness = path(&["cell", "separator", "thickness"]);
        let conductivity = path(&["materials", "LPSCl", "ionic_conductivity"]);
        let both = [(&thickness[..], &new), (&conductivity[..], &new)];
        let text = changed(TEXT, both).expect("possible");
        assert_eq!(present(&text, &thickness), Some(new.clone()));
        assert_eq!(present(&text, &conductivity), Some(new));
        assert!(text.contains("[materials.LPSCl]\n"), "{text}");
        assert!(text.starts_with("# top\n[laws.oxygen] # of the oxide\n"));
        let inside = path(&["laws", "oxygen", "share", "deeper"]);
        assert!(changed(TEXT, [(&inside[..], &Written::Number(1.0))]).is_err());
    }

    #[test]
    fn a_note_is_put_beside_the_source() {
        let rate = path(&["laws", "oxygen", "rate"]);
        let text = note(TEXT, &rate, "fitted_to", &path(&["a", "b"])).expect("a table");
        assert!(
            text.contains("source = \"x\", fitted_to = [\"a\", \"b\"] }"),
            "{text}"
        );
        assert_eq!(
            note(&text, &rate, "fitted_to", &path(&["a", "b"])),
            Some(text.clone())
        );
        assert_eq!(
            note(TEXT, &path(&["laws", "oxygen", "share"]), "fitted_to", &[]),
            None
        );
    }

    #[test]
    fn units_are_told_from_numbers() {
        let unit = |text: &str| unit_of(&Written::Text(text.into()), Dimension::Conductivity);
        assert_eq!(unit("2 mS/cm").as_deref(), Some("mS/cm"));
        assert_eq!(unit("2 nm"), None);
    }
}
