//! Circles of files: `a` takes something from `b`, and `b`, perhaps by way of others, from `a`. An arrow leads to the file
//! that holds what is taken, also where a folder's `mod.rs` hands it on. A `mod child;` alone is no arrow.

use std::collections::{BTreeMap, VecDeque};

use super::finding::Finding;
use super::source::{Mention, Tree};

/// From file to file, with the first place that takes something.
type Arrows = BTreeMap<usize, BTreeMap<usize, (usize, String)>>;

/// One finding per circle, the shortest of those that hang together.
pub(super) fn find(tree: &Tree) -> Vec<Finding> {
    let mut arrows = arrows(tree);
    let mut findings = Vec::new();
    while let Some(circle) = shortest(&arrows) {
        findings.push(told(tree, &arrows, &circle));
        for file in circle {
            arrows.remove(&file);
        }
    }
    findings
}

fn told(tree: &Tree, arrows: &Arrows, circle: &[usize]) -> Finding {
    let (first, second) = (circle[0], circle[1 % circle.len()]);
    let (line, what) = &arrows[&first][&second];
    let name = |file: usize| {
        let path = &tree.files[file];
        path.components().skip(2).collect::<std::path::PathBuf>().display().to_string()
    };
    let mut way = String::new();
    for (at, file) in circle.iter().enumerate().skip(1) {
        let next = circle[(at + 1) % circle.len()];
        let (line, what) = &arrows[file][&next];
        way += &format!(", {}:{line} takes {what} from {}", name(*file), name(next));
    }
    Finding {
        file: tree.files[first].clone(),
        line: *line,
        what: format!(
            "a circle of {} files: takes {what} from {}{way}. Move what both need into a file that knows neither, or \
             hand it in.",
            circle.len(),
            name(second)
        ),
    }
}

fn arrows(tree: &Tree) -> Arrows {
    let mut arrows = Arrows::new();
    for (at, module) in tree.modules.iter().enumerate() {
        let used = module.uses.iter().map(|used| (&used.path, used.glob));
        for (mention, glob) in used.chain(module.paths.iter().map(|path| (path, false))) {
            let Some((target, is_module)) = resolve(tree, at, &mention.names, 0) else { continue };
            let (from, to) = (module.file, tree.modules[target].file);
            // Whoever names a module takes nothing of it yet.
            if from == to || (is_module && !glob) {
                continue;
            }
            let taken = (mention.line, shown(mention));
            arrows.entry(from).or_default().entry(to).or_insert(taken);
        }
    }
    arrows
}

fn shown(mention: &Mention) -> String {
    format!("`{}`", mention.names.join("::"))
}

/// The module a path ends in, and whether it names the module itself; none where it leads out of the crate.
fn resolve(tree: &Tree, from: usize, names: &[String], depth: usize) -> Option<(usize, bool)> {
    // Uses that name each other end somewhere.
    if depth > 20 {
        return None;
    }
    let mut module = from;
    let mut rest = names;
    let mut begun = false;
    while let Some((first, others)) = rest.split_first() {
        module = match first.as_str() {
            "crate" => 0,
            "self" => module,
            "super" => tree.modules[module].parent?,
            _ => break,
        };
        begun = true;
        rest = others;
    }
    while let Some((first, others)) = rest.split_first() {
        if let Some(&child) = tree.modules[module].children.get(first) {
            (module, rest, begun) = (child, others, true);
            continue;
        }
        let uses = &tree.modules[module].uses;
        // `use http::Method` beside `use crate::http`… a name that means itself is another crate's.
        let mut handed_on = uses.iter().filter(|used| !used.glob && used.name.as_ref() == Some(first));
        if let Some(used) = handed_on.find(|used| used.path.names != rest) {
            let path: Vec<String> = used.path.names.iter().chain(others).cloned().collect();
            return resolve(tree, module, &path, depth + 1);
        }
        if !tree.modules[module].defined.contains(first) {
            for used in uses.iter().filter(|used| used.glob) {
                let Some((other, true)) = resolve(tree, module, &used.path.names, depth + 1) else { continue };
                if other != module && has(tree, other, first) {
                    return resolve(tree, other, rest, depth + 1);
                }
            }
        }
        if module == 0
            && let Some(&defining) = tree.macros.get(first)
        {
            return Some((defining, false));
        }
        return begun.then_some((module, false));
    }
    Some((module, true))
}

fn has(tree: &Tree, module: usize, name: &str) -> bool {
    let module = &tree.modules[module];
    module.defined.contains(name)
        || module.children.contains_key(name)
        || module.uses.iter().any(|used| used.name.as_deref() == Some(name))
}

/// The files of the shortest circle, in the order of its arrows.
fn shortest(arrows: &Arrows) -> Option<Vec<usize>> {
    arrows.keys().filter_map(|&start| way_back(arrows, start)).min_by_key(Vec::len)
}

fn way_back(arrows: &Arrows, start: usize) -> Option<Vec<usize>> {
    let mut came_from = BTreeMap::new();
    let mut next = VecDeque::from([start]);
    while let Some(file) = next.pop_front() {
        for &to in arrows.get(&file).into_iter().flat_map(BTreeMap::keys) {
            if to == start {
                let mut circle = vec![file];
                while circle[circle.len() - 1] != start {
                    circle.push(came_from[&circle[circle.len() - 1]]);
                }
                circle.reverse();
                return Some(circle);
            }
            if !came_from.contains_key(&to) && arrows.contains_key(&to) {
                came_from.insert(to, file);
                next.push_back(to);
            }
        }
    }
    None
}
