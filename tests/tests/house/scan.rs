//! Finds every path that a Rust source mentions: enough of a lexer to skip comments and literals, to unfold
//! `use` trees and to resolve `self` and `super`. It reads what `rustc` accepts; on other input it only must
//! not hang.

use std::iter::Peekable;
use std::str::Chars;

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
    let mut scan = Scan { tokens: tokens(source), at: 0, modules, braces: Vec::new(), found: Vec::new() };
    while scan.at < scan.tokens.len() {
        scan.step();
    }
    scan.found
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Name(String),
    PathSeparator,
    Open,
    Close,
    Other(char),
}

struct Scan {
    tokens: Vec<(Token, usize)>,
    at: usize,
    modules: Vec<String>,
    /// For each open brace whether it opened a module.
    braces: Vec<bool>,
    found: Vec<Mention>,
}

impl Scan {
    fn peek(&self, ahead: usize) -> Option<&Token> {
        self.tokens.get(self.at + ahead).map(|(token, _)| token)
    }

    fn name(&self, ahead: usize) -> Option<&str> {
        if let Some(Token::Name(name)) = self.peek(ahead) { Some(name) } else { None }
    }

    fn step(&mut self) {
        match (self.name(0), self.name(1), self.peek(2)) {
            (Some("mod"), Some(name), Some(Token::Open)) => {
                self.modules.push(name.to_owned());
                self.braces.push(true);
                self.at += 3;
            }
            (Some("quote"), ..) if self.peek(1) == Some(&Token::Other('!')) => self.skip_quoted(),
            (Some("use"), ..) => {
                self.at += 1;
                self.use_tree(Vec::new());
            }
            (Some("extern"), Some("crate"), Some(Token::Name(name))) => {
                let path = vec![name.clone()];
                self.emit(path, self.at, true);
                self.at += 3;
            }
            (Some(_), ..) => self.plain_path(),
            _ => self.brace(),
        }
    }

    /// Code that a macro writes stands in another crate: its paths are none of this one.
    fn skip_quoted(&mut self) {
        self.at += 2;
        let mut depth = 0;
        while let Some(token) = self.peek(0) {
            match token {
                Token::Open | Token::Other('(' | '[') => depth += 1,
                Token::Close | Token::Other(')' | ']') => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return;
            }
        }
    }

    fn brace(&mut self) {
        if self.peek(0) == Some(&Token::Open) {
            self.braces.push(false);
        }
        if self.peek(0) == Some(&Token::Close) && self.braces.pop() == Some(true) {
            self.modules.pop();
        }
        self.at += 1;
    }

    fn plain_path(&mut self) {
        let start = self.at;
        let mut path = Vec::new();
        while let Some(name) = self.name(0) {
            path.push(name.to_owned());
            self.at += 1;
            if self.peek(0) != Some(&Token::PathSeparator) || self.name(1).is_none() {
                break;
            }
            self.at += 1;
        }
        if path.len() > 1 {
            self.emit(path, start, false);
        }
    }

    fn use_tree(&mut self, mut path: Vec<String>) {
        let start = self.at;
        loop {
            match self.peek(0) {
                Some(Token::PathSeparator) => self.at += 1,
                Some(Token::Name(name)) if name == "as" => {
                    self.at += 2;
                    break;
                }
                Some(Token::Name(name)) => {
                    path.push(name.clone());
                    self.at += 1;
                }
                Some(Token::Other('*')) => {
                    path.push("*".to_owned());
                    self.at += 1;
                }
                Some(Token::Open) => return self.use_group(&path),
                _ => break,
            }
        }
        self.emit(path, start, true);
    }

    fn use_group(&mut self, prefix: &[String]) {
        self.at += 1;
        loop {
            match self.peek(0) {
                Some(Token::Close) => {
                    self.at += 1;
                    return;
                }
                Some(Token::Other(',')) => self.at += 1,
                Some(Token::Name(_) | Token::PathSeparator | Token::Open | Token::Other('*')) => {
                    self.use_tree(prefix.to_vec());
                }
                _ => return,
            }
        }
    }

