//! The front door from outside: every complaint with its line and words, the
//! shipped scenarios, and what the numbers come out as.

use engobe::input::{Diagnostics, Severity};
use engobe::scenario::{self, Control, Cutoff, Loaded, Scenario, SizeDistribution, Stop};

/// A good scenario to spoil one thing at a time. Lines are counted by the tests.
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
[[protocol]]
repeat = 3
steps = [
  "Charge at 0.1C until 3.7 V",
  "Rest for 2 hours",
  "Discharge at 0.1C until 2.0 V",
]
impedance = { cycles = [1, 3], at = "3.15 V", from = "1 MHz", to = "100 uHz" }
"#;

fn good() -> Loaded {
    scenario::from_str("good.toml", GOOD).expect("the good scenario")
}

fn changed(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from), "{from}");
    GOOD.replacen(from, to, 1)
}

fn refused(text: &str) -> Diagnostics {
    match scenario::from_str("cell.toml", text) {
        Ok(_) => panic!("accepted:\n{text}"),
        Err(diagnostics) => diagnostics,
    }
}

/// Asserts that spoiling one thing gives exactly one complaint, on that line, with
/// these words in its message, help or label, at that text.
fn one_complaint(from: &str, to: &str, line: usize, at: &str, words: &[&str]) {
    let text = changed(from, to);
    let diagnostics = refused(&text);
    assert_eq!(diagnostics.items.len(), 1, "one complaint: {diagnostics}");
    let item = &diagnostics.items[0];
    assert_eq!(item.severity, Severity::Error);
    assert_eq!(
        diagnostics.position(item).map(|(line, _)| line),
        Some(line),
        "{diagnostics}"
    );
    let said = format!(
        "{} {} {}",
        item.message,
        item.label,
        item.help.clone().unwrap_or_default()
    );
    for word in words {
        assert!(said.contains(word), "`{word}` in: {said}");
    }
    let span = item.span.clone().expect("a place");
    assert_eq!(&text[span], at, "{said}");
}

#[test]
#[rustfmt::skip] // a table: one complaint a row
fn a_misspelt_key_is_pointed_at_with_the_right_one() {
    one_complaint("specific_surface", "specific_surfce", 6, "specific_surfce", &["unknown key", "did you mean `specific_surface`"]);
    one_complaint("mass = \"80 mg\"", "mass = \"80 mg\", color = 1", 16, "color", &["unknown key `color` in separator", "material, mass, thickness, resistance"]);
    one_complaint("[cell]", "extra = 1\n[cell]", 14, "extra", &["in [coating]"]);
}

#[test]
#[rustfmt::skip] // a table: one complaint a row
fn missing_keys_and_tables() {
    one_complaint("area = \"0.785 cm2\"\n", "", 14, "[cell]", &["lacks `area`", "area = \"0.785 cm2\""]);
    one_complaint("{ material = \"LPSCl\", mass = \"80 mg\" }", "{ material = \"LPSCl\" }", 16, "{ material = \"LPSCl\" }", &["lacks `mass` or `thickness`"]);
    one_complaint(", d90 = \"4.8 um\"", "", 5, "{ d50 = \"4 um\" }", &["lacks `d90`"]);
    let diagnostics = refused("title = \"empty\"\n");
    let lacking: Vec<_> = diagnostics
        .items
        .iter()
        .map(|d| d.message.as_str())
        .collect();
    assert_eq!(
        lacking,
        [
            "the scenario lacks `cathode`",
            "the scenario lacks `cell`",
            "the scenario lacks `protocol`"
        ]
    );
}

#[test]
#[rustfmt::skip] // a table: one complaint a row
fn missing_or_wrong_units() {
    one_complaint("thickness = \"3 nm\"", "thickness = 3", 11, "3", &["bare number 3", "a length", "nm, um, mm"]);
    one_complaint("thickness = \"3 nm\"", "thickness = \"3\"", 11, "\"3\"", &["no unit", "a length"]);
    one_complaint("thickness = \"3 nm\"", "thickness = \"3 V\"", 11, "\"3 V\"", &["`3 V` is a voltage", "a length is needed", "nm"]);
    one_complaint("thickness = \"3 nm\"", "thickness = \"3 nmm\"", 11, "\"3 nmm\"", &["unknown unit `nmm`", "did you mean `nm`"]);
    one_complaint("\"10.6 mg/cm2\"", "\"10,6 mg/cm2\"", 8, "\"10,6 mg/cm2\"", &["decimal comma"]);
    one_complaint("\"70 wt%\"", "\"70 V\"", 7, "\"70 V\"", &["is a voltage", "mass fraction is needed"]);
    one_complaint("\"70 wt%\"", "70", 7, "70", &["bare number 70", "70 wt%"]);
}

#[test]
#[rustfmt::skip] // a table: one complaint a row
fn fractions_must_make_a_whole() {
    let inline = "{ active_material = \"70 wt%\", LPSCl = \"30 wt%\", VGCF = \"1 wt%\" }";
    one_complaint("\"1 wt% extra\"", "\"1 wt%\"", 7, inline, &["adds up to 101 %, more than 100 %", "1 wt% extra"]);
    let inline = "{ active_material = \"70 wt%\", LPSCl = \"20 wt%\", VGCF = \"1 wt% extra\" }";
    one_complaint("LPSCl = \"30 wt%\"", "LPSCl = \"20 wt%\"", 7, inline, &["only 90 %"]);
    one_complaint("{ active_material = \"70 wt%\", LPSCl = \"30 wt%\", VGCF = \"1 wt% extra\" }", "{ active_material = \"100 wt%\" }", 7, "{ active_material = \"100 wt%\" }", &["no electrolyte", "known: LPSCl"]);
}

const INLINE: &str = "{ active_material = \"70 wt%\", LPSCl = \"30 wt%\", VGCF = \"1 wt% extra\" }";

/// A composition in place of the good one.
fn composed(parts: &str) -> String {
    changed(INLINE, parts)
}

#[test]
#[rustfmt::skip] // a table: one complaint a row
fn compositions_that_make_no_sense() {
    one_complaint("\"30 wt%\"", "\"30 vol%\"", 7, "\"30 vol%\"", &["mixes kinds", "`active_material` is in wt%, `LPSCl` in vol%", "every part"]);
    one_complaint("\"70 wt%\"", "\"10.6 mg/cm2\"", 7, "\"30 wt%\"", &["mixes kinds", "mass per area"]);
    let volumes = "{ active_material = \"60 vol%\", LPSCl = \"50 vol%\" }";
    one_complaint(INLINE, volumes, 7, volumes, &["adds up to 110 %, more than 100 %", "1 vol% extra"]);
    one_complaint(INLINE, "{ active_material = \"120 vol%\", LPSCl = \"50 vol%\" }", 7, "\"120 vol%\"", &["cannot be 120 vol%", "at most 100 %"]);
    one_complaint(INLINE, "{ active_material = \"-8 mg/cm2\", LPSCl = \"4 mg/cm2\" }", 7, "\"-8 mg/cm2\"", &["must be above 0"]);
    one_complaint(INLINE, "{ active_material = \"8 mg/cm2\", LPSCl = \"4 mg/cm2 extra\" }", 7, "\"4 mg/cm2 extra\"", &["nothing is `extra`"]);
    one_complaint("active_mass_loading = \"10.6 mg/cm2\"\n", "", 2, "[cathode]", &["lacks `active_mass_loading`", "mg/cm2"]);
    let areal = composed("{ active_material = \"8 mg/cm2\", LPSCl = \"4 mg/cm2\" }");
    let said = refused(&areal).to_string();
    assert!(said.contains("cell.toml:8:23") && said.contains("10.600 mg/cm2 contradicts the composition, which holds 7.921 mg/cm2"), "{said}");
}

