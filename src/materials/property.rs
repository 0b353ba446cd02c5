//! One value of a material with where it comes from, and how it is read.

use super::schema::{MaterialKind, leaves};
use crate::input::{
    Diagnostic, Dimension, Key, Kind, Schema, Sink, Span, UNITS, Unit, bare_number, number_of,
    quantity_of, split_number,
};
use serde::Serialize;
use std::collections::BTreeMap;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A number or a table of pairs.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum PropertyValue {
    /// In the property's unit.
    Number(f64),
    /// Pairs, the second in the property's unit; the first rises.
    Curve(Vec<(f64, f64)>),
}

/// One value of a material.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Property {
    /// In SI.
    pub value: PropertyValue,
    /// SI unit, `1` where dimensionless.
    pub unit: &'static str,
    /// As written in the file.
    pub written: String,
    /// A paper with its place, or `estimate: ` with the reason.
    pub source: String,
    /// Plausible lowest and highest value, in SI.
    pub range: Option<(f64, f64)>,
    /// What it was fitted to; empty when it was not fitted.
    pub fitted_to: Vec<String>,
    /// The material it was taken over from.
    pub inherited_from: Option<String>,
    /// Whether the scenario set it.
    pub overridden: bool,
}

impl Property {
    /// The plausible range in words, in the unit in which the value is written.
    pub fn plausible(&self) -> Option<String> {
        let (low, high) = self.range?;
        let written = split_number(&self.written).map_or("", |(_, unit)| unit);
        let unit = UNITS
            .iter()
            .find(|unit| unit.spelling == written && unit.dimension.si() == self.unit);
        let shown = |value: f64| {
            let value = unit.map_or(value, |unit| (value - unit.offset) / unit.factor);
            // Four digits, without the last ones of the conversion.
            let rounded: f64 = format!("{value:.3e}").parse().unwrap_or(value);
            match rounded.abs() {
                size if size != 0.0 && !(1e-3..1e5).contains(&size) => format!("{rounded:e}"),
                _ => rounded.to_string(),
            }
        };
        let unit = match (unit, self.unit) {
            (Some(unit), _) => unit.spelling,
            (None, "1") => return Some(format!("{} to {}", shown(low), shown(high))),
            (None, unit) => unit,
        };
        Some(format!("{} to {} {unit}", shown(low), shown(high)))
    }

    /// Whether nothing but an estimate stands behind it.
    pub fn is_estimate(&self) -> bool {
        self.source.starts_with("estimate")
    }
}

/// A material with all its values by dotted path.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entry {
    /// As written in scenarios.
    pub name: String,
    /// What it is used as.
    pub kind: MaterialKind,
    /// One line.
    pub about: String,
    /// By dotted path, e.g. `diffusivity.reference`.
    pub properties: BTreeMap<String, Property>,
}

impl Entry {
    /// Paths of its kind for which it has no value.
    pub fn missing(&self) -> Vec<String> {
        leaves(self.kind.schema())
            .into_iter()
            .map(|(path, _)| path)
            .filter(|path| !self.properties.contains_key(path))
            .collect()
    }

    /// Paths of the values that are estimates.
    pub fn estimates(&self) -> impl Iterator<Item = &str> {
        self.properties
            .iter()
            .filter(|(_, p)| p.is_estimate())
            .map(|(path, _)| path.as_str())
    }

    /// Its values as nested tables of SI numbers, with `name` and, where kinds share a
    /// structure, what tells them apart.
    pub fn to_table(&self) -> toml::Table {
        let mut table = toml::Table::new();
        for (path, property) in &self.properties {
            let value = match &property.value {
                PropertyValue::Number(number) => toml::Value::Float(*number),
                PropertyValue::Curve(pairs) => pairs
                    .iter()
                    .map(|(x, y)| toml::Value::from(vec![*x, *y]))
                    .collect::<Vec<_>>()
                    .into(),
            };
            insert(&mut table, path, value);
        }
        table.insert("name".into(), self.name.clone().into());
        match self.kind {
            MaterialKind::CarbonFibre => drop(table.insert("shape".into(), "fibre".into())),
            MaterialKind::CarbonBlack => drop(table.insert("shape".into(), "black".into())),
            MaterialKind::SolidElectrolyte => drop(table.insert("state".into(), "solid".into())),
            MaterialKind::LiquidElectrolyte => drop(table.insert("state".into(), "liquid".into())),
            _ => {}
        }
        table
    }
}

