//! What registrations and accounts keep alike of a person.

use crate::domain::Person;

/// The person of a row that has their columns.
macro_rules! person {
    ($row:ident) => {
        $crate::domain::Person {
            first_name: $row.first_name,
            last_name: $row.last_name,
            email: $row.email,
            email_key: $row.email_key,
            phone: $row.phone,
            address: $row.address,
            password_hash: $row.password_hash,
        }
    };
}

pub(super) use person;

/// The columns of many, for a statement that writes them all.
pub(super) struct Columns<'p> {
    pub(super) first_names: Vec<&'p str>,
    pub(super) last_names: Vec<&'p str>,
    pub(super) emails: Vec<&'p str>,
    pub(super) email_keys: Vec<&'p str>,
    pub(super) phones: Vec<Option<&'p str>>,
    pub(super) addresses: Vec<Option<&'p str>>,
    pub(super) password_hashes: Vec<&'p str>,
}

impl<'p> Columns<'p> {
    pub(super) fn of(people: impl Iterator<Item = &'p Person> + Clone) -> Self {
        Self {
            first_names: people.clone().map(|person| person.first_name.as_str()).collect(),
            last_names: people.clone().map(|person| person.last_name.as_str()).collect(),
            emails: people.clone().map(|person| person.email.as_str()).collect(),
            email_keys: people.clone().map(|person| person.email_key.as_str()).collect(),
            phones: people.clone().map(|person| person.phone.as_deref()).collect(),
            addresses: people.clone().map(|person| person.address.as_deref()).collect(),
            password_hashes: people.map(|person| person.password_hash.as_str()).collect(),
        }
    }
}
