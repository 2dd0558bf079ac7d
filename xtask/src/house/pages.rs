//! Every Markdown file of the repository: a link inside it leads to a file and a heading that are there, and prose wraps
//! at 120. Files are moved and headings reworded all the time; nothing else says that a page still points at them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::Range;
use std::path::{Component, Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use pulldown_cmark::{BrokenLink, CowStr, Event, LinkType, Options, Parser, Tag, TagEnd};

use super::finding::Finding;

const WIDTH: usize = 120;

/// What one page offers and asks for.
#[derive(Default)]
struct Page {
    /// What `#…` may name, as GitHub makes it of the headings.
    anchors: BTreeSet<String>,
    /// Where links and pictures lead, with their lines.
    links: Vec<(usize, String)>,
    /// What is wrong with the page whatever lies around it, with its line.
    wrong: Vec<(usize, String)>,
}

/// Reads every page under `top` that is committed, or would be by the next commit.
pub(super) fn find(top: &Path) -> Result<Vec<Finding>> {
    let mut files = BTreeSet::new();
    for file in listed(top)? {
        // The list still names what was deleted and not committed yet.
        if top.join(&file).exists() {
            files.insert(file);
        }
    }
    let mut pages = BTreeMap::new();
    for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "md")) {
        let text = fs::read_to_string(top.join(file)).with_context(|| format!("reading {}", file.display()))?;
        pages.insert(file.clone(), Page::read(&text));
    }
    ensure!(!pages.is_empty(), "git lists no Markdown file in {}: is this the repository?", top.display());
    Ok(of_pages(&pages, &files))
}

/// By git, so that a page which leads to something that only this machine has is found.
fn listed(top: &Path) -> Result<Vec<PathBuf>> {
    let mut git = Command::new("git");
    git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).current_dir(top);
    let output = git.output().context("running git")?;
    ensure!(output.status.success(), "git ls-files failed: {}", String::from_utf8_lossy(&output.stderr));
    let names = String::from_utf8(output.stdout).context("the name of a committed file is no UTF-8")?;
    Ok(names.split_terminator('\0').map(PathBuf::from).collect())
}

fn of_pages(pages: &BTreeMap<PathBuf, Page>, files: &BTreeSet<PathBuf>) -> Vec<Finding> {
    let folders: BTreeSet<&Path> = files.iter().flat_map(|file| file.ancestors().skip(1)).collect();
    let mut findings = Vec::new();
    for (file, page) in pages {
        let mut found = |line: usize, what: String| findings.push(Finding { file: file.clone(), line, what });
        for (line, what) in &page.wrong {
            found(*line, what.clone());
        }
        for (line, link) in &page.links {
            let (path, anchor) =
                link.split_once('#').map_or((link.as_str(), None), |(path, anchor)| (path, Some(anchor)));
            let Some(target) = target(file, path) else {
                found(*line, format!("a link out of the repository: `{link}`. Give the whole address."));
                continue;
            };
            if !files.contains(&target) && !folders.contains(target.as_path()) {
                found(*line, format!("a dead link: `{link}`. There is no {} in the repository.", target.display()));
                continue;
            }
            let Some(anchor) = anchor else { continue };
            if pages.get(&target).is_none_or(|page| !page.anchors.contains(anchor)) {
                found(*line, format!("a dead anchor: `{link}`. {} has no such heading.", target.display()));
            }
        }
    }
    findings.sort();
    findings
}

/// The path from the top of the repository; none where it leads out of it.
fn target(file: &Path, link: &str) -> Option<PathBuf> {
    if link.is_empty() {
        return Some(file.to_owned());
    }
    let mut target = file.parent().map(Path::to_owned).unwrap_or_default();
    for part in Path::new(link).components() {
        match part {
            Component::Normal(name) => target.push(name),
            Component::CurDir => {}
            Component::ParentDir => {
                if !target.pop() {
                    return None;
                }
            }
            Component::RootDir | Component::Prefix(_) => target = PathBuf::new(),
        }
    }
    Some(target)
}

