//! How many descriptors the process may have.

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// More are never needed, and some programs that are started by us go through all that could be open.
const ENOUGH: u64 = 65_536;
/// What macOS allows at the most, whatever it says.
const MODEST: u64 = 10_240;

/// How many there may be, after the soft limit was raised as far as the hard one lets it: the soft one is often 1,024,
/// for the sake of programs that use `select`.
pub(super) fn raised() -> u64 {
    let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else { return 1024 };
    for wanted in [ENOUGH, MODEST].map(|wanted| wanted.min(hard)) {
        if wanted > soft && setrlimit(Resource::RLIMIT_NOFILE, wanted, hard).is_ok() {
            return wanted;
        }
    }
    soft
}
