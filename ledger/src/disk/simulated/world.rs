//! Names, inodes, power and space.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use super::super::{Changes, Tree, parent};
use super::faults::{Counts, Fault};
use super::inode::{Inode, Key};
use super::rng::SeededRng;

/// What an operation does, as far as faults care.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Read,
    Write,
    Name,
    Sync,
}

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Node {
    Dir,
    File(usize),
}

impl Node {
    fn inode(&self) -> Option<usize> {
        match self {
            Self::File(inode) => Some(*inode),
            Self::Dir => None,
        }
    }
}

/// A change of names that its directory has not synced. What it does is atomic.
#[derive(Debug, Clone)]
enum NameChange {
    Link(PathBuf, Node),
    Unlink(PathBuf),
    Rename(PathBuf, PathBuf, Node),
}

type Names = BTreeMap<PathBuf, Node>;

#[derive(Debug, Clone, Default)]
pub(super) struct World {
    dice: SeededRng,
    pub(super) counts: Counts,
    pub(super) order: Option<(u64, Fault)>,
    pub(super) off: bool,
    pub(super) full: bool,
    pub(super) still: bool,
    pub(super) garbage: bool,
    pub(super) pace: u64,
    pub(super) elapsed: u64,
    /// Counts restarts: what was opened in an earlier life is dead.
    pub(super) life: u64,
    pub(super) garbled: Vec<PathBuf>,
    pub(super) inodes: Vec<Inode>,
    names: Names,
    names_on_disk: Names,
    name_changes: Vec<(PathBuf, NameChange)>,
    locks: BTreeSet<PathBuf>,
}

/// The file in a map's directory that stands for it.
const MAP: &str = "map";

fn power_is_off() -> io::Error {
    io::Error::other("the power is off")
}

fn refused(text: &'static str) -> io::Error {
    io::Error::other(text)
}

impl World {
    pub(super) fn new(seed: u64) -> Self {
        let root = Names::from([(PathBuf::from("/"), Node::Dir), (PathBuf::from("."), Node::Dir)]);
        Self { dice: SeededRng(seed), names: root.clone(), names_on_disk: root, ..Self::default() }
    }

    /// A copy of what there is, with nothing open, nothing ordered and nothing counted.
    pub(super) fn fork(&self, seed: u64) -> Self {
        let mut other = self.clone();
        other.dice = SeededRng(seed);
        other.counts = Counts::default();
        other.order = None;
        other.life += 1;
        other.locks.clear();
        other
    }

    /// Refuses what was opened before a restart.
    pub(super) fn check_life(&self, life: u64) -> io::Result<()> {
        if self.life == life { Ok(()) } else { Err(power_is_off()) }
    }

    /// Counts an operation, lets time pass, and lets what was ordered for it happen.
    pub(super) fn enter(&mut self, kind: Kind) -> io::Result<()> {
        if self.off {
            return Err(power_is_off());
        }
        if self.still {
            return Ok(());
        }
        let number = self.counts.operations;
        self.counts.operations += 1;
        let slow = if kind == Kind::Sync { 10 } else { 1 };
        self.elapsed += self.dice.below(self.pace + 1) * slow;
        match self.order {
            Some((at, fault)) if at <= number => {
                self.order = None;
                self.fail(fault)
            }
            _ => Ok(()),
        }
    }

    fn fail(&mut self, fault: Fault) -> io::Result<()> {
        match fault {
            Fault::PowerCut => {
                self.off = true;
                Err(power_is_off())
            }
            Fault::Error => {
                self.counts.errors += 1;
                Err(refused("input/output error (ordered by the simulation)"))
            }
            Fault::Full => {
                self.full = true;
                Ok(())
            }
            Fault::Shortage => {
                self.counts.errors += 1;
                Err(io::Error::from_raw_os_error(rustix::io::Errno::MFILE.raw_os_error()))
            }
        }
    }

