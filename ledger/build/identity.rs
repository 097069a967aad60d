//! The identity of code by its sources, for the build scripts of this crate and of the read models.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// Tells Cargo to set a variable to version and identity, and to do so again when a source changes.
pub(crate) fn announce(variable: &str, folders: &[&str]) -> io::Result<()> {
    folders.iter().for_each(|folder| println!("cargo::rerun-if-changed={folder}"));
    let version = env::var("CARGO_PKG_VERSION").map_err(io::Error::other)?;
    println!("cargo::rustc-env={variable}={version}-{:032x}", identity(&sources(folders)?));
    Ok(())
}

/// The sources below some folders, with their bytes.
pub(crate) fn sources(folders: &[&str]) -> io::Result<Vec<(PathBuf, Vec<u8>)>> {
    let mut files = Vec::new();
    for folder in folders {
        collect(Path::new(folder), &mut files)?;
    }
    files.sort();
    files.into_iter().map(|file| fs::read(&file).map(|bytes| (file, bytes))).collect()
}

pub(crate) fn identity(sources: &[(PathBuf, Vec<u8>)]) -> u128 {
    let mut hash = Fnv::default();
    for (file, bytes) in sources {
        hash.take(file.to_string_lossy().as_bytes());
        hash.take(bytes);
    }
    hash.0
}

/// Everything but unit tests in files of their own.
fn collect(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if path.file_stem().is_some_and(|stem| stem == "tests" || stem == "testing" || stem == "golden") {
        return Ok(());
    }
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(path)? {
        collect(&entry?.path(), files)?;
    }
    Ok(())
}

/// FNV-1a of 128 bits: nobody attacks this, and a build script needs no dependencies then.
struct Fnv(u128);

impl Default for Fnv {
    fn default() -> Self {
        Self(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d)
    }
}

impl Fnv {
    fn take(&mut self, bytes: &[u8]) {
        let length = (bytes.len() as u64).to_be_bytes();
        for byte in length.iter().chain(bytes) {
            self.0 = (self.0 ^ u128::from(*byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
        }
    }
}
