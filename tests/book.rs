//! The guide is right: its scenarios are read, its commands and options exist, its links
//! and the files and tests it names are there, and `results.h5` is laid out as it says.
//!
//! A block of TOML says by its words what it is: `scenario` is a whole one, `part` takes
//! the place of the tables of the same name in a shipped scenario, `sweep` is a part with
//! `[sweep]`, `fit` a file for `engobe fit`. Blocks without a word are excerpts.

use assert_cmd::Command;
use engobe::scenario;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

const BOOK: &str = "guide/src";
/// What parts are put into.
const BASE: &str = include_str!("../scenarios/shi2023-1p.toml");
/// What sweeps are put into: small, to be planned in no time.
const SMALL: &str = include_str!("../scenarios/quick.toml");

fn engobe() -> Command {
    Command::cargo_bin("engobe").expect("the command is built with its tests")
}

/// Name and text of every page.
fn pages() -> Vec<(String, String)> {
    let entries = fs::read_dir(BOOK).expect("the guide");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut pages: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|e| e == "md"))
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy();
            (name.into_owned(), fs::read_to_string(&path).expect("text"))
        })
        .collect();
    pages.sort();
    pages
}

/// A fenced block: page and line, its words after the fence, its text.
struct Block {
    place: String,
    words: Vec<String>,
    text: String,
}

fn blocks(pages: &[(String, String)]) -> Vec<Block> {
    let mut found = Vec::new();
    for (name, text) in pages {
        let mut open: Option<Block> = None;
        for (number, line) in (1..).zip(text.lines()) {
            let Some(words) = line.trim_start().strip_prefix("```") else {
                if let Some(block) = &mut open {
                    block.text.push_str(line);
                    block.text.push('\n');
                }
                continue;
            };
            match open.take() {
                Some(block) => found.push(block),
                None => {
                    open = Some(Block {
                        place: format!("{name}:{number}"),
                        words: words.split(',').map(str::to_owned).collect(),
                        text: String::new(),
                    });
                }
            }
        }
        assert!(open.is_none(), "{name} ends inside a block");
    }
    found
}

/// The text outside of fenced blocks.
fn prose(text: &str) -> String {
    let mut inside = false;
    text.lines()
        .filter(|line| {
            let fence = line.trim_start().starts_with("```");
            inside ^= fence;
            !inside && !fence
        })
        .map(|line| format!("{line}\n"))
        .collect()
}

/// The blocks of TOML with this word, of which there must be some.
fn toml_blocks(word: &str) -> Vec<Block> {
    let mut all = blocks(&pages());
    all.retain(|block| block.words == ["toml", word]);
    assert!(!all.is_empty(), "no block of TOML is a {word}");
    all
}

/// `base` with the tables of `part` in place of its own.
fn with_part(base: &str, part: &Block) -> String {
    let mut whole: toml::Table = base.parse().expect("TOML");
    let tables: toml::Table = part
        .text
        .parse()
        .unwrap_or_else(|error| panic!("{}: {error}", part.place));
    whole.extend(tables);
    toml::to_string(&whole).expect("TOML")
}

#[test]
fn scenarios_and_parts_of_scenarios_are_read() {
    let wholes = toml_blocks("scenario").into_iter().map(|block| {
        let text = block.text.clone();
        (block, text)
    });
    let parts = toml_blocks("part").into_iter().map(|block| {
        let text = with_part(BASE, &block);
        (block, text)
    });
    for (block, text) in wholes.chain(parts) {
        if let Err(refused) = scenario::from_str("guide", &text) {
            panic!("{}: {refused}\n{text}", block.place);
        }
    }
}

#[test]
fn the_whole_scenario_is_the_quick_one() {
    let [block] = &toml_blocks("scenario")[..] else {
        panic!("more than one scenario is shown whole");
    };
    let shown: toml::Table = block.text.parse().expect("TOML");
    let shipped: toml::Table = SMALL.parse().expect("TOML");
    assert_eq!(shown, shipped, "{}", block.place);
}

#[test]
fn sweeps_can_be_planned() {
    let folder = tempfile::tempdir().expect("a directory");
    for block in toml_blocks("sweep") {
        let path = folder.path().join("sweep.toml");
        fs::write(&path, with_part(SMALL, &block)).expect("written");
        let ended = engobe()
            .args(["sweep", "plan", "--dry-run"])
            .arg(&path)
            .output()
            .expect("started");
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(ended.status.success(), "{}: {said}", block.place);
    }
}

