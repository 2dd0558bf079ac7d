//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): the answer is stored in the transaction of the change
//! it reports; a repeat is given the stored answer, another request under the same key is refused.

mod once;
mod stored;

pub use once::{Work, once, once_fresh};
pub use stored::{IdempotencyKey, Keyed, StoredAnswer, find, find_all};
