//! The tables in pages that are otherwise written by hand: variables, metrics and routes. Each stands between two marks
//! and is written by whoever runs this with `UPDATE_DOCS=1`.

use super::{check, documents};
use contracts::ServiceName;
use serde_json::Value;
use service_kit::{
    Variable,
    metrics::{KIT, Kind, Metric, PROCESS},
    variables,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

/// What only one program reads, by its name.
const VARIABLES: [(&str, &[Variable]); 8] = [
    ("Every program", variables::KIT),
    ("user-service", user_service::Config::VARIABLES),
    ("product-service", product_service::Config::VARIABLES),
    ("order-service", order_service::Config::VARIABLES),
    ("payment-service", payment_service::Config::VARIABLES),
    ("notify-service", notify_service::Config::VARIABLES),
    ("The pages (`web`)", web::Settings::VARIABLES),
    ("The commands of `ecom`", ecom::variables::VARIABLES),
];

const METRICS: [(&str, &[Metric]); 7] = [
    ("Every service", KIT),
    ("user-service", user_service::metrics::METRICS),
    ("product-service", product_service::metrics::METRICS),
    ("order-service", order_service::metrics::METRICS),
    ("payment-service", payment_service::metrics::METRICS),
    ("notify-service", notify_service::metrics::METRICS),
    ("The process, on Linux, without the label `service`", PROCESS),
];

#[test]
fn documents_of_the_variables_are_up_to_date() {
    let mut text = String::new();
    for (title, variables) in VARIABLES {
        let _ = write!(text, "\n### {title}\n\n| name | read by | default | meaning |\n|---|---|---|---|\n");
        for Variable { names, readers, default, meaning } in variables {
            let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            let _ = writeln!(text, "| {} | {readers} | {default} | {meaning} |", names.join(" "));
        }
    }
    check_block("operations/variables.md", "variables", &text);
}

#[test]
fn documents_of_the_metrics_are_up_to_date() {
    let mut text = String::new();
    for (title, metrics) in METRICS {
        let _ = write!(text, "\n### {title}\n\n| metric | further labels | meaning |\n|---|---|---|\n");
        for Metric { name, kind, help, labels, .. } in metrics {
            let labels = labels.iter().map(|label| match label.values {
                [] => format!("`{}`", label.name),
                values => format!("`{}`: {}", label.name, backticked(values)),
            });
            let labels = labels.collect::<Vec<_>>().join("; ");
            let histogram = if *kind == Kind::Histogram { "histogram: " } else { "" };
            let _ = writeln!(text, "| `{name}` | {labels} | {histogram}{} |", help.trim_end_matches('.'));
        }
    }
    check_block("operations/metrics.md", "metrics", &text);
}

#[test]
fn documents_of_the_routes_are_up_to_date() {
    let mut text = String::new();
    for (name, document) in documents() {
        let document: Value = serde_json::from_str(&document).unwrap();
        let port = contracts::ServiceName::ALL.into_iter().find(|service| service.short() == name).unwrap();
        let _ = write!(text, "\n### {port} ({})\n\n", port.default_port());
        text.push_str("| route | who | takes | what it does |\n|---|---|---|---|\n");
        for (path, methods) in document["paths"].as_object().unwrap() {
            for (method, operation) in methods.as_object().unwrap() {
                let summary = operation["summary"].as_str().unwrap().replace('\n', " ");
                let (who, takes) = (who(operation), takes(operation, &document));
                let method = method.to_uppercase();
                let _ = writeln!(text, "| `{method} {path}` | {who} | {takes} | {summary} |");
            }
        }
    }
    check_block("api.md", "routes", &text);
}

/// As the route's security has it: nothing is anybody.
fn who(operation: &Value) -> String {
    let Some(ways) = operation["security"].as_array() else { return "anybody".to_owned() };
    let ways = ways.iter().map(|way| match (way["bearer"].as_array(), way["service"].as_array()) {
        _ if way.get("guest").is_some() => "a guest, theirs".to_owned(),
        (Some(needed), _) if needed.is_empty() => "who is logged in, theirs".to_owned(),
        (Some(needed), _) => needed.iter().map(|name| format!("`{}`", name.as_str().unwrap())).collect(),
        (_, Some(services)) if services.len() == ServiceName::ALL.len() => "every service".to_owned(),
        (_, Some(services)) => services.iter().map(|name| name.as_str().unwrap()).collect::<Vec<_>>().join(", "),
        (None, None) => "anybody".to_owned(),
    });
    ways.collect::<Vec<_>>().join("; ")
}

/// The body's fields, the parameters of the query and the headers; `?` after what may be left out.
fn takes(operation: &Value, document: &Value) -> String {
    let mut all = Vec::new();
    if let Some(content) = operation["requestBody"]["content"].as_object() {
        for (kind, body) in content {
            let named = body["schema"]["$ref"].as_str().map(|name| name.trim_start_matches('#'));
            let fields = named.map(|name| either(document, document.pointer(name).unwrap()));
            all.push(fields.unwrap_or_else(|| kind.split('/').next().unwrap().to_owned()));
        }
    }
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        if parameter["in"] != "path" {
            let left_out = if parameter["required"] == true { "" } else { "?" };
            all.push(format!("`{}`{left_out}", parameter["name"].as_str().unwrap()));
        }
    }
    all.dedup();
    all.join(" ")
}