#[test]
fn a_recipe_is_the_same_by_mass_by_volume_and_by_area() {
    let load = |text: &str| scenario::from_str("x", text).expect("valid").scenario;
    let by_mass = load(GOOD);
    let by_area = load(
        &composed(
            "{ active_material = \"14 mg/cm2\", LPSCl = \"6 mg/cm2\", VGCF = \"0.2 mg/cm2\" }",
        )
        .replace("active_mass_loading = \"10.6 mg/cm2\"\n", ""),
    );
    // The powder holds 1 wt% of coating on its oxide.
    close(by_area.cathode.areal_loading, 0.14 / 1.01);
    // 70 : 30 : 1 by mass over 4.78, 1.86 and 2.0 g/cm3, without the extra's 100 %.
    let volumes = [70.0 / 4.78, 30.0 / 1.86, 1.0 / 2.0];
    let whole: f64 = 0.01 * volumes.iter().sum::<f64>();
    let by_volume = load(&composed(&format!(
        "{{ active_material = \"{} vol%\", LPSCl = \"{} vol%\", VGCF = \"{} vol%\" }}",
        volumes[0] / whole,
        volumes[1] / whole,
        volumes[2] / whole
    )));
    let extra = load(&composed(&format!(
        "{{ active_material = \"{} vol%\", LPSCl = \"{} vol%\", VGCF = \"{} vol% extra\" }}",
        100.0 * volumes[0] / (volumes[0] + volumes[1]),
        100.0 * volumes[1] / (volumes[0] + volumes[1]),
        100.0 * volumes[2] / (volumes[0] + volumes[1])
    )));
    for other in [by_area, by_volume, extra] {
        let (a, b) = (by_mass.cathode.mass_fractions, other.cathode.mass_fractions);
        close(a.active_material, b.active_material);
        close(a.electrolyte, b.electrolyte);
        close(a.carbon, b.carbon);
        close(a.coating, b.coating);
    }
}

#[test]
fn the_porosity_follows_from_the_pressure() {
    let pressed = |pressure: &str, parts: &str| {
        let text = composed(parts).replace(
            "active_mass_loading",
            &format!("pressing_pressure = \"{pressure}\"\nactive_mass_loading"),
        );
        scenario::from_str("x", &text).expect("valid")
    };
    let usual = pressed("375 MPa", INLINE);
    // Pores of 0.178 of the sulfide's volume, which is half of the solids.
    let porosity = usual.scenario.cathode.porosity;
    assert!((0.07..0.10).contains(&porosity), "{porosity}");
    assert!(scenario::describe(&usual).contains("estimated for pressing at 375 MPa"));
    assert!(pressed("200 MPa", INLINE).scenario.cathode.porosity > porosity + 0.02);
    // With 95 wt% of oxide the sulfide is denser still, but the oxide jams.
    let jammed = "{ active_material = \"95 wt%\", LPSCl = \"5 wt%\" }";
    let little = pressed("375 MPa", jammed).scenario;
    let active = little.cathode.mass_fractions.active_material / 4780.0;
    let solids = little.cathode.solid_volume(little.coating.as_ref());
    close(active / solids * (1.0 - little.cathode.porosity), 0.60);
}

#[test]
#[rustfmt::skip] // a table: one complaint a row
fn pressing_and_packing_out_of_range() {
    let with = |line: &str| format!("{line}\nactive_mass_loading");
    one_complaint("active_mass_loading", &with("pressing_pressure = \"-375 MPa\""), 8, "\"-375 MPa\"", &["cathode.pressing_pressure", "between 50 and 1000 MPa"]);
    one_complaint("active_mass_loading", &with("pressing_pressure = \"5 GPa\""), 8, "\"5 GPa\"", &["between 50 and 1000 MPa"]);
    one_complaint("active_mass_loading", &with("porosity = \"9 %\"\npressing_pressure = \"375 MPa\""), 9, "\"375 MPa\"", &["both stated", "leave one of them out"]);
    one_complaint("active_mass_loading", &with("contact_flattening = \"30 %\""), 8, "\"30 %\"", &["between 0 and 10 %"]);
    one_complaint("active_mass_loading", &with("heterogeneity = \"110 %\""), 8, "\"110 %\"", &["between 0 and 100 %"]);
}

const DIAMETER: &str = "{ d50 = \"4 um\", d90 = \"4.8 um\" }";

#[test]
fn every_form_of_particle_diameter_is_read() {
    let read = |form: &str| {
        let loaded = scenario::from_str("x", &changed(DIAMETER, form)).expect("valid");
        // What is resolved reads back to the same distribution.
        let text = loaded.scenario.resolved_toml();
        let back: Scenario = toml::from_str(&text).expect("valid TOML");
        assert_eq!(
            back.cathode.particle_diameter,
            loaded.scenario.cathode.particle_diameter
        );
        loaded.scenario.cathode.particle_diameter
    };
    assert_eq!(read("\"4 um\""), SizeDistribution::single(4e-6));
    assert_eq!(
        read("{ d10 = \"2 um\", d50 = \"4 um\", d90 = \"5 um\" }"),
        SizeDistribution::from_quantiles(2e-6, 4e-6, 5e-6)
    );
    let lognormal = SizeDistribution::lognormal(4e-6, 1e-6);
    assert_eq!(read("{ mean = \"4 um\", deviation = \"1 um\" }"), lognormal);
    assert_eq!(read("{ mean = \"4 um\", variation = \"25 %\" }"), lognormal);
    assert_eq!(
        read("{ mean = \"4 um\", variation = \"25 %\", shape = \"normal\" }"),
        SizeDistribution::Normal {
            mean: 4e-6,
            deviation: 1e-6
        }
    );
    let table = SizeDistribution::Table {
        diameters: vec![2e-6, 4e-6, 8e-6],
        cumulative: vec![0.0, 0.25, 1.0],
    };
    let diameters = "diameters = [\"2 um\", \"4 um\", \"8 um\"]";
    assert_eq!(
        read(&format!(
            "{{ {diameters}, cumulative = [\"0 %\", \"25 %\", \"100 %\"] }}"
        )),
        table
    );
    assert_eq!(
        read(&format!("{{ {diameters}, shares = [\"25 %\", \"75 %\"] }}")),
        table
    );
}

#[test]
#[rustfmt::skip] // a table: one complaint a row
fn diameters_that_make_no_sense() {
    let refuses = |form: &str, at: &str, words: &[&str]| one_complaint(DIAMETER, form, 5, at, words);
    let whole = |form: &str, words: &[&str]| one_complaint(DIAMETER, form, 5, form, words);
    whole("{ d10 = \"5 um\", d50 = \"4 um\", d90 = \"4.8 um\" }", &["d10 is larger than d50"]);
    whole("{ d10 = \"4 um\", d50 = \"4 um\", d90 = \"4.8 um\" }", &["d50 equals one of d10 and d90"]);
    whole("{ d10 = \"2 um\", d90 = \"4.8 um\" }", &["lacks `d50`"]);
    whole("{}", &["states no diameter", "mean and deviation"]);
    whole("{ mean = \"4 um\" }", &["lacks `deviation` or `variation`"]);
    refuses("{ d50 = \"4 um\", d90 = \"5 um\", mean = \"4 um\" }", "\"4 um\"", &["mixes two forms", "`mean` does not go with `d50`, `d90`"]);
    refuses("{ d50 = \"4 um\", d95 = \"5 um\", d90 = \"5 um\" }", "d95", &["unknown key `d95`", "did you mean `d90`"]);
    refuses("{ mean = \"4 um\", deviation = \"-1 um\" }", "\"-1 um\"", &["0 or above"]);
    refuses("{ mean = \"4 um\", deviation = \"2 um\", shape = \"normal\" }", "\"2 um\"", &["50 % of its mean", "lognormal"]);
    refuses("{ mean = \"4 um\", deviation = \"1 um\", shape = \"gauss\" }", "\"gauss\"", &["cannot be \"gauss\"", "normal"]);
    let steps = |second: &str| format!("[\"2 um\", \"{second}\", \"8 um\"]");
    let table = |second: &str, shares: &str| format!("{{ diameters = {}, {shares} }}", steps(second));
    refuses(&table("1 um", "cumulative = [\"0 %\", \"50 %\", \"100 %\"]"), &steps("1 um"), &["diameters` does not rise between its entries 1 and 2"]);
    refuses(&table("4 um", "cumulative = [\"0 %\", \"50 %\", \"40 %\"]"), "[\"0 %\", \"50 %\", \"40 %\"]", &["cumulative` does not rise between its entries 2 and 3"]);
    refuses(&table("4 um", "cumulative = [\"10 %\", \"50 %\", \"90 %\"]"), "[\"10 %\", \"50 %\", \"90 %\"]", &["from 10 to 90 %"]);
    refuses(&table("4 um", "shares = [\"50 %\", \"40 %\"]"), "[\"50 %\", \"40 %\"]", &["add up to 90 %"]);
    refuses(&table("4 um", "shares = [\"20 %\", \"40 %\", \"40 %\"]"), "[\"20 %\", \"40 %\", \"40 %\"]", &["`diameters` and `shares` do not fit together: 3 and 3"]);
    refuses(&table("4 um", "shares = [\"20 %\", \"80 um\"]"), "\"80 um\"", &["shares[2]", "volume fraction is needed"]);
    refuses(&table("4 um", "shares = \"20 %\""), "\"20 %\"", &["an array of quantities"]);
    whole("{ diameters = [\"2 um\", \"4 um\"] }", &["lacks `cumulative` or `shares`"]);
}