    fn emit(&mut self, mut path: Vec<String>, at: usize, imported: bool) {
        if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
            path.pop();
        }
        let line = self.tokens[at.min(self.tokens.len() - 1)].1;
        self.found.push(Mention { path: self.resolve(path), line, imported });
    }

    /// Turns `self::` and `super::` into `crate::`.
    fn resolve(&self, path: Vec<String>) -> Vec<String> {
        let relative = path.first().is_some_and(|first| first == "self" || first == "super");
        if !relative {
            return path;
        }
        let mut absolute = vec!["crate".to_owned()];
        absolute.extend(self.modules.iter().cloned());
        for segment in path {
            match segment.as_str() {
                "self" => {}
                "super" if absolute.len() > 1 => drop(absolute.pop()),
                _ => absolute.push(segment),
            }
        }
        absolute
    }
}

fn tokens(source: &str) -> Vec<(Token, usize)> {
    let mut lexer = Lexer { chars: source.chars().peekable(), line: 1 };
    let mut tokens = Vec::new();
    loop {
        let line = lexer.line;
        let Some(token) = lexer.next() else {
            return tokens;
        };
        tokens.extend(token.map(|token| (token, line)));
    }
}

struct Lexer<'s> {
    chars: Peekable<Chars<'s>>,
    line: usize,
}

impl Lexer<'_> {
    fn bump(&mut self) -> Option<char> {
        let c = self.chars.next()?;
        self.line += usize::from(c == '\n');
        Some(c)
    }

    fn bump_if(&mut self, wanted: char) -> bool {
        self.chars.peek() == Some(&wanted) && self.bump().is_some()
    }

    fn peek_second(&self) -> Option<char> {
        self.chars.clone().nth(1)
    }

    /// A token, or `None` inside for what is none; `None` outside at the end.
    fn next(&mut self) -> Option<Option<Token>> {
        let c = self.bump()?;
        Some(match c {
            '/' if self.bump_if('/') => self.skip_line(),
            '/' if self.bump_if('*') => self.skip_block(),
            '"' => self.skip_string(),
            '\'' => self.skip_quote(),
            ':' if self.bump_if(':') => Some(Token::PathSeparator),
            '{' => Some(Token::Open),
            '}' => Some(Token::Close),
            c if c.is_whitespace() => None,
            c if c == '_' || c.is_alphanumeric() => self.word(c),
            c => Some(Token::Other(c)),
        })
    }

    fn word(&mut self, first: char) -> Option<Token> {
        let mut word = String::from(first);
        while let Some(c) = self.chars.next_if(|c| *c == '_' || c.is_alphanumeric()) {
            word.push(c);
        }
        let raw = matches!(word.as_str(), "r" | "br" | "cr");
        match self.chars.peek().copied() {
            Some('"') if raw => self.skip_raw_string(),
            Some('#') if raw && matches!(self.peek_second(), Some('#' | '"')) => self.skip_raw_string(),
            Some('#') if word == "r" => {
                self.bump();
                let first = self.bump()?;
                self.word(first)
            }
            _ => Some(Token::Name(word)),
        }
    }

    fn skip_line(&mut self) -> Option<Token> {
        while self.bump().is_some_and(|c| c != '\n') {}
        None
    }

    fn skip_block(&mut self) -> Option<Token> {
        let mut depth = 1;
        while depth > 0 {
            match self.bump()? {
                '/' if self.bump_if('*') => depth += 1,
                '*' if self.bump_if('/') => depth -= 1,
                _ => {}
            }
        }
        None
    }

    fn skip_string(&mut self) -> Option<Token> {
        loop {
            match self.bump()? {
                '\\' => drop(self.bump()),
                '"' => return None,
                _ => {}
            }
        }
    }

    fn skip_raw_string(&mut self) -> Option<Token> {
        let mut hashes = 0;
        while self.bump_if('#') {
            hashes += 1;
        }
        self.bump();
        loop {
            while self.bump()? != '"' {}
            if (0..hashes).all(|_| self.bump_if('#')) {
                return None;
            }
        }
    }

    /// A character literal, or a lifetime, of which only the quote is skipped.
    fn skip_quote(&mut self) -> Option<Token> {
        let escaped = self.bump_if('\\');
        if escaped || self.peek_second() == Some('\'') {
            self.bump();
            while self.bump()? != '\'' {}
        }
        None
    }
}
