//! The papers' numbers that are fitted to: found by their ids, with the marks in the
//! papers' files held against the list of the fit.

use super::data::Observation;
use super::plan::Space;
use super::read::{Draft, unknown};
use crate::input::{Diagnostic, Span};
use crate::validation::{Paper, Role, scale};
use std::collections::{BTreeMap, BTreeSet};

/// Place of a paper's list, and its ids with theirs.
type Listed<'a> = (Span, Vec<(&'a str, Span)>);

impl Draft<'_> {
    /// Reads `papers`, `scenarios` and `[fitted_to]`.
    pub fn papers(&mut self) {
        let Some(folder) = self.root.text("papers") else {
            if self.root.get("fitted_to").is_some() {
                let message = "`fitted_to` names papers, but `papers` does not say where they are";
                let complaint = Diagnostic::error(self.root.span_of("fitted_to"), message);
                self.sink.push(complaint.help("papers = \"papers\""));
            }
            return;
        };
        let papers = match Paper::read_all(&self.folder.join(folder)) {
            Ok(papers) => papers,
            Err(error) => {
                let cause =
                    std::error::Error::source(&error).map_or(String::new(), |c| format!(": {c}"));
                let span = self.root.span_of("papers");
                self.sink
                    .push(Diagnostic::error(span, format!("{error}{cause}")));
                return;
            }
        };
        self.check_quantities(&papers);
        let mut asked: BTreeMap<&str, Listed<'_>> = BTreeMap::new();
        let Some(section) = self.root.section_or_defaults("fitted_to") else {
            return;
        };
        for (key, span, _) in section.entries() {
            if !papers.iter().any(|paper| paper.source.key == key) {
                let keys: Vec<_> = papers.iter().map(|p| p.source.key.as_str()).collect();
                self.sink.push(unknown("paper", key, span, &keys));
                continue;
            }
            let ids = section.texts(key).unwrap_or_default();
            asked.insert(key, (span, ids));
        }
        for paper in &papers {
            let key = paper.source.key.as_str();
            let (span, ids) = asked
                .remove(key)
                .unwrap_or_else(|| (section.span(), Vec::new()));
            self.check_marks(paper, &ids, span);
            if !ids.is_empty() {
                self.paper(paper, &ids);
            }
        }
    }

    /// An uncertainty must be that of a quantity which a paper has.
    fn check_quantities(&self, papers: &[Paper]) {
        let numbers = papers.iter().flat_map(|paper| &paper.measured);
        let known: BTreeSet<&str> = numbers.map(|m| m.quantity.as_str()).collect();
        let known: Vec<&str> = known.into_iter().collect();
        let Some(section) = self.root.section("uncertainty") else {
            return;
        };
        for (name, span, _) in section.entries() {
            if name != "default" && !known.contains(&name) {
                self.sink.push(unknown("quantity", name, span, &known));
            }
        }
    }

    /// What a paper's file marks as fitted must be what is fitted to.
    fn check_marks(&self, paper: &Paper, ids: &[(&str, Span)], span: Span) {
        let key = &paper.source.key;
        let mut seen = BTreeSet::new();
        for (id, place) in ids {
            if !seen.insert(*id) {
                let message = format!("`{id}` of {key} is listed twice");
                self.sink.push(Diagnostic::error(place.clone(), message));
            }
            match paper.measured.iter().find(|m| m.id == *id) {
                None => {
                    let known: Vec<_> = paper.measured.iter().map(|m| m.id.as_str()).collect();
                    self.sink.push(unknown("id", id, place.clone(), &known));
                }
                Some(m) if m.role != Role::Fitted => {
                    let message = format!("`{id}` is fitted to, but {key} marks it as predicted");
                    let help = "set role = \"fitted\" there, or leave it out here";
                    self.sink
                        .push(Diagnostic::error(place.clone(), message).help(help));
                }
                Some(_) => {}
            }
        }
        let marked = paper.measured.iter().filter(|m| m.role == Role::Fitted);
        let missing: Vec<_> = marked
            .map(|m| m.id.as_str())
            .filter(|id| !seen.contains(id))
            .collect();
        if !missing.is_empty() {
            let message = format!(
                "{key} marks as fitted what is not fitted to: {}",
                missing.join(", ")
            );
            let help = "list it under [fitted_to], or set role = \"predicted\" in the paper's file";
            self.sink.push(Diagnostic::error(span, message).help(help));
        }
    }

    fn paper(&mut self, paper: &Paper, ids: &[(&str, Span)]) {
        let key = paper.source.key.as_str();
        let space = self.spaces.len();
        let names: Vec<&str> = paper.cells.iter().map(|c| c.name.as_str()).collect();
        let mut needed = BTreeSet::new();
        for (id, place) in ids {
            let Some(measured) = paper.measured.iter().find(|m| m.id == *id) else {
                continue;
            };
            let uncertainty = (scale(measured, paper), self.uncertainty(&measured.quantity));
            match Observation::of_paper((key, space), measured, uncertainty, &names) {
                Ok(observation) => {
                    needed.extend(observation.asked.keys().cloned());
                    self.observations.push(observation);
                }
                Err(reason) => {
                    let message = format!("`{id}` of {key} cannot be read: {reason}");
                    self.sink.push(Diagnostic::error(place.clone(), message));
                }
            }
        }
        let folder = self.folder.join(self.root.text("scenarios").unwrap_or(""));
        let span = self.root.span_of("fitted_to");
        let mut cells = Vec::new();
        for cell in paper.cells.iter().filter(|c| needed.contains(&c.name)) {
            let path = folder.join(format!("{}.toml", cell.scenario));
            if let Some(index) = self.document(path, span.clone()) {
                cells.push((cell.name.clone(), index));
            }
        }
        self.spaces.push(Space {
            name: key.to_owned(),
            cells,
        });
    }
}