#[test]
#[rustfmt::skip] // a table: one complaint a row
fn unknown_materials_suggest_the_nearest() {
    one_complaint("\"NCM83\"", "\"NCM88\"", 3, "\"NCM88\"", &["unknown active material `NCM88`", "did you mean `NCM8"]);
    one_complaint("\"PVBTA-TFSI\"", "\"PVBTA\"", 10, "\"PVBTA\"", &["unknown coating", "did you mean `PVBTA-TFSI`"]);
    one_complaint("LPSCl = \"30 wt%\"", "LPSC = \"30 wt%\"", 7, "LPSC", &["unknown material `LPSC`", "did you mean `LPSCl`"]);
    one_complaint("\"In/InLi\"", "\"Graphite\"", 15, "\"Graphite\"", &["unknown anode", "known: In/InLi, LTO"]);
    one_complaint("VGCF = \"1 wt% extra\"", "NCM83 = \"1 wt% extra\"", 7, "NCM83", &["`active_material`"]);
    one_complaint("VGCF = ", "Li3PS4 = ", 7, "Li3PS4", &["second of its kind"]);
}

#[test]
#[rustfmt::skip] // a table: one complaint a row
fn impossible_values() {
    let porous = |value: &str| format!("porosity = \"{value}\"\nactive_mass_loading");
    one_complaint("active_mass_loading", &porous("100 %"), 8, "\"100 %\"", &["`cathode.porosity` cannot be 100 %", "below 100 %"]);
    one_complaint("active_mass_loading", &porous("-5 %"), 8, "\"-5 %\"", &["at least 0"]);
    one_complaint("active_mass_loading", &porous("nan %"), 8, "\"nan %\"", &["does not begin with a number"]);
    one_complaint("active_mass_loading", "porosity = nan\nactive_mass_loading", 8, "nan", &["bare number nan"]);
    one_complaint("\"95 %\"", "\"120 %\"", 12, "\"120 %\"", &["between 0 and 100 %"]);
    one_complaint("\"0.785 cm2\"", "\"-1 cm2\"", 17, "\"-1 cm2\"", &["above 0"]);
    one_complaint("\"25 degC\"", "\"25 K\"", 18, "\"25 K\"", &["between 233.15 and 373.15 K"]);
    one_complaint("\"4.8 um\"", "\"3 um\"", 5, "{ d50 = \"4 um\", d90 = \"3 um\" }", &["d90 is smaller than d50"]);
    one_complaint("repeat = 3", "repeat = 0", 21, "0", &["whole number from 1"]);
    one_complaint("repeat = 3", "repeat = 2.5", 21, "2.5", &["whole number from 1"]);
    one_complaint("\"single-crystal\"", "\"single crystal\"", 4, "\"single crystal\"", &["did you mean \"single-crystal\""]);
    one_complaint("thickness = \"3 nm\"", "thickness = \"3 um\"", 11, "\"3 um\"", &["thicker than the particles' radius", "was `nm` meant"]);
}

#[test]
#[rustfmt::skip] // a table: one complaint a row
fn voltage_windows() {
    one_complaint("until 3.7 V", "until 2.6 V\",\n\"Discharge at 0.1C until 2.7 V", 23, "2.6 V", &["upside down", "2.600", "2.700"]);
    one_complaint("until 3.7 V", "until 2.2 V", 23, "2.2 V", &["ends before it begins", "between 2.38 and 4.06 V"]);
    one_complaint("until 2.0 V", "until 4.5 V vs In/InLi", 25, "4.5 V", &["ends before it begins"]);
    one_complaint("at = \"3.15 V\"", "at = \"1.5 V\"", 27, "\"1.5 V\"", &["cannot be held"]);
}

#[test]
#[rustfmt::skip] // a table: one complaint a row
fn sentences_point_at_the_word() {
    one_complaint("Charge at 0.1C", "Chrage at 0.1C", 23, "Chrage", &["`Chrage`", "did you mean `Charge`"]);
    one_complaint("Charge at 0.1C", "Charge with 0.1C", 23, "with", &["`at` must follow `Charge`", "found `with`"]);
    one_complaint("Charge at 0.1C", "Charge at 0.1X", 23, "0.1X", &["unknown unit `X`"]);
    one_complaint("Charge at 0.1C", "Charge at -0.1C", 23, "-0.1C", &["above 0"]);
    one_complaint("Charge at 0.1C", "Charge at 0 W", 23, "0 W", &["above 0"]);
    one_complaint("Charge at 0.1C", "Charge at 4 Om", 23, "4 Om", &["unknown unit `Om`"]);
    one_complaint("Charge at 0.1C until 3.7 V", "Sweep at 0.1 mV/s", 23, "Sweep", &["to which voltage", "Sweep at 0.1 mV/s until 3.7 V"]);
    one_complaint("Charge at 0.1C until 3.7 V", "Swep at 0.1 mV/s until 3 V", 23, "Swep", &["did you mean `Sweep`"]);
    one_complaint("Charge at 0.1C until 3.7 V", "Sweep at 0.1 mV/s until 3 V or 2.8 V", 23, "2.8 V", &["a sweep ends at one voltage"]);
    one_complaint("Charge at 0.1C until 3.7 V", "Sweep at 0.1 mV/s until 3 V or 2 mA", 23, "2 mA", &["from which side"]);
    one_complaint("Charge at 0.1C until 3.7 V", "Run US06 (A)", 23, "Run", &["table = "]);
    one_complaint("until 3.7 V", "untl 3.7 V", 23, "untl", &["`untl` does not fit here", "did you mean `until`"]);
    one_complaint("until 3.7 V", "until 3.7 V vs Na", 23, "Na", &["not a known reference", "vs Li"]);
    one_complaint("until 3.7 V", "until 1 mA", 23, "1 mA", &["a current cannot end it"]);
    one_complaint("until 3.7 V", "until 80% capacity", 23, "80%", &["share of the capacity", "stop = "]);
    one_complaint("until 3.7 V", "until < 3.7 V", 23, "< 3.7 V", &["met from the start"]);
    one_complaint("until 3.7 V", "until 3.7 V (1 minute perod)", 23, "(1 minute perod)", &["not a sampling period", "(1 minute period)"]);
    one_complaint("Rest for 2 hours", "Rest for 2 hurs", 24, "2 hurs", &["unknown unit `hurs`", "did you mean `hours`"]);
    one_complaint("Rest for 2 hours", "Rest until 3 V", 24, "3 V", &["from which side", "until > 3 V"]);
    one_complaint("Rest for 2 hours", "Rest until 1 mA", 24, "1 mA", &["a rest has no current"]);
    one_complaint("\"Rest for 2 hours\"", "\"\"", 24, "\"\"", &["the sentence is empty"]);
    one_complaint(" until 3.7 V", "", 23, "\"Charge at 0.1C\"", &["never ends"]);
    one_complaint("\"Rest for 2 hours\"", "\"Rest\"", 24, "\"Rest\"", &["never ends"]);
    one_complaint("  \"Charge at 0.1C until 3.7 V\",", "  \"Hold at 3 V until 1% of charge current\",", 23, "1%", &["no current before"]);
    one_complaint("Rest for 2 hours", "Hold at 3.2 V until 3 V", 24, "3 V", &["a voltage cannot end it"]);
}