/// Sentences of protocols in the first column of a table.
#[test]
fn sentences_in_tables_are_understood() {
    let page = fs::read_to_string(format!("{BOOK}/cell-and-protocol.md")).expect("the page");
    let first = |line: &str| Some(line.strip_prefix("| `")?.split('`').next()?.to_owned());
    let sentences = page.lines().filter_map(first).filter(|s| s.contains(' '));
    let mut count = 0;
    for sentence in sentences {
        if let Err(refused) = scenario::sentence::understand(&sentence, "In/InLi") {
            panic!("{sentence}: {refused}");
        }
        count += 1;
    }
    assert!(count > 5, "{count} sentences");
}

/// The fit is checked with the files that a run of the quick scenario leaves.
#[test]
fn fits_are_understood() {
    let folder = tempfile::tempdir().expect("a directory");
    let run = folder.path().join("run");
    engobe()
        .args(["run", "--quiet", "scenarios/quick.toml", "-o"])
        .arg(&run)
        .assert()
        .success();
    for (from, to) in [
        ("cycles.csv", "bare-cycles.csv"),
        ("spectra.csv", "bare-eis.csv"),
    ] {
        fs::copy(run.join(from), folder.path().join(to)).expect("copied");
    }
    fs::write(folder.path().join("bare.toml"), SMALL).expect("written");
    for block in toml_blocks("fit") {
        let path = folder.path().join("fit.toml");
        fs::write(&path, &block.text).expect("written");
        let ended = engobe()
            .args(["fit", "--check"])
            .arg(&path)
            .output()
            .expect("started");
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(ended.status.success(), "{}: {said}", block.place);
    }
}

/// `engobe` commands in blocks for the shell, without comments.
fn commands() -> Vec<(String, Vec<String>)> {
    let shell = blocks(&pages()).into_iter().filter(|b| b.words == ["sh"]);
    let lines = shell.flat_map(|block| {
        let text = block.text.replace("\\\n", " ");
        let lines: Vec<_> = text.lines().map(str::to_owned).collect();
        lines
            .into_iter()
            .map(move |line| (block.place.clone(), line))
    });
    let commands: Vec<_> = lines
        .filter_map(|(place, line)| {
            let rest = line.split(" #").next()?.trim().strip_prefix("engobe ")?;
            Some((place, rest.split_whitespace().map(str::to_owned).collect()))
        })
        .collect();
    assert!(commands.len() > 20, "{} commands", commands.len());
    commands
}

#[test]
fn every_command_and_option_exists() {
    let mut helps: BTreeMap<Vec<String>, Option<String>> = BTreeMap::new();
    let mut help = |path: &[String]| {
        let ask = || {
            let asked = engobe().args(path).arg("--help").output().expect("started");
            let text = String::from_utf8_lossy(&asked.stdout).into_owned();
            asked.status.success().then_some(text)
        };
        helps.entry(path.to_vec()).or_insert_with(ask).clone()
    };
    for (place, words) in commands() {
        // A command, or a command of a command; the rest are files and options.
        let depth = 1 + usize::from(words[0] == "sweep");
        let path: Vec<String> = words.iter().take(depth).cloned().collect();
        let path: Vec<String> = path.into_iter().filter(|w| !w.starts_with('-')).collect();
        let text = help(&path).unwrap_or_else(|| panic!("{place}: no command {path:?}"));
        for word in words.iter().skip(path.len()) {
            let option = word.split('=').next().unwrap_or(word);
            let known = text
                .split(|c: char| c.is_whitespace() || c == ',')
                .any(|found| found == option);
            assert!(
                !word.starts_with('-') || known,
                "{place}: {path:?} has no {option}"
            );
        }
    }
}

/// Scenarios of the repository that commands name are there.
#[test]
fn files_given_to_commands_are_there() {
    for (place, words) in commands() {
        for word in words.iter().filter(|w| w.starts_with("scenarios/")) {
            assert!(Path::new(word).exists(), "{place}: {word}");
        }
    }
}

