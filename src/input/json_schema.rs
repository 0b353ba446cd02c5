//! Schemas as JSON schema (draft 7), which editors use to complete and check.
//!
//! What a single JSON schema can say of a table is said: keys, kinds, units, choices,
//! defaults. What depends on several keys at once is left to the reader.

use super::pattern::{NUMBER, unit_pattern};
use super::schema::upper;
use super::{Bounds, Dimension, Key, Kind, Presence, Schema};
use serde_json::{Map, Value, json};

/// Gathers the definitions of a document.
pub struct JsonSchema<'a> {
    /// Known names of these kinds, offered for completion.
    names: &'a dyn Fn(&[&str]) -> Vec<String>,
    /// Keys of a [`Kind::Values`] table beside its values.
    header: Map<String, Value>,
    definitions: Map<String, Value>,
    /// Tables already defined, with their names.
    tables: Vec<(&'static Schema, String)>,
}

impl<'a> JsonSchema<'a> {
    /// None yet; `names` says what of some kinds is known, `header` which keys a table of
    /// values may have beside them.
    pub fn new(names: &'a dyn Fn(&[&str]) -> Vec<String>, header: Map<String, Value>) -> Self {
        Self {
            names,
            header,
            definitions: Map::new(),
            tables: Vec::new(),
        }
    }

    /// The whole document of a root table.
    pub fn document(mut self, root: &'static Schema, title: &str) -> Value {
        let table = self.table(root);
        json!({
            "$schema": "http://json-schema.org/draft-07/schema#",
            "title": title,
            "description": sentence(root.about),
            "allOf": [table],
            "definitions": self.definitions,
        })
    }

    /// A reference to the definition of a table.
    fn table(&mut self, schema: &'static Schema) -> Value {
        self.defined(schema, "", |this| {
            let mut properties = Map::new();
            for key in schema.keys {
                properties.insert(key.name.into(), this.key(key));
            }
            let required: Vec<_> = schema
                .keys
                .iter()
                .filter(|key| key.presence == Presence::Required)
                .map(|key| key.name)
                .collect();
            let others = match &schema.names {
                Some(names) => this.kind(&names.kind),
                None => Value::Bool(false),
            };
            let mut table = json!({
                "type": "object",
                "description": sentence(schema.about),
                "properties": properties,
                "additionalProperties": others,
            });
            if !required.is_empty() {
                table["required"] = json!(required);
            }
            table
        })
    }

    /// A reference to the definition of a table of values.
    fn values(&mut self, schema: &'static Schema, outermost: bool) -> Value {
        self.defined(schema, "values-", |this| {
            let mut properties = Map::new();
            if outermost {
                properties = this.header.clone();
                if let Some(kind) = properties.get_mut("kind") {
                    kind["const"] = json!(schema.name);
                }
            }
            for key in schema.keys {
                let value = match key.kind {
                    Kind::Table(inner) => this.values(inner, false),
                    _ => this.value(key),
                };
                properties.insert(key.name.into(), described(value, sentence(key.about)));
            }
            json!({
                "type": "object",
                "description": sentence(schema.about),
                "properties": properties,
                "additionalProperties": false,
            })
        })
    }

    /// A value, bare or as a table that says where it comes from.
    fn value(&mut self, key: &'static Key) -> Value {
        if let Kind::Curve(dimension) = key.kind {
            let units: Vec<_> = dimension.spellings().collect();
            let number = json!({ "type": "number" });
            let pair = json!({ "type": "array", "items": number, "minItems": 2, "maxItems": 2 });
            let mut table = self.sourced(
                json!({ "type": "array", "items": pair, "minItems": 2 }),
                &["unit", "value"],
            );
            let unit = json!({ "enum": units, "description": "Unit of the second column." });
            table["properties"]["unit"] = unit;
            return table;
        }
        let bare = self.kind(&key.kind);
        // Most values are quantities, whose tables are defined once for each dimension.
        let table = match bare["$ref"]
            .as_str()
            .and_then(|path| path.rsplit('/').next())
        {
            Some(of) => {
                let name = format!("value-of-{of}");
                if !self.definitions.contains_key(&name) {
                    let table = self.sourced(bare.clone(), &["value"]);
                    self.definitions.insert(name.clone(), table);
                }
                reference(&name)
            }
            None => self.sourced(bare.clone(), &["value"]),
        };
        json!({ "anyOf": [bare, table], "examples": [example(key)] })
    }

