//! Wrong scenarios: everything that is wrong is told at once, each with line, reason and
//! what would be right, and contradictions are warned of.

use engobe::input::{Diagnostics, Severity, reports};
use engobe::microstructure::inspect;
use engobe::scenario::{self, Loaded};

const GOOD: &str = r#"title = "good"
[cathode]
active_material = "NCM83"
particle_kind = "single-crystal"
particle_diameter = { d50 = "4 um", d90 = "4.8 um" }
specific_surface = "0.593 m2/g"
composition = { active_material = "70 wt%", LPSCl = "30 wt%", VGCF = "1 wt% extra" }
active_mass_loading = "10.6 mg/cm2"
[coating]
material = "PVBTA-TFSI"
thickness = "3 nm"
coverage = "95 %"
mass = "1 wt%"
[cell]
anode = "In/InLi"
separator = { material = "LPSCl", mass = "80 mg" }
area = "0.785 cm2"
temperature = "25 degC"
one_C = "200 mA/g"
[microstructure]
box_edge = "20 um"
resolution = 60
[[protocol]]
repeat = 3
steps = [
  "Charge at 0.1C until 3.7 V",
  "Rest for 2 hours",
  "Discharge at 0.1C until 2.0 V",
]
impedance = { cycles = [1, 3], at = "3.15 V", from = "1 MHz", to = "100 uHz" }
"#;

fn read(text: &str) -> Result<Loaded, Diagnostics> {
    scenario::from_str_inspected("cell.toml", text, &inspect)
}

fn changed(changes: &[(&str, &str)]) -> String {
    changes.iter().fold(GOOD.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    })
}

/// A complaint as a line: `line: severity: message | label | help`.
fn lines(diagnostics: &Diagnostics) -> Vec<String> {
    let told = diagnostics.items.iter().map(|item| {
        let line = diagnostics.position(item).map_or(0, |p| p.0);
        let severity = match item.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let help = item.help.clone().unwrap_or_default();
        format!(
            "{line}: {severity}: {} | {} | {help}",
            item.message, item.label
        )
    });
    told.collect()
}

/// Asserts that exactly these complaints are told, in this order, each holding its words.
fn told(diagnostics: &Diagnostics, expected: &[(&str, &[&str])]) {
    let found = lines(diagnostics);
    let all = found.join("\n");
    assert_eq!(found.len(), expected.len(), "{all}");
    for (line, (start, words)) in found.iter().zip(expected) {
        assert!(
            line.starts_with(start),
            "`{start}` is not how this starts: {line}\nall:\n{all}"
        );
        for word in *words {
            assert!(line.contains(word), "no `{word}` in {line}");
        }
    }
}

fn refused(changes: &[(&str, &str)], expected: &[(&str, &[&str])]) {
    match read(&changed(changes)) {
        Ok(_) => panic!("accepted: {changes:?}"),
        Err(diagnostics) => told(&diagnostics, expected),
    }
}

fn warned(changes: &[(&str, &str)], expected: &[(&str, &[&str])]) {
    match read(&changed(changes)) {
        Ok(loaded) => told(&loaded.diagnostics(), expected),
        Err(diagnostics) => panic!("refused: {diagnostics}"),
    }
}

#[test]
fn the_good_one_is_beyond_reproach() {
    warned(&[], &[]);
}

/// One fault in each part of the file: none hides another.
#[test]
fn every_fault_is_told_at_once() {
    refused(
        &[
            ("\"NCM83\"", "\"NCM38\""),
            ("\"single-crystal\"", "\"monocrystal\""),
            ("\"0.593 m2/g\"", "\"0.593 m/g\""),
            ("LPSCl = \"30 wt%\"", "LPSC = \"30 wt%\""),
            ("thickness = \"3 nm\"", "thickness = \"3 V\""),
            ("coverage = \"95 %\"", "coverage = \"195 %\""),
            ("mass = \"80 mg\"", "weight = \"80 mg\""),
            ("area = \"0.785 cm2\"\n", ""),
            ("\"25 degC\"", "25"),
            ("resolution = 60", "resolution = 6"),
            ("Rest for", "Wait for"),
            ("until 2.0 V", "until 2,0 V"),
            ("cycles = [1, 3]", "cycles = [1, 30]"),
        ],
        &[
            (
                "3: error: unknown active material",
                &["did you mean `NCM83`", "known: "],
            ),
            (
                "4: error: `cathode.particle_kind` cannot be",
                &["choices: \"single-crystal\", \"polycrystal\""],
            ),
            (
                "6: error: `cathode.specific_surface`: unknown unit `m/g`",
                &["surface per mass", "allowed units: m2/g"],
            ),
            (
                "7: error: unknown material `LPSC`",
                &["did you mean `LPSCl`"],
            ),
            (
                "11: error: `coating.thickness`: `3 V` is a voltage",
                &["a length is needed", "nm"],
            ),
            (
                "12: error: `coating.coverage` cannot be 195 %",
                &["between 0 and 100 %"],
            ),
            (
                "14: error: [cell] lacks `area`",
                &["add `area = \"0.785 cm2\"`"],
            ),
            ("16: error: the separator lacks `mass` or `thickness`", &[]),
            (
                "16: error: unknown key `weight`",
                &["keys here: material, mass, thickness"],
            ),
            (
                "17: error: `cell.temperature` is the bare number 25",
                &["write for example \"25 degC\"", "K"],
            ),
            (
                "21: error: `microstructure.resolution` is the bare number 6",
                &["from 8 to 1024"],
            ),
            ("26: error: ", &["Wait", "Rest"]),
            ("27: error: ", &["decimal"]),
            ("29: error: a spectrum after cycle 30", &["cycles 1 to 3"]),
        ],
    );
}