    fn node(&self, path: &Path) -> io::Result<Node> {
        self.names.get(path).copied().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    pub(super) fn file(&self, path: &Path) -> io::Result<usize> {
        match self.node(path)? {
            Node::File(inode) => Ok(inode),
            Node::Dir => Err(io::ErrorKind::IsADirectory.into()),
        }
    }

    pub(super) fn exists(&self, path: &Path) -> bool {
        self.names.contains_key(path)
    }

    pub(super) fn is_dir(&self, path: &Path) -> bool {
        self.names.get(path) == Some(&Node::Dir)
    }

    fn change(&mut self, dir: &Path, change: NameChange) {
        change.apply(&mut self.names);
        self.name_changes.push((dir.to_path_buf(), change));
    }

    fn check_new(&mut self, path: &Path) -> io::Result<()> {
        if !self.is_dir(parent(path)) {
            return Err(io::ErrorKind::NotFound.into());
        }
        if self.exists(path) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        self.check_space()
    }

    fn check_space(&mut self) -> io::Result<()> {
        if !self.full {
            return Ok(());
        }
        self.counts.full += 1;
        Err(io::ErrorKind::StorageFull.into())
    }

    pub(super) fn create_file(&mut self, path: &Path) -> io::Result<usize> {
        self.check_new(path)?;
        let inode = self.inodes.len();
        self.inodes.push(Inode::default());
        self.change(parent(path), NameChange::Link(path.to_path_buf(), Node::File(inode)));
        Ok(inode)
    }

    pub(super) fn create_dir(&mut self, path: &Path) -> io::Result<()> {
        self.check_new(path)?;
        self.change(parent(path), NameChange::Link(path.to_path_buf(), Node::Dir));
        Ok(())
    }

    pub(super) fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        let node = Node::File(self.file(from)?);
        if parent(from) != parent(to) {
            return Err(refused("a file is renamed inside its directory only"));
        }
        self.change(parent(from), NameChange::Rename(from.to_path_buf(), to.to_path_buf(), node));
        Ok(())
    }

    /// Removes a name; of a directory with all below it.
    pub(super) fn remove(&mut self, path: &Path) -> io::Result<()> {
        self.node(path)?;
        self.change(parent(path), NameChange::Unlink(path.to_path_buf()));
        Ok(())
    }

