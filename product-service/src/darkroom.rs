//! Where pictures are made in their sizes: off the threads that answer, and one at a time, since each has all its pixels
//! in memory, and containers have 256 MB.

use crate::{
    domain::{Picture, Shown},
    error::Error,
};
use std::sync::Arc;
use tokio::{sync::Semaphore, task::spawn_blocking};

#[derive(Clone)]
pub(crate) struct Darkroom(Arc<Semaphore>);

impl Default for Darkroom {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(1)))
    }
}

impl Darkroom {
    /// The picture as it is shown, or why it cannot be. Whoever comes while another is made waits, as long as a request may take.
    pub(crate) async fn develop(&self, picture: Picture) -> Result<Shown, Error> {
        // The work goes on when nobody waits for it any more, and holds its place until it ends.
        let place = Arc::clone(&self.0).acquire_owned().await;
        let made = spawn_blocking(move || {
            let _place = place;
            Shown::of(picture)
        });
        match made.await {
            Ok(shown) => shown.map_err(Error::NotAPicture),
            // A decoder that panics has met a file that it does not understand.
            Err(cause) => {
                tracing::warn!(%cause, "a picture could not be read");
                Err(Error::NotAPicture("cannot be read".to_owned()))
            }
        }
    }
}