/// The window of voltages is known from the electrodes, whatever else is wrong.
#[test]
fn voltages_are_checked_in_a_cell_that_is_refused() {
    refused(
        &[
            ("area = \"0.785 cm2\"", "area = \"0.785 V\""),
            ("until 3.7 V", "until 1.7 V"),
            ("at = \"3.15 V\"", "at = \"9 V\""),
        ],
        &[
            ("17: error: `cell.area`", &["an area is needed"]),
            (
                "26: error: a charge that ends at 1.700 V ends before it begins",
                &["against In/InLi"],
            ),
            ("30: error: 9.000 V cannot be held", &["lies between"]),
        ],
    );
}

/// What the structure refuses is told at its key, beside faults of the protocol.
#[test]
fn structures_that_cannot_be_made_are_told_with_the_rest() {
    refused(
        &[
            ("box_edge = \"20 um\"", "box_edge = \"9 um\""),
            ("Rest for", "Rst for"),
        ],
        &[
            (
                "21: error: the box of 9.000 um is too small",
                &["too small", "box_edge = \"", "or more"],
            ),
            ("27: error: ", &["did you mean `Rest`"]),
        ],
    );
    refused(
        &[
            (
                "d50 = \"4 um\", d90 = \"4.8 um\"",
                "d50 = \"0.4 um\", d90 = \"0.48 um\"",
            ),
            ("specific_surface = \"0.593 m2/g\"\n", ""),
            ("mass = \"1 wt%\"\n", ""),
        ],
        &[(
            "20: error: voxels of 0.333 um cannot show particles of 0.400 um",
            &["too coarse", "1.7 times as many voxels"],
        )],
    );
    refused(
        &[
            (
                "d50 = \"4 um\", d90 = \"4.8 um\"",
                "d50 = \"0.1 um\", d90 = \"0.12 um\"",
            ),
            ("\"20 um\"", "\"90 um\""),
            ("specific_surface = \"0.593 m2/g\"\n", ""),
            ("mass = \"1 wt%\"\n", ""),
        ],
        &[
            (
                "19: error: the box would hold",
                &["more than 1000000", "too large for these particles"],
            ),
            ("20: error: voxels of 1.500 um cannot show particles", &[]),
        ],
    );
}

