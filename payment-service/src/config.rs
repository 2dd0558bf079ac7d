//! What payment-service is told besides what all services are.

use service_kit::{ConfigError, Env, Environment, Settings, Variable, config};
use std::time::Duration;
use url::Url;

#[derive(Clone, Debug)]
pub struct Config {
    pub kit: Settings,
    /// Where the payment provider is reached.
    pub provider_url: Url,
    /// No call to the provider takes longer; one that would is an answer that is missing.
    pub provider_deadline: Duration,
    /// So long after the order was placed a payment that has not succeeded is given up. Below order-service's
    /// `PAYMENT_DEADLINE`, so that the shopper hears the provider's word and not the clock's.
    pub give_up: Duration,
}

impl Config {
    /// What only this service reads.
    pub const VARIABLES: &[Variable] = &[
        Variable::new(
            &["PROVIDER_URL"],
            "payment",
            "`http://127.0.0.1:8090`",
            "the payment provider; no default and `https://` in production. `ecom up` starts its own simulator unless \
             it is set; the simulator itself refuses production",
        ),
        Variable::new(
            &["DEVELOPMENT_PROVIDER_URL"],
            "payment",
            "none; Compose sets it",
            "the default of `PROVIDER_URL` in development: Compose's simulator. Production does not read it",
        ),
        Variable::new(&["PROVIDER_DEADLINE"], "payment", "5000", "milliseconds a call to it may take, up to 60000"),
        Variable::new(
            &["PAYMENT_GIVE_UP"],
            "payment",
            "480",
            "seconds until a payment without success is given up. Keep it below `PAYMENT_DEADLINE`",
        ),
    ];

    /// # Errors
    /// A variable is wrong.
    pub fn read(kit: Settings, env: &Env) -> Result<Self, ConfigError> {
        let expected = "a whole number of milliseconds from 1 to 60000";
        let deadline = env.parsed::<u64>("PROVIDER_DEADLINE", expected)?.unwrap_or(5000);
        if !(1..=60_000).contains(&deadline) {
            return Err(ConfigError::Invalid {
                name: "PROVIDER_DEADLINE".to_owned(),
                value: deadline.to_string(),
                expected: expected.to_owned(),
            });
        }
        if kit.environment == Environment::Production {
            // Money must not go to a simulator because a variable was forgotten.
            env.required("PROVIDER_URL", "the payment provider's URL: ECOM_ENV=production takes no default")?;
        }
        // In development else the simulator that Compose names.
        let named = env.text("DEVELOPMENT_PROVIDER_URL")?;
        let default = named.as_deref().unwrap_or("http://127.0.0.1:8090");
        let provider_url = env.url("PROVIDER_URL", &["http", "https"], default)?;
        let encrypted = provider_url.scheme() == "https" || config::is_local(&provider_url);
        config::refuse_plaintext(env, "PROVIDER_URL", encrypted, "https:// and the payment provider's host")?;
        Ok(Self {
            kit,
            provider_url,
            provider_deadline: Duration::from_millis(deadline),
            give_up: env.seconds("PAYMENT_GIVE_UP", 480)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Config;
    use contracts::ServiceName;
    use service_kit::{ConfigError, Env, Settings};
    use std::time::Duration;

    fn read(pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        let env = Env::of([("DATABASE_URL", "postgres://127.0.0.1/payment_db"), ("SECRETS_KEY", key)]);
        let env = pairs.iter().fold(env, |env, (name, value)| env.with(name, *value));
        Config::read(Settings::read(&env, ServiceName::Payment)?, &env)
    }

    #[test]
    fn nothing_set_means_the_simulator_next_door() {
        let config = read(&[]).unwrap();
        assert_eq!(config.provider_url.as_str(), "http://127.0.0.1:8090/");
        assert_eq!((config.provider_deadline, config.give_up), (Duration::from_secs(5), Duration::from_secs(480)));
    }

    #[test]
    fn a_wrong_value_is_refused_by_name() {
        for (name, value) in [("PROVIDER_DEADLINE", "0"), ("PROVIDER_DEADLINE", "soon"), ("PAYMENT_GIVE_UP", "0")] {
            let message = read(&[(name, value)]).unwrap_err().to_string();
            assert!(message.contains(name) && message.contains(value), "{message}");
        }
        assert!(read(&[("PROVIDER_URL", "ftp://x")]).unwrap_err().to_string().contains("PROVIDER_URL"));
    }

    #[test]
    fn production_wants_its_provider_named() {
        let production = |more: &[(&str, &str)]| {
            read(&[&[("ECOM_ENV", "production"), ("PUBLIC_URL", "https://shop.example")], more].concat())
        };
        // Compose's simulator is for development.
        for simulator in [&[][..], &[("DEVELOPMENT_PROVIDER_URL", "http://provider-sim:8090")]] {
            let message = production(simulator).unwrap_err().to_string();
            assert!(message.contains("PROVIDER_URL is not set"), "{message}");
        }
        let config = read(&[("DEVELOPMENT_PROVIDER_URL", "http://provider-sim:8090")]).unwrap();
        assert_eq!(config.provider_url.as_str(), "http://provider-sim:8090/");
        for plain in ["http://pay.example.com", "http://10.0.0.7:8090", "http://provider-sim:8090"] {
            let message = production(&[("PROVIDER_URL", plain)]).unwrap_err().to_string();
            assert!(message.starts_with("PROVIDER_URL is not encrypted"), "{message}");
            assert!(production(&[("PROVIDER_URL", plain), ("PLAINTEXT_ALLOWED", "PROVIDER_URL")]).is_ok());
        }
        assert!(production(&[("PROVIDER_URL", "https://pay.example.com")]).is_ok());
        assert!(production(&[("PROVIDER_URL", "http://127.0.0.1:9")]).is_ok());
    }
}
