//! The PostgreSQL that comes along: a packed `initdb` and `postgres`, unpacked once per machine and user.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use ruzstd::decoding::StreamingDecoder;

use crate::Error;

/// Its major version.
pub(crate) const VERSION: u32 = 17;
/// What this was compiled for.
pub(crate) const TARGET: &str = env!("BUNDLE_TARGET");

#[cfg(bundled)]
static ARCHIVE: &[u8] = include_bytes!(env!("BUNDLE_ARCHIVE"));
#[cfg(not(bundled))]
static ARCHIVE: &[u8] = &[];

pub(crate) fn is_there() -> bool {
    !ARCHIVE.is_empty()
}

/// Unpacks into a folder below `parent`, unless it is there already, and gives the folder of the programs.
pub(crate) fn unpack(parent: &Path) -> Result<PathBuf, Error> {
    let folder = parent.join(format!("postgresql-{VERSION}-{}-{TARGET}", env!("BUNDLE_VERSION")));
    let bin = folder.join("bin");
    if bin.join("postgres").is_file() {
        return Ok(bin);
    }
    // Beside it and then renamed: whoever looks sees all of it or nothing, also when we are killed or two of us start.
    let staging =
        tempfile::Builder::new().prefix(".unpacking-").tempdir_in(parent).map_err(Error::io("write into", parent))?;
    let unreadable = |e| std::io::Error::new(std::io::ErrorKind::InvalidData, e);
    StreamingDecoder::new(ARCHIVE)
        .map_err(unreadable)
        .and_then(|decoder| tar::Archive::new(decoder).unpack(staging.path()))
        .and_then(|()| fs::set_permissions(staging.path(), fs::Permissions::from_mode(0o755)))
        .map_err(Error::io("unpack PostgreSQL into", staging.path()))?;
    match fs::rename(staging.path(), &folder) {
        Ok(()) => _ = staging.keep(),
        Err(_) if bin.join("postgres").is_file() => {} // another process was quicker
        Err(e) => return Err(Error::io("make the folder", &folder)(e)),
    }
    Ok(bin)
}
