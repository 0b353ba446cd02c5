//! The figures of a sweep that are no curves, as plots that answer.

use super::drawing::means;
use super::view::{Outcome, Variable};
use crate::report::figure::Scale;
use crate::report::live::{axis, rounded};
use crate::report::palette::{Colour, okabe_ito, sequential};
use crate::sweep::sensitivity::{Index, Sensitivity};
use serde_json::{Value, json};

/// Stops of the scale of colours.
const STOPS: u32 = 12;

fn css(Colour(red, green, blue): Colour) -> String {
    format!("rgb({red},{green},{blue})")
}

/// Words as they stand in a template of plotly.js.
fn plain(words: &str) -> String {
    words.replace('%', "&#37;").replace(['{', '}'], "")
}

/// A result over two parameters.
pub fn map(x: &Variable, y: &Variable, result: &Outcome) -> Value {
    let values: Vec<Vec<Option<f64>>> = means(x, y, result)
        .into_iter()
        .map(|row| {
            row.into_iter()
                .map(|v| v.is_finite().then(|| rounded(v)))
                .collect()
        })
        .collect();
    let scale: Vec<(f64, String)> = (0..=STOPS)
        .map(|i| f64::from(i) / f64::from(STOPS))
        .map(|share| (share, css(sequential(share))))
        .collect();
    let told = format!(
        "{}: %{{x}}<br>{}: %{{y}}<br>{}: %{{z:.5~g}}<extra></extra>",
        plain(&x.heading),
        plain(&y.heading),
        plain(&result.heading)
    );
    let category = |variable: &Variable| {
        let mut axis = axis(&variable.heading, Scale::Linear, None);
        axis["type"] = json!("category");
        axis["minor"] = json!({ "ticks": "" });
        axis["ticks"] = json!("");
        axis
    };
    let mut vertical = category(y);
    vertical["title"]["standoff"] = json!(8);
    vertical["automargin"] = json!(true);
    json!({
        "data": [{
            "type": "heatmap", "x": x.labels, "y": y.labels, "z": values,
            "colorscale": scale, "hoverongaps": false, "hovertemplate": told,
            "colorbar": {
                "title": { "text": result.heading, "side": "right", "font": { "size": 13 } },
                "thickness": 14, "outlinecolor": "#1e1e1e", "outlinewidth": 1.2, "ticks": "outside",
                "ticklen": 4,
            },
        }],
        "layout": { "xaxis": category(x), "yaxis": vertical, "margin": { "r": 10 } },
    })
}

/// First-order and total indices with their intervals.
pub fn indices(parameters: &[Variable], found: &[Sensitivity]) -> Value {
    let names: Vec<&str> = parameters.iter().map(|p| p.heading.as_str()).collect();
    let trace = |name: &str,
                 colour: Colour,
                 open: bool,
                 of: &dyn Fn(&Sensitivity) -> Option<Index>| {
        let all: Vec<Option<Index>> = found.iter().map(of).collect();
        let reach = |end: &dyn Fn(&Index) -> f64| -> Vec<f64> {
            let reach = |index: &Option<Index>| index.as_ref().map_or(0.0, |i| rounded(end(i)));
            all.iter().map(reach).collect()
        };
        let values: Vec<Option<f64>> = all.iter().map(|i| i.map(|i| rounded(i.value))).collect();
        json!({
            "type": "scatter", "mode": "markers", "name": name, "orientation": "h", "offsetgroup": name,
            "x": values, "y": names,
            "marker": {
                "color": css(colour), "size": 8, "symbol": if open { "circle-open" } else { "circle" },
                "line": { "color": css(colour), "width": 1.6 },
            },
            "error_x": {
                "type": "data", "symmetric": false, "color": css(colour), "thickness": 1.6, "width": 0,
                "array": reach(&|i| i.interval.map_or(0.0, |(_, high)| (high - i.value).max(0.0))),
                "arrayminus": reach(&|i| i.interval.map_or(0.0, |(low, _)| (i.value - low).max(0.0))),
            },
            "hovertemplate": format!("%{{y}}<br>{name}: %{{x:.3f}}<extra></extra>"),
        })
    };
    let mut vertical = axis("", Scale::Linear, None);
    vertical["type"] = json!("category");
    // In the order of the table, from above.
    vertical["range"] = json!([parameters.len() as f64 - 0.5, -0.5]);
    vertical["automargin"] = json!(true);
    vertical["minor"] = json!({ "ticks": "" });
    json!({
        "data": [
            trace("First order", okabe_ito::BLUE, false, &|s| Some(s.first)),
            trace("Total", okabe_ito::VERMILLION, true, &|s| s.total),
        ],
        "layout": {
            "xaxis": axis("Share of the variance", Scale::Linear, Some((-0.06, 1.06))),
            "yaxis": vertical, "scattermode": "group", "scattergap": 0.6, "hovermode": "closest",
            "legend": { "orientation": "h", "x": 0, "xanchor": "left", "y": 1.01, "yanchor": "bottom" },
        },
    })
}
