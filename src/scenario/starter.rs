//! A scenario with every key explained and those that are left out beside it, switched
//! off: what a new user starts from. All words come from the definitions of the keys.

use super::schema::SCENARIO;
use crate::input::{Key, Kind, Presence, Schema, Sink, parse_document};
use toml::de::DeTable;

/// Columns up to which comments run.
const WIDTH: usize = 92;

/// `text`, a scenario, with a comment above every key that has none of its own, and the
/// keys it leaves out switched off (`#key = value`) at the end of their tables.
///
/// What does not read as TOML comes back as it is.
pub fn annotated(text: &str) -> String {
    let sink = Sink::new(text);
    let document = parse_document(text, &sink);
    if sink.has_errors() {
        return text.to_owned();
    }
    let mut notes = Notes {
        text,
        inserted: Vec::new(),
    };
    notes.table(document.get_ref(), &SCENARIO, 0);
    let tables = SCENARIO.keys.iter().filter(|key| is_table(key));
    let left_out = tables.filter(|key| absent(key, document.get_ref()));
    notes.applied() + &left_out.map(switched_off_table).collect::<String>()
}

/// Whether a key of the whole file stands under a header.
fn is_table(key: &Key) -> bool {
    matches!(key.kind, Kind::Table(_) | Kind::Tables(_) | Kind::Values(_))
}

fn absent(key: &Key, table: &DeTable<'_>) -> bool {
    table.get(key.name).is_none()
}

/// Lines to be put in, by the byte before which they go.
struct Notes<'a> {
    text: &'a str,
    inserted: Vec<(usize, String)>,
}

impl Notes<'_> {
    /// Notes on a table whose header ends before `start`.
    fn table(&mut self, table: &DeTable<'_>, schema: &'static Schema, start: usize) {
        let mut last = start;
        for (name, value) in table {
            let Some(key) = schema.key(name.get_ref()) else {
                continue;
            };
            match (&key.kind, value.get_ref()) {
                // A table under its own header, not one in braces.
                (Kind::Table(inner), toml::de::DeValue::Table(entries))
                    if !self.text[value.span()].starts_with('{') =>
                {
                    self.table(entries, inner, value.span().end);
                }
                (Kind::Tables(inner), toml::de::DeValue::Array(items))
                    if !self.text[name.span().start..].starts_with(&format!("{} =", key.name)) =>
                {
                    for item in items.iter() {
                        if let Some(entries) = item.get_ref().as_table() {
                            self.table(entries, inner, item.span().end);
                        }
                    }
                }
                (Kind::Values(_), _) => {}
                _ => {
                    self.explain(key, name.span().start, value.span().end);
                    last = last.max(value.span().end);
                }
            }
        }
        let end = self.next_line(last);
        // At the top of the file tables come at its end.
        let top = std::ptr::eq(schema, &SCENARIO);
        let here = |key: &&Key| absent(key, table) && !(top && is_table(key));
        let left_out = schema.keys.iter().filter(here);
        let lines: String = left_out.map(switched_off).collect();
        self.inserted.push((end, lines));
    }

    /// A comment above a key, unless its line has one.
    fn explain(&mut self, key: &Key, start: usize, end: usize) {
        let line = self.text[..start].rfind('\n').map_or(0, |at| at + 1);
        let rest = &self.text[end..self.next_line(end)];
        let above = self.text[..line].trim_end_matches('\n').lines().last();
        let explained =
            rest.contains('#') || above.is_some_and(|line| line.starts_with('#') && line != "#");
        if !explained && line == start {
            self.inserted.push((line, comment(key.about)));
        }
    }

    /// Where the line after a byte begins.
    fn next_line(&self, at: usize) -> usize {
        let end = self.text[at..].find('\n');
        end.map_or(self.text.len(), |length| at + length + 1)
    }

    fn applied(mut self) -> String {
        self.inserted.sort_by_key(|(at, _)| *at);
        let mut whole = String::new();
        let mut from = 0;
        for (at, lines) in &self.inserted {
            whole += &self.text[from..*at];
            whole += lines;
            from = *at;
        }
        whole + &self.text[from..]
    }
}

