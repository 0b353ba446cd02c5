//! What editors and readers are told of a scenario's keys: a JSON schema and a reference
//! in Markdown, both made from the definitions that the reading itself uses.

use super::schema::SCENARIO;
use crate::input::{JsonSchema, markdown};
use crate::materials::{Entry, MaterialKind, library};
use serde_json::{Map, Value, json};

/// The JSON schema (draft 7) of a scenario.
pub fn json_schema() -> Value {
    let header = json!({
        "kind": { "description": "What it is used as; needed for a new material that is not `like` another." },
        "like": { "type": "string", "description": "The material whose values it takes over where it states none." },
        "about": { "type": "string", "description": "What it is, in a line." },
    });
    let header = header.as_object().cloned().unwrap_or_else(Map::new);
    let names = |words: &[&str]| {
        let kinds: Vec<_> = words
            .iter()
            .filter_map(|word| MaterialKind::from_word(word))
            .collect();
        let names = library().names(&kinds);
        names.into_iter().map(str::to_owned).collect()
    };
    let mut document = JsonSchema::new(&names, header).document(&SCENARIO, "engobe scenario");
    complete_materials(&mut document["definitions"]["materials"]);
    document
}

/// Names the shipped materials with the keys of their kinds, and says what a new one needs.
fn complete_materials(materials: &mut Value) {
    let of_kind =
        |entry: &Entry| json!({ "$ref": format!("#/definitions/values-{}", entry.kind.word()) });
    let mut known = Map::new();
    let entries = library().entries().iter();
    for entry in entries.clone().filter(|e| e.kind != MaterialKind::Laws) {
        let twins = entries.clone().filter(|e| e.name == entry.name);
        let forms: Vec<_> = twins.map(of_kind).collect();
        let text = format!("{} ({}).", entry.about, entry.kind.word());
        known.insert(
            entry.name.clone(),
            json!({ "description": text, "anyOf": forms }),
        );
    }
    materials["properties"] = Value::Object(known);
    materials["additionalProperties"]["allOf"] = json!([{
        "anyOf": [{ "required": ["kind"] }, { "required": ["like"] }]
    }]);
}

/// Every key of a scenario with unit, default and meaning, in Markdown.
pub fn reference() -> String {
    format!(
        "# Every key of a scenario\n\n\
         Made by `engobe reference` from the definitions that the reading of a scenario uses.\n\
         A quantity is a text of a number and a unit, as in `\"15 nm\"`; a key whose default is\n\
         `–` may be left out. `engobe schema` prints the same as a JSON schema for editors.\n\n{}",
        markdown(&SCENARIO).trim_end().to_owned() + "\n"
    )
}
