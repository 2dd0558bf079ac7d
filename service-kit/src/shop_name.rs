//! What people know the shop by, on its pages and in its mails.

use crate::{
    env::{ConfigError, Env},
    text,
};

/// Where nobody named it.
pub const UNNAMED: &str = "Ecom-Micro";

const NAME: &str = "SHOP_NAME";
const LONGEST: usize = 60;

/// `SHOP_NAME`, if it is set.
///
/// # Errors
/// It is no line of text that shows something, or too long.
pub fn read(env: &Env) -> Result<Option<String>, ConfigError> {
    let Some(value) = env.text(NAME)? else { return Ok(None) };
    match text::line(&value, LONGEST) {
        Ok(shop) => Ok(Some(shop)),
        Err(_) => Err(ConfigError::Invalid {
            name: NAME.to_owned(),
            value,
            expected: format!("1 to {LONGEST} characters on one line, without control characters"),
        }),
    }
}
