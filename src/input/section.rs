//! A table of a TOML document read by its schema.

use super::value::{describe_value, number_of, quantity_of, whole_number};
use super::{Diagnostic, Key, Kind, Presence, Schema, Sink, Span, nearest, parse};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A table, or the absence of an optional one (then every key has its default).
#[derive(Debug)]
pub struct Section<'a> {
    table: Option<&'a DeTable<'a>>,
    span: Span,
    schema: &'static Schema,
    path: String,
    sink: &'a Sink<'a>,
}

impl<'a> Section<'a> {
    /// Opens a table: complains of unknown and of missing keys at once.
    pub fn open(
        table: &'a DeTable<'a>,
        span: Span,
        path: &str,
        schema: &'static Schema,
        sink: &'a Sink<'a>,
    ) -> Self {
        let section = Self {
            table: Some(table),
            span,
            schema,
            path: path.to_owned(),
            sink,
        };
        section.refuse_unknown_keys(table);
        section.refuse_missing_keys();
        section
    }

    fn refuse_unknown_keys(&self, table: &DeTable<'_>) {
        if self.schema.names.is_some() {
            return;
        }
        for key in table
            .keys()
            .filter(|key| self.schema.key(key.get_ref()).is_none())
        {
            self.sink
                .push(self.schema.unknown(key.get_ref(), key.span()));
        }
    }

    fn refuse_missing_keys(&self) {
        let missing =
            |key: &&Key| key.presence == Presence::Required && self.get(key.name).is_none();
        for key in self.schema.keys.iter().filter(missing) {
            self.sink.push(
                Diagnostic::error(
                    self.span.clone(),
                    format!("{} lacks `{}`", self.schema.name, key.name),
                )
                .label(format!("needs `{}`", key.name))
                .help(format!("add `{}` ({})", as_written(key), key.about)),
            );
        }
    }

    /// Where the table's header or key stands.
    pub fn span(&self) -> Span {
        self.span.clone()
    }

    /// The sink of the text.
    pub fn sink(&self) -> &'a Sink<'a> {
        self.sink
    }

