//! Roles are made and changed: by who has what they permit.

use super::{end_sessions, staff::By};
use crate::{
    Error,
    state::App,
    store::{
        roles::{self, Role},
        users,
    },
};
use contracts::access::Permissions;
use serde_json::{Value, json};
use service_kit::{Tx, if_match::IfMatch};

/// What a role is to be.
pub(crate) struct Wanted {
    pub(crate) title: String,
    pub(crate) permissions: Permissions,
    pub(crate) needs_second_factor: bool,
}

/// A new one.
///
/// # Errors
/// There is one of that name, or it permits what whoever makes it may not.
pub(crate) async fn make(app: &App, tx: &mut Tx, by: By, name: &str, wanted: Wanted) -> Result<Role, Error> {
    by.covers(wanted.permissions)?;
    if roles::find(tx, name).await?.is_some() {
        return Err(Error::RoleExists);
    }
    let Wanted { title, permissions, needs_second_factor } = wanted;
    let role = Role { name: name.to_owned(), title, permissions, needs_second_factor, built_in: false, version: 1 };
    roles::save(tx, &role).await?;
    app.kit.audit(tx, by.entry("role.made").changed(Value::Null, told(&role)));
    Ok(role)
}

/// Changes one; what the tokens of those who have it permit follows within seconds.
///
/// # Errors
/// There is none, somebody changed it meanwhile, or it permits, or permitted, what whoever changes it may not.
pub(crate) async fn change(
    app: &App,
    tx: &mut Tx,
    by: By,
    (name, based_on): (&str, &IfMatch),
    wanted: Wanted,
) -> Result<Role, Error> {
    let role = roles::lock(tx, name).await?.ok_or(Error::NoSuchRole)?;
    if !based_on.matches(role.version) {
        return Err(Error::StaleRole);
    }
    by.covers(role.permissions)?;
    by.covers(wanted.permissions)?;
    // A customer has what is theirs, and an administrator everything.
    let fixed = name == roles::CUSTOMER || name == roles::ADMIN;
    if fixed && wanted.permissions != role.permissions {
        return Err(Error::FixedRole);
    }
    let changed = Role {
        title: wanted.title,
        permissions: wanted.permissions,
        needs_second_factor: wanted.needs_second_factor,
        version: role.version + 1,
        ..role.clone()
    };
    roles::save(tx, &changed).await?;
    let permits_other =
        (role.permissions, role.needs_second_factor) != (changed.permissions, changed.needs_second_factor);
    if permits_other && name != roles::CUSTOMER {
        let holders = users::lock_with_role(tx, name).await?;
        end_sessions::renew(app, tx, &holders).await?;
    }
    app.kit.audit(tx, by.entry("role.changed").changed(told(&role), told(&changed)));
    Ok(changed)
}

/// Takes one away that nobody has.
pub(crate) async fn delete(app: &App, tx: &mut Tx, by: By, name: &str) -> Result<(), Error> {
    let role = roles::lock(tx, name).await?.ok_or(Error::NoSuchRole)?;
    by.covers(role.permissions)?;
    if role.built_in {
        return Err(Error::FixedRole);
    }
    if !roles::delete(tx, name).await? {
        return Err(Error::RoleInUse);
    }
    app.kit.audit(tx, by.entry("role.deleted").changed(told(&role), Value::Null));
    Ok(())
}

fn told(role: &Role) -> Value {
    json!({
        "name": role.name, "title": role.title, "permissions": role.permissions.names(),
        "needs_second_factor": role.needs_second_factor,
    })
}
