//! Finds every path that a Rust source mentions: reads its tokens, unfolds `use` trees and resolves `self` and `super`.

use proc_macro2::{TokenStream, TokenTree};

/// A path in a source, such as `crate::domain::time` or `std::time::*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mention {
    pub(crate) path: Vec<String>,
    pub(crate) line: usize,
    /// Whether it stands in a `use` or `extern crate`, so that it brings in all that is below it.
    pub(crate) imported: bool,
}

impl Mention {
    /// Whether this names `target` or something in it, or imports something that contains it.
    pub(crate) fn reaches(&self, target: &str) -> bool {
        let target: Vec<&str> = target.split("::").collect();
        let agree = self.path.iter().zip(&target).all(|(own, wanted)| own == wanted || own == "*");
        agree && (self.imported || self.path.len() >= target.len())
    }
}

/// All paths of two or more segments, and all imports. `module` is the file's own module path.
pub(crate) fn mentions(source: &str, module: &[&str]) -> Vec<Mention> {
    let modules = module.iter().map(|name| (*name).to_owned()).collect();
    let mut scan = Scan { modules, found: Vec::new() };
    scan.walk(source.parse().expect("it is Rust"));
    scan.found
}

struct Scan {
    modules: Vec<String>,
    found: Vec<Mention>,
}

impl Scan {
    fn walk(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            at += self.step(&tokens[at..]);
        }
    }

    /// Takes what stands first; how many tokens that is.
    fn step(&mut self, tokens: &[TokenTree]) -> usize {
        use TokenTree::{Group, Ident, Punct};
        match tokens {
            [Ident(word), Ident(name), Group(inside), ..] if word == "mod" => {
                self.modules.push(name.to_string());
                self.walk(inside.stream());
                self.modules.pop();
                3
            }
            // Code that a macro writes stands in another crate: its paths are none of this one.
            [Ident(word), Punct(mark), Group(_), ..] if word == "quote" && mark.as_char() == '!' => 3,
            [Ident(word), ..] if word == "use" && !is(tokens.get(1), '<') => {
                1 + self.use_tree(&tokens[1..], Vec::new())
            }
            [Ident(word), Ident(what), Ident(name), ..] if word == "extern" && what == "crate" => {
                self.emit(vec![name.to_string()], &tokens[2], true);
                3
            }
            [Ident(_), ..] => self.plain_path(tokens),
            [Group(group), ..] => {
                self.walk(group.stream());
                1
            }
            _ => 1,
        }
    }

    fn plain_path(&mut self, tokens: &[TokenTree]) -> usize {
        let (mut path, mut at) = (Vec::new(), 0);
        while let Some(TokenTree::Ident(name)) = tokens.get(at) {
            path.push(name.to_string());
            at += 1;
            let goes_on = is(tokens.get(at), ':') && is(tokens.get(at + 1), ':');
            if !goes_on || !matches!(tokens.get(at + 2), Some(TokenTree::Ident(_))) {
                break;
            }
            at += 2;
        }
        if path.len() > 1 {
            self.emit(path, &tokens[0], false);
        }
        at
    }

    fn use_tree(&mut self, tokens: &[TokenTree], mut path: Vec<String>) -> usize {
        let mut at = 0;
        loop {
            match tokens.get(at) {
                Some(TokenTree::Ident(word)) if word == "as" => {
                    at += 2;
                    break;
                }
                Some(TokenTree::Ident(name)) => path.push(name.to_string()),
                Some(TokenTree::Group(group)) => {
                    let inside: Vec<TokenTree> = group.stream().into_iter().collect();
                    let trees = inside.split(|token| is(Some(token), ','));
                    for tree in trees.filter(|tree| !tree.is_empty()) {
                        self.use_tree(tree, path.clone());
                    }
                    return at + 1;
                }
                token if is(token, '*') => path.push("*".to_owned()),
                token if is(token, ':') => {}
                _ => break,
            }
            at += 1;
        }
        self.emit(path, &tokens[0], true);
        at
    }

    /// Turns `self::` and `super::` into `crate::`.
    fn emit(&mut self, mut path: Vec<String>, first: &TokenTree, imported: bool) {
        if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
            path.pop();
        }
        if matches!(path[0].as_str(), "self" | "super") {
            let mut absolute = vec!["crate".to_owned()];
            absolute.extend(self.modules.iter().cloned());
            for segment in path {
                match segment.as_str() {
                    "self" => {}
                    "super" if absolute.len() > 1 => drop(absolute.pop()),
                    _ => absolute.push(segment),
                }
            }
            path = absolute;
        }
        let path = path.into_iter().map(|name| name.trim_start_matches("r#").to_owned()).collect();
        self.found.push(Mention { path, line: first.span().start().line, imported });
    }
}

fn is(token: Option<&TokenTree>, mark: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == mark)
}
