//! Threads that hash passwords and do nothing else, one for each core, below everybody else's priority: a hash takes a core
//! for a quarter of a second, and whoever browses meanwhile must not wait for the end of its turn.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
};

/// So much nicer than the process: on a core that somebody else keeps busy a hash gets a tenth, not nothing.
#[cfg(target_os = "linux")]
const NICER: i32 = 10;

type Work = Box<dyn FnOnce() + Send>;

/// They end with the last of its clones.
#[derive(Clone)]
pub(super) struct Hashers(mpsc::Sender<Work>);

impl Hashers {
    pub(super) fn start(count: usize) -> Self {
        let (work, given) = mpsc::channel::<Work>();
        let given = Arc::new(Mutex::new(given));
        for number in 0..count {
            let given = Arc::clone(&given);
            let started = thread::Builder::new().name(format!("hash-{number}")).spawn(move || work_off(&given));
            if let Err(cause) = started {
                tracing::error!(%cause, "a thread that hashes passwords did not start");
            }
        }
        Self(work)
    }

    /// In its turn: those who come first are first.
    ///
    /// # Errors
    /// There are no threads.
    pub(super) fn give(&self, work: impl FnOnce() + Send + 'static) -> Result<(), &'static str> {
        self.0.send(Box::new(work)).map_err(|_| "no thread hashes passwords")
    }
}

fn work_off(given: &Mutex<mpsc::Receiver<Work>>) {
    lower_priority();
    loop {
        // One waits for the next at the channel, the others for this lock.
        let next = given.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(work) = next else { return };
        // Its caller learns of a panic by the answer that does not come.
        let _ = catch_unwind(AssertUnwindSafe(work));
    }
}

/// Of this thread alone: on Linux each has its own.
#[cfg(target_os = "linux")]
fn lower_priority() {
    if let Err(cause) = rustix::process::nice(NICER) {
        tracing::warn!(%cause, "passwords are hashed at everybody's priority");
    }
}

#[cfg(not(target_os = "linux"))]
fn lower_priority() {}
