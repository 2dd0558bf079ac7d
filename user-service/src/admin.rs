//! Staff accounts: made by an operator at the machine, never by a default password.

use crate::{
    Config, Error,
    changes::admit,
    domain::{Email, Name, Password, Person},
    passwords::Passwords,
    store::{MIGRATIONS, accounts::NewAccount, roles},
};
use contracts::AccountId;
use service_kit::{Bus, Clock, Kit};

/// Who is to become an administrator.
pub struct NewAdmin {
    pub email: String,
    pub first_name: String,
    pub last_name: String,
    pub password: String,
}

/// Makes an administrator whose address counts as verified: the operator vouches for it.
///
/// # Errors
/// A field is not acceptable, the address has an account already, or the database is away.
pub async fn create(config: Config, new: NewAdmin) -> anyhow::Result<AccountId> {
    let wrong = |field: &str, why: &str| anyhow::anyhow!("{field} {why}");
    let email = Email::parse(&new.email).map_err(|why| wrong(&format!("--email {:?}", new.email), why))?;
    let first_name = Name::parse(&new.first_name).map_err(|why| wrong("--first-name", &why.to_string()))?;
    let last_name = Name::parse(&new.last_name).map_err(|why| wrong("--last-name", &why.to_string()))?;
    let password = Password::parse(&new.password, &[&new.email, &new.first_name, &new.last_name])
        .map_err(|why| wrong("the password", why))?;
    let passwords = Passwords::new(config.bcrypt_cost);
    let password_hash = passwords.hash(passwords.place(None)?, &password).await?;
    // No event: nobody has to be told, and no verification mail is due.
    let kit = Kit::open(config.kit, &MIGRATIONS, Bus::Elsewhere, Clock::system()).await?;
    let account = NewAccount {
        id: kit.clock.new_id(),
        person: Person {
            first_name: first_name.as_str().to_owned(),
            last_name: last_name.as_str().to_owned(),
            email: email.as_str().to_owned(),
            email_key: email.key(),
            phone: None,
            address: None,
            password_hash,
        },
        role: roles::ADMIN.to_owned(),
        created_at: kit.clock.now(),
        version: 0,
    };
    let mut tx = kit.database.begin("create_admin").await?;
    if !admit::admit(&mut tx, &account).await? {
        anyhow::bail!("an account with the address {} exists already: choose another address", new.email);
    }
    let _committed = tx.commit().await.map_err(Error::from)?;
    Ok(account.id)
}
