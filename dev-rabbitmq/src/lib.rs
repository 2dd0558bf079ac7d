//! Starts, kills, starts again and stops a private RabbitMQ node for development, tests and fault runs.
//!
//! ```no_run
//! fn main() -> Result<(), dev_rabbitmq::Error> {
//!     let scratch = dev_rabbitmq::Scratch::new("example-")?;
//!     let settings = dev_rabbitmq::Settings::with_free_ports(scratch.path().join("rabbitmq"))?;
//!     let rabbitmq = dev_rabbitmq::start(&settings, &scratch.guard())?;
//!     println!("{}", rabbitmq.url());
//!     Ok(())
//! }
//! ```
//!
//! **Whose programs.** Those installed on the machine; [`installed`] tells whether there are any.
//!
//! **Whose life.** The node is killed when [`Running`] is dropped, and by the [`Guard`] when this process is killed.
//! What its clients were promised (durable queues, confirmed messages) is on disk, so that killing it is also how it
//! ends: [`start`] on the same folder finds it again.
//!
//! All calls block. In async programs use `spawn_blocking`.

mod error;
mod node;
mod ports;
mod scratch;

use std::path::PathBuf;

pub use error::Error;
pub use node::{Running, Settings, start, start_unless};
pub use ports::free_port;
pub use scratch::{Guard, Scratch};

/// The broker's program on this machine. Debian's in the search path insists on the user `rabbitmq` and its folders;
/// the real one lies elsewhere.
pub fn installed() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let known = ["/usr/lib/rabbitmq/bin", "/opt/homebrew/sbin", "/usr/local/sbin"].map(PathBuf::from);
    let mut places = known.into_iter().chain(std::env::split_paths(&path)).map(|folder| folder.join("rabbitmq-server"));
    places.find(|program| program.is_file())
}
