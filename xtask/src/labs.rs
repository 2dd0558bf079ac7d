//! That crash points and mistakes are in builds with the feature `labs` and in no other: no dependency asks for the feature,
//! and what a `labs.rs` says and calls itself is looked for in the program with it, where each must be found, and then in
//! those without it.

use crate::{
    process::must_say,
    workspace::{CHECKED_CRATES, cargo, root},
};
use anyhow::{Context, Result, bail, ensure};
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// What every program with the feature has in it, and no other.
const MARK: &str = "ECOM_FAULTS";
/// Shorter constants are in other code as well.
const TELLING: usize = 16;
/// Macros that have read their text when the program is made.
const EARLY: [&str; 4] = ["env", "concat", "include_str", "stringify"];

/// Cargo unifies features: one dependency's line would arm every service of a build of the workspace.
pub(crate) fn enabled_by_nothing() -> Result<()> {
    let tree = |arguments: &[&str]| {
        let mut command = cargo("tree");
        command.args(["--prefix", "none", "--format", "{p}|{f}"]).args(arguments);
        must_say(command)
    };
    let plain = tree(&["--workspace"])?;
    if let Some(line) = plain.lines().find(|line| has_labs(line)) {
        bail!("a dependency or a default asks for the feature labs: {line}");
    }
    // What cannot be found is no proof: asked for by its name, it is in every crate that has mistakes.
    let armed = tree(&["--package", "ecom", "--features", "labs"])?;
    for checked in &CHECKED_CRATES {
        let package = format!("{} v", checked.name);
        let reached = armed.lines().any(|line| line.starts_with(&package) && has_labs(line));
        ensure!(reached, "ecom's feature labs does not reach {}", checked.name);
    }
    println!("the feature labs is enabled by nothing");
    Ok(())
}

/// Of a package and its features: `order-service v0.1.0 (…)|labs`.
fn has_labs(line: &str) -> bool {
    line.split_once('|').is_some_and(|(_package, features)| features.split([',', ' ']).any(|feature| feature == "labs"))
}

/// Looks for everything of every `labs.rs` in `armed`, where it must be, and in `plain`, where it must not, both of the same
/// profile and with their symbols; and for the texts in what is released.
pub(crate) fn plain_without_mistakes(armed: &Path, plain: &Path, released: &[PathBuf]) -> Result<()> {
    let mut told = Told { texts: BTreeSet::from([MARK.to_owned()]), symbols: BTreeSet::new() };
    for checked in &CHECKED_CRATES {
        let source = checked.folder().join("src");
        let mut files = rust_files(&source.join("labs"));
        files.extend(Some(source.join("labs.rs")).filter(|file| file.is_file()));
        for file in files {
            told.read(&file, checked.name)?;
        }
    }
    let Told { texts, symbols } = told;
    let with = Program::read(armed)?;
    let missing = |kind: &str, looked_for: &str| {
        format!("the build with labs has not the {kind} {looked_for:?}: what is looked for is wrong")
    };
    for text in &texts {
        ensure!(with.holds(text), missing("text", text));
    }
    for symbol in &symbols {
        ensure!(with.holds(symbol), missing("symbol", symbol));
    }
    Program::read(plain)?.holds_none(texts.iter().chain(&symbols))?;
    for path in released {
        Program::read(path)?.holds_none(texts.iter())?;
    }
    println!(
        "{} texts and the symbols of {} labs modules are in the build with labs, and in none of {} without",
        texts.len(),
        symbols.len(),
        released.len() + 1
    );
    Ok(())
}

struct Program {
    path: PathBuf,
    bytes: Vec<u8>,
}

impl Program {
    fn read(path: &Path) -> Result<Self> {
        let bytes = fs::read(path).with_context(|| format!("reading {}", path.display()))?;
        Ok(Self { path: path.to_owned(), bytes })
    }

    fn holds(&self, text: &str) -> bool {
        memchr::memmem::find(&self.bytes, text.as_bytes()).is_some()
    }

    fn holds_none<'t>(&self, mut texts: impl Iterator<Item = &'t String>) -> Result<()> {
        match texts.find(|text| self.holds(text)) {
            Some(text) => bail!("{} holds {text:?}, which belongs to the feature labs alone", self.path.display()),
            None => Ok(()),
        }
    }
}

