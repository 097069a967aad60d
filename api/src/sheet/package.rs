//! The parts of a workbook: a ZIP whose stated sizes may lie, and XML that is unpacked as a stream and never as a whole.

use std::borrow::Cow;
use std::io::{self, BufReader, Cursor, Read};

use quick_xml::Reader;
use quick_xml::encoding::DecodingReader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesEnd, BytesStart, Event};
use rustc_hash::FxHashMap;
use zip::ZipArchive;
use zip::read::ZipFile;

use super::Limits;
use super::faults::{FileFault, SheetError};

/// More parts than these no sheet has.
const MOST_PARTS: usize = 10_000;
/// A cell holds 32,767 characters; nothing between two tags is longer than this in what a program wrote.
const LONGEST_RUN: usize = 1 << 20;
/// Elements within elements; a worksheet has about eight.
const DEEPEST: usize = 200;

type Part<'a, 'b> = ZipFile<'b, Cursor<&'a [u8]>>;
type Stream<'a, 'b> = BufReader<Runs<DecodingReader<BufReader<Part<'a, 'b>>>>>;

pub(super) struct Package<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    /// By path in small letters, with `/`, without one in front.
    by_path: FxHashMap<String, usize>,
}

/// What a damaged file is told.
pub(super) fn damaged(error: impl std::fmt::Display) -> SheetError {
    SheetError::new(FileFault::NotASheet, &super::excerpt::excerpt(&error.to_string()))
}

impl<'a> Package<'a> {
    pub(super) fn open(bytes: &'a [u8]) -> Result<Package<'a>, SheetError> {
        let archive = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
        if archive.len() > MOST_PARTS {
            return Err(SheetError::new(FileFault::ZipBomb, ""));
        }
        let names = archive.file_names().map(|name| name.map(|name| path(&name)));
        let names: Vec<String> = names.collect::<Result<_, _>>().map_err(damaged)?;
        let by_path = names.into_iter().zip(0..).collect();
        Ok(Package { archive, by_path })
    }

    /// Unpacks what would be read, counting only. Gives the total, in bytes.
    pub(super) fn unpacked(&mut self, limits: &Limits) -> Result<usize, SheetError> {
        let read = |path: &str| {
            let text = path.ends_with(".xml") || path.ends_with(".rels");
            text && (path.starts_with("xl/") || path.starts_with("_rels/"))
        };
        let parts: Vec<usize> =
            self.by_path.iter().filter(|(path, _)| read(path)).map(|(_, at)| *at).collect();
        let mut total = 0;
        for at in parts {
            let part = self.archive.by_index(at).map_err(damaged)?;
            let mut most = part.take((limits.max_unpacked - total) as u64 + 1);
            total += io::copy(&mut most, &mut io::sink()).map_err(damaged)? as usize;
            if total > limits.max_unpacked {
                return Err(SheetError::new(FileFault::ZipBomb, ""));
            }
        }
        Ok(total)
    }

    /// A part as a stream of XML, None if there is none at that path.
    pub(super) fn part(&mut self, at: &str) -> Result<Option<Xml<'a, '_>>, SheetError> {
        let Some(&index) = self.by_path.get(&path(at)) else { return Ok(None) };
        let part = self.archive.by_index(index).map_err(damaged)?;
        let decoded = DecodingReader::new(BufReader::with_capacity(1 << 15, part));
        let mut reader =
            Reader::from_reader(BufReader::with_capacity(1 << 15, Runs { inner: decoded, run: 0 }));
        reader.config_mut().check_end_names = false;
        Ok(Some(Xml { reader, buffer: Vec::new(), depth: 0 }))
    }
}

/// A path as parts are found by: programs differ in letters and slashes.
fn path(name: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    let even = name.replace('\\', "/").to_lowercase();
    for part in even.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Where a relationship of the part `from` leads.
pub(super) fn target(from: &str, to: &str) -> String {
    if to.starts_with(['/', '\\']) {
        return path(to);
    }
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    path(&format!("{folder}/{to}"))
}

/// Ends a stream in which nothing opens or closes for too long: the parser would keep all of it.
struct Runs<R> {
    inner: R,
    run: usize,
}

impl<R: Read> Read for Runs<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let last = buffer[..count].iter().rposition(|byte| matches!(byte, b'<' | b'>'));
        self.run = last.map_or(self.run + count, |last| count - last - 1);
        if self.run > LONGEST_RUN {
            return Err(io::Error::other("a text without end"));
        }
        Ok(count)
    }
}

/// What a stream of XML comes to.
pub(super) enum Node<'x> {
    /// An element and whether it is empty: then no end follows.
    Start(BytesStart<'x>, bool),
    End(BytesEnd<'x>),
    Text(Cow<'x, str>),
    Over,
}

pub(super) struct Xml<'a, 'b> {
    reader: Reader<Stream<'a, 'b>>,
    buffer: Vec<u8>,
    depth: usize,
}

impl Xml<'_, '_> {
    pub(super) fn next(&mut self) -> Result<Node<'_>, SheetError> {
        self.buffer.clear();
        let node = match self.reader.read_event_into(&mut self.buffer).map_err(damaged)? {
            Event::Start(element) => {
                self.depth += 1;
                Node::Start(element, false)
            }
            Event::Empty(element) => Node::Start(element, true),
            Event::End(element) => {
                self.depth = self.depth.saturating_sub(1);
                Node::End(element)
            }
            Event::Text(text) => Node::Text(text.xml10_content()),
            Event::CData(text) => Node::Text(text.xml10_content()),
            Event::GeneralRef(name) => Node::Text(referred(&name)?),
            Event::Eof => Node::Over,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {
                Node::Text(Cow::Borrowed(""))
            }
        };
        // The parser remembers every element that is open.
        if self.depth > DEEPEST { Err(damaged("elements within elements")) } else { Ok(node) }
    }
}

/// What `&name;` stands for: XML's own five and numbers. Others a file could define to unfold without end.
fn referred(name: &quick_xml::events::BytesRef<'_>) -> Result<Cow<'static, str>, SheetError> {
    if let Some(c) = name.resolve_char_ref().map_err(damaged)? {
        return Ok(Cow::Owned(c.to_string()));
    }
    resolve_predefined_entity(name).map(Cow::Borrowed).ok_or_else(|| damaged("entity"))
}

/// The value of an attribute, whatever its prefix.
pub(super) fn attribute(element: &BytesStart<'_>, name: &str) -> Result<Option<String>, SheetError> {
    // Looking for attributes that stand twice would take hours in a hostile tag.
    for found in element.attributes().with_checks(false) {
        let found = found.map_err(damaged)?;
        if found.key.local_name().as_ref() == name {
            let value = found.normalized_value(quick_xml::XmlVersion::Implicit1_0).map_err(damaged)?;
            return Ok(Some(value.into_owned()));
        }
    }
    Ok(None)
}

pub(super) fn is_true(value: Option<&str>) -> bool {
    matches!(value, Some("1" | "true" | "on"))
}
