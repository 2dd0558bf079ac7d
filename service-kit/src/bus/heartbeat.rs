//! Seconds between heartbeats of a connection to RabbitMQ. A broker that is there but silent is noticed after twice as long.

/// By who waits for what the broker sends: within 20 s.
pub(super) const OFTEN: u16 = 10;
/// Who sends notices by its own deadline, and while there is nothing to send nobody has to. Each heartbeat wakes both
/// sides.
pub(super) const SELDOM: u16 = 60;