/// Puts a value at a dotted path.
fn insert(table: &mut toml::Table, path: &str, value: toml::Value) {
    match path.split_once('.') {
        None => drop(table.insert(path.to_owned(), value)),
        Some((head, rest)) => {
            let inner = table
                .entry(head)
                .or_insert_with(|| toml::Table::new().into());
            if let toml::Value::Table(inner) = inner {
                insert(inner, rest, value);
            }
        }
    }
}

/// Reads material tables of one text.
pub(super) struct Reader<'a> {
    /// Where complaints go.
    pub sink: &'a Sink<'a>,
    /// Whether values come from a scenario (then a missing source is no complaint).
    pub overriding: bool,
    /// Paths whose values were refused: complained of already, so not missing.
    pub refused: Vec<String>,
}

/// Keys of a value written as a table.
const LEAF_KEYS: [&str; 5] = ["value", "unit", "source", "range", "fitted_to"];

impl Reader<'_> {
    /// Reads every value of a table into `properties`; `header` names keys that are
    /// not values and allowed at this level.
    pub fn read(
        &mut self,
        table: &DeTable<'_>,
        schema: &'static Schema,
        (prefix, header): (&str, &[&str]),
        properties: &mut BTreeMap<String, Property>,
    ) {
        for (name, value) in table {
            let written = name.get_ref().as_ref();
            if header.contains(&written) {
                continue;
            }
            let Some(key) = schema.key(written) else {
                self.sink.push(schema.unknown(written, name.span()));
                continue;
            };
            let path = if prefix.is_empty() {
                written.to_owned()
            } else {
                format!("{prefix}.{written}")
            };
            match (&key.kind, value.get_ref()) {
                (Kind::Table(inner), DeValue::Table(table)) => {
                    self.read(table, inner, (&path, &[]), properties);
                }
                (Kind::Table(inner), _) => {
                    let keys = inner
                        .keys
                        .iter()
                        .map(|k| k.name)
                        .collect::<Vec<_>>()
                        .join(", ");
                    self.sink.push(
                        Diagnostic::error(value.span(), format!("`{path}` must be a table"))
                            .help(format!("keys there: {keys}")),
                    );
                    self.refused.push(path);
                }
                _ => match self.leaf(&path, key, value) {
                    Some(property) => drop(properties.insert(path, property)),
                    None => self.refused.push(path),
                },
            }
        }
    }

    /// A value, bare or as a table with source, range and `fitted_to`.
    fn leaf(
        &self,
        path: &str,
        key: &'static Key,
        value: &Spanned<DeValue<'_>>,
    ) -> Option<Property> {
        let Some(table) = value.get_ref().as_table() else {
            let property = self.value(path, key, value, None)?;
            return Some(self.sourced(property, None, value.span(), path));
        };
        for (name, _) in table
            .iter()
            .filter(|(name, _)| !LEAF_KEYS.contains(&name.get_ref().as_ref()))
        {
            let message = format!("unknown key `{}` in the value `{path}`", name.get_ref());
            let keys = LEAF_KEYS.join(", ");
            self.sink
                .push(Diagnostic::error(name.span(), message).help(format!("keys here: {keys}")));
        }
        let Some(inner) = table.get("value") else {
            let message = format!("`{path}` has no `value`");
            return self.sink.refuse(
                Diagnostic::error(value.span(), message)
                    .help(format!("for example value = {}", key.example)),
            );
        };
        let mut property = self.value(path, key, inner, table.get("unit"))?;
        property.range = table
            .get("range")
            .and_then(|range| self.range(path, key, range));
        if let Some(fitted) = table.get("fitted_to") {
            property.fitted_to = self.names(path, fitted);
        }
        let source = table
            .get("source")
            .and_then(|source| source.get_ref().as_str());
        Some(self.sourced(property, source, value.span(), path))
    }

    fn sourced(
        &self,
        mut property: Property,
        source: Option<&str>,
        span: Span,
        path: &str,
    ) -> Property {
        property.source = match source {
            Some(source) => source.to_owned(),
            None if self.overriding => "set in the scenario".into(),
            None => {
                self.sink
                    .push(Diagnostic::error(span, format!("`{path}` has no `source`")));
                String::new()
            }
        };
        property
    }

    fn value(
        &self,
        path: &str,
        key: &'static Key,
        value: &Spanned<DeValue<'_>>,
        unit: Option<&Spanned<DeValue<'_>>>,
    ) -> Option<Property> {
        let (read, written) = match key.kind {
            Kind::Curve(dimension) => (
                PropertyValue::Curve(self.curve(path, dimension, value, unit)?),
                "table".to_owned(),
            ),
            _ => (
                PropertyValue::Number(self.number(path, key, value)?),
                plain(value.get_ref()),
            ),
        };
        Some(Property {
            value: read,
            unit: key.kind.si(),
            written,
            source: String::new(),
            range: None,
            fitted_to: Vec::new(),
            inherited_from: None,
            overridden: self.overriding,
        })
    }

    fn number(&self, path: &str, key: &'static Key, value: &Spanned<DeValue<'_>>) -> Option<f64> {
        match key.kind {
            Kind::Quantity(dimension, bounds) => {
                quantity_of(value, path, (dimension, bounds), key.example, self.sink)
            }
            Kind::Number(bounds) => number_of(value, path, bounds, key.example, self.sink),
            _ => None,
        }
    }

    fn curve(
        &self,
        path: &str,
        dimension: Dimension,
        value: &Spanned<DeValue<'_>>,
        unit: Option<&Spanned<DeValue<'_>>>,
    ) -> Option<Vec<(f64, f64)>> {
        let spelling = unit.and_then(|unit| unit.get_ref().as_str());
        let Some(unit) = spelling.and_then(|spelling| Unit::find(spelling, dimension)) else {
            let units = dimension.spellings().collect::<Vec<_>>().join(", ");
            return self.sink.refuse(
                Diagnostic::error(
                    value.span(),
                    format!("the table `{path}` needs the unit of its second column"),
                )
                .help(format!(
                    "write {{ unit = \"...\", value = [[x, y], ...] }} with one of {units}"
                )),
            );
        };
        let pair = |item: &Spanned<DeValue<'_>>| {
            let [x, y] = item
                .get_ref()
                .as_array()?
                .iter()
                .collect::<Vec<_>>()
                .try_into()
                .ok()?;
            Some((
                bare_number(x.get_ref())?,
                unit.to_si(bare_number(y.get_ref())?),
            ))
        };
        let pairs: Option<Vec<_>> = value
            .get_ref()
            .as_array()
            .and_then(|rows| rows.iter().map(pair).collect());
        let rising = |pairs: &[(f64, f64)]| {
            pairs.len() >= 2
                && pairs.windows(2).all(|w| w[0].0 < w[1].0)
                && pairs.iter().all(|p| (0.0..=1.0).contains(&p.0))
        };
        match pairs {
            Some(pairs) if rising(&pairs) => Some(pairs),
            _ => self.sink.refuse(
                Diagnostic::error(value.span(), format!("`{path}` is not a table"))
                    .help("two or more pairs [x, y], x rising within 0 to 1"),
            ),
        }
    }

    fn range(
        &self,
        path: &str,
        key: &'static Key,
        value: &Spanned<DeValue<'_>>,
    ) -> Option<(f64, f64)> {
        let items = value.get_ref().as_array()?;
        let ends: Vec<_> = items
            .iter()
            .filter_map(|item| self.number(path, key, item))
            .collect();
        match ends[..] {
            [low, high] if low <= high => Some((low, high)),
            _ => self.sink.refuse(Diagnostic::error(
                value.span(),
                format!("the range of `{path}` must be [lowest, highest]"),
            )),
        }
    }

    fn names(&self, path: &str, value: &Spanned<DeValue<'_>>) -> Vec<String> {
        let names: Option<Vec<_>> = value.get_ref().as_array().and_then(|items| {
            items
                .iter()
                .map(|item| item.get_ref().as_str().map(str::to_owned))
                .collect()
        });
        names.unwrap_or_else(|| {
            let message = format!("`fitted_to` of `{path}` must be an array of strings");
            self.sink.push(Diagnostic::error(value.span(), message));
            Vec::new()
        })
    }
}

/// A scalar as it was written, without quotes.
fn plain(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => text.to_string(),
        DeValue::Integer(integer) => integer.to_string(),
        DeValue::Float(float) => float.as_str().to_owned(),
        _ => String::new(),
    }
}