#[test]
#[rustfmt::skip] // a table: one complaint a row
fn protocol_and_spectra() {
    one_complaint("cycles = [1, 3]", "cycles = [1, 4]", 27, "4", &["after cycle 4", "cycles 1 to 3"]);
    one_complaint("cycles = [1, 3]", "cycles = [0, 3]", 27, "0", &["after cycle 0"]);
    one_complaint("to = \"100 uHz\"", "to = \"2 MHz\"", 27, "\"2 MHz\"", &["`from` is the highest"]);
    one_complaint("to = \"100 uHz\"", "to = \"100 uHz\", charge = \"fast\"", 27, "fast", &["does not begin with a number"]);
    let blocks = GOOD.find("[[protocol]]").expect("a block");
    let empty = format!("protocol = []\n{}", &GOOD[..blocks]);
    assert!(
        refused(&empty)
            .to_string()
            .contains("cell.toml:1:12: error: the protocol is empty")
    );
    let start = GOOD.find("steps = [").expect("steps");
    let end = GOOD.find("impedance").expect("impedance");
    let no_steps = format!("{}steps = []\n{}", &GOOD[..start], &GOOD[end..]);
    assert!(
        refused(&no_steps)
            .to_string()
            .contains("cell.toml:22:9: error: the protocol block has no steps")
    );
}

/// The good scenario with another block.
fn with_block(block: &str) -> String {
    let start = GOOD.find("[[protocol]]").expect("a block");
    format!("{}{block}", &GOOD[..start])
}

const NESTED: &str = r#"[[protocol]]
repeat = 5
stop = ["80% capacity", "2.5 V vs Li"]
impedance = { cycles = [1, 20], at = "3.15 V", from = "1 MHz", to = "1 Hz" }
blocks = [
  { repeat = 2, steps = ["Charge at 0.1C until 3.7 V", "Discharge at 0.1C until 2.0 V"] },
  { blocks = [{ repeat = 2, stop = "100 hours", steps = ["Charge at 1 mW until 3.7 V", "Discharge at 800 ohm until 2.0 V"] }] },
]
[[protocol]]
rates = ["0.1C", "0.5C"]
cycles_per_rate = 3
steps = ["Charge at 0.1C until 3.7 V", "Hold at 3.7 V until 5% of charge current (1 minute period)", "Discharge at {rate} until 2.0 V"]
[[protocol]]
steps = [
  { gitt = "Charge at 0.1C for 20 minutes", rest = "2 hours", until = "3.7 V" },
  "Sweep at 0.1 mV/s until 2.5 V",
]
"#;

#[test]
fn blocks_lie_in_blocks_and_rates_make_blocks() {
    let loaded = scenario::from_str("x", &with_block(NESTED)).expect("valid");
    let [outer, rates, gitt] = &loaded.scenario.protocol[..] else {
        panic!("three blocks")
    };
    assert_eq!((outer.cycles_per_pass(), outer.cycles()), (4, 20));
    assert_eq!(outer.stop.len(), 2);
    assert!(matches!(outer.stop[0], Stop::ShareOfFirst(s) if (s - 0.8).abs() < 1e-12));
    assert!(matches!(outer.stop[1], Stop::Voltage(v) if (v - 1.88).abs() < 1e-12));
    let deep = &outer.blocks[1].blocks[0];
    assert!(
        matches!(deep.steps[0].control, Control::Power(p) if (p - 1e-3 / 0.785e-4).abs() < 1e-9)
    );
    assert!(
        matches!(deep.steps[1].control, Control::Resistance(r) if (r + 800.0 * 0.785e-4).abs() < 1e-12)
    );
    assert_eq!(rates.cycles(), 6);
    let last = &rates.blocks[1].steps;
    assert!(matches!(last[2].control, Control::Current(i) if (i + 0.5 * 21.2).abs() < 1e-12));
    assert_eq!(last[2].text, "Discharge at 0.5C until 2.0 V");
    assert!(
        matches!(last[1].until[..], [Cutoff::CurrentBelow(i)] if (i - 0.05 * 2.12).abs() < 1e-12)
    );
    assert_eq!(last[1].period, Some(60.0));
    let [pulses, sweep] = &gitt.steps[..] else {
        panic!("two steps")
    };
    assert_eq!(
        (pulses.duration, pulses.rest_after),
        (Some(1200.0), Some(7200.0))
    );
    assert!(matches!(sweep.control, Control::Sweep { from: None, .. }));
    let said = scenario::describe(&loaded);
    for words in [
        "at most 27 cycles, about 17.8 days and its holds",
        "5 passes of 4 cycles, each about 2.2 days; ends early",
        "ends early at 80 % of the first discharge or at 1.880 V; 2 spectra at 3.15 V:",
        "2 cycles, each about",
        "ends early after 4.2 days:",
        "Discharge at 0.5C until 2.0 V",
        "pulses: Charge at 0.1C for 20 minutes, each with 2 h of rest, until 3.700 V; about",
        "Sweep at 0.1 mV/s until 2.5 V; about 3.3 h",
    ] {
        assert!(said.contains(words), "`{words}` in:\n{said}");
    }
    let resolved: Scenario = toml::from_str(&loaded.scenario.resolved_toml()).expect("TOML");
    assert_eq!(resolved, loaded.scenario);
    assert!(loaded.scenario.resolved_toml().contains("# V/s"));
}

