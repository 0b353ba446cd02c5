//! All materials together: the shipped ones, and what a scenario changes.

use super::property::{Entry, PropertyValue, Reader};
use super::schema::MaterialKind;
use crate::input::{Diagnostic, Diagnostics, Severity, Sink, Span, nearest, parse_document};
use serde::de::DeserializeOwned;
use std::sync::LazyLock;
use toml::de::{DeTable, DeValue};

/// The shipped files, in an order in which `like` finds what it names.
const SHIPPED: &[(&str, &str)] = &[
    ("ncm83.toml", include_str!("data/ncm83.toml")),
    ("ncm85.toml", include_str!("data/ncm85.toml")),
    ("ncm811.toml", include_str!("data/ncm811.toml")),
    ("ncm622.toml", include_str!("data/ncm622.toml")),
    ("linio2.toml", include_str!("data/linio2.toml")),
    ("electrolytes.toml", include_str!("data/electrolytes.toml")),
    ("carbons.toml", include_str!("data/carbons.toml")),
    ("binders.toml", include_str!("data/binders.toml")),
    ("pvbta-tfsi.toml", include_str!("data/pvbta-tfsi.toml")),
    (
        "oxide-coatings.toml",
        include_str!("data/oxide-coatings.toml"),
    ),
    (
        "lithium-salt-coatings.toml",
        include_str!("data/lithium-salt-coatings.toml"),
    ),
    ("annealing.toml", include_str!("data/annealing.toml")),
    ("anodes.toml", include_str!("data/anodes.toml")),
    ("laws.toml", include_str!("data/laws.toml")),
];

/// Keys of a material's table that are not values.
const HEADER: [&str; 3] = ["kind", "like", "about"];

/// Every known material.
#[derive(Debug, Clone, PartialEq)]
pub struct Library {
    entries: Vec<Entry>,
}

/// The shipped materials.
///
/// # Panics
/// Only if a shipped file is wrong, which a test rules out.
pub fn library() -> &'static Library {
    static LIBRARY: LazyLock<Library> = LazyLock::new(|| match Library::shipped() {
        Ok(library) => library,
        Err(diagnostics) => unreachable!("shipped materials are wrong: {diagnostics}"),
    });
    &LIBRARY
}

/// Names of the shipped files, in the order in which they are read.
pub fn shipped_files() -> impl Iterator<Item = &'static str> {
    SHIPPED.iter().map(|(name, _)| *name)
}

impl Library {
    /// Reads the shipped files.
    pub(super) fn shipped() -> Result<Self, Diagnostics> {
        Self::from_texts(SHIPPED.iter().copied())
    }

    /// Reads files of materials, (name, text) each, in an order in which `like` finds
    /// what it names.
    ///
    /// # Errors
    /// Every complaint about the first file that is refused.
    pub fn from_texts<'a>(
        texts: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, Diagnostics> {
        let mut library = Self {
            entries: Vec::new(),
        };
        for (name, text) in texts {
            let sink = Sink::new(text);
            let document = parse_document(text, &sink);
            // The parser sorts keys by name; `like` needs the order of the file.
            let mut tables: Vec<_> = document.get_ref().iter().collect();
            tables.sort_by_key(|(entry, _)| entry.span().start);
            for (entry, value) in tables {
                library.read(entry.get_ref(), entry.span(), value.get_ref(), false, &sink);
            }
            let items = sink.finish();
            if items.iter().any(|item| item.severity == Severity::Error) {
                return Err(Diagnostics {
                    name: name.into(),
                    text: text.into(),
                    items,
                });
            }
        }
        Ok(library)
    }

    /// Every entry, in the order of the files.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entry of that name and kind.
    pub fn find(&self, name: &str, kind: MaterialKind) -> Option<&Entry> {
        self.entries
            .iter()
            .find(|entry| entry.name == name && entry.kind == kind)
    }

    /// Names of all entries of any of these kinds.
    pub fn names(&self, kinds: &[MaterialKind]) -> Vec<&str> {
        self.entries
            .iter()
            .filter(|entry| kinds.contains(&entry.kind))
            .map(|entry| entry.name.as_str())
            .collect()
    }

