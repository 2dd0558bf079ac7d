//! The two keys that an operator gives, which the all-in-one makes for itself: what its services sign with is sealed by
//! one in their databases, the pages' cookies are encrypted with the other. They lie in the data folder, outlive a run,
//! and belong to its backup.

use crate::data_folder::DataFolder;
use service_kit::{Env, Environment, Vault};

/// Their variables and their files.
const SEALING: (&str, &str) = (Vault::VARIABLE, "secrets-key");
const COOKIES: (&str, &str) = ("WEB_COOKIE_KEY", "web-cookie-key");

/// The variables with both keys: those that are set, else those of the folder, made where it has none.
///
/// # Errors
/// What is set is no key, or the folder cannot be written. Production has to be told what it seals by: whoever runs it
/// must know that it is to be kept.
pub(super) fn given_or_made(env: Env, environment: Environment, folder: &DataFolder) -> anyhow::Result<Env> {
    let wanted = match environment {
        Environment::Development => &[SEALING, COOKIES][..],
        Environment::Production => &[COOKIES],
    };
    let mut env = env;
    for (variable, file) in wanted {
        if env.text(variable)?.is_none() {
            env = env.with(&format!("{variable}_FILE"), folder.key(file)?.display().to_string());
        }
    }
    // Else a wrong one would be told of when a server was started already.
    Vault::read(&env, environment)?;
    web::CookieKey::read(&env)?;
    Ok(env)
}

#[cfg(test)]
mod tests {
    use super::given_or_made;
    use crate::data_folder::DataFolder;
    use service_kit::{Env, Environment, Vault};
    use std::{fs, path::Path};
    use tempfile::TempDir;

    const GIVEN: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    fn read(path: &Path, environment: Environment, variables: &[(&str, &str)]) -> anyhow::Result<Env> {
        let folder = DataFolder::open(&Env::of([("ECOM_DATA", path.to_str().unwrap())])).unwrap();
        given_or_made(Env::of(variables.iter().copied()), environment, &folder)
    }

    fn keys(env: &Env) -> [String; 2] {
        ["SECRETS_KEY", "WEB_COOKIE_KEY"].map(|name| env.text(name).unwrap().unwrap())
    }

    #[test]
    fn both_are_made_at_the_first_start_and_found_at_the_next() {
        let folder = TempDir::new().unwrap();
        let env = read(folder.path(), Environment::Development, &[]).unwrap();
        let made = keys(&env);
        assert_ne!(made[0], made[1]);
        assert!(Vault::read(&env, Environment::Production).unwrap().seals());
        assert_eq!(keys(&read(folder.path(), Environment::Development, &[]).unwrap()), made);
        assert_eq!(made[0], fs::read_to_string(folder.path().join("secrets-key")).unwrap());
        let another = TempDir::new().unwrap();
        assert_ne!(keys(&read(another.path(), Environment::Development, &[]).unwrap()), made);
    }

    #[test]
    fn what_is_set_wins_and_nothing_is_made_for_it() {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("mine");
        fs::write(&file, GIVEN).unwrap();
        let data = folder.path().join("data");
        let set = [("SECRETS_KEY_FILE", file.to_str().unwrap()), ("WEB_COOKIE_KEY", GIVEN)];
        assert_eq!(keys(&read(&data, Environment::Development, &set).unwrap()), [GIVEN, GIVEN]);
        assert!(!data.join("secrets-key").exists() && !data.join("web-cookie-key").exists());
        for name in ["SECRETS_KEY", "WEB_COOKIE_KEY"] {
            let refused = read(&data, Environment::Development, &[(name, "c2hvcnQ=")]).unwrap_err().to_string();
            assert!(refused.contains(name) && !refused.contains("c2hvcnQ"), "{refused}");
        }
    }

    #[test]
    fn production_is_told_what_it_seals_by() {
        let folder = TempDir::new().unwrap();
        // Even where there is one of development.
        read(folder.path(), Environment::Development, &[]).unwrap();
        let refused = read(folder.path(), Environment::Production, &[]).unwrap_err().to_string();
        assert!(refused.starts_with("SECRETS_KEY is not set: expected 32 bytes in base64"), "{refused}");
        let env = read(folder.path(), Environment::Production, &[("SECRETS_KEY", GIVEN)]).unwrap();
        assert_eq!(keys(&env)[0], GIVEN);
    }
}
