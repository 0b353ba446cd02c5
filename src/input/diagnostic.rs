//! Complaints with their place in the text, gathered so that all are told at once.

use std::cell::RefCell;
use std::fmt;
use std::ops::Range;

/// Byte range in the text.
pub type Span = Range<usize>;

/// Whether a complaint stops the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The scenario cannot be run.
    Error,
    /// It can, but something contradicts itself.
    Warning,
}

/// One complaint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// What is wrong, one sentence.
    pub message: String,
    /// Words under the caret.
    pub label: String,
    /// What would be right.
    pub help: Option<String>,
    /// Where; `None` when the place is not in the text (an unreadable file).
    pub span: Option<Span>,
}

impl Diagnostic {
    /// An error at a place.
    pub fn error(span: Span, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            message: message.into(),
            label: "here".into(),
            help: None,
            span: Some(span),
        }
    }

    /// A warning at a place.
    pub fn warning(span: Span, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(span, message)
        }
    }

    /// An error without a place in the text.
    pub fn elsewhere(message: impl Into<String>) -> Self {
        Self {
            span: None,
            ..Self::error(0..0, message)
        }
    }

    /// With words under the caret.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// With what would be right.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Gathers complaints while a text is read. One per text.
#[derive(Debug)]
pub struct Sink<'a> {
    text: &'a str,
    gathered: RefCell<Vec<Diagnostic>>,
}

impl<'a> Sink<'a> {
    /// An empty one for a text.
    pub fn new(text: &'a str) -> Self {
        Self {
            text,
            gathered: RefCell::default(),
        }
    }

    /// Takes note. The same complaint at the same place is kept once.
    pub fn push(&self, diagnostic: Diagnostic) {
        let mut gathered = self.gathered.borrow_mut();
        if !gathered.contains(&diagnostic) {
            gathered.push(diagnostic);
        }
    }

    /// Takes note of an error and yields `None`, for use as a tail expression.
    pub fn refuse<T>(&self, diagnostic: Diagnostic) -> Option<T> {
        self.push(diagnostic);
        None
    }

    /// The place of bytes `within` a string value whose TOML span is `value`.
    ///
    /// Exact when the string was written without escapes; else the whole value.
    pub fn inside(&self, value: &Span, content: &str, within: Span) -> Span {
        let written = self.text.get(value.clone()).unwrap_or("");
        match written.find(content) {
            Some(start) if !within.is_empty() => {
                value.start + start + within.start..value.start + start + within.end
            }
            _ => value.clone(),
        }
    }

    /// Whether any error was noted.
    pub fn has_errors(&self) -> bool {
        self.gathered
            .borrow()
            .iter()
            .any(|d| d.severity == Severity::Error)
    }

    /// Everything noted, in the order of the text.
    pub fn finish(self) -> Vec<Diagnostic> {
        let mut gathered = self.gathered.into_inner();
        gathered.sort_by_key(|d| (d.span.as_ref().map_or(0, |span| span.start), d.severity));
        gathered
    }
}

/// All complaints about one text. As an error it has at least one of severity error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostics {
    /// Name of the file or other origin.
    pub name: String,
    /// Its text, empty when it could not be read.
    pub text: String,
    /// In the order of the text.
    pub items: Vec<Diagnostic>,
}

impl Diagnostics {
    /// Line and column (both from 1, column in characters) of a complaint.
    pub fn position(&self, diagnostic: &Diagnostic) -> Option<(usize, usize)> {
        let start = diagnostic.span.as_ref()?.start.min(self.text.len());
        let before = self.text.get(..start)?;
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        Some((line, column))
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, item) in self.items.iter().enumerate() {
            if i > 0 {
                writeln!(f)?;
            }
            write!(f, "{}", self.name)?;
            if let Some((line, column)) = self.position(item) {
                write!(f, ":{line}:{column}")?;
            }
            let severity = match item.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            };
            write!(f, ": {severity}: {}", item.message)?;
            if let Some(help) = &item.help {
                write!(f, " ({help})")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for Diagnostics {}
