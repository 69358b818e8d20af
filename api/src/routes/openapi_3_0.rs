//! The API of the collections as an OpenAPI 3.0 document, which the conformance
//! class `oas30` and clients of OGC API want (OGC 17-069r4, 9): made from the
//! 3.1 document, whose schemas 3.0 cannot read as they are.

use serde_json::{Map, Value, json};

/// What begins the paths of the collections.
const PATHS: &str = "/ogc";

/// The document for the paths of the collections.
pub fn of(document: &Value) -> Value {
    let paths = document["paths"].as_object().into_iter().flatten();
    let paths: Map<String, Value> = paths
        .filter(|(path, _)| path.starts_with(PATHS))
        .map(|(path, operations)| (path.clone(), lowered(operations)))
        .collect();
    json!({
        "openapi": "3.0.3",
        "info": {
            "title": document["info"]["title"],
            "description": document["info"]["description"],
            "version": document["info"]["version"],
        },
        "paths": paths,
        "components": lowered(&document["components"]),
    })
}

fn lowered(value: &Value) -> Value {
    match value {
        Value::Array(members) => members.iter().map(lowered).collect(),
        Value::Object(members) => schema(members),
        plain => plain.clone(),
    }
}

/// `null` is no type in 3.0 but a mark beside one.
fn schema(members: &Map<String, Value>) -> Value {
    let mut out = Map::new();
    let mut nullable = false;
    for (name, member) in members {
        match (name.as_str(), member) {
            ("type", Value::Array(kinds)) => {
                nullable |= kinds.iter().any(is_null_word);
                if let Some(kind) = kinds.iter().find(|kind| !is_null_word(kind)) {
                    out.insert("type".to_owned(), kind.clone());
                }
            }
            ("type", kind) if is_null_word(kind) => nullable = true,
            ("oneOf" | "anyOf", Value::Array(choices)) => {
                let real: Vec<Value> = choices.iter().filter(|one| !is_null_word(&one["type"])).map(lowered).collect();
                nullable |= real.len() < choices.len();
                let word = if real.len() == 1 { "allOf" } else { name };
                out.insert(word.to_owned(), Value::Array(real));
            }
            ("const", constant) => {
                out.insert("enum".to_owned(), json!([constant]));
            }
            ("propertyNames" | "identifier" | "$schema", _) => {}
            _ => {
                out.insert(name.clone(), lowered(member));
            }
        }
    }
    if nullable {
        out.insert("nullable".to_owned(), Value::Bool(true));
    }
    Value::Object(out)
}

fn is_null_word(kind: &Value) -> bool {
    kind.as_str() == Some("null")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_becomes_a_mark_and_other_paths_stay_away() {
        let document = json!({"openapi": "3.1.0", "info": {"title": "Misto", "description": "d", "version": "1"},
            "paths": {"/ogc": {"get": {"responses": {"200": {"description": "x"}}}}, "/live": {}},
            "components": {"schemas": {"A": {"type": ["integer", "null"]},
                "B": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/A"}]}}}});
        let lowered = of(&document);
        assert_eq!(lowered["paths"].as_object().unwrap().len(), 1);
        assert_eq!(lowered["components"]["schemas"]["A"], json!({"type": "integer", "nullable": true}));
        let b = json!({"allOf": [{"$ref": "#/components/schemas/A"}], "nullable": true});
        assert_eq!(lowered["components"]["schemas"]["B"], b);
    }
}