    /// A material as the plain structure of its kind, e.g. `get::<ActiveMaterial>`.
    ///
    /// `None` when there is no such entry, or `T` is not the structure of its kind.
    pub fn get<T: DeserializeOwned>(&self, name: &str, kind: MaterialKind) -> Option<T> {
        self.find(name, kind)?.to_table().try_into().ok()
    }

    /// Reads a material's table: changes an entry, or adds one.
    ///
    /// `overriding` tells a scenario's table from a shipped one.
    pub fn read(
        &mut self,
        name: &str,
        span: Span,
        value: &DeValue<'_>,
        overriding: bool,
        sink: &Sink<'_>,
    ) {
        let Some(table) = value.as_table() else {
            let message = format!("the material `{name}` must be a table");
            sink.push(Diagnostic::error(span, message).help(format!("[materials.{name}]")));
            return;
        };
        let Some(mut entry) = self.base(name, &span, table, sink) else {
            return;
        };
        if let Some(about) = header(table, "about", sink) {
            entry.about = about;
        }
        let mut reader = Reader {
            sink,
            overriding,
            refused: Vec::new(),
        };
        reader.read(
            table,
            entry.kind.schema(),
            ("", &HEADER),
            &mut entry.properties,
        );
        if overriding && table.get("like").is_none() {
            self.warn_of_implausible(&entry, table, sink);
        }
        self.accept(entry, &reader.refused, span, sink);
    }

    /// Warns of values outside the range that is plausible for a known material.
    fn warn_of_implausible(&self, entry: &Entry, table: &DeTable<'_>, sink: &Sink<'_>) {
        let Some(known) = self.find(&entry.name, entry.kind) else {
            return;
        };
        for (path, property) in entry.properties.iter().filter(|(_, p)| p.overridden) {
            let Some(known) = known.properties.get(path) else {
                continue;
            };
            let (PropertyValue::Number(value), Some((low, high)), None) =
                (&property.value, known.range, property.range)
            else {
                continue;
            };
            if (low..=high).contains(value) {
                continue;
            }
            let message = format!(
                "`{path}` of `{}` is set to {}, outside the plausible {}",
                entry.name,
                property.written,
                known.plausible().unwrap_or_default()
            );
            sink.push(
                Diagnostic::warning(place(table, path), message)
                    .label("implausible")
                    .help("if it was measured, give it a `source` and a `range` of its own: { value = ..., source = \"...\", range = [..., ...] }"),
            );
        }
    }

    /// What a table starts from: an entry of that name, the one it is like, or nothing.
    fn base(&self, name: &str, span: &Span, table: &DeTable<'_>, sink: &Sink<'_>) -> Option<Entry> {
        let kind = match header(table, "kind", sink) {
            Some(word) => Some(self.kind(&word, table, sink)?),
            None => None,
        };
        let of_name = |name: &str| -> Vec<&Entry> {
            let fits =
                |entry: &&Entry| entry.name == name && kind.is_none_or(|kind| kind == entry.kind);
            self.entries.iter().filter(fits).collect()
        };
        let like = header(table, "like", sink);
        let found = of_name(like.as_deref().unwrap_or(name));
        match (found.as_slice(), kind, like) {
            ([one], _, None) => Some((*one).clone()),
            ([one], _, Some(like)) => Some(inherit(one, name, &like)),
            ([], Some(kind), None) => Some(Entry {
                name: name.into(),
                kind,
                about: String::new(),
                properties: Default::default(),
            }),
            ([], _, like) => sink.refuse(self.unknown(like.as_deref().unwrap_or(name), span.clone(), &MaterialKind::ALL).help(
                "change a known material, or give a new one its `kind` and all values, or `like = \"...\"` and what differs",
            )),
            (several, ..) => {
                let kinds = several.iter().map(|e| format!("\"{}\"", e.kind.word())).collect::<Vec<_>>();
                sink.refuse(
                    Diagnostic::error(span.clone(), format!("`{name}` is more than one material"))
                        .help(format!("say which: kind = {}", kinds.join(" or "))),
                )
            }
        }
    }