#[test]
fn contradictions_are_warned_of() {
    let end = "[[protocol]]\nrepeat";
    let before = |text: &str| format!("{text}\n{end}");
    warned(
        &[("one_C = \"200 mA/g\"", "one_C = \"20 mA/g\"")],
        &[(
            "19: warning: 1C of 20 mA/g would pass all lithium of NCM83 (275 mAh/g) in 13.75 h",
            &["unusual"],
        )],
    );
    warned(
        &[("mass = \"80 mg\"", "mass = \"80 g\"")],
        &[(
            "16: warning: the separator would be",
            &["5 um to 5 mm", "units"],
        )],
    );
    warned(
        &[("Charge at 0.1C", "Charge at 10 A")],
        &[(
            "26: warning: this current is 6.009e3C",
            &["mA/cm2", "is the unit right"],
        )],
    );
    warned(
        &[("10.6 mg/cm2", "0.4 mg/cm2")],
        &[(
            "8: warning: the cathode would be",
            &["less than its larger particles (d90 4.800 um)"],
        )],
    );
    warned(
        &[("resolution = 60", "resolution = 20")],
        &[(
            "22: warning: the median particle is only 4.0 voxels wide",
            &["resolution = 25 gives 5"],
        )],
    );
    warned(
        &[
            (
                "coverage = \"95 %\"",
                "coverage = \"30 %\"\nmorphology = \"conformal\"",
            ),
            ("mass = \"1 wt%\"\n", ""),
        ],
        &[(
            "13: warning: a conformal film on 30 % of the surface",
            &["islands"],
        )],
    );
    warned(
        &[(
            "coverage = \"95 %\"",
            "coverage = \"100 %\"\nmorphology = \"islands\"",
        )],
        &[("13: warning: islands that cover all", &["conformal"])],
    );
    warned(
        &[("  \"Discharge at 0.1C until 2.0 V\",\n", "")],
        &[(
            "25: warning: the block only charges, 3 times over",
            &["is a step missing"],
        )],
    );
    let off = before(
        "[mechanisms]\noxygen = false\ncoating_wear = false\n[laws]\noxygen = { onset = \"4.2 V\" }\nwear = { rate = 5e-4 }",
    );
    warned(
        &[(end, &off)],
        &[
            (
                "27: warning: [laws] changes `oxygen`, but `oxygen` is off",
                &["switch `oxygen` on"],
            ),
            (
                "28: warning: [laws] changes `wear`, but `coating_wear` is off",
                &[],
            ),
        ],
    );
    let implausible = before("[materials.LPSCl]\nionic_conductivity = \"3 S/cm\"");
    warned(
        &[(end, &implausible)],
        &[(
            "24: warning: `ionic_conductivity` of `LPSCl` is set to 3 S/cm, outside the plausible",
            &["1 to 4 mS/cm", "range"],
        )],
    );
    let measured = before(
        "[materials.LPSCl]\nionic_conductivity = { value = \"3 S/cm\", source = \"ours\", range = [\"2 S/cm\", \"4 S/cm\"] }",
    );
    warned(&[(end, &measured)], &[]);
}

#[test]
fn oxide_without_room_and_starved_electrolyte_are_warned_of() {
    let recipe = "active_material = \"70 wt%\", LPSCl = \"30 wt%\"";
    warned(
        &[(recipe, "active_material = \"96 wt%\", LPSCl = \"4 wt%\"")],
        &[
            ("7: warning: the oxide's particles take", &["jam at 64 %"]),
            (
                "7: warning: the electrolyte takes only",
                &["may not hang together"],
            ),
        ],
    );
}

/// Every complaint is shown with its line and a caret, and none is lost on the way.
#[test]
fn every_complaint_is_rendered_with_its_line() {
    let text = changed(&[
        ("\"3 nm\"", "\"3 V\""),
        ("box_edge = \"20 um\"", "box_edge = \"20 µs\""),
    ]);
    let diagnostics = read(&text).expect_err("refused");
    let shown: Vec<_> = reports(&diagnostics)
        .iter()
        .map(|report| format!("{report:?}"))
        .collect();
    assert_eq!(shown.len(), 2);
    for (report, parts) in shown.iter().zip([
        ["cell.toml:11:13", "thickness = \"3 V\""],
        ["cell.toml:21:12", "box_edge = \"20 µs\""],
    ]) {
        for part in parts {
            assert!(report.contains(part), "{part} in {report}");
        }
    }
}

/// Any single key of the file struck out or set to nonsense is told, never a panic, and the
/// place lies within the text.
#[test]
fn nonsense_anywhere_is_told_at_its_place() {
    let values = [
        "true",
        "-1",
        "[]",
        "{}",
        "\"\"",
        "\"1 parsec\"",
        "1979-05-27",
        "[[1]]",
        "nan",
        "{ x = 1 }",
    ];
    let mut count = 0;
    for (number, line) in GOOD.lines().enumerate() {
        let Some((key, _)) = line
            .split_once(" = ")
            .filter(|(key, _)| !key.contains(['"', '{']))
        else {
            continue;
        };
        for value in values {
            let mut lines: Vec<String> = GOOD.lines().map(str::to_owned).collect();
            if line.ends_with('[') {
                // An array over several lines.
                lines.drain(number + 1..=number + 4);
            }
            lines[number] = format!("{key} = {value}");
            let text = lines.join("\n");
            let Err(diagnostics) = read(&text) else {
                // An empty title is one.
                assert!(
                    key == "title" || key == "particle_diameter",
                    "{key} = {value}"
                );
                continue;
            };
            for item in &diagnostics.items {
                let span = item.span.clone().expect("a place");
                assert!(text.get(span).is_some(), "{key} = {value}");
                assert!(
                    !item.message.is_empty() && !item.message.contains("please report"),
                    "{diagnostics}"
                );
            }
            assert!(
                lines_of(&diagnostics).contains(&(number + 1)),
                "{key} = {value}: {diagnostics}"
            );
            count += 1;
        }
    }
    assert!(count > 150, "{count}");
}

fn lines_of(diagnostics: &Diagnostics) -> Vec<usize> {
    let items = diagnostics.items.iter();
    items
        .filter_map(|item| diagnostics.position(item))
        .map(|p| p.0)
        .collect()
}