#[test]
#[rustfmt::skip] // a table: one complaint a row
fn wrong_blocks_and_tables() {
    let complaint = |from: &str, to: &str, line: usize, at: &str, words: &[&str]| {
        assert!(NESTED.contains(from), "{from}");
        let text = with_block(&NESTED.replacen(from, to, 1));
        let diagnostics = refused(&text);
        assert_eq!(diagnostics.items.len(), 1, "one complaint: {diagnostics}");
        let item = &diagnostics.items[0];
        assert_eq!(diagnostics.position(item).map(|(line, _)| line), Some(line), "{diagnostics}");
        assert_eq!(&text[item.span.clone().expect("a place")], at, "{diagnostics}");
        for word in words {
            assert!(diagnostics.to_string().contains(word), "`{word}` in {diagnostics}");
        }
    };
    complaint("\"80% capacity\"", "\"80% capacty\"", 22, "capacty", &["`capacity` must follow `80%`"]);
    complaint("stop = \"100 hours\"", "stop = \"100 hurs\"", 26, "100 hurs", &["did you mean `hours`"]);
    complaint("cycles = [1, 20]", "cycles = [1, 21]", 23, "21", &["cycles 1 to 20"]);
    complaint("repeat = 5\n", "repeat = 5\nsteps = [\"Rest for 1 h\"]\n", 25, &NESTED[NESTED.find("[\n  { repeat").unwrap()..NESTED.find("\n[[protocol]]\nrates").unwrap()], &["both `steps` and `blocks`"]);
    complaint("\"Discharge at {rate} until 2.0 V\"", "\"Discharge at 1C until 2.0 V\"", 29, "[\"0.1C\", \"0.5C\"]", &["no step names `{rate}`"]);
    complaint("\"0.5C\"]", "\"0.5D\"]", 29, "0.5D", &["unknown unit `D`"]);
    complaint("{rate} until 2.0 V", "{rate} untl 2.0 V", 31, "untl", &["did you mean `until`"]);
    complaint("Discharge at 800 ohm", "Discharge at {rate}", 26, "{rate}", &["needs `rates"]);
    complaint("[[protocol]]\nsteps", "[[protocol]]\ncycles_per_rate = 3\nsteps", 33, "3", &["without `rates`"]);
    complaint("rest = \"2 hours\", ", "", 34, "{ gitt = \"Charge at 0.1C for 20 minutes\", until = \"3.7 V\" }", &["lacks the `rest`"]);
    complaint(" for 20 minutes", "", 34, "{ gitt = \"Charge at 0.1C\", rest = \"2 hours\", until = \"3.7 V\" }", &["duration of a pulse"]);
    complaint("until = \"3.7 V\"", "until = \"3.7\"", 34, "3.7", &["no unit"]);
    complaint("gitt = ", "gith = ", 34, "gith", &["did you mean `gitt`"]);
    complaint("{ gitt = \"Charge at 0.1C for 20 minutes\", rest = \"2 hours\", until = \"3.7 V\" }", "{ table = \"nowhere.csv\" }", 34, "\"nowhere.csv\"", &["cannot read nowhere.csv"]);
    complaint("repeat = 5", "repeat = 1000000", 21, "1000000", &[]);
    let mut deep = "{ steps = [\"Rest for 1 h\"] }".to_owned();
    for _ in 0..8 {
        deep = format!("{{ blocks = [{deep}] }}");
    }
    let said = refused(&with_block(&format!("[[protocol]]\nblocks = [{deep}]\n"))).to_string();
    assert!(said.contains("more than 8 deep"), "{said}");
}

#[test]
fn a_profile_is_read_with_its_units_and_its_lines() {
    let directory = tempfile::tempdir().expect("a directory");
    let name = directory.path().join("cell.toml").display().to_string();
    let text =
        with_block("[[protocol]]\nsteps = [{ table = \"drive.csv\", until = \"> 3.7 V\" }]\n");
    let read = |csv: &str| {
        std::fs::write(directory.path().join("drive.csv"), csv).expect("written");
        scenario::from_str(&name, &text)
    };
    let loaded = read("# a drive\nTime / min, Current [mA]\n0, 0\n1, 1.57\n1,-0.785\n\n3,0\n")
        .expect("valid");
    let step = &loaded.scenario.protocol[0].steps[0];
    let Control::Profile(profile) = &step.control else {
        panic!("a profile")
    };
    assert_eq!(profile.time, [0.0, 60.0, 60.0, 180.0]);
    close(profile.current[1], 20.0);
    close(profile.current[2], -10.0);
    assert_eq!(step.duration, Some(180.0));
    assert!(matches!(step.until[..], [Cutoff::VoltageAbove(_)]));
    for (csv, words) in [
        ("", "drive.csv:1: the file is empty"),
        ("0,1\n", "`0` is not time"),
        ("time / s\n", "does not name two columns"),
        ("time / s, current / mV\n0,1\n", "unknown unit `mV`"),
        ("time, current / mA\n0,1\n", "has no unit"),
        (
            "time / s, current / mA\n1,1\n",
            "drive.csv:2: the times do not begin at 0",
        ),
        (
            "time / s, current / mA\n0,1\n2,1\n1,1\n",
            "drive.csv:4: the time 1 s lies before 2 s",
        ),
        (
            "time / s, current / mA\n0,1\n2,x\n",
            "drive.csv:3: `2,x` is not two numbers",
        ),
        (
            "time / s, current / mA\n0,1\n2,1e999\n",
            "drive.csv:3: `2,1e999` is not finite",
        ),
        ("time / s, current / mA\n0,1\n", "lasts no time"),
    ] {
        let said = read(csv).expect_err("refused").to_string();
        assert!(said.contains(words), "`{words}` in {said}");
        assert!(said.contains("cell.toml:21:"), "{said}");
    }
}

#[test]
fn the_protocols_of_the_readme_are_read() {
    let readme = include_str!("../README.md");
    let start = readme.find("## Protocols").expect("a chapter");
    let end = readme.find("## Structures").expect("a chapter");
    let mut parts = readme[start..end].split("```");
    let directory = tempfile::tempdir().expect("a directory");
    let name = directory.path().join("cell.toml").display().to_string();
    let drive = "time / s, current / mA\n0, 0\n60, -1\n";
    std::fs::write(directory.path().join("drive.csv"), drive).expect("written");
    let mut count = 0;
    while let (Some(_), Some(code)) = (parts.next(), parts.next()) {
        let code = code.strip_prefix("toml").expect("TOML");
        let head = if code.contains("[[protocol]]") {
            ""
        } else {
            "[[protocol]]"
        };
        let read = scenario::from_str(&name, &with_block(&format!("{head}{code}")));
        count += read
            .unwrap_or_else(|error| panic!("{error}"))
            .scenario
            .protocol
            .len();
    }
    assert_eq!(count, 4);
}

#[test]
fn syntax_errors_take_the_same_path() {
    let diagnostics = refused("[cathode\nactive_material = \"NCM83\"\n");
    assert!(
        diagnostics.to_string().starts_with("cell.toml:1:"),
        "{diagnostics}"
    );
    assert!(diagnostics.to_string().contains("not valid TOML"));
    let foreign = refused(&"{ \"a\": 1 },\n".repeat(500));
    assert_eq!(foreign.items.len(), 11, "{foreign}");
    assert!(foreign.to_string().contains("is this a TOML file?"));
    let missing = scenario::load("/nowhere/at all.toml").expect_err("no such file");
    assert!(
        missing
            .to_string()
            .contains("cannot read /nowhere/at all.toml")
    );
}

#[test]
fn all_complaints_at_once_in_the_order_of_the_text() {
    let text = changed("\"NCM83\"", "\"NCM38\"")
        .replace("\"3 nm\"", "\"3 V\"")
        .replace("area =", "aera =")
        .replace("Rest for", "Sleep for");
    let diagnostics = refused(&text);
    let lines: Vec<_> = diagnostics
        .items
        .iter()
        .filter_map(|d| diagnostics.position(d))
        .map(|(line, _)| line)
        .collect();
    assert_eq!(lines, [3, 11, 14, 17, 24], "{diagnostics}");
    assert_eq!(engobe::input::reports(&diagnostics).len(), 5);
}

#[test]
fn materials_can_be_changed_and_added() {
    let text = format!(
        "{GOOD}[materials.LPSCl]\nionic_conductivity = \"2 mS/cm\"\n[materials.MyCoat]\nlike = \"LiNbO3\"\ndensity = \"5 g/cm3\"\n[laws.oxygen]\nonset = \"4.25 V\"\n"
    )
    .replace("PVBTA-TFSI", "MyCoat");
    let loaded = scenario::from_str("x", &text).expect("valid");
    let scenario = &loaded.scenario;
    assert!((scenario.cathode.electrolyte.ionic_conductivity - 0.2).abs() < 1e-15);
    assert!((scenario.laws.oxygen.onset - 4.25).abs() < 1e-15);
    let coating = scenario.coating.as_ref().expect("coated");
    assert_eq!(coating.layers[0].material.name, "MyCoat");
    assert!((coating.layers[0].material.density - 5000.0).abs() < 1e-9);
    let entry = loaded
        .materials
        .iter()
        .find(|e| e.name == "MyCoat")
        .expect("used");
    assert!(entry.properties["density"].overridden);
    assert_eq!(
        entry.properties["permittivity"].inherited_from.as_deref(),
        Some("LiNbO3")
    );
    assert!(scenario::describe(&loaded).contains("set here: ionic_conductivity"));
}