    /// In an order that nobody may count on.
    pub(super) fn list(&mut self, dir: &Path) -> io::Result<Vec<PathBuf>> {
        if self.node(dir)? != Node::Dir {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        let inside = |path: &&PathBuf| path.parent() == Some(dir);
        let mut found: Vec<PathBuf> = self.names.keys().filter(inside).cloned().collect();
        for at in (1..found.len()).rev() {
            let other = self.dice.below(at as u64 + 1) as usize;
            found.swap(at, other);
        }
        Ok(found)
    }

    pub(super) fn sync_dir(&mut self, dir: &Path) -> io::Result<()> {
        if self.node(dir)? != Node::Dir {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        self.sync_names(dir);
        self.counts.syncs += 1;
        Ok(())
    }

    fn sync_names(&mut self, dir: &Path) {
        for (_, change) in self.name_changes.extract_if(.., |(changed, _)| changed == dir) {
            change.apply(&mut self.names_on_disk);
        }
    }

    pub(super) fn write(&mut self, inode: usize, bytes: &[u8], at: u64) -> io::Result<()> {
        let at = at as usize;
        let needs_room = self.inodes[inode].needs_room(at + bytes.len());
        let entered = self.enter(Kind::Write);
        let written = entered.and_then(|()| if needs_room { self.check_space() } else { Ok(()) });
        let reached = match written {
            Ok(()) => bytes.len(),
            Err(_) if self.off => 0,
            Err(_) => self.dice.below(bytes.len() as u64) as usize,
        };
        if reached > 0 {
            self.inodes[inode].write(at, &bytes[..reached]);
        }
        written
    }

    pub(super) fn reserve(&mut self, inode: usize, end: usize) -> io::Result<()> {
        if self.inodes[inode].needs_room(end) {
            self.check_space()?;
        }
        self.inodes[inode].reserve(end);
        Ok(())
    }

    pub(super) fn apply(&mut self, inode: usize, tree: Tree, changes: Changes) -> io::Result<()> {
        self.check_space()?;
        changes.into_iter().for_each(|(key, value)| self.inodes[inode].apply(Key(tree, key), value));
        Ok(())
    }

    pub(super) fn sync(&mut self, inode: usize) -> io::Result<()> {
        self.enter_sync(inode)?;
        self.inodes[inode].sync();
        self.counts.syncs += 1;
        Ok(())
    }

    /// An error of a sync may have dropped what it should have written.
    fn enter_sync(&mut self, inode: usize) -> io::Result<()> {
        let entered = self.enter(Kind::Sync);
        if entered.is_err() && !self.off && self.dice.below(2) == 0 {
            self.inodes[inode].forget_changes();
            self.counts.failed_syncs += 1;
        }
        entered
    }

    pub(super) fn open_map(&mut self, dir: &Path) -> io::Result<usize> {
        if !self.is_dir(dir) {
            return Err(io::ErrorKind::NotFound.into());
        }
        let path = dir.join(MAP);
        if self.exists(&path) { self.file(&path) } else { self.create_file(&path) }
    }

    pub(super) fn sync_map(&mut self, inode: usize, dir: &Path) -> io::Result<()> {
        self.enter(Kind::Sync)?;
        self.inodes[inode].sync();
        self.sync_names(dir);
        self.counts.barriers += 1;
        Ok(())
    }

    pub(super) fn lock(&mut self, path: &Path) -> bool {
        self.locks.insert(path.to_path_buf())
    }

    pub(super) fn unlock(&mut self, path: &Path, life: u64) {
        if self.life == life {
            self.locks.remove(path);
        }
    }

    pub(super) fn restart(&mut self) {
        self.life += 1;
        self.order = None;
        self.locks.clear();
        if self.off {
            self.off = false;
            self.counts.power_cuts += 1;
            self.lose_power();
        }
    }

    fn lose_power(&mut self) {
        let changes = std::mem::take(&mut self.name_changes);
        let all = self.dice.below(4);
        for (_, change) in changes {
            let kept = match all {
                0 => false,
                1 => true,
                _ => self.dice.below(2) == 0,
            };
            if kept {
                change.apply(&mut self.names_on_disk);
            } else {
                self.counts.names_lost += 1;
            }
        }
        drop_lost_dirs(&mut self.names_on_disk);
        self.names = self.names_on_disk.clone();
        let mut spoilt = BTreeSet::new();
        let named: BTreeSet<usize> = self.names.values().filter_map(Node::inode).collect();
        for (number, inode) in self.inodes.iter_mut().enumerate() {
            if !named.contains(&number) {
                *inode = Inode::default();
                continue;
            }
            let damage = inode.lose_power(&mut self.dice, self.garbage);
            self.counts.torn += u64::from(damage.torn);
            self.counts.lost += u64::from(damage.lost);
            self.counts.garbage += damage.garbage;
            self.counts.keys_lost += damage.keys;
            if damage.garbage > 0 {
                spoilt.insert(number);
            }
        }
        let hit = |node: &Node| node.inode().is_some_and(|inode| spoilt.contains(&inode));
        self.garbled.extend(self.names.iter().filter(|(_, node)| hit(node)).map(|(path, _)| path.clone()));
    }
}

/// What lies in a directory that is not there is not there either.
fn drop_lost_dirs(names: &mut Names) {
    loop {
        let dirs: BTreeSet<PathBuf> =
            names.iter().filter(|(_, node)| **node == Node::Dir).map(|(path, _)| path.clone()).collect();
        let before = names.len();
        names.retain(|path, _| path.parent().is_none() || dirs.contains(parent(path)));
        if names.len() == before {
            return;
        }
    }
}

impl NameChange {
    fn apply(&self, names: &mut Names) {
        match self {
            Self::Link(path, node) => drop(names.insert(path.clone(), *node)),
            Self::Unlink(path) => names.retain(|name, _| !name.starts_with(path)),
            Self::Rename(from, to, node) => {
                if names.get(from) == Some(node) {
                    names.remove(from);
                }
                names.insert(to.clone(), *node);
            }
        }
    }
}