    fn kind(&self, word: &str, table: &DeTable<'_>, sink: &Sink<'_>) -> Option<MaterialKind> {
        let kind = MaterialKind::from_word(word);
        if kind.is_none() {
            let words: Vec<_> = MaterialKind::ALL
                .into_iter()
                .map(MaterialKind::word)
                .collect();
            let span = table.get("kind").map_or(0..0, toml::Spanned::span);
            let mut help = format!("kinds: {}", words.join(", "));
            if let Some(near) = nearest(word, words.iter().copied()) {
                help = format!("did you mean \"{near}\"? {help}");
            }
            sink.push(
                Diagnostic::error(span, format!("unknown kind \"{word}\" of material")).help(help),
            );
        }
        kind
    }

    /// A complaint that no material of these kinds has that name.
    pub fn unknown(&self, name: &str, span: Span, kinds: &[MaterialKind]) -> Diagnostic {
        let what = match kinds {
            [MaterialKind::CarbonFibre, MaterialKind::CarbonBlack] => "carbon".to_owned(),
            [one] => one.word().replace('-', " "),
            _ => "material".to_owned(),
        };
        let names = self.names(kinds);
        let all = names.join(", ");
        let diagnostic =
            Diagnostic::error(span, format!("unknown {what} `{name}`")).label("not known");
        match nearest(name, names) {
            Some(near) => diagnostic.help(format!("did you mean `{near}`? known: {all}")),
            None => diagnostic.help(format!("known: {all}")),
        }
    }

    /// Takes a complete entry in, in place of one of the same name and kind.
    fn accept(&mut self, entry: Entry, refused: &[String], span: Span, sink: &Sink<'_>) {
        let mut missing = entry.missing();
        missing.retain(|path| {
            !refused
                .iter()
                .any(|r| path == r || path.starts_with(&format!("{r}.")))
        });
        if !missing.is_empty() {
            let message = format!(
                "the {} `{}` lacks {}",
                entry.kind.word().replace('-', " "),
                entry.name,
                missing.join(", ")
            );
            sink.push(
                Diagnostic::error(span.clone(), message)
                    .help("give them, or start from a known material with `like = \"...\"`"),
            );
        }
        if let Some(complaint) = falling(&entry) {
            sink.push(Diagnostic::error(span, complaint));
        }
        match self
            .entries
            .iter_mut()
            .find(|e| e.name == entry.name && e.kind == entry.kind)
        {
            Some(old) => *old = entry,
            None => self.entries.push(entry),
        }
    }
}

/// Where the value at a dotted path stands.
fn place(table: &DeTable<'_>, path: &str) -> Span {
    let (head, rest) = path.split_once('.').unwrap_or((path, ""));
    match table.get(head) {
        Some(value) => match value.get_ref().as_table() {
            Some(inner) if !rest.is_empty() => place(inner, rest),
            _ => value.span(),
        },
        None => 0..0,
    }
}

/// A text of a material's table that is not a value.
fn header(table: &DeTable<'_>, name: &str, sink: &Sink<'_>) -> Option<String> {
    let value = table.get(name)?;
    let text = value.get_ref().as_str();
    if text.is_none() {
        sink.push(Diagnostic::error(
            value.span(),
            format!("`{name}` must be a text in quotes"),
        ));
    }
    text.map(str::to_owned)
}

/// A copy under another name that remembers where its values come from.
fn inherit(from: &Entry, name: &str, like: &str) -> Entry {
    let mut entry = Entry {
        name: name.into(),
        ..from.clone()
    };
    for property in entry.properties.values_mut() {
        property
            .inherited_from
            .get_or_insert_with(|| like.to_owned());
    }
    entry
}

/// Why an open-circuit potential cannot be one: it must fall with lithium content
/// (strictly in an active material, where a flat stretch would stop diffusion).
fn falling(entry: &Entry) -> Option<String> {
    let PropertyValue::Curve(pairs) = &entry.properties.get("open_circuit_potential")?.value else {
        return None;
    };
    let strict = entry.kind == MaterialKind::ActiveMaterial;
    let wrong = pairs.windows(2).find(|w| {
        if strict {
            w[1].1 >= w[0].1
        } else {
            w[1].1 > w[0].1
        }
    })?;
    Some(format!(
        "the open-circuit potential of `{}` does not fall between x = {} and x = {}",
        entry.name, wrong[0].0, wrong[1].0
    ))
}
