//! The bucket that pictures lie in, where an operator names one: of anybody who speaks Amazon's S3. What lies in it stands
//! in the database too, without its bytes. See docs/adr/0070-pictures-may-lie-in-a-bucket.md.

mod place;

pub use place::Place;

use crate::{domain::Shown, error::Error};
use axum::body::Bytes;
use object_store::{
    Attribute, Attributes, BackoffConfig, ClientOptions, ObjectStore, ObjectStoreExt, PutOptions, PutPayload,
    RetryConfig, aws::AmazonS3, aws::AmazonS3Builder, path::Path,
};
use std::{sync::Arc, time::Duration};
use tokio::{sync::Semaphore, time::timeout};

/// A shopper's page waits for its pictures; with all tries.
const TO_GET: Duration = Duration::from_secs(3);
/// All sizes of one. A request of a service has ten seconds.
const TO_PUT: Duration = Duration::from_secs(8);
/// So many ask the bucket at a time: one that is silent must not hold all places of the service, which sells on.
const AT_ONCE: usize = 32;
/// Of what a store says, so much is told: it may say much, and what was signed.
const TOLD: usize = 200;

#[derive(Clone, Debug)]
pub(crate) struct Bucket {
    store: Arc<AmazonS3>,
    folder: Path,
    places: Arc<Semaphore>,
}

impl Bucket {
    /// Asks nobody: a bucket that cannot be reached is seen when a picture is wanted, and the shop sells without.
    ///
    /// # Errors
    /// A client of HTTP cannot be made, or not with these settings.
    pub(crate) fn open(place: &Place) -> Result<Self, object_store::Error> {
        let options = ClientOptions::new()
            .with_allow_http(place.endpoint.scheme() == "http")
            .with_connect_timeout(Duration::from_secs(1))
            .with_timeout(TO_GET);
        let backoff = BackoffConfig { init_backoff: Duration::from_millis(50), ..BackoffConfig::default() };
        let store = AmazonS3Builder::new()
            .with_endpoint(place.endpoint.as_str().trim_end_matches('/'))
            .with_bucket_name(&place.bucket)
            .with_region(&place.region)
            .with_access_key_id(&place.access_key)
            .with_secret_access_key(&place.secret_key)
            .with_client_options(options)
            .with_retry(RetryConfig { backoff, max_retries: 2, retry_timeout: TO_GET })
            .build()?;
        let (folder, places) = (Path::from(place.folder.as_str()), Arc::new(Semaphore::new(AT_ONCE)));
        Ok(Self { store: Arc::new(store), folder, places })
    }

    /// All sizes of a picture. The same picture a second time changes nothing: its name is what it holds.
    pub(crate) async fn put(&self, shown: &Shown) -> Result<(), Error> {
        let (name, content_type) = (shown.widest.name(), shown.widest.content_type);
        self.within(TO_PUT, async {
            self.put_one(self.path(&name, None), content_type, &shown.widest.bytes).await?;
            for narrower in &shown.narrower {
                let width = i32::try_from(narrower.width).unwrap_or(i32::MAX);
                self.put_one(self.path(&name, Some(width)), content_type, &narrower.bytes).await?;
            }
            Ok(())
        })
        .await
    }

    async fn put_one(&self, path: Path, content_type: &'static str, bytes: &[u8]) -> Result<(), object_store::Error> {
        let attributes = Attributes::from_iter([(Attribute::ContentType, content_type)]);
        let payload = PutPayload::from(bytes.to_vec());
        self.store.put_opts(&path, payload, PutOptions { attributes, ..PutOptions::default() }).await?;
        Ok(())
    }

    /// A picture that stands in the database, so wide; the widest without.
    pub(crate) async fn get(&self, name: &str, width: Option<i32>) -> Result<Bytes, Error> {
        let path = self.path(name, width);
        self.within(TO_GET, async { self.store.get(&path).await?.bytes().await }).await
    }

    fn path(&self, name: &str, width: Option<i32>) -> Path {
        match width {
            None => self.folder.clone().join(name),
            Some(width) => self.folder.clone().join(format!("{width}-{name}")),
        }
    }

    async fn within<T>(
        &self,
        patience: Duration,
        work: impl Future<Output = Result<T, object_store::Error>>,
    ) -> Result<T, Error> {
        let Ok(_place) = self.places.try_acquire() else {
            return Err(Error::Bucket(format!("{AT_ONCE} ask it already")));
        };
        let Ok(done) = timeout(patience, work).await else {
            return Err(Error::Bucket(format!("did not answer within {} s", patience.as_secs())));
        };
        done.map_err(|cause| {
            // Without the whole of what the store answered. A bucket that is not there is nothing a visitor can know of.
            let said = cause.to_string();
            let lost = matches!(cause, object_store::Error::NotFound { .. }) && !said.contains("NoSuchBucket");
            let told = brief(&said);
            if lost {
                tracing::warn!(%told, "a picture that the database knows does not lie in the bucket");
                return Error::NoSuchPicture;
            }
            Error::Bucket(told)
        })
    }
}

/// What it was, and S3's word for why (`<Code>…</Code>`).
fn brief(said: &str) -> String {
    let why = said.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>")).map(|(code, _)| code);
    let what = said.split('<').next().unwrap_or_default();
    let what: String = what.chars().take(TOLD).collect();
    match why {
        Some(code) => format!("{what}{}", code.chars().take(TOLD).collect::<String>()),
        None => what,
    }
}

#[cfg(test)]
mod tests {
    use super::{TOLD, brief};

    #[test]
    fn of_what_a_store_says_its_word_is_told_and_not_what_was_signed() {
        let said = "Error performing PUT http://s3/a: 403: <?xml?><Error><Code>SignatureDoesNotMatch</Code>\
                    <StringToSign>AWS4-HMAC-SHA256 secret</StringToSign></Error>";
        assert_eq!(brief(said), "Error performing PUT http://s3/a: 403: SignatureDoesNotMatch");
        assert_eq!(brief("no connection"), "no connection");
        assert_eq!(brief(&"x".repeat(9000)).len(), TOLD);
    }
}
