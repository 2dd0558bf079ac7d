//! What this crate reads of the process's surroundings, all in one place.

use std::env;
use std::path::PathBuf;

use nix::unistd::geteuid;

/// The folders in which the shell looks for programs.
pub(crate) fn search_path() -> Vec<PathBuf> {
    env::var_os("PATH").map(|path| env::split_paths(&path).collect()).unwrap_or_default()
}

/// A folder for what can be made again at any time; `None` where nothing says who we are (no HOME).
pub(crate) fn cache_folder() -> Option<PathBuf> {
    let absolute = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let cache = absolute("XDG_CACHE_HOME").or_else(|| {
        Some(absolute("HOME")?.join(if cfg!(target_os = "macos") { "Library/Caches" } else { ".cache" }))
    })?;
    Some(cache.join("ecom-micro"))
}

/// A folder all users can pass through, for what a root without user namespaces must share with the user it becomes.
pub(crate) fn open_folder() -> PathBuf {
    PathBuf::from(format!("/var/tmp/ecom-{}", geteuid()))
}

/// `/tmp`, not `$TMPDIR`: a socket's path must stay under 107 bytes (104 on macOS, whose `$TMPDIR` takes 50).
pub(crate) fn short_folder() -> PathBuf {
    PathBuf::from("/tmp")
}

pub(crate) fn is_root() -> bool {
    geteuid().is_root()
}
