//! Where the bucket is, from `PICTURES_URL`.

use percent_encoding::percent_decode_str;
use service_kit::{ConfigError, Env, config};
use std::fmt;
use url::Url;

/// Of a store that has no regions, and of Amazon's first.
const REGION: &str = "us-east-1";
const EXPECTED: &str = "https://ACCESS_KEY:SECRET_KEY@host/bucket, or …/bucket/folder, with ?region=… where it is not us-east-1; \
     what keys hold besides letters and digits is percent-encoded, or the secret key stands in PICTURES_PASSWORD as it is";

/// Of a store that is reached as `https://host/bucket/…`.
#[derive(Clone, PartialEq, Eq)]
pub struct Place {
    pub(super) endpoint: Url,
    pub(super) bucket: String,
    /// Empty: none.
    pub(super) folder: String,
    pub(super) region: String,
    pub(super) access_key: String,
    pub(super) secret_key: String,
}

impl Place {
    pub(crate) const NAME: &'static str = "PICTURES_URL";

    /// `None` where it is not set: pictures lie in the database.
    pub(crate) fn read(env: &Env) -> Result<Option<Self>, ConfigError> {
        let Some(value) = env.text(Self::NAME)? else { return Ok(None) };
        let place = Url::parse(&value).ok().and_then(|url| Self::parse(&url)).ok_or_else(|| ConfigError::Invalid {
            name: Self::NAME.to_owned(),
            // What stands before an @ is a secret.
            value: value.rsplit_once('@').map_or_else(|| "what it is".to_owned(), |(_, rest)| format!("…@{rest}")),
            expected: EXPECTED.to_owned(),
        })?;
        let encrypted = place.endpoint.scheme() == "https" || config::is_local(&place.endpoint);
        config::refuse_plaintext(env, Self::NAME, encrypted, "https:// and the host of the bucket")?;
        Ok(Some(place))
    }

    fn parse(url: &Url) -> Option<Self> {
        let text = |encoded| percent_decode_str(encoded).decode_utf8().ok().map(String::from);
        if !matches!(url.scheme(), "http" | "https") || url.fragment().is_some() {
            return None;
        }
        let (access_key, secret_key) = (text(url.username())?, text(url.password()?)?);
        let path = text(url.path().trim_matches('/'))?;
        let (bucket, folder) = path.split_once('/').unwrap_or((&path, ""));
        let mut region = REGION.to_owned();
        for (name, value) in url.query_pairs() {
            if name != "region" || value.is_empty() {
                return None;
            }
            region = value.into_owned();
        }
        // An @ in one of these is what is left of a secret that was not encoded.
        let of_a_bucket = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_".contains(&byte);
        let of_a_folder = |byte: u8| of_a_bucket(byte.to_ascii_lowercase()) || byte == b'/';
        if access_key.is_empty()
            || secret_key.is_empty()
            || bucket.is_empty()
            || !bucket.bytes().all(of_a_bucket)
            || !folder.bytes().all(of_a_folder)
        {
            return None;
        }
        let mut endpoint = url.clone();
        // They fail only for a URL without a host.
        let _ = endpoint.set_username("");
        let _ = endpoint.set_password(None);
        endpoint.set_path("");
        endpoint.set_query(None);
        Some(Self { endpoint, bucket: bucket.to_owned(), folder: folder.to_owned(), region, access_key, secret_key })
    }
}

/// Without its keys.
impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}/{} in {}", self.endpoint, self.bucket, self.folder, self.region)
    }
}

#[cfg(test)]
mod tests {
    use super::Place;
    use service_kit::{ConfigError, Env};

    fn read(url: &str) -> Result<Option<Place>, ConfigError> {
        Place::read(&Env::of([("PICTURES_URL", url)]))
    }

    #[test]
    fn nothing_set_means_the_database() {
        assert_eq!(read("").unwrap(), None);
    }

    #[test]
    fn a_bucket_a_folder_in_it_and_its_region_are_taken_from_the_address() {
        let place = read("https://AKIA:a%2Fb%2B@s3.example.com/pictures/shop/de?region=eu-central-1").unwrap().unwrap();
        assert_eq!(format!("{place:?}"), "https://s3.example.com/pictures/shop/de in eu-central-1");
        assert_eq!((place.access_key.as_str(), place.secret_key.as_str()), ("AKIA", "a/b+"));
        let bare = read("https://AKIA:secret@s3.example.com/pictures").unwrap().unwrap();
        assert_eq!((bare.bucket.as_str(), bare.folder.as_str(), bare.region.as_str()), ("pictures", "", "us-east-1"));
        let apart = Env::of([("PICTURES_URL", "https://AKIA@s3.example.com/pictures"), ("PICTURES_PASSWORD", "a/b%+")]);
        assert_eq!(Place::read(&apart).unwrap().unwrap().secret_key, "a/b%+");
    }

    #[test]
    fn what_names_no_bucket_is_refused_without_telling_its_secret() {
        for wrong in [
            "pictures",
            "s3://AKIA:hunter2@pictures",
            "https://AKIA:hunter2@s3.example.com",
            "https://AKIA:hunter2@s3.example.com/",
            "https://AKIA@s3.example.com/pictures",
            "https://:hunter2@s3.example.com/pictures",
            "https://s3.example.com/pictures",
            "https://AKIA:hunter2@s3.example.com/pictures?zone=1",
            "https://AKIA:hunter2@s3.example.com/pictures?region=",
            "https://AKIA:hunter2@s3.example.com/pictures#top",
            "https://AKIA:p@ss/hunter2@s3.example.com/pictures",
            "https://AKIA:hunter2@s3.example.com/Pictures",
            "https://AKIA:hunter2@s3.example.com/pictures/of%20us",
        ] {
            let message = read(wrong).unwrap_err().to_string();
            assert!(message.starts_with("PICTURES_URL") && message.contains("https://ACCESS_KEY"), "{message}");
            assert!(!message.contains("hunter2"), "{message}");
        }
    }

    #[test]
    fn production_wants_the_way_to_it_encrypted() {
        let env = |url: &str| Env::of([("ECOM_ENV", "production"), ("PICTURES_URL", url)]);
        let message = Place::read(&env("http://AKIA:hunter2@minio:9000/pictures")).unwrap_err().to_string();
        assert!(message.starts_with("PICTURES_URL is not encrypted") && !message.contains("hunter2"), "{message}");
        assert!(Place::read(&env("http://AKIA:secret@127.0.0.1:9000/pictures")).is_ok());
        let allowed = env("http://AKIA:secret@minio:9000/pictures").with("PLAINTEXT_ALLOWED", "PICTURES_URL");
        assert!(Place::read(&allowed).is_ok());
    }
}
