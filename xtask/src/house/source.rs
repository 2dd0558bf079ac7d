//! The sources as the compiler walks them: from `lib.rs` or `main.rs` along `mod`, without what is only for tests. Read
//! as tokens, so that what stands in a macro's arguments is seen too.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::iter::Peekable;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree, token_stream};

/// A library or a program: what one `crate::` means.
#[derive(Default)]
pub(super) struct Tree {
    /// Relative to the workspace.
    pub(super) files: Vec<PathBuf>,
    pub(super) modules: Vec<Module>,
    /// Where macros by rules stand: an exported one is at the root by name alone.
    pub(super) macros: BTreeMap<String, usize>,
}

#[derive(Default)]
pub(super) struct Module {
    /// The place of its file in `Tree::files`: an inline module shares its parent's.
    pub(super) file: usize,
    pub(super) parent: Option<usize>,
    pub(super) children: BTreeMap<String, usize>,
    pub(super) uses: Vec<Use>,
    /// Paths of two or more names outside of `use`.
    pub(super) paths: Vec<Mention>,
    pub(super) defined: BTreeSet<String>,
    /// The lines of `#[cure(…)]`. What it names is no arrow: the mistake is not in the program that is released.
    pub(super) cures: Vec<usize>,
    /// Words that stand outside of attributes, each with what follows it.
    pub(super) words: Vec<Word>,
}

/// One leaf of a `use`: `use a::{b, c as d}` has two.
pub(super) struct Use {
    pub(super) path: Mention,
    /// Under which name; none for `as _`.
    pub(super) name: Option<String>,
    pub(super) glob: bool,
}

#[derive(Clone)]
pub(super) struct Mention {
    pub(super) line: usize,
    pub(super) names: Vec<String>,
}

pub(super) struct Word {
    pub(super) line: usize,
    pub(super) text: String,
    /// Neither a method (`.step(…)`), nor a definition (`fn step(…)`), nor another module's.
    pub(super) is_alone: bool,
    pub(super) next: Next,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    Parenthesis,
    /// Parentheses that begin with a text: `step("order-commit")`.
    Text,
    Bang,
    Other,
}

impl Tree {
    /// Its library and its programs.
    pub(super) fn of_crate(top: &Path, name: &str) -> Result<Vec<Self>> {
        let source = Path::new(name).join("src");
        let mut roots = vec![source.join("lib.rs"), source.join("main.rs")];
        if let Ok(programs) = fs::read_dir(top.join(&source).join("bin")) {
            roots.extend(programs.flatten().map(|program| source.join("bin").join(program.file_name())));
        }
        let roots = roots.into_iter().filter(|root| top.join(root).is_file());
        roots.map(|root| Self::read(top, root)).collect()
    }

    fn read(top: &Path, root: PathBuf) -> Result<Self> {
        let mut tree = Self::default();
        let folder = root.parent().unwrap_or(Path::new("")).to_owned();
        tree.file(top, root, &folder, None)?;
        Ok(tree)
    }

    /// `folder` is where its children lie.
    fn file(&mut self, top: &Path, path: PathBuf, folder: &Path, parent: Option<usize>) -> Result<usize> {
        let text = fs::read_to_string(top.join(&path)).with_context(|| format!("reading {}", path.display()))?;
        let tokens: TokenStream = text.parse().map_err(|e| anyhow!("{}: {e}", path.display()))?;
        self.files.push(path);
        let file = self.files.len() - 1;
        let module = self.module(file, parent);
        self.walk(top, tokens, folder, module)?;
        Ok(module)
    }

    fn module(&mut self, file: usize, parent: Option<usize>) -> usize {
        self.modules.push(Module { file, parent, ..Module::default() });
        self.modules.len() - 1
    }