impl Page {
    fn read(text: &str) -> Self {
        let mut page = Self::default();
        let starts: Vec<usize> = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        let line = |at: usize| starts.partition_point(|start| *start <= at);
        // What cannot wrap: tables, code, and the address of a link that is written below.
        let mut fixed: Vec<Range<usize>> = Vec::new();
        let mut undefined = Vec::new();
        let missing = |link: BrokenLink<'_>| {
            // `[x]` alone may as well be text.
            if link.link_type != LinkType::Shortcut {
                undefined.push((line(link.span.start), link.reference.to_string()));
            }
            None::<(CowStr<'_>, CowStr<'_>)>
        };
        let mut parser =
            Parser::new_with_broken_link_callback(text, Options::ENABLE_TABLES, Some(missing)).into_offset_iter();
        let mut heading: Option<String> = None;
        for (event, range) in &mut parser {
            match event {
                Event::Start(Tag::Table(_) | Tag::CodeBlock(_)) => fixed.push(range),
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) if !is_elsewhere(&dest_url) => {
                    page.links.push((line(range.start), dest_url.to_string()));
                }
                Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
                Event::End(TagEnd::Heading(_)) => page.anchor(&heading.take().unwrap_or_default()),
                Event::Text(words) | Event::Code(words) => {
                    if let Some(heading) = &mut heading {
                        heading.push_str(&words);
                    }
                }
                Event::Html(html) | Event::InlineHtml(html) if html.contains("href=") || html.contains("src=") => {
                    let what = "a link in HTML, which nobody looks after. Write it in Markdown.".to_owned();
                    page.wrong.push((line(range.start), what));
                }
                _ => {}
            }
        }
        fixed.extend(parser.reference_definitions().iter().map(|(_, definition)| definition.span.clone()));
        drop(parser);
        for (line, reference) in undefined {
            page.wrong.push((line, format!("a dead link: nothing says where `[{reference}]` leads.")));
        }
        for ((number, &start), words) in starts.iter().enumerate().zip(text.lines()) {
            let is_fixed = fixed.iter().any(|range| range.start < start + words.len() && start < range.end);
            if !is_fixed && is_too_long(words) {
                let count = words.chars().count();
                let what = format!("prose of {count} characters in a line. Wrap at {WIDTH}; a long sentence is two.");
                page.wrong.push((number + 1, what));
            }
        }
        page
    }

    /// As GitHub does: what is neither letter, digit, `-` nor `_` goes, blanks become `-`, and a second one is counted.
    fn anchor(&mut self, heading: &str) {
        let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | ' '));
        let base: String = kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect();
        let mut anchor = base.clone();
        let mut repeated = 0;
        while !self.anchors.insert(anchor) {
            repeated += 1;
            anchor = format!("{base}-{repeated}");
        }
    }
}

/// It has a scheme, or a host.
fn is_elsewhere(link: &str) -> bool {
    let scheme = link.split_once(':').map(|(scheme, _)| scheme);
    link.starts_with("//") || scheme.is_some_and(|s| s.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c)))
}

