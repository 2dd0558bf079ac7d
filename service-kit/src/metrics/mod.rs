//! Prometheus metrics of the process. In the all-in-one the five services share one process and so one page, told apart
//! by the label `service`. What a metric means stands in a list beside the code that counts it: [`KIT`] here, `METRICS`
//! in a service's own `metrics.rs`.

mod events;
mod kit;
mod metric;
mod page;
mod process;
pub(crate) mod sampler;
#[cfg(test)]
mod tests;
mod work;

pub(crate) use events::{Consumed, Published};
pub use kit::KIT;
pub use metric::{Kind, Label, Metric};
pub use page::{answer, describe};
pub(crate) use page::{handle, is_scraped, keep_up};
pub use process::PROCESS;
pub use sampler::{Reading, Sample, age, number};
pub(crate) use work::{Calls, Gathering, Requests, Runs};
