//! Words that have their one place: SQL, cures, and what a pure rule may know.

use std::collections::BTreeMap;
use std::path::Path;

use super::finding::Finding;
use super::source::{Module, Next, Tree};

/// The crates that own business rules and a database.
const SERVICES: [&str; 5] = ["user-service", "product-service", "order-service", "payment-service", "notify-service"];
/// Crates that are about cures: the mechanism itself.
const TEACHING: [&str; 2] = ["service-kit", "labs-macro"];
/// What a rule that is pure does not import.
const IMPURE: [&str; 5] = ["http", "axum", "sqlx", "tokio", "utoipa"];

pub(super) fn find(tree: &Tree, name: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let service = SERVICES.contains(&name);
    for module in &tree.modules {
        let path = &tree.files[module.file];
        let mut found = |line: usize, what: String| findings.push(Finding { file: path.clone(), line, what });
        if service && !lies_in(path, "store") && !lies_in(path, "labs") {
            sql(module, &mut found);
        }
        if !TEACHING.contains(&name) && !lies_in(path, "labs") {
            teaching(module, &mut found);
        }
        if service && lies_in(path, "domain") {
            impure(module, &mut found);
        }
    }
    findings
}

/// In the folder `src/NAME/` or the file `src/NAME.rs`.
fn lies_in(path: &Path, name: &str) -> bool {
    let below = path.components().nth(2).map(|part| part.as_os_str().to_string_lossy().into_owned());
    below.is_some_and(|below| below == name || below.strip_suffix(".rs") == Some(name))
}

fn sql(module: &Module, found: &mut impl FnMut(usize, String)) {
    let paths = mentions(module).filter(|(_, names)| names[0] == "sqlx" && names.iter().any(|name| is_sql(name)));
    let mut places: BTreeMap<usize, String> = paths.map(|(line, names)| (line, names.join("::"))).collect();
    for word in module.words.iter().filter(|word| word.next == Next::Bang && is_sql(&word.text)) {
        places.entry(word.line).or_insert_with(|| format!("{}!", word.text));
    }
    for (line, what) in places {
        found(line, format!("SQL outside of store/: {what}. Make it a function in store/ and call that."));
    }
}

fn is_sql(name: &str) -> bool {
    name == "query" || name.starts_with("query_") || name == "raw_sql" || name == "QueryBuilder"
}

fn teaching(module: &Module, found: &mut impl FnMut(usize, String)) {
    for word in &module.words {
        // A closure may be called `step`; the kit's was always given a name.
        let called = match word.next {
            Next::Text => word.text == "cure" || word.text == "step",
            Next::Parenthesis => word.text == "cure",
            Next::Bang | Next::Other => false,
        } && word.is_alone;
        if called || word.text == "is_off" {
            let what = format!(
                "teaching in business code: `{}`. Give the seam a function of its own and put #[cure(…)] over it; the \
                 mistake goes into labs.rs. Steps are the kit's: every commit and every outgoing call is one.",
                word.text
            );
            found(word.line, what);
        }
    }
}

fn impure(module: &Module, found: &mut impl FnMut(usize, String)) {
    for &line in &module.cures {
        found(line, "a cure in domain/. Put it over the function in changes/ that asks this rule.".to_owned());
    }
    for (line, names) in mentions(module) {
        let own = names[0] == "crate" && names.get(1).is_some_and(|name| IMPURE.contains(&name.as_str()));
        let problem = names[0] == "service_kit" && names.iter().any(|name| name == "Problem" || name == "problem");
        if own || problem || IMPURE.contains(&names[0].as_str()) {
            let what = format!(
                "a rule that is not pure: domain/ takes {}. Return a value of its own and let the caller translate it.",
                names.join("::")
            );
            found(line, what);
        }
    }
}

fn mentions(module: &Module) -> impl Iterator<Item = (usize, &[String])> {
    let used = module.uses.iter().map(|used| &used.path);
    let mentions = used.chain(&module.paths).filter(|mention| !mention.names.is_empty());
    mentions.map(|mention| (mention.line, mention.names.as_slice()))
}
