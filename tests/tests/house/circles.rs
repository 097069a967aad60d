//! Import circles inside a crate: which source file uses which, and the groups in which every file uses every other,
//! by itself or through others. Unit tests are left out.

use std::collections::{BTreeMap, BTreeSet};

use super::scan::{Mention, mentions};
use super::{module_of, outside_tests};

/// How often a name that is passed on is followed.
const STEPS: usize = 8;

/// The files of a crate by their modules, with their paths and what they mention.
pub(crate) struct Imports<'s>(BTreeMap<Vec<String>, (&'s str, Vec<Mention>)>);

/// Which files a file uses.
pub(crate) type Arrows<'s> = BTreeMap<&'s str, BTreeSet<&'s str>>;

impl<'s> Imports<'s> {
    /// Of the sources of one crate, by their paths.
    pub(crate) fn of(sources: impl Iterator<Item = (&'s str, &'s str)>) -> Self {
        let product = sources.filter(|(path, _)| is_product(path));
        let files = product.map(|(path, source)| {
            let module = module_of(path);
            let found = mentions(outside_tests(source), &module);
            (module.into_iter().map(str::to_owned).collect(), (path, found))
        });
        Self(files.collect())
    }

    /// Which file uses which.
    pub(crate) fn arrows(&self) -> Arrows<'s> {
        let used = |module: &[String], path: &str, found: &[Mention]| {
            let files = found.iter().filter_map(|mention| self.holder(module, mention, STEPS));
            files.filter(|file| *file != path).collect()
        };
        self.0.iter().map(|(module, (path, found))| (*path, used(module, path, found))).collect()
    }

    /// The file that holds what a module mentions, if it is of this crate. What a file only passes on, as a folder's
    /// `mod.rs` does, is followed to where it comes from.
    fn holder(&self, module: &[String], mention: &Mention, steps: usize) -> Option<&'s str> {
        let path = match mention.path.split_first()? {
            (first, rest) if first == "crate" => rest.to_vec(),
            // A module below this one; any other name was imported, and counts there.
            (first, _) if self.0.contains_key(&[module, std::slice::from_ref(first)].concat()) => {
                [module, &mention.path].concat()
            }
            _ => return None,
        };
        let lengths = (0..=path.len()).rev();
        let holder = lengths.map(|length| &path[..length]).find(|start| self.0.contains_key(*start))?;
        let (file, found) = &self.0[holder];
        let wanted = path.get(holder.len());
        let passes_on = |import: &&Mention| import.imported && import.path.last() == wanted;
        match found.iter().find(passes_on).filter(|import| *import != mention && steps > 0) {
            Some(import) => self.holder(holder, import, steps - 1).or(Some(file)),
            None => Some(file),
        }
    }
}

/// Whether a source is compiled into the library of its crate, unit tests aside.
fn is_product(path: &str) -> bool {
    let inside = path.split_once("/src/").map(|(_, inside)| inside);
    inside.is_some_and(|inside| {
        inside != "main.rs" && !inside.ends_with("tests.rs") && !inside.split('/').any(|part| part == "tests")
    })
}

/// The circles: files each of which uses all others of its group, by itself or through others.
pub(crate) fn circles<'s>(arrows: &Arrows<'s>) -> BTreeSet<Vec<&'s str>> {
    let reached: Arrows = arrows.keys().map(|file| (*file, reached_from(arrows, file))).collect();
    let circle = |file: &&'s str| -> Vec<&'s str> {
        reached[file].iter().filter(|other| reached[*other].contains(file)).copied().collect()
    };
    arrows.keys().map(circle).filter(|circle| !circle.is_empty()).collect()
}

fn reached_from<'s>(arrows: &Arrows<'s>, file: &'s str) -> BTreeSet<&'s str> {
    let (mut reached, mut open) = (BTreeSet::new(), vec![file]);
    while let Some(file) = open.pop() {
        let new = arrows[file].iter().filter(|next| reached.insert(**next));
        open.extend(new);
    }
    reached
}