    fn walk(&mut self, top: &Path, tokens: TokenStream, folder: &Path, module: usize) -> Result<()> {
        let mut tokens = tokens.into_iter().peekable();
        let mut is_alone = true;
        while let Some(token) = tokens.next() {
            let follows =
                matches!(&token, TokenTree::Punct(mark) if mark.as_char() == '.') || token.to_string() == "fn";
            match token {
                TokenTree::Punct(mark) if mark.as_char() == '#' => {
                    if let Some(attribute) = attribute(&mut tokens) {
                        if is_for_tests(&attribute) {
                            skip_item(&mut tokens);
                        } else if is_cure(&attribute) {
                            self.modules[module].cures.push(attribute.span().start().line);
                        } else {
                            self.attribute(attribute.stream(), module);
                        }
                    }
                }
                TokenTree::Punct(mark) if mark.as_char() == ':' && is_double_colon(&mut tokens) => {
                    // `::name` or `<T as Trait>::name`: another crate's, or a member.
                    tokens.next();
                    if matches!(tokens.peek(), Some(TokenTree::Ident(_))) {
                        rest_of_path(&mut tokens, &mut Vec::new());
                    }
                }
                TokenTree::Ident(word) if word == "use" => self.read_use(&mut tokens, module),
                TokenTree::Ident(word) if word == "macro_rules" => {
                    if let (Some(_), Some(TokenTree::Ident(name))) = (tokens.next(), tokens.next()) {
                        self.macros.insert(name.to_string(), module);
                    }
                }
                TokenTree::Ident(word) if word == "mod" => self.read_mod(top, &mut tokens, folder, module)?,
                TokenTree::Ident(word) => self.read_word(&word, is_alone, &mut tokens, module),
                TokenTree::Group(group) => self.walk(top, group.stream(), folder, module)?,
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
            is_alone = !follows;
        }
        Ok(())
    }

    fn read_mod(&mut self, top: &Path, tokens: &mut Tokens, folder: &Path, module: usize) -> Result<()> {
        let Some(TokenTree::Ident(name)) = tokens.next() else { return Ok(()) };
        let name = name.to_string();
        let inside = folder.join(&name);
        let child = match tokens.next() {
            Some(TokenTree::Group(body)) => {
                let child = self.module(self.modules[module].file, Some(module));
                // Under `cfg` a module may stand twice; the one with a file of its own counts.
                self.modules[module].children.entry(name).or_insert(child);
                return self.walk(top, body.stream(), &inside, child);
            }
            _ if top.join(inside.join("mod.rs")).is_file() => inside.join("mod.rs"),
            _ => inside.with_extension("rs"),
        };
        let child = self.file(top, child, &inside, Some(module))?;
        self.modules[module].children.insert(name, child);
        Ok(())
    }

    fn read_use(&mut self, tokens: &mut Tokens, module: usize) {
        let mut leaf = TokenStream::new();
        for token in tokens.by_ref() {
            match &token {
                TokenTree::Punct(mark) if mark.as_char() == ';' => break,
                _ => leaf.extend([token]),
            }
        }
        // `impl Trait + use<'a>` ends somewhere else; it holds no path that is not read elsewhere.
        read_leaf(leaf, &[], &mut self.modules[module].uses);
    }

    fn read_word(&mut self, word: &Ident, is_alone: bool, tokens: &mut Tokens, module: usize) {
        let line = word.span().start().line;
        let mut names = vec![word.to_string()];
        rest_of_path(tokens, &mut names);
        let next = match tokens.peek() {
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis => {
                match group.stream().into_iter().next() {
                    Some(TokenTree::Literal(_)) => Next::Text,
                    _ => Next::Parenthesis,
                }
            }
            Some(TokenTree::Punct(mark)) if mark.as_char() == '!' => Next::Bang,
            _ => Next::Other,
        };
        let module = &mut self.modules[module];
        if names.len() == 1
            && defines(&names[0])
            && let Some(TokenTree::Ident(name)) = tokens.peek()
        {
            module.defined.insert(name.to_string());
        }
        // `numbers::step(…)` is that module's own.
        let is_alone = is_alone && names.iter().rev().nth(1).is_none_or(|of| of == "labs" || of == "service_kit");
        if let Some(text) = names.last().cloned() {
            module.words.push(Word { line, text, is_alone, next });
        }
        if names.len() > 1 {
            module.paths.push(Mention { line, names });
        }
    }

    /// Paths in it are arrows, words in it are nothing.
    fn attribute(&mut self, tokens: TokenStream, module: usize) {
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Ident(word) => {
                    let mut names = vec![word.to_string()];
                    rest_of_path(&mut tokens, &mut names);
                    if names.len() > 1 {
                        self.modules[module].paths.push(Mention { line: word.span().start().line, names });
                    }
                }
                TokenTree::Group(group) => self.attribute(group.stream(), module),
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
    }
}

type Tokens = Peekable<token_stream::IntoIter>;

fn defines(word: &str) -> bool {
    ["struct", "enum", "union", "trait", "fn", "const", "static", "type"].contains(&word)
}

fn is_double_colon(tokens: &mut Tokens) -> bool {
    matches!(tokens.peek(), Some(TokenTree::Punct(mark)) if mark.as_char() == ':')
}

/// Reads on while `::name` follows.
fn rest_of_path(tokens: &mut Tokens, names: &mut Vec<String>) {
    loop {
        let mut ahead = tokens.clone();
        let colons = [ahead.next(), ahead.next()];
        if !colons.iter().all(|token| matches!(token, Some(TokenTree::Punct(mark)) if mark.as_char() == ':')) {
            return;
        }
        let Some(TokenTree::Ident(name)) = ahead.next() else { return };
        names.push(name.to_string());
        *tokens = ahead;
    }
}

fn read_leaf(tokens: TokenStream, before: &[String], uses: &mut Vec<Use>) {
    let mut names = before.to_vec();
    let (mut line, mut name, mut glob) = (0, None, false);
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(word) if word == "as" => {
                let other = tokens.next().map(|token| token.to_string());
                name = Some(other.filter(|other| other != "_"));
            }
            TokenTree::Ident(word) => {
                line = word.span().start().line;
                // `use a::{self}` is `use a`.
                if word != "self" || names.is_empty() {
                    names.push(word.to_string());
                }
            }
            TokenTree::Punct(mark) if mark.as_char() == '*' => {
                line = mark.span().start().line;
                glob = true;
            }
            TokenTree::Group(group) => {
                for leaf in commas(group.stream()) {
                    read_leaf(leaf, &names, uses);
                }
                return;
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
    if names.len() > before.len() || glob || line > 0 {
        let name = name.unwrap_or_else(|| names.last().cloned());
        uses.push(Use { path: Mention { line, names }, name, glob });
    }
}

fn commas(tokens: TokenStream) -> Vec<TokenStream> {
    let mut parts = vec![TokenStream::new()];
    for token in tokens {
        if matches!(&token, TokenTree::Punct(mark) if mark.as_char() == ',') {
            parts.push(TokenStream::new());
        } else if let Some(part) = parts.last_mut() {
            part.extend([token]);
        }
    }
    parts
}

/// What stands in `#[…]` or `#![…]`, after its `#`.
fn attribute(tokens: &mut Tokens) -> Option<Group> {
    if matches!(tokens.peek(), Some(TokenTree::Punct(mark)) if mark.as_char() == '!') {
        tokens.next();
    }
    match tokens.peek() {
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Bracket => {
            let group = group.clone();
            tokens.next();
            Some(group)
        }
        _ => None,
    }
}

fn is_for_tests(attribute: &Group) -> bool {
    let text = attribute.stream().to_string().replace(' ', "");
    text == "test" || text == "cfg(test)" || text.starts_with("cfg(all(test,")
}

fn is_cure(attribute: &Group) -> bool {
    let mut path = attribute.stream().into_iter().take_while(|token| !matches!(token, TokenTree::Group(_)));
    path.any(|token| token.to_string() == "cure")
}

/// Up to the end of what an attribute stands over.
fn skip_item(tokens: &mut Tokens) {
    for token in tokens.by_ref() {
        match token {
            TokenTree::Punct(mark) if mark.as_char() == ';' => return,
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => return,
            _ => {}
        }
    }
}
