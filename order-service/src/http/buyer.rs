//! Who buys: somebody with an account, or a guest, whose token is for one cart and what was ordered of it.

use super::cart_holder::CartToken;
use crate::{error::Error, store::carts::Holder};
use contracts::{AccountId, CartId, access::Permit};
use service_kit::auth::{GuestOr, OwnOr, SignedIn, Viewer};
use uuid::Uuid;

/// Whoever orders what is in a cart.
pub(crate) struct Buyer {
    pub(crate) account_id: AccountId,
    /// By what the cart is theirs.
    pub(crate) holder: Holder,
    /// Of a guest: as whom they are counted.
    pub(crate) counted_as: Vec<Uuid>,
}

impl Buyer {
    /// A guest shows the cart's own token as well: whose cart a guest is for, they said themselves.
    ///
    /// # Errors
    /// It is another cart than the guest's.
    pub(crate) fn of(who: GuestOr<SignedIn>, token: CartToken, cart: CartId) -> Result<Self, Error> {
        match who {
            GuestOr::Other(SignedIn { account_id, .. }) => {
                Ok(Self { account_id, holder: Holder::Account(account_id), counted_as: Vec::new() })
            }
            GuestOr::Guest(guest) => {
                let hash = token.into_hash().filter(|_| guest.only == cart.uuid()).ok_or(Error::NoCart)?;
                Ok(Self { account_id: guest.id, holder: Holder::Guest(hash), counted_as: guest.counted_as })
            }
        }
    }
}

/// Whose the orders shown must be; none for staff.
pub(crate) fn owner<P: Permit>(who: &GuestOr<OwnOr<P>>) -> Option<AccountId> {
    viewer(who).owner()
}

/// Whose orders they see: a guest, like a customer, their own.
pub(crate) fn viewer<P: Permit>(who: &GuestOr<OwnOr<P>>) -> Viewer {
    match who {
        GuestOr::Guest(guest) => Viewer::Customer(guest.id),
        GuestOr::Other(OwnOr { viewer, .. }) => *viewer,
    }
}
