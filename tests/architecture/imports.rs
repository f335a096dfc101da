//! Finds what each module of a crate imports, by reading the source token by token.
//!
//! Files are found as the compiler finds them, from the crate's root through `mod` declarations. What is compiled for
//! tests only is left out.

use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// A path into the crate, as some module names it.
#[derive(Debug, PartialEq)]
pub struct Import {
    pub file: PathBuf,
    pub line: usize,
    /// The module that names it, without `crate`.
    pub from: Vec<String>,
    /// What it names, likewise; `super` and the braces of `use` are resolved.
    pub to: Vec<String>,
}

/// Every path into the crate whose root is this file, in its modules and in those below them.
pub fn of_crate(root: &Path) -> Vec<Import> {
    let mut imports = Vec::new();
    let mut left = vec![(root.to_owned(), Vec::new())];
    while let Some((file, module)) = left.pop() {
        let mut reader = Reader {
            file: &file,
            imports: &mut imports,
            children: Vec::new(),
        };
        reader.tokens(&tokens_of(&file), &module);
        for child in reader.children {
            left.push((file_of(root, &child), child));
        }
    }
    imports
}

fn tokens_of(file: &Path) -> Vec<TokenTree> {
    let text = fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let tokens: TokenStream = text.parse().unwrap();
    tokens.into_iter().collect()
}

/// Where a module that is declared with `mod name;` is.
fn file_of(root: &Path, module: &[String]) -> PathBuf {
    let path = module
        .iter()
        .fold(root.parent().unwrap().to_owned(), |p, name| p.join(name));
    let folder = path.join("mod.rs");
    if folder.exists() {
        folder
    } else {
        path.with_extension("rs")
    }
}

/// Reads one file.
struct Reader<'a> {
    file: &'a Path,
    imports: &'a mut Vec<Import>,
    /// Modules that are files of their own.
    children: Vec<Vec<String>>,
}

impl Reader<'_> {
    fn tokens(&mut self, tokens: &[TokenTree], module: &[String]) {
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            if is_test_only(&tokens[at..]) {
                at += item_length(&tokens[at..]);
                continue;
            }
            match (word(Some(token)).as_deref(), &tokens[at + 1..]) {
                (Some("mod"), [TokenTree::Ident(name), body, ..]) => {
                    at += 2;
                    self.module([module, &[name.to_string()]].concat(), body);
                }
                (Some("crate"), rest) => self.path(rest, token, module, Vec::new()),
                (Some("super"), rest) if !follows_path(tokens, at) => {
                    self.path(rest, token, module, parent(module));
                }
                _ => {
                    if let TokenTree::Group(group) = token {
                        self.tokens(&inside(group), module);
                    }
                }
            }
            at += 1;
        }
    }

    fn module(&mut self, module: Vec<String>, body: &TokenTree) {
        match body {
            TokenTree::Group(group) => self.tokens(&inside(group), &module),
            _ => self.children.push(module),
        }
    }

    /// Follows a path whose first part stood before these tokens; braces and stars of `use` end it.
    fn path(&mut self, rest: &[TokenTree], start: &TokenTree, from: &[String], to: Vec<String>) {
        let Some(next) = after_colons(rest) else {
            if !to.is_empty() && word(Some(start)).is_some_and(|w| w != "super") {
                self.import(start, from, to);
            }
            return;
        };
        match next.first() {
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                for part in inside(group).split(is_comma) {
                    self.part(part, from, &to);
                }
            }
            _ => self.part(next, from, &to),
        }
    }

    /// One name below `to`, and what follows it.
    fn part(&mut self, tokens: &[TokenTree], from: &[String], to: &[String]) {
        let Some(first) = tokens.first() else { return };
        match word(Some(first)).as_deref() {
            Some("super") => self.path(&tokens[1..], first, from, parent(to)),
            Some("self") => self.import(first, from, to.to_vec()),
            Some(name) => {
                self.path(&tokens[1..], first, from, [to, &[name.to_owned()]].concat());
            }
            None => self.import(first, from, [to, &[first.to_string()]].concat()),
        }
    }

    fn import(&mut self, at: &TokenTree, from: &[String], to: Vec<String>) {
        self.imports.push(Import {
            file: self.file.to_owned(),
            line: at.span().start().line,
            from: from.to_vec(),
            to,
        });
    }
}

fn inside(group: &Group) -> Vec<TokenTree> {
    group.stream().into_iter().collect()
}

fn parent(module: &[String]) -> Vec<String> {
    module[..module.len().saturating_sub(1)].to_vec()
}

fn word(token: Option<&TokenTree>) -> Option<String> {
    match token {
        Some(TokenTree::Ident(ident)) => Some(ident.to_string()),
        _ => None,
    }
}

fn is_mark(token: Option<&TokenTree>, mark: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == mark)
}

fn is_comma(token: &TokenTree) -> bool {
    is_mark(Some(token), ',')
}

fn after_colons(tokens: &[TokenTree]) -> Option<&[TokenTree]> {
    let colons = is_mark(tokens.first(), ':') && is_mark(tokens.get(1), ':');
    colons.then(|| &tokens[2..])
}

/// Whether this token is a later part of a path that was followed from its beginning.
fn follows_path(tokens: &[TokenTree], at: usize) -> bool {
    at >= 2 && after_colons(&tokens[at - 2..]).is_some()
}

/// Whether an attribute begins here that is `cfg(test)` or demands more than `test`.
fn is_test_only(tokens: &[TokenTree]) -> bool {
    let inner = usize::from(is_mark(tokens.get(1), '!'));
    match (is_mark(tokens.first(), '#'), tokens.get(1 + inner)) {
        (true, Some(TokenTree::Group(group))) => {
            let text: String = group.stream().to_string().split_whitespace().collect();
            text == "cfg(test)" || text.starts_with("cfg(all(test,")
        }
        _ => false,
    }
}

/// How many tokens an item with its attributes has; all of them if the attribute is that of the whole file.
fn item_length(tokens: &[TokenTree]) -> usize {
    if is_mark(tokens.get(1), '!') {
        return tokens.len();
    }
    let mut start = 0;
    while is_mark(tokens.get(start), '#') {
        start += 2;
    }
    // A field, a variant or an element ends with a comma; a `use` does not end with its braces.
    let is_use = tokens[start..]
        .iter()
        .take(3)
        .any(|t| word(Some(t)).as_deref() == Some("use"));
    let is_item = tokens[start..]
        .iter()
        .take(4)
        .filter_map(|t| word(Some(t)))
        .any(|w| is_keyword(&w));
    let is_end = |token: &TokenTree| match token {
        TokenTree::Punct(mark) => mark.as_char() == ';' || (mark.as_char() == ',' && !is_item),
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace && !is_use,
        _ => false,
    };
    let length = tokens[start..].iter().position(is_end);
    length.map_or(tokens.len(), |length| start + length + 1)
}

fn is_keyword(word: &str) -> bool {
    const ITEMS: [&str; 11] = [
        "use",
        "mod",
        "fn",
        "struct",
        "enum",
        "impl",
        "const",
        "static",
        "type",
        "trait",
        "macro_rules",
    ];
    ITEMS.contains(&word)
}