/// One that ends further right only for a word which could not be broken, such as an address, is not.
fn is_too_long(line: &str) -> bool {
    let words = line.trim_start_matches(|c: char| c.is_ascii_digit() || " >-*+.#".contains(c));
    line.chars().count() > WIDTH
        && line.chars().take(WIDTH + 1).skip(line.chars().count() - words.chars().count()).any(|c| c == ' ')
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::PathBuf;

    use super::{Page, of_pages};

    /// What is found in pages of these texts, a line each, beside one file that is no page.
    fn found(pages: &[(&str, &str)]) -> Vec<String> {
        let mut files: BTreeSet<PathBuf> = pages.iter().map(|(path, _)| path.into()).collect();
        files.insert("ecom/src/main.rs".into());
        let pages: BTreeMap<PathBuf, Page> = pages.iter().map(|(path, text)| (path.into(), Page::read(text))).collect();
        of_pages(&pages, &files).iter().map(ToString::to_string).collect()
    }

    /// Only where, since the sentences are for people.
    fn places(pages: &[(&str, &str)]) -> Vec<String> {
        let places = found(pages).into_iter();
        places.map(|line| line.splitn(3, ':').take(2).collect::<Vec<_>>().join(":")).collect()
    }

    fn alone(text: &str) -> Vec<String> {
        places(&[("a.md", text)])
    }

    #[test]
    fn a_link_to_a_file_that_is_not_there_is_dead() {
        let text = "# A\n\n[one](b.md), [two](../ecom/src/main.rs), [three](c.md)\nand ![a picture](c.svg).";
        let pages = [("docs/a.md", text), ("docs/b.md", "# B")];
        assert_eq!(
            found(&pages),
            [
                "docs/a.md:3: a dead link: `c.md`. There is no docs/c.md in the repository.",
                "docs/a.md:4: a dead link: `c.svg`. There is no docs/c.svg in the repository.",
            ]
        );
    }

    #[test]
    fn folders_the_top_and_other_places_are_no_dead_links() {
        let text =
            "[a](../ecom) [b](../ecom/src/) [c](/docs/a.md) [d](https://example.com/x.md) [e](mailto:a@b.c) [f](.)";
        assert_eq!(places(&[("docs/a.md", text)]), [""; 0]);
        // Out of the repository there may be anything.
        assert_eq!(places(&[("docs/a.md", "[a](../../other/README.md)")]), ["docs/a.md:1"]);
    }

    #[test]
    fn links_are_read_in_tables_lists_quotes_and_headings_but_not_in_code() {
        let text = "| a |\n|---|\n| [x](1.md) |\n\n- y\n  - [x](2.md)\n\n> [x](3.md)\n\n## [x](4.md)\n\n`[x](5.md)`\n\n```\n[x](6.md)\n```\n";
        assert_eq!(alone(text), ["a.md:3", "a.md:6", "a.md:8", "a.md:10"]);
    }

    #[test]
    fn an_anchor_needs_its_heading() {
        let text =
            "# What it is\n\n[up](#what-it-is) [gone](#what-it-was)\n[there](b.md#two-doors) [gone](b.md#three-doors)";
        assert_eq!(
            found(&[("a.md", text), ("b.md", "## Two doors")]),
            [
                "a.md:3: a dead anchor: `#what-it-was`. a.md has no such heading.",
                "a.md:4: a dead anchor: `b.md#three-doors`. b.md has no such heading.",
            ]
        );
        // Only pages have headings.
        assert_eq!(alone("[x](ecom/src/main.rs#L3)"), ["a.md:1"]);
    }

    #[test]
    fn anchors_are_made_of_headings_as_github_makes_them() {
        let text = "# `ECOM_BIND`: who may come in?\n# Größe & Maß\n# *One*, [two](a.md)\n# Same\n# Same\n\nUnderlined\n---\n\n\
                    [a](#ecom_bind-who-may-come-in) [b](#größe--maß) [c](#one-two) [d](#same) [e](#same-1) [f](#underlined)\n\
                    [g](#same-2)";
        assert_eq!(alone(text), ["a.md:11"]);
    }

    #[test]
    fn a_link_that_nothing_defines_and_one_in_html_are_found() {
        let text = "[text][there] and [text][gone], [not] [a link]\n\n<a href=\"b.md\">b</a>\n\n[there]: a.md\n";
        assert_eq!(alone(text), ["a.md:1", "a.md:3"]);
    }

    #[test]
    fn prose_is_wrapped() {
        let long = "word ".repeat(25);
        assert_eq!(
            found(&[("a.md", format!("# A\n\nx {long}").as_str())]),
            ["a.md:3: prose of 127 characters in a line. Wrap at 120; a long sentence is two."]
        );
        for before in ["", "- ", "> ", "## ", "1. ", "<!-- "] {
            assert_eq!(alone(&format!("{before}{long}")), ["a.md:1"], "{before}");
        }
        assert_eq!(alone(&"ä  ".repeat(40)), [""; 0]);
    }

    #[test]
    fn what_cannot_wrap_need_not() {
        let long = "word ".repeat(25);
        let address = format!("https://example.com/{}", "x".repeat(120));
        let code = format!("```sh\n{long}\n```\n\n    {long}\n\n- a\n\n  ```\n  {long}\n  ```\n");
        assert_eq!(alone(&code), [""; 0]);
        assert_eq!(alone(&format!("| a |\n|---|\n| {long} |\n")), [""; 0]);
        assert_eq!(alone(&format!("See\n- <{address}>\n- [x]({address})\n\n[y][z]\n\n[z]: {address}\n")), [""; 0]);
        // An address excuses the line it is alone in.
        assert_eq!(alone(&format!("See {address}")), ["a.md:1"]);
        // The table ends before it.
        assert_eq!(alone(&format!("| a |\n|---|\n| b |\n\n{long}")), ["a.md:5"]);
    }
}
