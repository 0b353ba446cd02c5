//! Diagnostics as `miette` reports with source line and caret, for the command line.

use super::{Diagnostics, Severity};
use miette::{LabeledSpan, MietteDiagnostic, NamedSource, Report};

/// One report per complaint, in the order of the text.
pub fn reports(diagnostics: &Diagnostics) -> Vec<Report> {
    diagnostics
        .items
        .iter()
        .map(|item| {
            let mut report =
                MietteDiagnostic::new(item.message.clone()).with_severity(match item.severity {
                    Severity::Error => miette::Severity::Error,
                    Severity::Warning => miette::Severity::Warning,
                });
            if let Some(help) = &item.help {
                report = report.with_help(help.clone());
            }
            let Some(span) = &item.span else {
                return Report::new(report).wrap_err(diagnostics.name.clone());
            };
            // A span beyond the text would make the renderer fail.
            let end = span.end.min(diagnostics.text.len());
            let start = span.start.min(end);
            report = report.with_label(LabeledSpan::at(start..end, item.label.clone()));
            Report::new(report).with_source_code(NamedSource::new(
                &diagnostics.name,
                diagnostics.text.clone(),
            ))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::Diagnostic;

    #[test]
    fn a_report_shows_file_line_and_help() {
        let diagnostics = Diagnostics {
            name: "cell.toml".into(),
            text: "[coating]\nthicknes = 3\n".into(),
            items: vec![
                Diagnostic::error(10..18, "unknown key `thicknes`")
                    .help("did you mean `thickness`?"),
            ],
        };
        let mut shown = String::new();
        miette::GraphicalReportHandler::new_themed(miette::GraphicalTheme::unicode_nocolor())
            .render_report(&mut shown, reports(&diagnostics)[0].as_ref())
            .expect("rendering into a string");
        for part in [
            "unknown key",
            "cell.toml:2:1",
            "thicknes = 3",
            "did you mean",
        ] {
            assert!(shown.contains(part), "{part} in {shown}");
        }
    }
}
