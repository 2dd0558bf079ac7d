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
mod programs;
mod scratch;

pub use error::Error;
pub use node::{Running, Settings, start, start_unless};
pub use ports::free_port;
pub use programs::installed;
pub use scratch::{Guard, Scratch};