    /// Dotted path of a key, for messages.
    pub fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.path)
        }
    }

    /// The value as parsed, if the key is there.
    pub fn get(&self, name: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.table?
            .iter()
            .find(|(key, _)| key.get_ref() == name)
            .map(|(_, value)| value)
    }

    /// Place of a key's value, or of the table where the key is absent.
    pub fn span_of(&self, name: &str) -> Span {
        self.get(name).map_or_else(|| self.span(), Spanned::span)
    }

    /// All entries in the order of the text, for tables whose keys are names.
    pub fn entries(&self) -> Vec<(&'a str, Span, &'a Spanned<DeValue<'a>>)> {
        let mut entries: Vec<_> = self
            .table
            .into_iter()
            .flat_map(DeTable::iter)
            .map(|(key, value)| (key.get_ref().as_ref(), key.span(), value))
            .collect();
        entries.sort_by_key(|(_, span, _)| span.start);
        entries
    }

    /// The declaration of a key. Reading an undeclared key is a slip in this
    /// program, found by any test that reads the table; input cannot cause it.
    fn key(&self, name: &str) -> &'static Key {
        match self.schema.key(name) {
            Some(key) => key,
            None => unreachable!("`{name}` is not declared in {}", self.schema.name),
        }
    }

    fn default_of(key: &Key) -> Option<&'static str> {
        match key.presence {
            Presence::Default(text) => Some(text),
            Presence::Required | Presence::Optional => None,
        }
    }

    /// A quantity in SI; its default when absent. `None` when absent without
    /// default, or refused.
    pub fn quantity(&self, name: &str) -> Option<f64> {
        let key = self.key(name);
        let Kind::Quantity(dimension, bounds) = key.kind else {
            return None;
        };
        match self.get(name) {
            Some(value) => quantity_of(
                value,
                &self.path_of(name),
                (dimension, bounds),
                key.example,
                self.sink,
            ),
            None => parse(Self::default_of(key)?, &[dimension])
                .ok()
                .map(|q| q.value),
        }
    }

    /// A bare number, as [`Section::quantity`].
    pub fn number(&self, name: &str) -> Option<f64> {
        let key = self.key(name);
        let Kind::Number(bounds) = key.kind else {
            return None;
        };
        let Some(value) = self.get(name) else {
            return Self::default_of(key)?.parse().ok();
        };
        number_of(value, &self.path_of(name), bounds, key.example, self.sink)
    }

    /// A whole number, as [`Section::quantity`].
    pub fn integer(&self, name: &str) -> Option<i64> {
        let key = self.key(name);
        let Kind::Integer(least, most) = key.kind else {
            return None;
        };
        let Some(value) = self.get(name) else {
            return Self::default_of(key)?.parse().ok();
        };
        let integer = whole_number(value.get_ref()).filter(|i| (least..=most).contains(i));
        if integer.is_none() {
            let message = format!(
                "`{}` is {}, but needs a whole number from {least} to {most}",
                self.path_of(name),
                describe_value(value.get_ref())
            );
            self.sink
                .push(Diagnostic::error(value.span(), message).help(as_written(key)));
        }
        integer
    }

    /// A whole number that counts something.
    pub fn count(&self, name: &str) -> Option<usize> {
        usize::try_from(self.integer(name)?).ok()
    }

    /// Free text.
    pub fn text(&self, name: &str) -> Option<&'a str> {
        let key = self.key(name);
        let Some(value) = self.get(name) else {
            return Self::default_of(key);
        };
        let text = value.get_ref().as_str();
        if text.is_none() {
            let message = format!(
                "`{}` is {}, but needs a text in quotes",
                self.path_of(name),
                describe_value(value.get_ref())
            );
            self.sink
                .push(Diagnostic::error(value.span(), message).help(as_written(key)));
        }
        text
    }

    /// One of the key's words.
    pub fn choice(&self, name: &str) -> Option<&'a str> {
        let Kind::Choice(words) = self.key(name).kind else {
            return None;
        };
        let text = self.text(name)?;
        if words.contains(&text) {
            return Some(text);
        }
        let message = format!("`{}` cannot be \"{text}\"", self.path_of(name));
        let all = words.join("\", \"");
        self.sink.refuse(
            Diagnostic::error(self.span_of(name), message)
                .label("not a choice")
                .help(match nearest(text, words.iter().copied()) {
                    Some(near) => format!("did you mean \"{near}\"? choices: \"{all}\""),
                    None => format!("choices: \"{all}\""),
                }),
        )
    }

    /// `true` or `false`.
    pub fn switch(&self, name: &str) -> Option<bool> {
        let key = self.key(name);
        let Some(value) = self.get(name) else {
            return Self::default_of(key)?.parse().ok();
        };
        let switch = value.get_ref().as_bool();
        if switch.is_none() {
            let message = format!(
                "`{}` is {}, but needs true or false",
                self.path_of(name),
                describe_value(value.get_ref())
            );
            self.sink
                .push(Diagnostic::error(value.span(), message).help(as_written(key)));
        }
        switch
    }

    /// A table within; `None` when absent or no table.
    pub fn section(&self, name: &str) -> Option<Section<'a>> {
        let Kind::Table(schema) = self.key(name).kind else {
            return None;
        };
        let value = self.get(name)?;
        match value.get_ref().as_table() {
            Some(table) => Some(Section::open(
                table,
                value.span(),
                &self.path_of(name),
                schema,
                self.sink,
            )),
            None => self.refuse_form(name, value, "a table"),
        }
    }

    /// A table within, or one with every default when absent.
    pub fn section_or_defaults(&self, name: &str) -> Option<Section<'a>> {
        let Kind::Table(schema) = self.key(name).kind else {
            return None;
        };
        if self.get(name).is_some() {
            return self.section(name);
        }
        let (span, path) = (self.span(), self.path_of(name));
        Some(Section {
            table: None,
            span,
            schema,
            path,
            sink: self.sink,
        })
    }

    /// An array of tables; empty when absent.
    pub fn sections(&self, name: &str) -> Vec<Section<'a>> {
        let Kind::Tables(schema) = self.key(name).kind else {
            return Vec::new();
        };
        let Some(value) = self.get(name) else {
            return Vec::new();
        };
        let Some(array) = value.get_ref().as_array() else {
            return self
                .refuse_form(name, value, "an array of tables (`[[...]]`)")
                .unwrap_or_default();
        };
        let open = |(i, item): (usize, &'a Spanned<DeValue<'a>>)| {
            let path = format!("{}[{}]", self.path_of(name), i + 1);
            match item.get_ref().as_table() {
                Some(table) => Some(Section::open(table, item.span(), &path, schema, self.sink)),
                None => self.refuse_form(name, item, "an array of tables (`[[...]]`)"),
            }
        };
        array.iter().enumerate().filter_map(open).collect()
    }

    /// The strings of an array with their places.
    pub fn texts(&self, name: &str) -> Option<Vec<(&'a str, Span)>> {
        let value = self.get(name)?;
        let Some(array) = value.get_ref().as_array() else {
            return self.refuse_form(name, value, "an array of strings");
        };
        array
            .iter()
            .map(|item| match item.get_ref().as_str() {
                Some(text) => Some((text, item.span())),
                None => self.refuse_form(name, item, "a string in quotes"),
            })
            .collect()
    }

    /// The whole numbers of an array with their places; those refused are left out.
    pub fn integers(&self, name: &str) -> Option<Vec<(i64, Span)>> {
        let value = self.get(name)?;
        let Some(array) = value.get_ref().as_array() else {
            return self.refuse_form(name, value, "an array of whole numbers");
        };
        let read = |item: &'a Spanned<DeValue<'a>>| match whole_number(item.get_ref()) {
            Some(integer) => Some((integer, item.span())),
            None => self.refuse_form(name, item, "a whole number"),
        };
        Some(array.iter().filter_map(read).collect())
    }

    /// Complains that a value has the wrong form.
    pub fn refuse_form<T>(
        &self,
        name: &str,
        value: &Spanned<DeValue<'_>>,
        needed: &str,
    ) -> Option<T> {
        let message = format!(
            "`{}` is {}, but needs {needed}",
            self.path_of(name),
            describe_value(value.get_ref())
        );
        self.sink
            .refuse(Diagnostic::error(value.span(), message).help(as_written(self.key(name))))
    }
}

/// The key with its example as it would stand in a file.
fn as_written(key: &Key) -> String {
    // Of the forms, those that are no table, array or string yet are text.
    let bare = !key.example.starts_with(['{', '[', '"']);
    let quoted = match key.kind {
        Kind::Quantity(..) | Kind::Amount(..) => true,
        Kind::Text | Kind::Name(_) | Kind::Choice(_) => true,
        Kind::Forms(_) | Kind::Either(_) => bare,
        _ => false,
    };
    match key.kind {
        Kind::Table(_) if key.example == "{ ... }" => format!("[{}]", key.name),
        Kind::Tables(_) => format!("[[{}]]", key.name),
        _ if quoted => format!("{} = \"{}\"", key.name, key.example),
        _ => format!("{} = {}", key.name, key.example),
    }
}