/// What a program with these sources says and has.
#[derive(Default)]
struct Told {
    texts: BTreeSet<String>,
    /// The beginning of its functions' symbols.
    symbols: BTreeSet<String>,
}

impl Told {
    fn read(&mut self, file: &Path, of: &str) -> Result<()> {
        let text = fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
        let tokens: TokenStream = text.parse().map_err(|cause| anyhow::anyhow!("{}: {cause}", file.display()))?;
        if text.contains("fn ") {
            // As in `_ZN15product_service4labs10look_firstE…`, and in the newer way to write symbols.
            self.symbols.insert(format!("{}{}4labs", of.len(), of.replace('-', "_")));
        }
        self.walk(tokens);
        Ok(())
    }

    fn walk(&mut self, tokens: TokenStream) {
        let mut tokens = tokens.into_iter().peekable();
        let mut early = false;
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Punct(sign) if sign.as_char() == '#' => {
                    // A file's own has a ! in it.
                    _ = tokens.next_if(|token| matches!(token, TokenTree::Punct(sign) if sign.as_char() == '!'));
                    let attribute = tokens.next_if(|token| matches!(token, TokenTree::Group(_)));
                    if attribute.is_some_and(|attribute| {
                        attribute.to_string() == "[cfg (test)]" || attribute.to_string() == "[cfg(test)]"
                    }) {
                        // Up to the end of what is only there for tests.
                        _ = tokens.by_ref().find(
                            |token| matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace),
                        );
                    }
                }
                TokenTree::Ident(name) => early = EARLY.iter().any(|macro_name| name == macro_name),
                TokenTree::Punct(sign) if sign.as_char() == '!' => {}
                TokenTree::Group(group) => {
                    if !std::mem::take(&mut early) {
                        self.walk(Group::stream(&group));
                    }
                }
                TokenTree::Literal(literal) => self.literal(&literal.to_string()),
                TokenTree::Punct(_) => early = false,
            }
        }
    }

    fn literal(&mut self, written: &str) {
        let Ok(text) = syn::parse_str::<syn::LitStr>(written) else { return };
        // What is put in between is known only while it runs.
        let pieces = text.value();
        let pieces = pieces.split('{').map(|piece| piece.split_once('}').map_or(piece, |(_name, rest)| rest));
        self.texts.extend(pieces.filter(|piece| piece.len() >= TELLING).map(str::to_owned));
    }
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries = folder.read_dir().into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}

/// The programs that are released, those of them that are built.
pub(crate) fn released() -> Result<Vec<PathBuf>> {
    const RELEASED: [&str; 8] = [
        "ecom",
        "web",
        "provider-sim",
        "user-service",
        "product-service",
        "order-service",
        "payment-service",
        "notify-service",
    ];
    let profiles = ["release", "dist"].map(|profile| root().join("target").join(profile));
    let paths = profiles.iter().flat_map(|folder| RELEASED.map(|name| folder.join(name)));
    let built: Vec<_> = paths.filter(|path| path.exists()).collect();
    ensure!(!built.is_empty(), "no released program to look into: cargo build --release --workspace --bins");
    Ok(built)
}

#[cfg(test)]
mod tests {
    use super::Told;

    #[test]
    fn texts_are_those_that_a_program_can_hold() {
        let source = r##"
            //! Not what comments say of it.
            #[expect(clippy::unused_async, reason = "nor what attributes say")]
            fn mistake(name: &str) {
                sqlx::query!(r#"SELECT  position FROM outbox"#);
                format!("twenty letters at least {name} and so many behind");
                let path = concat!(env!("CARGO_MANIFEST_DIR"), "/what is read early.txt");
                let short = "short";
            }
            #[cfg(test)]
            mod tests {
                const ALSO: &str = "what only tests have in them";
            }
        "##;
        let mut told = Told::default();
        told.walk(source.parse().unwrap());
        let expected = [" and so many behind", "SELECT  position FROM outbox", "twenty letters at least "];
        assert_eq!(Vec::from_iter(told.texts), expected);
    }
}
