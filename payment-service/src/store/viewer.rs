//! Who looks. Ownership is part of the query's predicate, so that a forgotten check cannot show a stranger's payment.

use contracts::AccountId;
use service_kit::auth::SignedIn;
use uuid::Uuid;

#[derive(Clone, Copy, Debug)]
pub(crate) enum Viewer {
    /// Sees what is theirs.
    Owner(AccountId),
    /// Sees everything.
    Staff,
}

impl From<SignedIn> for Viewer {
    fn from(person: SignedIn) -> Self {
        if person.is_admin() { Self::Staff } else { Self::Owner(person.account_id) }
    }
}

impl Viewer {
    /// For `$n::uuid IS NULL OR customer_id = $n`.
    pub(super) fn owner(self) -> Option<Uuid> {
        match self {
            Self::Owner(id) => Some(id.uuid()),
            Self::Staff => None,
        }
    }
}
