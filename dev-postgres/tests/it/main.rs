//! Starts real servers, installed and bundled: both must be there.
#![expect(clippy::unwrap_used, reason = "a test ends where it fails")]

mod refusals;
mod servers;
mod support;
