//! Figures that answer the reader: hover, zoom, choice of curves. Each figure carries, beside
//! its drawing, the same data as plotly.js wants them; the page carries plotly.js, packed.
//! Where scripts do not run, and on paper, the drawings stay.

mod plot;

pub(super) use plot::{axis, figure, rounded};

use super::html::base64;
use serde_json::Value;

/// plotly.js with its two-dimensional plots; see `vendor/README.md`.
const PLOTLY: &[u8] = include_bytes!("../vendor/plotly-cartesian.min.js.gz");
/// What unpacks it and draws the figures.
const SCRIPT: &str = include_str!("page.js");
/// Class of the elements that hold data, by which the script finds them.
const CLASS: &str = "spec";

/// The element that holds a figure's data, for the inside of its `<figure>`.
pub(super) fn element(spec: &Value) -> String {
    // Within a script nothing is escaped; a "<" could end it.
    let text = spec.to_string().replace('<', "\\u003c");
    format!("<script type=\"application/json\" class=\"{CLASS}\">{text}</script>\n")
}

/// What the end of a page needs so that the figures in `body` answer; nothing if there are none.
pub(super) fn scripts(body: &str) -> String {
    if !body.contains(&format!("class=\"{CLASS}\"")) {
        return String::new();
    }
    format!(
        "<script type=\"text/plain\" id=\"plotly\">{}</script>\n<script>\n{SCRIPT}</script>\n",
        base64(PLOTLY)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};
    use std::io::Read;

    /// The files are those that `vendor/README.md` names.
    #[test]
    fn embedded_files_are_the_ones_that_were_fetched() {
        let told = include_str!("../vendor/README.md");
        let mut library = Vec::new();
        let mut unpacked = flate2::read::GzDecoder::new(PLOTLY);
        unpacked.read_to_end(&mut library).unwrap();
        for (name, bytes) in [
            ("plotly-cartesian.min.js", library.as_slice()),
            ("Arimo-Regular.ttf", super::super::raster::FONT),
        ] {
            let digest = Sha256::digest(bytes);
            let digest: String = digest.iter().map(|b| format!("{b:02x}")).collect();
            assert!(told.contains(&format!("{digest}  {name}")), "{name}");
        }
    }

    #[test]
    fn no_word_of_a_figure_can_end_its_element() {
        let text = element(&serde_json::json!({ "a": "</script><b>" }));
        assert_eq!(text.matches('<').count(), 2, "{text}");
        assert!(scripts("<p>no figure</p>").is_empty());
        assert!(scripts(&text).contains("DecompressionStream"));
    }
}
