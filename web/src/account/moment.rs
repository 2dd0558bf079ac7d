//! How a moment is told to people, who may be anywhere.

use time::{OffsetDateTime, UtcOffset, macros::format_description};

/// To the minute.
pub(crate) fn told(moment: &OffsetDateTime) -> String {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute] UTC");
    // Nothing in it can fail.
    moment.to_offset(UtcOffset::UTC).format(&format).unwrap_or_default()
}