#[test]
fn wrong_materials_are_refused() {
    let with = |tail: &str| refused(&format!("{GOOD}{tail}")).to_string();
    let said = with("[materials.LPSCl]\nionic_conductivty = \"2 mS/cm\"\n");
    assert!(
        said.contains("cell.toml:29:1") && said.contains("did you mean `ionic_conductivity`"),
        "{said}"
    );
    let said = with("[materials.LPSCl]\nionic_conductivity = \"2 V\"\n");
    assert!(
        said.contains("cell.toml:29:22") && said.contains("conductivity"),
        "{said}"
    );
    let said = with("[materials.New]\nkind = \"coating\"\ndensity = \"2 g/cm3\"\n");
    assert!(
        said.contains("cell.toml:28:")
            && said.contains("lacks ionic_conductivity, activation_energy"),
        "{said}"
    );
    let said = with("[materials.New]\ndensity = \"2 g/cm3\"\n");
    assert!(said.contains("unknown material `New`"), "{said}");
    let said = with("[materials.Li3PS4]\ndensity = \"2 g/cm3\"\n");
    assert!(
        said.contains("more than one material") && said.contains("\"coating\""),
        "{said}"
    );
    let said = with("[materials.New]\nkind = \"coatings\"\n");
    assert!(said.contains("did you mean \"coating\""), "{said}");
    let said = with("[laws.oxigen]\nonset = \"4.2 V\"\n");
    assert!(said.contains("did you mean `oxygen`"), "{said}");
    let said = with(
        "[materials.NCM83]\nopen_circuit_potential = { unit = \"V\", value = [[0.1, 4.2], [0.5, 4.3], [1.0, 3.0]] }\n",
    );
    assert!(
        said.contains("does not fall between x = 0.1 and x = 0.5"),
        "{said}"
    );
    let said = with("[materials.NCM83]\nopen_circuit_potential = [[0.1, 4.2], [1.0, 3.0]]\n");
    assert!(said.contains("needs the unit"), "{said}");
}

#[test]
fn a_mass_that_contradicts_the_film_is_a_warning() {
    assert!(good().warnings.is_empty());
    let loaded = scenario::from_str("x", &changed("mass = \"1 wt%\"", "mass = \"0.1 wt%\""))
        .expect("only a warning");
    let diagnostics = loaded.diagnostics();
    assert_eq!(diagnostics.items.len(), 1);
    assert_eq!(diagnostics.items[0].severity, Severity::Warning);
    assert!(
        diagnostics
            .to_string()
            .starts_with("x:13:8: warning: the stated coating mass (0.100 wt%) is less than what the film weighs (0.237 wt%)"),
        "{diagnostics}"
    );
}

#[test]
fn a_change_without_effect_is_a_warning() {
    let text = format!("{GOOD}[materials.NCM622]\ndensity = \"4.7 g/cm3\"\n");
    let loaded = scenario::from_str("x", &text).expect("only a warning");
    assert_eq!(
        loaded.diagnostics().to_string(),
        "x:28:12: warning: the scenario does not use `NCM622`, so this changes nothing"
    );
}

fn close(a: f64, b: f64) {
    assert!((a - b).abs() <= 1e-9 * b.abs(), "{a} against {b}");
}

#[test]
fn numbers_come_out_in_si() {
    let Scenario {
        cathode,
        coating,
        cell,
        protocol,
        ..
    } = good().scenario;
    close(cathode.areal_loading, 0.106);
    close(cathode.specific_surface, 593.0);
    assert_eq!(
        cathode.particle_diameter,
        SizeDistribution::from_median(4e-6, 4.8e-6)
    );
    close(cathode.particle_diameter.partial(0, 4.8e-6), 0.9);
    let coating = coating.expect("coated");
    let film = 0.95 * 3e-9 * 1400.0 * 593.0;
    close(coating.excess_ratio, 0.01 - film);
    let parts = cathode.mass_fractions;
    close(parts.active_material + parts.coating, 70.0 / 101.0);
    close(parts.coating, 0.01 * parts.active_material);
    close(
        parts.active_material + parts.electrolyte + parts.carbon + parts.binder + parts.coating,
        1.0,
    );
    close(cell.separator_thickness, 80e-6 / (1860.0 * 0.785e-4));
    assert_eq!(cell.separator_resistance, None);
    let text = changed(
        "mass = \"80 mg\"",
        "mass = \"80 mg\", resistance = \"23 ohm cm2\"",
    );
    let stated = scenario::from_str("cell.toml", &text).expect("a scenario");
    close(
        stated.scenario.cell.separator_resistance.expect("stated"),
        2.3e-3,
    );
    close(cell.temperature, 298.15);
    let block = &protocol[0];
    assert_eq!(block.repeat, 3);
    let current = 0.1 * 200.0 * 0.106;
    assert!(matches!(block.steps[0].control, Control::Current(i) if (i - current).abs() < 1e-12));
    assert!(matches!(block.steps[2].control, Control::Current(i) if (i + current).abs() < 1e-12));
    assert_eq!(block.steps[1].duration, Some(7200.0));
    assert!(
        matches!(block.steps[0].until[..], [Cutoff::VoltageAbove(v)] if (v - 3.7).abs() < 1e-12)
    );
    assert!(
        matches!(block.steps[2].until[..], [Cutoff::VoltageBelow(v)] if (v - 2.0).abs() < 1e-12)
    );
    let request = block.impedance.as_ref().expect("asked for");
    close(request.charge_current, current);
    close(request.hold_until, 0.01);
    close(request.highest, 1e6);
    close(request.lowest, 1e-4);
    assert_eq!(
        (request.per_decade, request.cycles.as_slice()),
        (10, &[1, 3][..])
    );
}

#[test]
fn a_bilayer_and_an_anode_made_to_a_ratio() {
    let text = changed("[cell]\nanode = \"In/InLi\"", "[coating.inner]\nmaterial = \"Li2CO3\"\nthickness = \"8 nm\"\n[cell]\nanode = \"LTO\"\ncapacity_ratio = 1.74")
        .replace("3.7 V", "4.3 V vs Li")
        .replace("until 2.0 V", "until 1.35 V")
        .replace("at = \"3.15 V\"", "at = \"3.77 V vs Li\"");
    let scenario = scenario::from_str("x", &text).expect("valid").scenario;
    let layers = &scenario.coating.as_ref().expect("coated").layers;
    assert_eq!(
        (
            layers[0].material.name.as_str(),
            layers[1].material.name.as_str()
        ),
        ("PVBTA-TFSI", "Li2CO3")
    );
    close(scenario.cell.anode.capacity, 1.74 * 200.0 * 3600.0 * 0.106);
    assert!(
        matches!(scenario.protocol[0].steps[0].until[..], [Cutoff::VoltageAbove(v)] if (v - 2.75).abs() < 1e-12)
    );
    close(
        scenario.protocol[0]
            .impedance
            .as_ref()
            .expect("asked for")
            .at
            .expect("a voltage"),
        2.22,
    );
}

