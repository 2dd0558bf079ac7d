//! What staff and machines may do: one list for roles, for API keys and for the routes of all services.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::Type},
};

/// A permission as a type: what a handler's parameter is told apart by.
pub trait Permit: Send + Sync + 'static {
    /// The permission.
    const PERMISSION: Permission;
}

macro_rules! permissions {
    ($($permit:ident, $name:literal, $meaning:literal;)*) => {
        /// What somebody may do with what is not theirs. On the wire `thing:verb`, as in a token's `scope`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Permission {$(
            #[doc = $meaning]
            $permit,
        )*}

        impl Permission {
            /// All there are, in the order they are shown in.
            pub const ALL: &'static [Self] = &[$(Self::$permit),*];

            /// As on the wire and in the database.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {$(Self::$permit => $name),*}
            }

            /// One line for people.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self {$(Self::$permit => $meaning),*}
            }
        }

        $(
            #[doc = $meaning]
            #[derive(Clone, Copy, Debug)]
            pub struct $permit;

            impl Permit for $permit {
                const PERMISSION: Permission = Permission::$permit;
            }
        )*
    };
}

permissions! {
    ReadOrders, "orders:read", "See everybody's orders.";
    WriteOrders, "orders:write", "Cancel a customer's order that is not paid, and write notes about orders.";
    RefundOrders, "orders:refund", "Cancel a customer's order that is paid: the money goes back.";
    FulfilOrders, "orders:fulfil", "Say that an order has left the warehouse.";
    ReadProducts, "products:read", "See drafts and archived products.";
    WriteProducts, "products:write", "Make, change and archive products, pictures and categories.";
    ReadStock, "stock:read", "See stock with its movements.";
    WriteStock, "stock:write", "Adjust stock.";
    ReadPayments, "payments:read", "See everybody's payments.";
    ReadNotifications, "notifications:read", "See what became of mails.";
    SendNotifications, "notifications:send", "Have a mail that was given up sent after all.";
    ReadUsers, "users:read", "See accounts.";
    ManageUsers, "users:manage", "Invite staff, suspend and restore accounts, end sessions.";
    ManageRoles, "roles:manage", "Make and change roles, and give them to accounts.";
    ManageKeys, "keys:manage", "Make and revoke API keys.";
    IntrospectTokens, "tokens:introspect", "Ask what a token is worth.";
    ReadEvents, "events:read", "Read events and dead letters.";
    ReplayEvents, "events:replay", "Have dead letters tried again, or drop them.";
    ReadAudit, "audit:read", "Read the audit log.";
}

/// A text that names no permission.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{text:?} is no permission")]
pub struct PermissionError {
    text: String,
}

impl FromStr for Permission {
    type Err = PermissionError;

    fn from_str(text: &str) -> Result<Self, PermissionError> {
        let known = Self::ALL.iter().copied().find(|known| known.as_str() == text);
        known.ok_or_else(|| PermissionError { text: text.to_owned() })
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Permission {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Permission {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl PartialSchema for Permission {
    fn schema() -> RefOr<Schema> {
        let names = Self::ALL.iter().map(|permission| permission.as_str());
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names)).into()
    }
}

impl ToSchema for Permission {}

/// A set of permissions. As a text (RFC 6749, 3.3) their names with spaces between; names we do not know are passed over:
/// a newer user-service may know more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Permissions(u64);

impl Permissions {
    /// None at all: a customer, who has what is theirs.
    pub const NONE: Self = Self(0);

    /// All there are.
    #[must_use]
    pub fn all() -> Self {
        Permission::ALL.iter().copied().collect()
    }

    /// Whether `permission` is among them.
    #[must_use]
    pub const fn contains(self, permission: Permission) -> bool {
        self.0 & (1 << permission as u32) != 0
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether all of them are among `others`.
    #[must_use]
    pub const fn are_among(self, others: Self) -> bool {
        self.0 & !others.0 == 0
    }

    /// Those that are also among `others`.
    #[must_use]
    pub const fn shared_with(self, others: Self) -> Self {
        Self(self.0 & others.0)
    }

    /// Each of them.
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.iter().copied().filter(move |permission| self.contains(*permission))
    }

    /// Their names, as the database and an answer hold them.
    #[must_use]
    pub fn names(self) -> Vec<String> {
        self.iter().map(|permission| permission.as_str().to_owned()).collect()
    }

    /// Those of a text that we know.
    #[must_use]
    pub fn of_scope(scope: &str) -> Self {
        scope.split(' ').filter_map(|name| name.parse().ok()).collect()
    }
}

impl FromIterator<Permission> for Permissions {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        Self(permissions.into_iter().fold(0, |set, permission| set | 1 << permission as u32))
    }
}

impl fmt::Display for Permissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, permission) in self.iter().enumerate() {
            write!(f, "{}{permission}", if place == 0 { "" } else { " " })?;
        }
        Ok(())
    }
}

impl Serialize for Permissions {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Permissions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::of_scope(&String::deserialize(deserializer)?))
    }
}

#[cfg(test)]
mod tests {
    use super::{Permission, Permissions};

    #[test]
    fn every_name_is_a_thing_and_a_verb_and_reads_back() {
        for permission in Permission::ALL {
            let name = permission.as_str();
            assert_eq!(name.split(':').count(), 2, "{name}");
            assert_eq!(name.parse(), Ok(*permission));
        }
        assert!("orders".parse::<Permission>().is_err());
        assert!(Permission::ALL.len() < 64, "a set is a word of 64 bits");
    }

    #[test]
    fn a_set_reads_back_and_passes_over_what_it_does_not_know() {
        let some: Permissions = [Permission::ReadOrders, Permission::ReadAudit].into_iter().collect();
        assert_eq!(some.to_string(), "orders:read audit:read");
        assert_eq!(Permissions::of_scope("orders:read rockets:launch audit:read"), some);
        assert!(some.are_among(Permissions::all()) && !Permissions::all().are_among(some));
        assert_eq!(Permissions::of_scope(""), Permissions::NONE);
        assert_eq!(Permissions::all().iter().count(), Permission::ALL.len());
    }
}
