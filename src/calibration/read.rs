//! A fit's file read and checked, with every complaint at its place.

use super::data::Observation;
use super::document::Document;
use super::plan::{Parameter, Plan, Settings, Space};
use super::schema::FIT;
use super::{laboratory, target};
use crate::input::{Bounds, Dimension};
use crate::input::{
    Diagnostic, Diagnostics, Section, Severity, Sink, Span, nearest, parse_document, quantity_of,
};
use crate::materials::{Library, library, shipped_files};
use crate::scenario::CycleBlocks;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Reads a fit's file with everything it names.
///
/// # Errors
/// Every complaint at once: keys, units, bounds, parameters and ids that do not exist,
/// papers whose marks of what is fitted differ, files that cannot be read.
pub fn load(path: impl AsRef<Path>) -> Result<Plan, Diagnostics> {
    let path = path.as_ref();
    let name = path.display().to_string();
    let refuse = |text: String, items| Diagnostics {
        name: name.clone(),
        text,
        items,
    };
    let text = std::fs::read_to_string(path).map_err(|error| {
        let complaint = Diagnostic::elsewhere(format!("cannot read {name}: {error}"));
        refuse(String::new(), vec![complaint])
    })?;
    let sink = Sink::new(&text);
    let plan = read(path, &text, &sink);
    let mut items = sink.finish();
    let refused = items.iter().any(|item| item.severity == Severity::Error);
    match plan {
        Some(plan) if !refused => Ok(plan),
        _ => {
            if !refused {
                let message = "the fit could not be put together; please report this with the file";
                items.push(Diagnostic::elsewhere(message));
            }
            Err(refuse(text.clone(), items))
        }
    }
}

/// Everything read so far.
pub(super) struct Draft<'a> {
    /// Folder from which paths count.
    pub folder: PathBuf,
    pub root: &'a Section<'a>,
    pub sink: &'a Sink<'a>,
    pub library: Library,
    pub spaces: Vec<Space>,
    pub observations: Vec<Observation>,
    pub documents: Vec<Document>,
    /// Whether materials are changed in their own files.
    pub own_materials: bool,
    pub uncertainties: BTreeMap<String, f64>,
}

fn read(path: &Path, text: &str, sink: &Sink<'_>) -> Option<Plan> {
    let document = parse_document(text, sink);
    if sink.has_errors() {
        return None;
    }
    let root = Section::open(document.get_ref(), document.span(), "", &FIT, sink);
    let mut draft = Draft {
        folder: path.parent().unwrap_or(Path::new("")).to_owned(),
        root: &root,
        sink,
        library: library().clone(),
        spaces: Vec::new(),
        observations: Vec::new(),
        documents: Vec::new(),
        own_materials: false,
        uncertainties: uncertainties(&root),
    };
    draft.materials();
    draft.papers();
    laboratory::read_all(&mut draft);
    if draft.observations.is_empty() && !sink.has_errors() {
        let complaint = Diagnostic::error(root.span(), "there is nothing to fit to");
        sink.push(complaint.help("give [fitted_to], [[measured]], [[capacities]] or [[spectrum]]"));
    }
    draft.further_scenarios();
    draft.refuse_unread_scenarios();
    let parameters = draft.parameters();
    let settings = settings(path, &root, &parameters)?;
    Some(Plan {
        title: root.text("title")?.to_owned(),
        parameters,
        observations: draft.observations,
        spaces: draft.spaces,
        documents: draft.documents,
        settings,
    })
}