/// A key switched off, with its meaning above.
fn switched_off(key: &Key) -> String {
    let quoted = matches!(
        key.kind,
        Kind::Quantity(..) | Kind::Amount(..) | Kind::Text | Kind::Name(_) | Kind::Choice(_)
    ) || (matches!(key.kind, Kind::Either(_))
        && !key.example.starts_with(['{', '[', '"']));
    let value = match key.presence {
        Presence::Default(default) => default,
        Presence::Required | Presence::Optional => key.example,
    };
    let value = if quoted {
        format!("\"{value}\"")
    } else {
        value.to_owned()
    };
    format!("{}#{} = {value}\n", comment(key.about), key.name)
}

/// A whole table switched off.
fn switched_off_table(key: &Key) -> String {
    let keys = match key.kind {
        Kind::Table(schema) if !schema.keys.is_empty() => {
            schema.keys.iter().map(switched_off).collect()
        }
        // What stands in the braces of the example.
        _ => {
            let inside = key.example.trim_start_matches('{').trim_end_matches('}');
            format!("#{}\n", balanced(inside.trim()))
        }
    };
    format!("\n{}#[{}]\n{keys}", comment(key.about), key.name)
}

/// Closes the braces that are open at the end.
fn balanced(text: &str) -> String {
    let open = text
        .matches('{')
        .count()
        .saturating_sub(text.matches('}').count());
    format!("{}{}", text, " }".repeat(open))
}

/// A comment, broken into lines.
fn comment(words: &str) -> String {
    let mut lines = String::from("#");
    let mut length = 1;
    for word in words.split_whitespace() {
        if length + 1 + word.chars().count() > WIDTH {
            lines += "\n#";
            length = 1;
        }
        lines.push(' ');
        lines += word;
        length += 1 + word.chars().count();
    }
    lines + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIVE: &str = include_str!("../../scenarios/shi2023-5p.toml");

    #[test]
    fn an_annotated_scenario_asks_for_the_same() {
        let read = |text: &str| {
            crate::scenario::from_str("x", text)
                .expect("valid")
                .scenario
        };
        let text = annotated(FIVE);
        assert_eq!(read(&text), read(FIVE));
        for part in [
            "# name of the oxide\nactive_material",
            "\n#porosity = \"12 %\"\n",
            "\n#[mechanisms]\n",
            "\n#[materials]\n#LPSCl = { ionic_conductivity = \"2 mS/cm\" }\n",
            "# seed of every random choice\n#seed = 1\n",
        ] {
            assert!(text.contains(part), "{part} in:\n{text}");
        }
        assert!(text.lines().all(|line| line.chars().count() <= 2 * WIDTH));
    }

    #[test]
    fn a_switched_off_key_can_be_switched_on() {
        let text = annotated(FIVE);
        let mut count = 0;
        for line in text
            .lines()
            .filter(|line| line.starts_with('#') && line.contains(" = "))
        {
            let on = line[1..].trim();
            if line.starts_with("# ") || on.contains("...") {
                continue;
            }
            assert!(on.parse::<toml::Table>().is_ok(), "{on}");
            count += 1;
        }
        assert!(count > 30, "{count}");
        let porous = text.replace("#porosity = \"12 %\"", "porosity = \"14 %\"");
        let scenario = crate::scenario::from_str("x", &porous)
            .expect("valid")
            .scenario;
        assert!((scenario.cathode.porosity - 0.14).abs() < 1e-12);
    }

    #[test]
    fn comments_are_broken_between_words() {
        let lines = comment(&"word ".repeat(40));
        assert!(
            lines
                .lines()
                .all(|l| l.starts_with("# word") && l.len() <= WIDTH)
        );
    }
}
