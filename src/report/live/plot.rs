//! A [`Figure`] as a plot of plotly.js: traces and layout, looking like the drawing.

use super::super::figure::{Axis, Figure, Line, Marker, Panel, Scale, Series, Shape};
use super::super::palette::Colour;
use super::super::svg::shown;
use serde_json::{Value, json};

/// Share of the height between two panels.
const BETWEEN: f64 = 0.035;
/// Significant digits of the data on the page: more than can be seen.
const DIGITS: usize = 6;
/// What is counted up to here gets a mark for each.
const FEW: f64 = 10.0;
/// Decades below which 1, 2 and 5 are labelled, and below which each power of ten is.
const FEW_DECADES: f64 = 2.2;
const MANY_DECADES: f64 = 6.5;
const INK: &str = "#1e1e1e";

/// A figure with its data.
pub(in crate::report) fn figure(figure: &Figure) -> Value {
    let (x_limits, y_limits) = shown(figure);
    let groups = groups(figure);
    let panels = || figure.panels.iter().enumerate();
    let traces: Vec<Value> = panels()
        .flat_map(|(place, panel)| {
            let groups = &groups;
            panel
                .series
                .iter()
                .map(move |series| trace(figure, (place, panel), series, groups))
        })
        .collect();
    let last = figure.panels.len();
    let mut layout = json!({
        "xaxis": of(&figure.x, x_limits),
        "hovermode": "closest",
        "meta": figure.legend,
        "legend": {
            "orientation": "h", "x": 0, "xanchor": "left", "y": 1.01, "yanchor": "bottom",
            "title": { "text": figure.legend, "font": { "size": 12 } },
            "font": { "size": 12 }, "tracegroupgap": 2,
        },
    });
    layout["xaxis"]["anchor"] = json!(name("y", last - 1));
    for ((place, panel), limits) in panels().zip(y_limits) {
        let mut y = of(&panel.y, limits);
        y["domain"] = json!(domain(place, last));
        y["title"]["standoff"] = json!(8);
        if figure.shape == Shape::EqualAxes {
            // Whatever is zoomed into, one unit stays as long on both axes.
            y["scaleanchor"] = json!("x");
            y["scaleratio"] = json!(1);
            y["constraintoward"] = json!("bottom");
            layout["xaxis"]["constraintoward"] = json!("left");
        }
        layout[format!("yaxis{}", number(place))] = y;
    }
    json!({ "data": traces, "layout": layout })
}

/// An axis of a figure.
fn of(asked: &Axis, limits: (f64, f64)) -> Value {
    let mut axis = axis(&asked.heading(), asked.scale, Some(limits));
    if asked.whole && limits.1 - limits.0 <= FEW {
        axis["dtick"] = json!(1);
        axis["minor"] = json!({ "ticks": "" });
    }
    axis
}

/// An axis with its heading, framed and with marks inside, showing `limits`.
pub(in crate::report) fn axis(heading: &str, scale: Scale, limits: Option<(f64, f64)>) -> Value {
    let logarithmic = scale == Scale::Logarithmic;
    let mut axis = json!({
        "title": { "text": heading, "font": { "size": 13 }, "standoff": 10 },
        "type": if logarithmic { "log" } else { "linear" },
        "showline": true, "linecolor": INK, "linewidth": 1.2, "mirror": "allticks",
        "ticks": "inside", "ticklen": 5, "tickcolor": INK, "tickfont": { "size": 12 },
        "minor": { "ticks": "inside", "ticklen": 3, "tickcolor": INK },
        "showgrid": false, "zeroline": false, "exponentformat": "power",
    });
    if let Some((from, to)) = limits {
        if logarithmic {
            let decades = (to / from).log10();
            // Within a decade or so 1, 2 and 5 are labelled; a label on each would be too many.
            if decades < FEW_DECADES {
                axis["dtick"] = json!("D2");
                axis["tickformat"] = json!("~g");
            } else if decades < MANY_DECADES {
                axis["dtick"] = json!(1);
            }
        }
        axis["range"] = if logarithmic {
            json!([from.log10(), to.log10()])
        } else {
            json!([from, to])
        };
    }
    axis
}