/// The forms that a body may have, one for nearly all.
fn either(document: &Value, schema: &Value) -> String {
    let Some(forms) = schema["oneOf"].as_array() else { return fields(schema) };
    let form = |form: &Value| match form["$ref"].as_str() {
        Some(name) => fields(document.pointer(name.trim_start_matches('#')).unwrap()),
        None => "an array of these".to_owned(),
    };
    forms.iter().map(form).collect::<Vec<_>>().join(" or ")
}

fn fields(schema: &Value) -> String {
    let required: BTreeSet<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let names = schema["properties"].as_object().into_iter().flatten();
    let names = names.map(|(name, _)| format!("{name}{}", if required.contains(name.as_str()) { "" } else { "?" }));
    format!("`{{{}}}`", names.collect::<Vec<_>>().join(", "))
}

fn backticked(values: &[&str]) -> String {
    values.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(", ")
}

/// Compares what stands between a page's marks, or writes it.
fn check_block(file: &str, name: &str, fresh: &str) {
    let page = fs::read_to_string(docs().join(file)).unwrap_or_default();
    let (begin, end) =
        (format!("<!-- {name}: written by cargo xtask prepare -->\n"), format!("<!-- end of {name} -->"));
    let Some((before, rest)) = page.split_once(&begin) else { panic!("docs/{file} has no line {begin}") };
    let Some((_, after)) = rest.split_once(&end) else { panic!("docs/{file} has no line {end}") };
    check(file, &format!("{before}{begin}{fresh}\n{end}{after}"));
}

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs")
}

/// A table that lacks a variable is believed to be whole.
#[test]
fn documents_name_every_variable_that_is_read_and_no_other() {
    let listed: BTreeSet<&str> =
        VARIABLES.iter().flat_map(|(_, list)| list.iter().flat_map(|variable| variable.names)).copied().collect();
    let (mut read, mut texts) = (BTreeMap::new(), String::new());
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for member in fs::read_dir(top).unwrap() {
        let source = member.unwrap().path().join("src");
        // What is not the product, and what is armed for a lesson only.
        if source.is_dir() && !["test-kit", "xtask"].iter().any(|name| source.parent().unwrap().ends_with(name)) {
            sources(&source, &mut |path, text| {
                if path.ends_with("tests.rs") {
                    return;
                }
                let production = text.split("#[cfg(test)]").next().unwrap();
                for name in asked_for(production) {
                    read.insert(name, path.to_owned());
                }
                if !path.ends_with("variables.rs") {
                    texts.push_str(production);
                }
            });
        }
    }
    for (name, path) in &read {
        assert!(listed.contains(name.as_str()), "{} reads {name}, which no list of variables names", path.display());
    }
    // Some are put together: of `{}_SERVICE_URL` the end is there.
    for name in listed {
        let end = name.split_once('_').map_or(name, |(_, end)| end);
        assert!(
            texts.contains(name) || texts.contains(&format!("{{}}_{end}")),
            "{name} is listed, and nobody reads it"
        );
    }
}

/// Names in capitals that are handed to `env.text("…")` and its like.
fn asked_for(text: &str) -> Vec<String> {
    let calls = [".text(\"", ".parsed(\"", ".seconds(\"", ".url(\"", ".required(\"", "port(env, \""];
    let mut found = Vec::new();
    for call in calls {
        for rest in text.split(call).skip(1) {
            let name: String = rest.chars().take_while(|c| *c != '"').collect();
            if name.chars().all(|c| c.is_ascii_uppercase() || c == '_') && name != "ECOM_FAULTS" {
                found.push(name);
            }
        }
    }
    found
}

fn sources(folder: &Path, with: &mut impl FnMut(&Path, &str)) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, with);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            with(&path, &fs::read_to_string(&path).unwrap());
        }
    }
}
