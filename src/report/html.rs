//! The page: one HTML file with everything inside, for screen and print.

use super::figure::Figure;
use super::figures::Gallery;
use super::rendering::{self, Rendering};
use super::{Comparison, Slice, comparison, live, tables};
use crate::microstructure::COATING_COLOUR;
use crate::record::RunRecord;
use serde_json::Value;
use std::collections::BTreeMap;

/// The looks of the page.
const STYLE: &str = include_str!("page.css");

/// What to do with figures that answer; hidden where they do not.
const HINT: &str = "<p class=\"hint small\">Figures: point at a curve to read its values; draw a rectangle to zoom, double-click to go back; click a name above a figure to hide its curve, double-click it to see it alone.</p>\n";

/// The page of `record`, complete. `drawings` holds the SVG of every figure by
/// its name; `analysis` is the address of the page of the experimenter's analyses.
pub(super) fn page(
    record: &RunRecord,
    gallery: &Gallery,
    drawings: &BTreeMap<&'static str, String>,
    rendering: &Rendering,
    (comparisons, analysis): (Option<&[Comparison]>, Option<&str>),
) -> String {
    let mut body = header(record);
    if let Some(address) = analysis {
        body += &format!(
            "<p>What an experimenter would read from this cell (fits of the spectra with their confidence, diffusion lengths, relaxation times, active mass, dQ/dV, gas, photoelectrons): <a href=\"{0}\">{0}</a></p>\n",
            escape(address)
        );
    }
    body += &section("Overview", &tables::overview(record));
    if let Some(comparisons) = comparisons {
        body += &section("Beside the paper", &comparison::table(comparisons));
    }
    for part in &gallery.sections {
        body += &section(part.title, &figures(&part.figures, drawings));
    }
    let transport = gallery.transport.iter();
    let drawn: String = transport.map(|figure| drawing(figure, drawings)).collect();
    body += &section(
        "Microstructure and transport",
        &structure(record, rendering, &drawn),
    );
    body += &section("Checks", &tables::checks(record));
    body += &scenario(record);
    document(&record.scenario.title, &body)
}

/// A page of its own around `body`.
pub(super) fn document(title: &str, body: &str) -> String {
    let title = escape(title);
    let scripts = live::scripts(body);
    let hint = if scripts.is_empty() { "" } else { HINT };
    let body = body.replacen("</header>\n", &format!("</header>\n{hint}"), 1);
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n{body}{scripts}</body>\n</html>\n"
    )
}

fn header(record: &RunRecord) -> String {
    format!(
        "<header>\n<h1>{}</h1>\n<p class=\"small\">Simulated with {} {}; run {}, seed {}</p>\n{}</header>\n",
        escape(&record.scenario.title),
        env!("CARGO_PKG_NAME"),
        env!("CARGO_PKG_VERSION"),
        escape(&record.key),
        record.scenario.seed,
        tables::facts(&record.scenario),
    )
}

pub(super) fn section(title: &str, content: &str) -> String {
    format!("<section>\n<h2>{title}</h2>\n{content}</section>\n")
}

pub(super) fn figures(figures: &[Figure], drawings: &BTreeMap<&'static str, String>) -> String {
    let figures = figures.iter().map(|figure| drawing(figure, drawings));
    format!(
        "<div class=\"gallery\">\n{}</div>\n",
        figures.collect::<String>()
    )
}

pub(super) fn drawing(figure: &Figure, drawings: &BTreeMap<&'static str, String>) -> String {
    let svg = drawings.get(figure.name).map_or("", String::as_str);
    let words = (figure.title.as_str(), figure.caption.as_str());
    framed(figure.name, svg, Some(&live::figure(figure)), words)
}

/// A drawing with title and caption and, where there is one, the plot that takes its place
/// on a screen.
pub(super) fn framed(
    name: &str,
    svg: &str,
    plot: Option<&Value>,
    (title, caption): (&str, &str),
) -> String {
    format!(
        "<figure id=\"{}\">\n<div class=\"frame\">\n{svg}</div>\n<figcaption><b>{}.</b> {}</figcaption>\n{}</figure>\n",
        escape(name),
        escape(title),
        escape(caption),
        plot.map_or_else(String::new, live::element),
    )
}

fn structure(record: &RunRecord, rendering: &Rendering, transport: &str) -> String {
    let statistics = &record.microstructure.statistics;
    format!(
        "{}<div class=\"gallery\">\n<div>\n{}{}</div>\n{transport}</div>\n",
        rendered(rendering),
        tables::structure(statistics),
        tables::transport(&record.transport),
    )
}

/// The rendering of a structure, as wide as the page.
pub(super) fn rendered(rendering: &Rendering) -> String {
    let words = ("Microstructure", rendering.caption.as_str());
    framed(rendering::NAME, &rendering.svg, None, words)
}

/// A slice with the colours of its phases.
pub(super) fn picture(anchor: &str, slice: Slice, caption: &str) -> String {
    let names = [
        "void",
        "active material",
        "electrolyte",
        "carbon",
        "polymer",
    ];
    let legend = names.iter().zip(slice.colours).map(|(name, [r, g, b])| {
        format!("<span><i style=\"background:rgb({r},{g},{b})\"></i>{name}</span>\n")
    });
    let mut legend: String = legend.collect();
    if slice.coated {
        let [r, g, b] = COATING_COLOUR;
        legend += &format!(
            "<span><i style=\"background:rgb({r},{g},{b})\"></i>coating (rim, not to scale)</span>\n"
        );
    }
    let png = base64(slice.png);
    format!(
        "<figure id=\"{anchor}\">\n<img alt=\"Cut through the microstructure\" src=\"data:image/png;base64,{png}\">\n<p class=\"phases\">\n{legend}</p>\n<figcaption><b>Microstructure.</b> {}</figcaption>\n</figure>\n",
        escape(caption),
    )
}

fn scenario(record: &RunRecord) -> String {
    format!(
        "<section class=\"source\">\n<h2>Scenario</h2>\n<pre>{}</pre>\n</section>\n",
        escape(&record.scenario_text)
    )
}

/// Text that is safe inside elements and attributes.
pub(super) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            other => safe.push(other),
        }
    }
    safe
}

/// Bytes in base 64 (RFC 4648), as pictures inside a page need them.
pub(super) fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let padded = [0, 1, 2].map(|i| u32::from(group.get(i).copied().unwrap_or(0)));
        let bits = padded[0] << 16 | padded[1] << 8 | padded[2];
        for place in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * place) & 63) as usize];
            text.push(if place <= group.len() {
                char::from(letter)
            } else {
                '='
            });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of RFC 4648.
    #[test]
    fn base64_follows_its_standard() {
        for (plain, coded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
        assert_eq!(base64(&[0xfb, 0xff]), "+/8=");
    }

    #[test]
    fn nothing_in_a_text_can_become_markup() {
        assert_eq!(
            escape("<a href=\"x\">&"),
            "&lt;a href=&quot;x&quot;&gt;&amp;"
        );
    }
}