/// Which curves show and hide together: those without a name go with the named one of
/// their colour (a discharge with its charge, a fit with its points).
fn groups(figure: &Figure) -> Vec<(Colour, String)> {
    let all = figure.panels.iter().flat_map(|panel| &panel.series);
    let mut groups: Vec<(Colour, String)> = Vec::new();
    for series in all.filter(|series| !series.label.is_empty()) {
        if groups.iter().all(|(colour, _)| *colour != series.colour) {
            groups.push((series.colour, series.label.clone()));
        }
    }
    groups
}

fn trace(
    figure: &Figure,
    (place, panel): (usize, &Panel),
    series: &Series,
    groups: &[(Colour, String)],
) -> Value {
    let value = |axis: &Axis, v: f64| axis.admits(v).then(|| rounded(v));
    let column = |axis: &Axis, of: fn(&(f64, f64)) -> f64| -> Vec<Option<f64>> {
        series.points.iter().map(|p| value(axis, of(p))).collect()
    };
    let group = if series.label.is_empty() {
        let found = groups.iter().find(|(colour, _)| *colour == series.colour);
        found.map_or("", |(_, label)| label.as_str())
    } else {
        &series.label
    };
    let colour = css(series.colour);
    let mode = match (series.line, series.marker) {
        (Line::None, _) => "markers",
        (_, Marker::None) => "lines",
        _ => "lines+markers",
    };
    let mut trace = json!({
        "type": "scatter", "mode": mode,
        "x": column(&figure.x, |p| p.0), "y": column(&panel.y, |p| p.1),
        "xaxis": "x", "yaxis": name("y", place),
        "name": group, "legendgroup": group, "showlegend": !series.label.is_empty(),
        "line": { "color": colour, "width": 1.8 },
        "marker": { "color": colour, "symbol": symbol(series.marker), "size": size(series.marker) },
        "hovertemplate": told(figure, panel, group, !series.hints.is_empty()),
    });
    match series.line {
        Line::Dashed => trace["line"]["dash"] = json!("6px,4px"),
        Line::Area => {
            trace["fill"] = json!("tozeroy");
            trace["fillcolor"] = json!(colour);
            trace["line"] = json!({ "color": "#fff", "width": 0.8 });
        }
        Line::Solid | Line::None => {}
    }
    if series.marker == Marker::Ring {
        trace["marker"]["line"] = json!({ "color": colour, "width": 1.6 });
    }
    if !series.hints.is_empty() {
        trace["customdata"] = json!(series.hints);
    }
    trace
}

/// What is said at a point: curve, both quantities with their units, and what else is known.
fn told(figure: &Figure, panel: &Panel, group: &str, hinted: bool) -> String {
    let quantity = |axis: &Axis, letter: char| {
        let unit = if axis.unit.is_empty() { "" } else { " " };
        format!("{}: %{{{letter}:.5~g}}{unit}{}", axis.label, axis.unit)
    };
    let mut lines = Vec::new();
    if !group.is_empty() {
        let heading = [figure.legend, group].join(" ");
        lines.push(format!("<b>{}</b>", heading.trim()));
    }
    lines.push(quantity(&figure.x, 'x'));
    lines.push(quantity(&panel.y, 'y'));
    if hinted {
        lines.push("%{customdata}".into());
    }
    lines.join("<br>") + "<extra></extra>"
}

/// From below to above, in shares of the height.
fn domain(place: usize, panels: usize) -> [f64; 2] {
    let count = panels as f64;
    let height = (1.0 - BETWEEN * (count - 1.0)) / count;
    let top = 1.0 - place as f64 * (height + BETWEEN);
    [(top - height).max(0.0), top.min(1.0)]
}