#[test]
fn the_summary_lists_every_page_and_links_lead_somewhere() {
    let pages = pages();
    let summary = &pages
        .iter()
        .find(|(name, _)| name == "SUMMARY.md")
        .expect("a summary")
        .1;
    for (name, _) in pages.iter().filter(|(name, _)| name != "SUMMARY.md") {
        assert!(
            summary.contains(&format!("({name})")),
            "SUMMARY.md leaves {name} out"
        );
    }
    let mut links = 0;
    for (name, text) in &pages {
        for piece in prose(text).split("](").skip(1) {
            let target = piece.split(')').next().expect("a piece");
            if target.contains("://") {
                continue;
            }
            let file = target.split('#').next().expect("a piece");
            links += 1;
            let there = file.is_empty() || Path::new(BOOK).join(file).exists();
            assert!(there, "{name}: {target}");
        }
    }
    assert!(links > 20, "{links} links");
}

/// Words in backquotes that look like a file of the repository are one; `file::name`
/// also has a function of that name in it.
#[test]
fn named_files_and_tests_are_there() {
    let mut pages = pages();
    for other in ["benches/README.md", "CHANGELOG.md"] {
        pages.push((other.into(), fs::read_to_string(other).expect(other)));
    }
    let roots = [
        "src/",
        "tests/",
        "validation/",
        "scenarios/",
        "benches/",
        "tools/",
    ];
    let (mut files, mut tests) = (0, 0);
    for (page, text) in &pages {
        for word in prose(text).split('`').skip(1).step_by(2) {
            let plain = !word.contains([' ', '*', '<', '{', '…']);
            if !plain || !roots.iter().any(|root| word.starts_with(root)) {
                continue;
            }
            let (file, name) = word.split_once("::").unwrap_or((word, ""));
            let path = PathBuf::from(file);
            assert!(path.exists(), "{page}: {file}");
            files += 1;
            if !name.is_empty() {
                let source = fs::read_to_string(&path).expect("source");
                assert!(
                    source.contains(&format!("fn {name}(")),
                    "{page}: no {name} in {file}"
                );
                tests += 1;
            }
        }
    }
    assert!(files > 60 && tests > 20, "{files} files, {tests} tests");
}

/// Every dataset below `group`: its path, over what, in which unit.
fn layout(group: &hdf5::Group, root: &str, found: &mut BTreeMap<String, String>) {
    for dataset in group.datasets().expect("datasets") {
        let path = dataset.name().trim_start_matches('/').to_owned();
        let own = path.rsplit('/').next().expect("a name").to_owned();
        // Texts have no unit.
        let unit = dataset.attr("units").map_or("–".into(), |unit| {
            let unit = unit.read_scalar::<hdf5::types::VarLenUnicode>();
            unit.expect("text").to_string()
        });
        // What a dataset is over is in references; its rank is compared.
        let rank = dataset.ndim();
        found.insert(format!("{root}/{own}"), format!("{rank} {unit}"));
    }
}

#[test]
fn results_are_laid_out_as_the_guide_says() {
    let folder = tempfile::tempdir().expect("a directory");
    engobe()
        .args(["run", "--quiet", "scenarios/quick.toml", "-o"])
        .arg(folder.path().join("run"))
        .assert()
        .success();
    let file = hdf5::File::open(folder.path().join("run/results.h5")).expect("results");
    let mut found = BTreeMap::new();
    for group in file.groups().expect("groups") {
        let name = group.name().trim_start_matches('/').to_owned();
        layout(&group, &name, &mut found);
    }
    let page = fs::read_to_string(format!("{BOOK}/results.md")).expect("the page");
    let mut told = BTreeMap::new();
    for line in page.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [name, over, unit, _] = cells[..] else {
            continue;
        };
        let rank = match over {
            "scalar" => 0,
            axes => axes.split('×').count(),
        };
        told.insert(name.trim_matches('`').to_owned(), format!("{rank} {unit}"));
    }
    let missing: Vec<_> = found
        .iter()
        .filter(|&(k, v)| told.get(k) != Some(v))
        .collect();
    let stale: Vec<_> = told
        .iter()
        .filter(|&(k, v)| found.get(k) != Some(v))
        .collect();
    assert!(
        missing.is_empty() && stale.is_empty(),
        "rank and unit; in the file only: {missing:?}; on the page only: {stale:?}"
    );
}
