//! A table of a TOML document read by its schema.

use super::{
    Bounds, Diagnostic, Dimension, Key, Kind, Presence, Schema, Sink, Span, nearest, parse,
};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Parses a TOML document; syntax errors go to the sink like any other complaint.
pub fn parse_document<'a>(text: &'a str, sink: &Sink<'_>) -> Spanned<DeTable<'a>> {
    let (document, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let span = error.span().unwrap_or(0..0);
        sink.push(
            Diagnostic::error(span, format!("not valid TOML: {}", error.message().trim()))
                .help("strings stand in quotes, keys and values are separated by `=`"),
        );
    }
    document
}

/// What a value is, in words, for messages.
pub fn describe_value(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("the text \"{text}\""),
        DeValue::Integer(number) => format!("the bare number {number}"),
        DeValue::Float(number) => format!("the bare number {}", number.as_str()),
        DeValue::Boolean(switch) => format!("`{switch}`"),
        DeValue::Datetime(_) => "a date".into(),
        DeValue::Array(_) => "an array".into(),
        DeValue::Table(_) => "a table".into(),
    }
}

/// The bare finite number in a value, if it is one.
pub fn number_of(value: &DeValue<'_>) -> Option<f64> {
    let number = match value {
        DeValue::Integer(integer) => i64::from_str_radix(integer.as_str(), integer.radix())
            .ok()
            .map(|i| i as f64),
        DeValue::Float(float) => float.as_str().parse().ok(),
        _ => None,
    };
    number.filter(|n: &f64| n.is_finite())
}

/// Reads a quantity in a string, in SI; complains and yields `None` otherwise.
pub fn quantity_of(
    value: &Spanned<DeValue<'_>>,
    path: &str,
    (dimension, bounds): (Dimension, Bounds),
    example: &str,
    sink: &Sink<'_>,
) -> Option<f64> {
    let Some(text) = value.get_ref().as_str() else {
        let units = dimension.spellings().collect::<Vec<_>>().join(", ");
        let message = format!(
            "`{path}` is {}, but needs {dimension} with its unit",
            describe_value(value.get_ref())
        );
        return sink.refuse(
            Diagnostic::error(value.span(), message)
                .label("no unit")
                .help(format!(
                    "write for example \"{example}\" (allowed units: {units})"
                )),
        );
    };
    match parse(text, &[dimension]) {
        Ok(quantity) if bounds.allow(quantity.value) => Some(quantity.value),
        Ok(_) => sink.refuse(
            Diagnostic::error(
                value.span(),
                format!(
                    "`{path}` cannot be {text}: it must be {}",
                    bounds.words(dimension.si())
                ),
            )
            .label("impossible value")
            .help(format!("for example \"{example}\"")),
        ),
        Err(error) => sink.refuse(
            Diagnostic::error(value.span(), format!("`{path}`: {error}"))
                .help(error.help(dimension, example)),
        ),
    }
}

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
        let known: Vec<_> = self.schema.keys.iter().map(|key| key.name).collect();
        for key in table
            .keys()
            .filter(|key| !known.contains(&key.get_ref().as_ref()))
        {
            let name = key.get_ref();
            let message = format!("unknown key `{name}` in {}", self.schema.name);
            let all = known.join(", ");
            self.sink.push(
                Diagnostic::error(key.span(), message)
                    .label("unknown key")
                    .help(match nearest(name, known.iter().copied()) {
                        Some(near) => format!("did you mean `{near}`? keys here: {all}"),
                        None => format!("keys here: {all}"),
                    }),
            );
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
        let number = number_of(value.get_ref()).filter(|n| bounds.allow(*n));
        if number.is_none() {
            let message = format!(
                "`{}` is {}, but needs a bare number {}",
                self.path_of(name),
                describe_value(value.get_ref()),
                bounds.words("")
            );
            self.sink
                .push(Diagnostic::error(value.span(), message).help(as_written(key)));
        }
        number
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
        let integer = whole(value.get_ref()).filter(|i| (least..=most).contains(i));
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
        let read = |item: &'a Spanned<DeValue<'a>>| match whole(item.get_ref()) {
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

/// The whole number in a value, if it is one.
fn whole(value: &DeValue<'_>) -> Option<i64> {
    let integer = value.as_integer()?;
    i64::from_str_radix(integer.as_str(), integer.radix()).ok()
}

/// The key with its example as it would stand in a file.
fn as_written(key: &Key) -> String {
    let quoted = matches!(key.kind, Kind::Quantity(..) | Kind::Text | Kind::Choice(_));
    match key.kind {
        Kind::Table(schema) => format!("[{}] ... with {}", key.name, schema.about),
        Kind::Tables(_) => format!("[[{}]]", key.name),
        _ if quoted => format!("{} = \"{}\"", key.name, key.example),
        _ => format!("{} = {}", key.name, key.example),
    }
}