/// Number of an axis; the first has none.
fn number(place: usize) -> String {
    match place {
        0 => String::new(),
        _ => (place + 1).to_string(),
    }
}

fn name(letter: &str, place: usize) -> String {
    format!("{letter}{}", number(place))
}

fn css(colour: Colour) -> String {
    format!("#{:02x}{:02x}{:02x}", colour.0, colour.1, colour.2)
}

fn symbol(marker: Marker) -> &'static str {
    match marker {
        Marker::None | Marker::Dot | Marker::Disc => "circle",
        Marker::Ring => "circle-open",
        Marker::Square => "square",
        Marker::Triangle => "triangle-up",
    }
}

/// Diameter, pixels.
fn size(marker: Marker) -> f64 {
    match marker {
        Marker::None => 0.0,
        Marker::Dot => 3.5,
        Marker::Disc | Marker::Ring => 6.5,
        Marker::Square => 6.0,
        Marker::Triangle => 7.5,
    }
}

/// A number in the digits that are worth their place.
pub(in crate::report) fn rounded(value: f64) -> f64 {
    format!("{value:.*e}", DIGITS - 1).parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::palette::okabe_ito::{BLACK, BLUE};

    fn sample(shape: Shape) -> Figure {
        let charge = Series::line("1", BLUE, vec![(0.0, 3.0), (1.0, 3.123_456_789)]);
        let discharge = Series::line("", BLUE, vec![(0.0, 3.0), (1.0, f64::NAN)]);
        let other = Series::line("2", BLACK, vec![(1.0, 10.0), (2.0, -1.0)]);
        let (x, y) = (Axis::new("Time", "s"), Axis::new("Voltage", "V"));
        Figure {
            name: "sample",
            title: String::new(),
            caption: String::new(),
            legend: "Cycle",
            x,
            panels: vec![
                Panel::new(y.clone(), vec![charge, discharge]),
                Panel::new(y.logarithmic(), vec![other.with_hints(vec!["a".into()])]),
            ],
            shape,
        }
    }

    #[test]
    fn curves_keep_their_values_names_and_panels() {
        let plot = figure(&sample(Shape::Free));
        let traces = plot["data"].as_array().unwrap();
        assert_eq!(traces[0]["y"], json!([3.0, 3.12346]));
        assert_eq!(traces[1]["y"], json!([3.0, null]));
        // A charge hides together with its discharge.
        assert_eq!(traces[1]["legendgroup"], "1");
        assert_eq!(traces[1]["showlegend"], false);
        // A logarithmic axis has no place for what is not positive.
        assert_eq!(traces[2]["y"], json!([10.0, null]));
        assert_eq!(traces[2]["yaxis"], "y2");
        assert_eq!(traces[2]["customdata"], json!(["a"]));
        let said = traces[2]["hovertemplate"].as_str().unwrap();
        assert!(
            said.starts_with("<b>Cycle 2</b><br>Time: %{x:.5~g} s<br>"),
            "{said}"
        );
        assert_eq!(plot["layout"]["yaxis2"]["type"], "log");
        assert_eq!(plot["layout"]["xaxis"]["anchor"], "y2");
        assert!(plot["layout"]["yaxis"].get("scaleanchor").is_none());
    }

    #[test]
    fn equal_axes_stay_equal() {
        let plot = figure(&sample(Shape::EqualAxes));
        assert_eq!(plot["layout"]["yaxis"]["scaleanchor"], "x");
    }

    #[test]
    fn panels_share_the_height() {
        let [from, to] = domain(0, 1);
        assert!(from.abs() < 1e-12 && (to - 1.0).abs() < 1e-12);
        let (upper, lower) = (domain(0, 2), domain(1, 2));
        assert!(lower[0] < 1e-12 && lower[1] < upper[0] && upper[1] > 1.0 - 1e-12);
    }
}
