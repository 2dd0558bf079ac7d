//! Which programs of RabbitMQ there are.

use std::path::PathBuf;

/// The broker's program on this machine. Debian's in the search path insists on the user `rabbitmq` and its folders;
/// the real one lies elsewhere.
pub fn installed() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let known = ["/usr/lib/rabbitmq/bin", "/opt/homebrew/sbin", "/usr/local/sbin"].map(PathBuf::from);
    let mut places = known.into_iter().chain(std::env::split_paths(&path)).map(|folder| folder.join("rabbitmq-server"));
    places.find(|program| program.is_file())
}
