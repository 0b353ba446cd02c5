//! Measurement room: text with separators taken apart into headings and fields, each
//! with its place in the text.

use crate::input::{Diagnostic, Sink, Span};

/// A text file of columns.
#[derive(Debug)]
pub(super) struct Sheet<'a> {
    text: &'a str,
    /// Headings without quotes, with their places.
    pub headings: Vec<(String, Span)>,
    /// Places of the fields, row by row.
    rows: Vec<Vec<Span>>,
    /// Whether numbers are written with a decimal comma.
    comma: bool,
}

/// A field as a number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Field {
    /// A finite number.
    Number(f64),
    /// Nothing, or a word for it.
    Missing,
    /// Something else.
    Text,
}

/// Words for a number that was not measured.
const NOTHING: [&str; 8] = ["", "nan", "na", "n/a", "-", "null", "inf", "-inf"];

impl<'a> Sheet<'a> {
    /// Takes a text apart; `None`, with a complaint, if it has no heading or no rows.
    /// Empty lines and lines that begin with `#` do not count.
    pub fn read(text: &'a str, sink: &Sink<'_>) -> Option<Self> {
        let mut lines = lines(text).filter(|line| {
            let content = text[line.clone()].trim();
            !content.is_empty() && !content.starts_with('#')
        });
        let Some(first) = lines.next() else {
            return sink.refuse(Diagnostic::elsewhere("the file is empty"));
        };
        let separator = separator(&text[first.clone()]);
        let headings: Vec<(String, Span)> = fields(text, first.clone(), separator)
            .into_iter()
            .map(|span| (text[span.clone()].trim().replace("\"\"", "\""), span))
            .collect();
        let mut sheet = Self {
            text,
            headings,
            rows: Vec::new(),
            comma: false,
        };
        for line in lines {
            let row = fields(text, line.clone(), separator);
            if row.len() > sheet.headings.len() {
                let message = format!(
                    "a row of {} fields under {} headings",
                    row.len(),
                    sheet.headings.len()
                );
                sink.push(Diagnostic::error(line, message).help("one field for every heading"));
                return None;
            }
            sheet.rows.push(row);
        }
        if sheet.rows.is_empty() {
            return sink.refuse(Diagnostic::error(first, "headings but no rows below them"));
        }
        sheet.comma = separator != ',' && sheet.has_decimal_commas();
        if sheet.comma {
            let message = "numbers have a decimal comma; it was read as a decimal point";
            sink.push(Diagnostic::warning(sheet.rows[0][0].clone(), message));
        }
        Some(sheet)
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Place of a field; of the row's last field where the row is too short.
    pub fn place(&self, row: usize, column: usize) -> Span {
        let row = &self.rows[row];
        row.get(column).or(row.last()).cloned().unwrap_or(0..0)
    }

    /// A field as a number.
    pub fn field(&self, row: usize, column: usize) -> Field {
        let Some(span) = self.rows[row].get(column) else {
            return Field::Missing;
        };
        let content = self.text[span.clone()].trim();
        if NOTHING.contains(&content.to_ascii_lowercase().as_str()) {
            return Field::Missing;
        }
        let number = if self.comma {
            content.replace(',', ".").parse::<f64>()
        } else {
            content.parse::<f64>()
        };
        match number {
            Ok(number) if number.is_finite() => Field::Number(number),
            Ok(_) => Field::Missing,
            Err(_) => Field::Text,
        }
    }

    /// Content of a field.
    pub fn content(&self, row: usize, column: usize) -> &str {
        self.text[self.place(row, column)].trim()
    }

    fn has_decimal_commas(&self) -> bool {
        self.rows[0].iter().any(|span| {
            let content = self.text[span.clone()].trim();
            content.contains(',') && content.replacen(',', ".", 1).parse::<f64>().is_ok()
        })
    }
}

/// Places of the lines of a text, without their ends and a byte-order mark.
fn lines(text: &str) -> impl Iterator<Item = Span> {
    let start = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let mut from = start;
    text[start..].split_inclusive('\n').map(move |line| {
        let place = from..from + line.trim_end_matches(['\n', '\r']).len();
        from += line.len();
        place
    })
}

/// The separator of a heading: a tab or semicolon where there is one outside quotes.
fn separator(heading: &str) -> char {
    let mut quoted = false;
    let outside: String = heading
        .chars()
        .filter(|&c| {
            quoted ^= c == '"';
            !quoted
        })
        .collect();
    ['\t', ';']
        .into_iter()
        .find(|&c| outside.contains(c))
        .unwrap_or(',')
}

/// Places of the fields of a line, without their quotes.
fn fields(text: &str, line: Span, separator: char) -> Vec<Span> {
    let mut found = Vec::new();
    let mut from = line.start;
    let mut quoted = false;
    let mut push = |from: usize, to: usize| {
        let content = &text[from..to];
        let bare = content.trim();
        if bare.len() >= 2 && bare.starts_with('"') && bare.ends_with('"') {
            let offset = from + content.len() - content.trim_start().len() + 1;
            found.push(offset..offset + bare.len() - 2);
        } else {
            found.push(from..to);
        }
    };
    for (index, c) in text[line.clone()].char_indices() {
        let at = line.start + index;
        if c == '"' {
            quoted = !quoted;
        } else if c == separator && !quoted {
            push(from, at);
            from = at + c.len_utf8();
        }
    }
    push(from, line.end);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet<'a>(text: &'a str, sink: &Sink<'_>) -> Sheet<'a> {
        Sheet::read(text, sink).expect("a sheet")
    }

    #[test]
    fn separators_quotes_and_comments() {
        let text = "\u{feff}# made by hand\n\n\"a, b\",c\r\n1, 2e3\r\n\"3\",nan\n";
        let sink = Sink::new(text);
        let sheet = sheet(text, &sink);
        assert_eq!(sheet.headings[0].0, "a, b");
        assert_eq!(sheet.len(), 2);
        assert_eq!(sheet.field(0, 1), Field::Number(2000.0));
        assert_eq!(sheet.field(1, 0), Field::Number(3.0));
        assert_eq!(sheet.field(1, 1), Field::Missing);
        assert!(sink.finish().is_empty());
    }

    #[test]
    fn decimal_commas_are_read_and_said() {
        let text = "a;b\n1,5;2\n";
        let sink = Sink::new(text);
        assert_eq!(sheet(text, &sink).field(0, 0), Field::Number(1.5));
        assert!(sink.finish()[0].message.contains("decimal comma"));
    }

    #[test]
    fn short_rows_lack_fields_and_long_rows_are_refused() {
        let text = "a,b\n1\nword,2\n";
        let sink = Sink::new(text);
        let read = sheet(text, &sink);
        assert_eq!(read.field(0, 1), Field::Missing);
        assert_eq!(read.field(1, 0), Field::Text);
        for text in ["a,b\n1,2,3\n", "a,b\n", "", "# nothing\n"] {
            let sink = Sink::new(text);
            assert!(Sheet::read(text, &sink).is_none());
            assert!(sink.has_errors(), "{text:?}");
        }
    }
}
