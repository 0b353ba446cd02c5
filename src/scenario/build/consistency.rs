//! Warnings where a scenario contradicts itself, or says something without effect.

use crate::constants::FARADAY;
use crate::input::{Diagnostic, Section};
use crate::scenario::procedure::Block;
use crate::scenario::types::{Cathode, Cell};

/// Theoretical capacity over that of one hour at 1C, outside which the current of 1C is
/// likelier a slip than a habit.
const ONE_C: [f64; 2] = [0.5, 4.0];
/// Separators are pressed or cast within these, m.
const SEPARATOR: [f64; 2] = [5e-6, 5e-3];
/// Median diameters of cathode powders lie within these, m.
const DIAMETER: [f64; 2] = [50e-9, 50e-6];
/// Below this coverage a film is no longer even.
const CONFORMAL: f64 = 0.5;

/// Warns; what is refused elsewhere is left alone.
pub(super) fn check(
    root: &Section<'_>,
    cathode: Option<&Cathode>,
    cell: Option<&Cell>,
    protocol: Option<&[Block]>,
) {
    if let Some(cathode) = cathode {
        diameter(root, cathode);
    }
    if let (Some(cathode), Some(cell)) = (cathode, cell) {
        one_c(root, cathode, cell);
        separator(root, cell);
    }
    mechanisms(root);
    morphology(root);
    for (section, block) in root
        .sections("protocol")
        .iter()
        .zip(protocol.unwrap_or(&[]))
    {
        direction(section, block);
    }
}

fn warn(section: &Section<'_>, key: &str, message: String, label: &str, help: &str) {
    let warning = Diagnostic::warning(section.span_of(key), message);
    section.sink().push(warning.label(label).help(help));
}

/// A number with at most four digits after the point.
fn short(value: f64) -> f64 {
    (1e4 * value).round() / 1e4
}

fn diameter(root: &Section<'_>, cathode: &Cathode) {
    let median = cathode.particle_diameter.median();
    if (DIAMETER[0]..=DIAMETER[1]).contains(&median) {
        return;
    }
    if let Some(section) = root.section("cathode") {
        let message = format!(
            "particles of {} um are unusual for a cathode",
            short(1e6 * median)
        );
        let help = "powders of layered oxides have 0.05 to 50 um: is the unit right?";
        warn(&section, "particle_diameter", message, "unusual", help);
    }
}

fn one_c(root: &Section<'_>, cathode: &Cathode, cell: &Cell) {
    let theoretical = FARADAY / cathode.active_material.molar_mass;
    let ratio = theoretical / (3600.0 * cell.one_c);
    if (ONE_C[0]..=ONE_C[1]).contains(&ratio) {
        return;
    }
    if let Some(section) = root.section("cell") {
        let message = format!(
            "1C of {} mA/g would pass all lithium of {} ({:.0} mAh/g) in {ratio:.2} h",
            short(cell.one_c),
            cathode.active_material.name,
            theoretical / 3600.0
        );
        let help = "1C is the current that passes the usable capacity in about an hour";
        warn(&section, "one_C", message, "unusual", help);
    }
}

fn separator(root: &Section<'_>, cell: &Cell) {
    if (SEPARATOR[0]..=SEPARATOR[1]).contains(&cell.separator_thickness) {
        return;
    }
    if let Some(section) = root.section("cell") {
        let message = format!(
            "the separator would be {} um thick",
            short(1e6 * cell.separator_thickness)
        );
        let help =
            "5 um to 5 mm are usual: are the units of its mass or thickness and of the area right?";
        warn(&section, "separator", message, "unusual", help);
    }
}

/// Constants of a mechanism that is switched off, and switches without effect.
fn mechanisms(root: &Section<'_>) {
    let Some(switches) = root.section("mechanisms") else {
        return;
    };
    let laws = root.get("laws").and_then(|laws| laws.get_ref().as_table());
    for (law, _) in laws.into_iter().flatten() {
        // Wear is that of the coating; interphases grow with several mechanisms.
        let switch = match law.get_ref().as_ref() {
            "wear" => "coating_wear",
            other => other,
        };
        let off = switches.get(switch).and_then(|on| on.get_ref().as_bool()) == Some(false);
        if off {
            let message = format!("[laws] changes `{}`, but `{switch}` is off", law.get_ref());
            root.sink().push(
                Diagnostic::warning(law.span(), message)
                    .label("not used")
                    .help(format!("switch `{switch}` on, or leave its constants out")),
            );
        }
    }
    let worn = switches.get("coating_wear");
    let stated_on = worn.and_then(|on| on.get_ref().as_bool()) == Some(true);
    if stated_on && root.get("coating").is_none() {
        let message = "`coating_wear` without a [coating] changes nothing".to_owned();
        warn(
            &switches,
            "coating_wear",
            message,
            "not used",
            "add a [coating], or leave it out",
        );
    }
}

/// Words for how a coating sits that its coverage contradicts.
fn morphology(root: &Section<'_>) {
    let Some(section) = root.section("coating") else {
        return;
    };
    // Only what is written can contradict; a misread value was complained of.
    if section.get("coverage").is_none() || section.get("morphology").is_none() {
        return;
    }
    let (Some(coverage), Some(word)) = (section.quantity("coverage"), section.choice("morphology"))
    else {
        return;
    };
    let percent = 100.0 * coverage;
    if word == "islands" && coverage >= 1.0 {
        let message = "islands that cover all of the surface are a film".to_owned();
        warn(
            &section,
            "morphology",
            message,
            "contradicts the coverage",
            "state a coverage below 100 %, or \"conformal\"",
        );
    }
    if word == "conformal" && coverage < CONFORMAL {
        let message = format!("a conformal film on {percent:.0} % of the surface");
        warn(
            &section,
            "morphology",
            message,
            "contradicts the coverage",
            "say \"islands\", or \"particulate\"",
        );
    }
}

/// A repeated block that only charges or only discharges runs into its first cut-off.
fn direction(section: &Section<'_>, block: &Block) {
    let mut charges = false;
    let mut discharges = false;
    look(block, &mut |step| {
        discharges |= step.discharges();
        charges |= step.charges();
    });
    let only = match (charges, discharges) {
        (true, false) => "charges",
        (false, true) => "discharges",
        _ => return,
    };
    if block.cycles() > 1 {
        let message = format!("the block only {only}, {} times over", block.cycles());
        let help = "from the second cycle on its cut-off is met at once: is a step missing?";
        warn(section, "steps", message, "one direction", help);
    }
}

fn look(block: &Block, see: &mut dyn FnMut(&crate::scenario::Step)) {
    block.steps.iter().for_each(&mut *see);
    for inner in &block.blocks {
        look(inner, see);
    }
}