    /// A table of a value and where it comes from.
    fn sourced(&mut self, value: Value, required: &[&str]) -> Value {
        for (name, definition) in [
            (
                "source",
                json!({ "type": "string", "description": "Where the value comes from, or `estimate: ` and the reason." }),
            ),
            (
                "fitted-to",
                json!({ "type": "array", "items": { "type": "string" }, "description": "What it was fitted to." }),
            ),
        ] {
            self.definitions.insert(name.into(), definition);
        }
        json!({
            "type": "object",
            "properties": {
                "value": value,
                "range": { "type": "array", "items": value, "minItems": 2, "maxItems": 2, "description": "Plausible lowest and highest value." },
                "source": reference("source"),
                "fitted_to": reference("fitted-to"),
            },
            "required": required,
            "additionalProperties": false,
        })
    }

    /// Defines a table once and refers to it.
    fn defined(
        &mut self,
        schema: &'static Schema,
        prefix: &str,
        define: impl FnOnce(&mut Self) -> Value,
    ) -> Value {
        let same = |(table, _): &&(&'static Schema, String)| std::ptr::eq(*table, schema);
        if let Some((_, name)) = self.tables.iter().find(same) {
            return reference(name);
        }
        let first = format!("{prefix}{}", plain(schema.name));
        let taken = |name: &String| self.tables.iter().any(|(_, other)| other == name);
        let mut name = first.clone();
        for twin in 2.. {
            if !taken(&name) {
                break;
            }
            name = format!("{first}-{twin}");
        }
        // Known before its keys are looked at: blocks lie in blocks.
        self.tables.push((schema, name.clone()));
        let definition = define(self);
        self.definitions.insert(name.clone(), definition);
        reference(&name)
    }

    /// A key with its meaning and default.
    fn key(&mut self, key: &'static Key) -> Value {
        let mut text = sentence(key.about);
        let words = key.kind.words();
        if !matches!(
            key.kind,
            Kind::Table(_) | Kind::Tables(_) | Kind::Values(_) | Kind::Text
        ) {
            text += &format!(" {}.", upper(&words));
        }
        let mut value = described(self.kind(&key.kind), text);
        match key.presence {
            Presence::Default(default) => value["default"] = written(&key.kind, default),
            Presence::Required | Presence::Optional => {}
        }
        if !matches!(key.kind, Kind::Choice(_) | Kind::Switch) && key.example != "{ ... }" {
            value["examples"] = json!([example(key)]);
        }
        value
    }

    fn kind(&mut self, kind: &'static Kind) -> Value {
        match kind {
            Kind::Quantity(dimension, bounds) => self.quantity(*dimension, *bounds),
            Kind::Amount(dimensions, word) => {
                let units: Vec<_> = dimensions.iter().map(|d| unit_pattern(*d)).collect();
                let units = units.join("|");
                json!({ "type": "string", "pattern": format!(r"^\s*\+?{NUMBER}\s*({units})\s*({word})?\s*$") })
            }
            Kind::Number(bounds) => number(*bounds),
            Kind::Integer(least, most) => {
                let mut value = json!({ "type": "integer", "minimum": least });
                if *most < i64::MAX {
                    value["maximum"] = json!(most);
                }
                value
            }
            Kind::Text => json!({ "type": "string" }),
            Kind::Name(kinds) => {
                let known = (self.names)(kinds);
                json!({ "anyOf": [{ "enum": known }, { "type": "string" }] })
            }
            Kind::Choice(words) => json!({ "enum": words }),
            Kind::Switch => json!({ "type": "boolean" }),
            // A curve stands among values only.
            Kind::Curve(_) | Kind::Forms(_) => json!({}),
            Kind::Table(schema) => self.table(schema),
            Kind::Tables(schema) => json!({ "type": "array", "items": self.table(schema) }),
            Kind::Texts => json!({ "type": "array", "items": { "type": "string" } }),
            Kind::List(inner) => json!({ "type": "array", "items": self.kind(inner) }),
            Kind::Either(kinds) => {
                let forms: Vec<_> = kinds.iter().map(|kind| self.kind(kind)).collect();
                json!({ "anyOf": forms })
            }
            Kind::Values(schema) => self.values(schema, true),
        }
    }

    /// A reference to the definition of a quantity.
    fn quantity(&mut self, dimension: Dimension, bounds: Bounds) -> Value {
        // Below 0 in the unit of the user, as temperatures can be.
        let signed = match bounds {
            Bounds::Any => true,
            Bounds::Between(low, _) => low < 0.0,
            _ => false,
        } || dimension == Dimension::Temperature;
        let (sign, suffix) = if signed {
            ("[+-]?", "-signed")
        } else {
            (r"\+?", "")
        };
        let name = format!("quantity-{}{suffix}", plain(dimension.name()));
        self.definitions.entry(name.clone()).or_insert_with(|| {
            let units: Vec<_> = dimension.spellings().collect();
            json!({
                "type": "string",
                "title": dimension.name(),
                "description": format!("{} with its unit: {}.", upper(&dimension.to_string()), units.join(", ")),
                "pattern": format!(r"^\s*{sign}{NUMBER}\s*({})\s*$", unit_pattern(dimension)),
            })
        });
        reference(&name)
    }
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/definitions/{name}") })
}

/// With a description; beside a bare reference draft 7 would not see it.
fn described(value: Value, text: String) -> Value {
    match value.get("$ref") {
        Some(_) => json!({ "description": text, "allOf": [value] }),
        None => {
            let mut value = value;
            value["description"] = json!(text);
            value
        }
    }
}

/// Bounds of a bare number.
fn number(bounds: Bounds) -> Value {
    let mut value = json!({ "type": "number" });
    let (low, high) = match bounds {
        Bounds::Any => (None, None),
        Bounds::Positive => (Some(("exclusiveMinimum", 0.0)), None),
        Bounds::NotNegative => (Some(("minimum", 0.0)), None),
        Bounds::Fraction => (Some(("minimum", 0.0)), Some(("maximum", 1.0))),
        Bounds::BelowOne => (Some(("minimum", 0.0)), Some(("exclusiveMaximum", 1.0))),
        Bounds::Share => (Some(("exclusiveMinimum", 0.0)), Some(("maximum", 1.0))),
        Bounds::Between(a, b) => (Some(("minimum", a)), Some(("maximum", b))),
    };
    for (word, limit) in low.into_iter().chain(high) {
        value[word] = json!(limit);
    }
    value
}

/// A default as it would be written.
fn written(kind: &Kind, text: &str) -> Value {
    let bare = matches!(kind, Kind::Number(_) | Kind::Integer(..) | Kind::Switch);
    match serde_json::from_str(text) {
        Ok(value) if bare => value,
        _ => json!(text),
    }
}

/// The example of a key; forms that are no string are written in TOML.
fn example(key: &Key) -> Value {
    let toml = |text: &str| {
        let table = format!("x = {text}").parse::<toml::Table>().ok()?;
        serde_json::to_value(table.get("x")?).ok()
    };
    match key.kind {
        Kind::Quantity(..) | Kind::Amount(..) | Kind::Text | Kind::Name(_) | Kind::Choice(_) => {
            json!(key.example)
        }
        _ => toml(key.example).unwrap_or_else(|| json!(key.example)),
    }
}

/// A name that can stand in a reference: `[coating.inner]` is `coating.inner`.
fn plain(name: &str) -> String {
    let kept = name
        .chars()
        .map(|c| if c == ' ' || c == '/' { '-' } else { c });
    kept.filter(|c| !matches!(c, '[' | ']')).collect()
}

fn sentence(text: &str) -> String {
    format!("{}.", upper(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_and_examples_have_the_kind_of_their_key() {
        assert_eq!(written(&Kind::Switch, "true"), json!(true));
        assert_eq!(written(&Kind::Integer(1, 9), "6"), json!(6));
        assert_eq!(written(&Kind::Number(Bounds::Any), "1e-3"), json!(1e-3));
        assert_eq!(written(&Kind::Text, "12 %"), json!("12 %"));
    }
}
