//! The variables of the environment, each also as `NAME_FILE`, and what is said of one that is missing or wrong.

use crate::ambient;
use std::{collections::BTreeMap, fmt, fs, str::FromStr, time::Duration};
use url::Url;

/// The variables a process was started with.
#[derive(Clone, Default)]
pub struct Env {
    variables: BTreeMap<String, String>,
}

/// A variable that is missing or wrong.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A variable that has no default.
    #[error("{name} is not set: expected {expected}")]
    Missing {
        /// The variable.
        name: String,
        /// What it should hold.
        expected: String,
    },
    /// A variable that holds what it cannot.
    #[error("{name}={value:?} is not valid: expected {expected}")]
    Invalid {
        /// The variable.
        name: String,
        /// What it holds.
        value: String,
        /// What it should hold.
        expected: String,
    },
    /// The file that a variable names.
    #[error("{name}_FILE={path:?} cannot be read ({cause}): name a readable file that holds the value of {name}")]
    File {
        /// The variable, without `_FILE`.
        name: String,
        /// The file it names.
        path: String,
        /// Why it cannot be read.
        cause: std::io::Error,
    },
    /// Known to whoever reads the source.
    #[error("{name} holds the default secret, which ECOM_ENV=production refuses: set one of your own")]
    DefaultSecret {
        /// The variable.
        name: String,
    },
    /// Could be read by whoever is on its way.
    #[error(
        "{name} is not encrypted, which ECOM_ENV=production refuses: expected {expected}. If nobody can listen on that \
         way, add {name} to PLAINTEXT_ALLOWED"
    )]
    Plaintext {
        /// The variable.
        name: String,
        /// What it should hold.
        expected: String,
    },
}

impl Env {
    /// The process's own variables.
    #[must_use]
    pub fn process() -> Self {
        Self { variables: ambient::process_variables() }
    }

    /// These and no others: for tests, and for who starts several services.
    pub fn of<K: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (K, V)>) -> Self {
        Self { variables: pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect() }
    }

    /// The same with one variable more or changed.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.variables.insert(name.to_owned(), value.into());
        self
    }

    /// The value, from `NAME` or the file named by `NAME_FILE`; an empty one counts as not set. A URL with a user and no
    /// password gets the one of `X_PASSWORD`, when it is called `X_URL`: so a password can lie in a file of its own.
    ///
    /// # Errors
    /// `NAME_FILE` cannot be read.
    pub fn text(&self, name: &str) -> Result<Option<String>, ConfigError> {
        let Some(value) = self.plain(name)? else { return Ok(None) };
        let Some(stem) = name.strip_suffix("_URL") else { return Ok(Some(value)) };
        let Ok(mut url) = Url::parse(&value) else { return Ok(Some(value)) };
        if url.username().is_empty() || url.password().is_some() {
            return Ok(Some(value));
        }
        let Some(password) = self.plain(&format!("{stem}_PASSWORD"))? else { return Ok(Some(value)) };
        // It fails only for a URL without a host, where nobody is asked for a password.
        let _ = url.set_password(Some(&literal(&password)));
        Ok(Some(url.into()))
    }

    fn plain(&self, name: &str) -> Result<Option<String>, ConfigError> {
        if let Some(value) = self.variables.get(name).filter(|value| !value.is_empty()) {
            return Ok(Some(value.clone()));
        }
        let Some(path) = self.variables.get(&format!("{name}_FILE")).filter(|path| !path.is_empty()) else {
            return Ok(None);
        };
        let read = fs::read_to_string(path);
        let text = read.map_err(|cause| ConfigError::File { name: name.to_owned(), path: path.clone(), cause })?;
        Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned()))
    }

    /// # Errors
    /// Not set.
    pub fn required(&self, name: &str, expected: &str) -> Result<String, ConfigError> {
        self.text(name)?.ok_or_else(|| ConfigError::Missing { name: name.to_owned(), expected: expected.to_owned() })
    }

    /// # Errors
    /// Set to what is not a `T`.
    pub fn parsed<T: FromStr>(&self, name: &str, expected: &str) -> Result<Option<T>, ConfigError> {
        let Some(value) = self.text(name)? else { return Ok(None) };
        match value.parse() {
            Ok(parsed) => Ok(Some(parsed)),
            Err(_) => Err(ConfigError::Invalid { name: name.to_owned(), value, expected: expected.to_owned() }),
        }
    }

    /// Whether it is `on`.
    ///
    /// # Errors
    /// Neither `on` nor `off`.
    pub fn switch(&self, name: &str) -> Result<Option<bool>, ConfigError> {
        match self.text(name)?.as_deref() {
            None => Ok(None),
            Some("on") => Ok(Some(true)),
            Some("off") => Ok(Some(false)),
            Some(other) => Err(ConfigError::Invalid {
                name: name.to_owned(),
                value: other.to_owned(),
                expected: "on or off".to_owned(),
            }),
        }
    }

    /// A span of whole seconds.
    ///
    /// # Errors
    /// Set to what is no whole number from 1 to a year of seconds.
    pub fn seconds(&self, name: &str, default: u64) -> Result<Duration, ConfigError> {
        // A time so far from now that no calendar has it would end whoever adds the two.
        let expected = "a whole number of seconds from 1 to 31536000 (a year)";
        match self.parsed::<u64>(name, expected)?.unwrap_or(default) {
            seconds @ 1..=31_536_000 => Ok(Duration::from_secs(seconds)),
            given => Err(ConfigError::Invalid {
                name: name.to_owned(),
                value: given.to_string(),
                expected: expected.to_owned(),
            }),
        }
    }

    /// # Errors
    /// Set to what is no URL with one of the schemes.
    pub fn url(&self, name: &str, schemes: &[&str], default: &str) -> Result<Url, ConfigError> {
        let value = self.text(name)?.unwrap_or_else(|| default.to_owned());
        Url::parse(&value).ok().filter(|url| schemes.contains(&url.scheme())).ok_or_else(|| ConfigError::Invalid {
            name: name.to_owned(),
            // What stands before an @ may be a password.
            value: value.rsplit_once('@').map_or(value.clone(), |(_, rest)| format!("…@{rest}")),
            expected: format!("a URL starting with {}://", schemes.join(":// or ")),
        })
    }
}

/// Shows names only: values may be secrets.
impl fmt::Debug for Env {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.variables.keys()).finish()
    }
}

/// Where it runs; from `ECOM_ENV`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Environment {
    /// On a developer's machine: defaults for everything, also for secrets.
    Development,
    /// Refuses every default secret.
    Production,
}

impl Environment {
    /// As in `ECOM_ENV`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Development => "development",
            Self::Production => "production",
        }
    }
}

impl FromStr for Environment {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "development" => Ok(Self::Development),
            "production" => Ok(Self::Production),
            _ => Err(()),
        }
    }
}

/// A URL's user and password are percent-decoded by who reads it; a % of their own must survive that.
pub(crate) fn literal(text: &str) -> String {
    text.replace('%', "%25")
}
