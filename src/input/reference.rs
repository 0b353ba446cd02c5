//! Schemas as a reference in Markdown: every key with unit, default and meaning.

use super::schema::upper;
use super::{Key, Kind, Presence, Schema};
use std::fmt::Write;

/// Every table within `root` in the order in which it is first named, a chapter each.
pub fn markdown(root: &'static Schema) -> String {
    let mut chapters = Chapters::default();
    chapters.table(root, "The top of the file", "");
    let mut text = String::new();
    let mut next = 0;
    // Tables name further tables, which are told after them.
    while let Some(chapter) = chapters.waiting.get(next).cloned() {
        chapters.chapter(&mut text, &chapter);
        next += 1;
    }
    text
}

#[derive(Clone)]
struct Chapter {
    schema: &'static Schema,
    /// Where it stands, e.g. `coating.inner`.
    path: String,
    heading: String,
    /// Whether every key may be left out, being the value of something known.
    values: bool,
}

#[derive(Default)]
struct Chapters {
    waiting: Vec<Chapter>,
}

impl Chapters {
    fn add(&mut self, chapter: Chapter) {
        let same = |other: &Chapter| std::ptr::eq(other.schema, chapter.schema);
        if !self.waiting.iter().any(same) {
            self.waiting.push(chapter);
        }
    }

    fn table(&mut self, schema: &'static Schema, heading: &str, path: &str) {
        self.add(Chapter {
            schema,
            path: path.into(),
            heading: heading.into(),
            values: false,
        });
    }

    /// Takes note of the tables that a kind holds.
    fn within(&mut self, kind: &'static Kind, path: &str) {
        match kind {
            Kind::Table(schema) => self.table(schema, &format!("`{path}`"), path),
            Kind::Tables(schema) => self.table(schema, &format!("`[[{path}]]`"), path),
            Kind::List(inner) => self.within(inner, path),
            Kind::Either(kinds) => kinds.iter().for_each(|kind| self.within(kind, path)),
            Kind::Values(schema) => {
                let kind = (path == "materials.NAME")
                    .then(|| format!("`[materials.NAME]` of kind `{}`", schema.name));
                self.add(Chapter {
                    schema,
                    path: path.into(),
                    heading: kind.unwrap_or_else(|| format!("`[{path}]`")),
                    values: true,
                });
            }
            _ => {}
        }
    }

    fn chapter(&mut self, text: &mut String, chapter: &Chapter) {
        let schema = chapter.schema;
        let heading = match schema.name {
            name if name == format!("[{}]", chapter.path) => format!("`{name}`"),
            _ => chapter.heading.clone(),
        };
        // Writing into a String cannot fail.
        let _ = writeln!(text, "## {heading}\n\n{}.\n", upper(schema.about));
        let rows = self.rows(chapter, schema, "");
        if !rows.is_empty() {
            let column = if chapter.values { "example" } else { "default" };
            let _ = writeln!(
                text,
                "| key | value | {column} | meaning |\n|---|---|---|---|"
            );
            let _ = writeln!(text, "{}", rows.concat());
        }
        if let Some(names) = &schema.names {
            let inner = join(&chapter.path, "NAME");
            self.within(&names.kind, &inner);
            let holds = match names.kind {
                Kind::Either(_) => String::new(),
                ref kind => format!(" Each is: {}.", kind.words()),
            };
            let _ = writeln!(text, "Other keys are names: {}.{holds}\n", names.what);
        }
    }

    /// The rows of a table; values within values with their dotted paths.
    fn rows(&mut self, chapter: &Chapter, schema: &'static Schema, prefix: &str) -> Vec<String> {
        let mut rows = Vec::new();
        for key in schema.keys {
            let name = join(prefix, key.name);
            match key.kind {
                Kind::Table(inner) if chapter.values => {
                    rows.extend(self.rows(chapter, inner, &name));
                }
                _ => {
                    self.within(&key.kind, &join(&chapter.path, key.name));
                    let second = if chapter.values {
                        code(key.example)
                    } else {
                        presence(key)
                    };
                    rows.push(format!(
                        "| `{name}` | {} | {second} | {} |\n",
                        cell(&value(key)),
                        cell(key.about)
                    ));
                }
            }
        }
        rows
    }
}

fn value(key: &Key) -> String {
    match key.kind {
        // Tables of no short form have a chapter of their own.
        Kind::Table(_) | Kind::Tables(_) if key.example.len() <= "[[protocol]]".len() => {
            key.kind.words()
        }
        Kind::Either(_) | Kind::List(_) | Kind::Table(_) | Kind::Tables(_) => {
            format!("{}, for example `{}`", key.kind.words(), key.example)
        }
        _ => key.kind.words(),
    }
}

fn presence(key: &Key) -> String {
    match key.presence {
        Presence::Required => "**required**".into(),
        Presence::Optional => "–".into(),
        Presence::Default(text) => code(text),
    }
}

fn code(text: &str) -> String {
    format!("`{}`", cell(text))
}

/// Text that can stand in a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}