#[test]
fn a_spectrum_at_open_circuit_takes_no_charge() {
    let text = changed(r#"at = "3.15 V""#, r#"at = "Open circuit""#);
    let loaded = scenario::from_str("x", &text).expect("valid");
    let request = loaded.scenario.protocol[0].impedance.as_ref();
    assert_eq!(request.expect("asked for").at, None);
    assert!(loaded.warnings.is_empty());
    assert!(scenario::describe(&loaded).contains("2 spectra at open circuit"));
    let text = changed(
        r#"at = "3.15 V""#,
        r#"at = "open circuit", hold_until = "2 %""#,
    );
    let loaded = scenario::from_str("x", &text).expect("valid");
    let [warning] = &loaded.warnings[..] else {
        panic!("{}", loaded.diagnostics());
    };
    assert!(warning.message.contains("`hold_until` changes nothing"));
    one_complaint(r#"at = "3.15 V""#, r#"at = "open""#, 27, "open", &[]);
}

#[test]
fn a_spectrum_on_discharge_starts_from_a_full_charge() {
    let at = r#"at = "3.15 V""#;
    let on_discharge = r#"at = "3.15 V", on = "discharge", rest = "2 hours""#;
    let loaded = scenario::from_str("x", &changed(at, on_discharge)).expect("valid");
    let request = loaded.scenario.protocol[0].impedance.as_ref();
    let request = request.expect("asked for");
    close(request.discharge_from.expect("a voltage"), 3.7);
    assert_eq!(request.rest, Some(7200.0));
    assert!(loaded.warnings.is_empty(), "{}", loaded.diagnostics());
    let told = scenario::describe(&loaded);
    assert!(
        told.contains("2 spectra at 3.15 V on discharge from 3.70 V after 2 h of rest"),
        "{told}"
    );
    let refusal = |new: &str| refused(&changed(at, new)).to_string();
    let above = refusal(r#"at = "3.8 V", on = "discharge""#);
    assert!(
        above.contains("no discharge from there leads to 3.800 V"),
        "{above}"
    );
    let both = refusal(r#"at = "3.15 V", rest = "1 h", hold_until = "1 %""#);
    assert!(both.contains("not both"), "{both}");
    let endless =
        changed(at, r#"at = "3.15 V", on = "discharge""#).replace("until 3.7 V", "for 10 hours");
    let endless = refused(&endless).to_string();
    assert!(
        endless.contains("no step of the block ends a charge"),
        "{endless}"
    );
}

#[test]
fn the_headspace_is_stated_by_volume_and_flow() {
    let headspace = |text: &str| {
        let loaded = scenario::from_str("x", text).expect("valid");
        loaded.scenario.cell.headspace
    };
    close(headspace(GOOD).flushing(), 120.0);
    let stated = changed(
        "[cell]",
        "[cell]\nheadspace = { volume = \"12 cm3\", flow = \"90 mL/h\", pellet_delay = \"3 min\" }",
    );
    let stated = headspace(&stated);
    close(stated.flushing(), 480.0);
    close(stated.pellet_delay, 180.0);
    let wrong = changed("[cell]", "[cell]\nheadspace = { volume = \"12 cm2\" }");
    let wrong = refused(&wrong).to_string();
    assert!(wrong.contains("volume") && wrong.contains("mL"), "{wrong}");
}

/// The cell with a liquid in its pores and `lines` added to `[cathode]`.
fn wetted(lines: &str) -> String {
    changed(
        r#"composition = { active_material = "70 wt%", LPSCl = "30 wt%", VGCF = "1 wt% extra" }"#,
        &format!("composition = {{ active_material = \"95 wt%\", VGCF = \"5 wt%\" }}\n{lines}"),
    )
}

#[test]
fn a_liquid_takes_the_place_of_the_pores() {
    let text = wetted("pore_filling = \"LP57\"\nporosity = \"40 %\"");
    let loaded = scenario::from_str("x", &text).unwrap_or_else(|error| panic!("{error}"));
    let cathode = &loaded.scenario.cathode;
    assert!(cathode.electrolyte.is_liquid());
    close(cathode.porosity + 1.0, 1.0);
    close(cathode.contact_fraction, 1.0);
    close(cathode.connected_fraction, 1.0);
    let volume = |mass: f64, density: f64| mass / density;
    let parts = &cathode.mass_fractions;
    let coating = loaded.scenario.coating.as_ref();
    let liquid = volume(parts.electrolyte, cathode.electrolyte.density);
    close(liquid / cathode.solid_volume(coating), 0.4);
    assert!(scenario::describe(&loaded).contains("full of liquid"));
}

#[test]
fn what_does_not_go_with_a_liquid_is_refused() {
    let table = [
        (
            "pore_filling = \"LP57\"",
            "nothing says how much liquid there is",
        ),
        (
            "pore_filling = \"LP57\"\nporosity = \"40 %\"\ncontact_fraction = \"50 %\"",
            "`contact_fraction` has no meaning",
        ),
        ("pore_filling = \"LPSCl\"\nporosity = \"40 %\"", "LPSCl"),
        ("porosity = \"40 %\"", "the composition has no electrolyte"),
    ];
    for (lines, words) in table {
        let error = refused(&wetted(lines)).to_string();
        assert!(error.contains(words), "{error}");
    }
    let both = changed(
        "[cathode]",
        "[cathode]\npore_filling = \"LP57\"\nporosity = \"40 %\"",
    );
    let error = refused(&both).to_string();
    assert!(error.contains("`LPSCl` and a liquid"), "{error}");
}

#[test]
fn a_hold_ends_at_a_share_of_the_current_before() {
    let text = changed(
        "\"Rest for 2 hours\"",
        "\"Hold at 3.7 V for 1 day or until 2% of the charge current\"",
    );
    let steps = scenario::from_str("x", &text)
        .expect("valid")
        .scenario
        .protocol[0]
        .steps
        .clone();
    assert_eq!(steps[1].duration, Some(86400.0));
    assert!(
        matches!(steps[1].until[..], [Cutoff::CurrentBelow(i)] if (i - 0.02 * 2.12).abs() < 1e-12)
    );
}

#[test]
fn shipped_scenarios_load_without_a_warning_but_of_what_a_paper_contradicts() {
    let directory = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut count = 0;
    for file in std::fs::read_dir(directory).expect("scenarios/") {
        let path = file.expect("an entry").path();
        if path.extension().is_none_or(|end| end != "toml") {
            continue;
        }
        let loaded = scenario::load_inspected(&path, &engobe::microstructure::inspect)
            .unwrap_or_else(|error| panic!("{error}"));
        // ma2024 states masses of LiNbO3 that cannot cover the surface as its micrographs show.
        let name = path.file_name().map(|name| name.to_string_lossy());
        let contradicted = name.is_some_and(|name| name.starts_with("ma2024"));
        for warning in &loaded.warnings {
            let expected = contradicted && warning.message.contains("what the film weighs");
            assert!(expected, "{}", loaded.diagnostics());
        }
        assert!(scenario::describe(&loaded).contains("mAh/cm2"));
        count += 1;
    }
    assert!(count >= 4);
}

#[test]
fn the_three_shi_cells_differ_in_their_coating_only() {
    let load = |name: &str| {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("scenarios")
            .join(name);
        let mut scenario = scenario::load(path).expect("shipped").scenario;
        let coating = scenario.coating.take();
        scenario.title.clear();
        let parts = &mut scenario.cathode.mass_fractions;
        parts.active_material += parts.coating;
        parts.coating = 0.0;
        (scenario, coating)
    };
    let (pristine, none) = load("shi2023-pristine.toml");
    let (one, thin) = load("shi2023-1p.toml");
    let (five, thick) = load("shi2023-5p.toml");
    assert!(none.is_none() && thin.is_some() && thick.is_some());
    close(
        one.cathode.mass_fractions.active_material,
        pristine.cathode.mass_fractions.active_material,
    );
    close(
        five.cathode.mass_fractions.active_material,
        pristine.cathode.mass_fractions.active_material,
    );
    for mut other in [one, five] {
        other.cathode.mass_fractions = pristine.cathode.mass_fractions;
        assert_eq!(other, pristine);
    }
}

/// Places and pieces with which a text is spoilt.
fn spoilt() -> impl proptest::strategy::Strategy<Value = String> {
    use proptest::prelude::*;
    let pieces = vec![
        "",
        "=",
        "\"",
        "[",
        "]",
        "{",
        "nan",
        "-1",
        "\"5 V\"",
        "'x'",
        "é",
        "true",
        "1979-05-27",
        "[[protocol]]\n",
    ];
    (0..GOOD.len(), 0usize..30, prop::sample::select(pieces)).prop_map(|(start, length, piece)| {
        let end = (start + length).min(GOOD.len());
        format!("{}{piece}{}", &GOOD[..start], &GOOD[end..])
    })
}

proptest::proptest! {
    #[test]
    fn spoilt_scenarios_never_panic_and_are_refused_with_a_reason(text in spoilt()) {
        if let Err(diagnostics) = scenario::from_str("x", &text) {
            let errors = diagnostics.items.iter().filter(|d| d.severity == Severity::Error).count();
            proptest::prop_assert!(errors > 0);
            proptest::prop_assert!(!diagnostics.to_string().contains("could not be put together"), "{}", diagnostics);
            for report in engobe::input::reports(&diagnostics) {
                let shown = format!("{report:?}");
                proptest::prop_assert!(shown.len() > 10);
            }
        }
    }
}

/// The good scenario with another `[coating]`.
fn coated(lines: &str) -> String {
    let (start, end) = (GOOD.find("[coating]"), GOOD.find("[cell]"));
    let (start, end) = (start.expect("a coating"), end.expect("a cell"));
    format!("{}[coating]\n{lines}\n{}", &GOOD[..start], &GOOD[end..])
}

#[test]
fn two_of_thickness_coverage_and_mass_give_the_third() {
    let read = |lines: &str| {
        let loaded = scenario::from_str("x", &coated(lines)).expect("valid");
        assert!(loaded.warnings.is_empty(), "{}", loaded.diagnostics());
        loaded.scenario.coating.expect("coated")
    };
    let full = 593.0 * 4400.0;
    let by_mass = read("material = \"LiNbO3\"\nmass = \"1 wt%\"\ncoverage = \"40 %\"");
    close(by_mass.layers[0].thickness, 0.01 / (0.4 * full));
    assert_eq!(by_mass.excess_ratio.to_bits(), 0.0f64.to_bits());
    close(by_mass.film_ratio(593.0), 0.01);
    let by_thickness = read("material = \"LiNbO3\"\nmass = \"1 wt%\"\nthickness = \"20 nm\"");
    close(by_thickness.coverage, 0.01 / (20e-9 * full));
    assert_eq!(by_thickness.excess_ratio.to_bits(), 0.0f64.to_bits());
    // Lumps take their share first; an inner layer has its own mass.
    let lumps = read(
        "material = \"LiNbO3\"\nmass = \"1 wt%\"\ncoverage = \"40 %\"\nmorphology = \"aggregates\"\naggregate_share = \"60 %\"",
    );
    close(lumps.layers[0].thickness, 0.4 * 0.01 / (0.4 * full));
    close(lumps.excess_ratio, 0.006);
    let inner = "inner = { material = \"Li2CO3\", thickness = \"2 nm\" }";
    let two = read(&format!(
        "material = \"LiNbO3\"\nmass = \"1 wt%\"\ncoverage = \"90 %\"\nmorphology = \"bilayer\"\n{inner}"
    ));
    close(two.film_ratio(593.0), 0.01);
    close(two.layers[1].thickness, 2e-9);
    let shared = read(
        "material = \"LiNbO3\"\nthickness = \"2 nm\"\ncoverage = \"90 %\"\naggregate_share = \"25 %\"",
    );
    close(shared.excess_ratio, shared.film_ratio(593.0) / 3.0);
    // Nanoparticles with gaps between them weigh less.
    let packed = read(
        "material = \"LiNbO3\"\nthickness = \"5 nm\"\ncoverage = \"90 %\"\nmorphology = \"particulate\"\npacking = \"60 %\"",
    );
    close(packed.film_ratio(593.0), 0.9 * 0.6 * 5e-9 * full);
    close(packed.patch_diameter, 4e-9);
}

#[test]
#[rustfmt::skip] // a table: one complaint a row
fn coatings_that_cannot_be_are_refused_or_warned_of() {
    one_complaint("coverage = \"95 %\"\nmass = \"1 wt%\"", "", 9, "[coating]", &["lacks `coverage`, `mass`", "two of thickness, coverage and mass"]);
    one_complaint("mass = \"1 wt%\"", "morphology = \"bilayer\"", 13, "\"bilayer\"", &["inner layer"]);
    one_complaint("mass = \"1 wt%\"", "morphology = \"aggregates\"", 13, "\"aggregates\"", &["nothing says how much", "aggregate_share"]);
    one_complaint("mass = \"1 wt%\"", "mass = \"1 wt%\"\naggregate_share = \"10 %\"", 14, "\"10 %\"", &["76 % outside the film"]);
    one_complaint("mass = \"1 wt%\"", "packing = \"60 %\"", 13, "\"60 %\"", &["a conformal coating has no `packing`"]);
    one_complaint("thickness = \"3 nm\"\ncoverage = \"95 %\"", "coverage = \"0 %\"", 11, "\"0 %\"", &["without coverage has no thickness"]);
    one_complaint("thickness = \"3 nm\"", "inner = { material = \"Li2CO3\", thickness = \"80 nm\" }", 13, "\"1 wt%\"", &["nothing is left for the outer one"]);
    let warned = |from: &str, to: &str| {
        let loaded = scenario::from_str("x", &changed(from, to)).expect("only a warning");
        assert_eq!(loaded.warnings.len(), 1, "{}", loaded.diagnostics());
        let warning = &loaded.warnings[0];
        format!("{} {}", warning.message, warning.help.clone().unwrap_or_default())
    };
    let said = warned("coverage = \"95 %\"\n", "");
    assert!(said.contains("4.02 times what covers all"), "{said}");
    let said = warned("mass = \"1 wt%\"", "mass = \"0.1 wt%\"");
    assert!(said.contains("covers 40 % of the surface") && said.contains("makes 1.27 nm"), "{said}");
    let said = warned("mass = \"1 wt%\"", "mass = \"10 wt%\"");
    assert!(said.contains("more than ten times"), "{said}");
}

#[test]
#[rustfmt::skip] // a table: one complaint a row
fn the_arrangement_of_the_parts_is_read_and_checked() {
    let black = changed("VGCF", "\"Super C65\"").replace("\"single-crystal\"", "\"polycrystal\"\nprimary_grain_diameter = \"0.5 um\"\ncarbon_at_surfaces = \"20 %\"\nvoids_at_surfaces = \"35 %\"\nvoids_in_particles = \"20 %\"");
    let loaded = scenario::from_str("x", &black).expect("valid");
    let arrangement = loaded.scenario.cathode.arrangement;
    close(arrangement.carbon_at_surfaces, 0.2);
    close(arrangement.primary_grain.expect("polycrystal"), 0.5e-6);
    close(arrangement.voids_at_surfaces.expect("stated"), 0.35);
    close(arrangement.voids_in_particles, 0.2);
    let words = scenario::describe(&loaded);
    for word in ["polycrystals of 4.0 um with grains of 0.50 um", "20 % of it inside particles, 28 % of it at oxide surfaces", "20 % of the carbon at oxide surfaces"] {
        assert!(words.contains(word), "{word} in {words}");
    }
    let resolved = loaded.scenario.resolved_toml();
    assert!(resolved.contains("primary_grain = 5e-7  # m") && resolved.contains("carbon_at_surfaces = 0.2  # 1"), "{resolved}");
    let flat = scenario::from_str("x", &changed("active_mass_loading", "fibres_in_plane = \"60 %\"\nactive_mass_loading")).expect("valid");
    assert!(scenario::describe(&flat).contains("fibres lie 60 % in the plane"));
    let loaded = scenario::from_str("x", &changed("active_mass_loading", "primary_grain_diameter = \"1 um\"\ncarbon_at_surfaces = \"5 %\"\nactive_mass_loading")).expect("only warnings");
    assert_eq!(loaded.warnings.len(), 2, "{}", loaded.diagnostics());
    one_complaint("\"single-crystal\"", "\"polycrystal\"\nprimary_grain_diameter = \"50 um\"", 5, "\"50 um\"", &["larger than the particles", "was `nm` meant"]);
}
