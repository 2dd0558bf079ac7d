//! An operator vouches for an address: its account needs no mail.

use super::addresses::Addresses;
use crate::{Error, store::accounts::NewAccount};
use service_kit::Tx;

/// False when the address has an account already. No event: nobody has to be told.
pub(crate) async fn admit(tx: &mut Tx, new: &NewAccount) -> Result<bool, Error> {
    let addresses = Addresses::lock(tx, std::slice::from_ref(&new.person.email_key)).await?;
    let made = addresses.admit(tx, &[new]).await?;
    if made.is_empty() {
        return Ok(false);
    }
    addresses.close(tx, &made, &[]).await?;
    Ok(true)
}