impl Draft<'_> {
    /// The uncertainty of a quantity.
    pub fn uncertainty(&self, quantity: &str) -> f64 {
        let of = |name: &str| self.uncertainties.get(name).copied();
        of(quantity).or_else(|| of("default")).unwrap_or(0.05)
    }

    /// Puts a file in, once; complains where it cannot be read.
    pub fn document(&mut self, path: PathBuf, span: Span) -> Option<usize> {
        if let Some(known) = self.documents.iter().position(|d| d.path == path) {
            return Some(known);
        }
        match std::fs::read_to_string(&path) {
            Ok(text) => {
                self.documents.push(Document {
                    path,
                    text,
                    scenario: true,
                });
                Some(self.documents.len() - 1)
            }
            Err(error) => {
                let message = format!("cannot read {}: {error}", path.display());
                self.sink.refuse(Diagnostic::error(span, message))
            }
        }
    }

    /// The files of materials, where they are fitted in place.
    fn materials(&mut self) {
        let Some(folder) = self.root.text("materials") else {
            return;
        };
        let span = self.root.span_of("materials");
        for name in shipped_files() {
            let read = self.document(self.folder.join(folder).join(name), span.clone());
            if let Some(index) = read {
                self.documents[index].scenario = false;
            }
        }
        if self.sink.has_errors() {
            return;
        }
        self.own_materials = true;
        let texts = self.documents.iter();
        let texts = texts.map(|d| (d.path.to_str().unwrap_or_default(), d.text.as_str()));
        match Library::from_texts(texts) {
            Ok(library) => self.library = library,
            Err(refused) => self.sink.push(
                Diagnostic::error(span, format!("{refused}"))
                    .help("the materials' files must be valid"),
            ),
        }
    }

    /// Scenarios of which a parameter is told but no number: they are changed with the
    /// others.
    fn further_scenarios(&mut self) {
        let Some(folder) = self.root.text("scenarios") else {
            return;
        };
        for section in self.root.sections("parameter") {
            for (name, span) in section.texts("scenarios").unwrap_or_default() {
                let path = self.folder.join(folder).join(format!("{name}.toml"));
                if path.is_file() {
                    self.document(path, span);
                }
            }
        }
    }

    /// Complains of scenarios that cannot be read as they are.
    fn refuse_unread_scenarios(&self) {
        for document in self.documents.iter().filter(|d| d.scenario) {
            let name = document.path.display().to_string();
            let read = crate::scenario::with_materials(&name, &document.text, &self.library);
            if let Err(refused) = read {
                self.sink.push(Diagnostic::elsewhere(format!(
                    "a scenario of this fit is refused: {refused}"
                )));
            }
        }
    }

    fn parameters(&self) -> Vec<Parameter> {
        let sections = self.root.sections("parameter");
        let most = self.root.count("most_parameters").unwrap_or(usize::MAX);
        if sections.len() > most {
            let message = format!("{} parameters, more than {most}", sections.len());
            let span = sections[most].span();
            let help = "nearly as many parameters as numbers fit anything; fix some, or raise `most_parameters`";
            self.sink.push(Diagnostic::error(span, message).help(help));
        }
        let mut parameters: Vec<Parameter> = Vec::new();
        for section in &sections {
            let Some(parameter) = target::parameter(self, section) else {
                continue;
            };
            let same = |p: &&Parameter| {
                let places = p.edits.iter().map(|e| (e.document, &e.path));
                let mut new = parameter.edits.iter().map(|e| (e.document, &e.path));
                places.clone().any(|place| new.any(|other| other == place))
            };
            if parameters.iter().find(same).is_some() {
                let message = format!("`{}` is fitted twice", parameter.name());
                self.sink
                    .push(Diagnostic::error(section.span_of("key"), message));
            }
            parameters.push(parameter);
        }
        if sections.is_empty() && self.root.get("parameter").is_some() {
            let span = self.root.span_of("parameter");
            self.sink.push(
                Diagnostic::error(span, "there is no parameter to fit").help("[[parameter]]"),
            );
        }
        parameters
    }
}

/// The complaint that something has no such name.
pub(super) fn unknown(what: &str, name: &str, span: Span, known: &[&str]) -> Diagnostic {
    let complaint = Diagnostic::error(span, format!("unknown {what} `{name}`")).label("not known");
    let all = known.join(", ");
    match nearest(name, known.iter().copied()) {
        Some(near) => complaint.help(format!("did you mean `{near}`? known: {all}")),
        None => complaint.help(format!("known: {all}")),
    }
}

/// Relative uncertainties by quantity, and the default.
fn uncertainties(root: &Section<'_>) -> BTreeMap<String, f64> {
    let mut found = BTreeMap::new();
    let Some(section) = root.section_or_defaults("uncertainty") else {
        return found;
    };
    let allowed = (Dimension::Fraction, Bounds::Share);
    for (name, _, value) in section.entries() {
        let path = section.path_of(name);
        if let Some(share) = quantity_of(value, &path, allowed, "5 %", root.sink()) {
            found.insert(name.to_owned(), share);
        }
    }
    if let Some(default) = section.quantity("default") {
        found.insert("default".into(), default);
    }
    found
}

fn settings(path: &Path, root: &Section<'_>, parameters: &[Parameter]) -> Option<Settings> {
    let search = root.section_or_defaults("search")?;
    let refine = root.section_or_defaults("refine")?;
    let profile = root.section_or_defaults("profile")?;
    let mut profiled = Vec::new();
    for (key, span) in profile.texts("keys").unwrap_or_default() {
        match parameters.iter().position(|p| p.key == key) {
            Some(index) => profiled.push(index),
            None => {
                let keys: Vec<_> = parameters.iter().map(|p| p.key.as_str()).collect();
                root.sink().push(unknown("parameter", key, span, &keys));
            }
        }
    }
    let blocks = match root.section("cycle_blocks") {
        Some(section) => Some(CycleBlocks {
            tolerance: section.quantity("tolerance")?,
            longest: u32::try_from(section.count("longest")?).ok()?,
        }),
        None => None,
    };
    let prior = match refine.get("prior") {
        Some(_) => Some(refine.quantity("prior")?),
        None => None,
    };
    Some(Settings {
        seed: u64::try_from(search.integer("seed")?).ok()?,
        samples: search.count("samples")?,
        rounds: search.count("rounds")?,
        starts: refine.count("starts")?,
        iterations: refine.count("iterations")?,
        step: refine.quantity("step")?,
        robust: refine.choice("loss")? == "soft-l1",
        prior,
        worst: profile.count("worst")?,
        profiled,
        points: profile.count("points")?,
        cycle_blocks: blocks,
        file: path.to_owned(),
    })
}
