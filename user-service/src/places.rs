//! Where in the world a session is used, as far as a database of the operator's knows; without one nobody is told a place.
//!
//! The database is a file in the MaxMind DB format (<https://maxmind.github.io/MaxMind-DB/>) with records like those of
//! GeoLite2 City or Country. It is asked when somebody looks at their sessions: no place is stored.

use maxminddb::{MaxMindDbError, Reader, geoip2};
use std::{net::IpAddr, path::Path, sync::Arc};

#[derive(Clone)]
pub(crate) struct Places(Arc<Reader<Vec<u8>>>);

impl Places {
    /// Reads the whole file into memory, once: another file is for the next start.
    ///
    /// # Errors
    /// It cannot be read, is no such database, or is damaged.
    pub(crate) fn open(file: &Path) -> Result<Self, MaxMindDbError> {
        let reader = Reader::open_readfile(file)?;
        reader.verify()?;
        Ok(Self(Arc::new(reader)))
    }

    /// "Berlin, Germany", or the country alone. None where the database knows nothing of the client: an IPv4 address, or
    /// the /64 of an IPv6 one.
    pub(crate) fn of(&self, client: &str) -> Option<String> {
        let address = client.split('/').next()?.parse::<IpAddr>().ok()?;
        let found = self.0.lookup(address).ok()?.decode::<geoip2::City<'_>>().ok()??;
        let (city, country) = (found.city.names.english, found.country.names.english);
        let known: Vec<&str> = city.into_iter().chain(country).collect();
        (!known.is_empty()).then(|| known.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::Places;
    use std::path::Path;

    /// Made by tests/fixtures/places.py.
    const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/places.mmdb");

    #[test]
    fn a_city_a_country_or_nothing_is_told() {
        let places = Places::open(Path::new(FILE)).unwrap();
        let told = |client: &str| places.of(client);
        assert_eq!(told("203.0.113.9").as_deref(), Some("Berlin, Germany"));
        assert_eq!(told("198.51.100.1").as_deref(), Some("Japan"));
        assert_eq!(told("2001:db8:1:2::/64").as_deref(), Some("São Paulo, Brazil"));
        for unknown in ["192.0.2.1", "10.0.0.1", "2001:db8:2::/64", "127.0.0.1", "nonsense", ""] {
            assert_eq!(told(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn what_is_no_such_database_is_refused() {
        for file in [concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"), "/no/such/file.mmdb"] {
            assert!(Places::open(Path::new(file)).is_err(), "{file}");
        }
    }
}
