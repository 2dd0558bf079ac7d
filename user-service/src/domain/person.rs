//! What is known of a person, under a registration and under the account that it becomes.

use super::names::Name;

/// As it was registered, perhaps under older rules. Without `Debug`: it would end up in a log.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Person {
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    pub(crate) email: String,
    /// What accounts are told apart by.
    pub(crate) email_key: String,
    pub(crate) phone: Option<String>,
    pub(crate) address: Option<String>,
    pub(crate) password_hash: String,
}

/// What the owner of the mailbox says in place of what a stranger registered with.
pub(crate) struct Own {
    pub(crate) first_name: Name,
    pub(crate) last_name: Name,
    pub(crate) password_hash: String,
}

impl Person {
    /// The owner of the mailbox in the stranger's place: nothing is kept but the address.
    pub(crate) fn replaced_by(self, own: Own) -> Self {
        Self {
            first_name: own.first_name.as_str().to_owned(),
            last_name: own.last_name.as_str().to_owned(),
            email: self.email,
            email_key: self.email_key,
            phone: None,
            address: None,
            password_hash: own.password_hash,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Own, Person};
    use crate::domain::Name;

    #[test]
    fn nothing_of_a_strangers_is_kept_but_the_address() {
        let text = |of: &str| format!("the stranger's {of}");
        let stranger = Person {
            first_name: text("name"),
            last_name: text("other name"),
            email: "ada@example.com".to_owned(),
            email_key: "ada@example.com".to_owned(),
            phone: Some(text("phone")),
            address: Some(text("street")),
            password_hash: text("password"),
        };
        let name = |text| Name::parse(text).unwrap();
        let own = Own { first_name: name("Ada"), last_name: name("Lovelace"), password_hash: "hers".to_owned() };
        let ada = stranger.replaced_by(own);
        let all = [&ada.first_name, &ada.last_name, &ada.email, &ada.email_key, &ada.password_hash];
        assert_eq!(all, ["Ada", "Lovelace", "ada@example.com", "ada@example.com", "hers"]);
        assert_eq!((ada.phone, ada.address), (None, None));
    }
}
