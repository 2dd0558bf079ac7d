//! What every program needs of its process: a runtime, a port, and to hear that it is to end.

use crate::http_server;
use anyhow::anyhow;
use std::{fs, net::Ipv6Addr, time::Duration};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// What blocks a thread at the end, such as a name that is being looked up, is waited for no longer.
const LEFT_BEHIND: Duration = Duration::from_millis(200);

/// Does a program's `work` in a runtime of its own, and ends with it.
///
/// # Errors
/// There are no threads to be had, or those of `work`.
pub fn in_runtime<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    small_pages();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let done = runtime.block_on(work);
    // Dropped, it would wait for blocked threads for ever.
    runtime.shutdown_timeout(LEFT_BEHIND);
    done
}

/// A service at rest needs a few megabytes here and there. Where the kernel gives whole pages of 2 MB for each of them, and
/// allocators and stacks ask for room piece by piece, five services hold a hundred megabytes that they never use.
fn small_pages() {
    #[cfg(target_os = "linux")]
    if let Err(cause) = nix::sys::prctl::set_thp_disable(true) {
        tracing::debug!(%cause, "huge pages stay as the system gives them");
    }
}

/// Binds the port on all addresses, of IPv6 and of IPv4. To be called in a runtime.
///
/// # Errors
/// The port is taken or may not be used; the sentence says which and what to do.
pub fn listen(port: u16, who: &str) -> anyhow::Result<TcpListener> {
    let bound = http_server::bind((Ipv6Addr::UNSPECIFIED, port).into());
    bound.and_then(TcpListener::from_std).map_err(|cause| match cause.kind() {
        std::io::ErrorKind::AddrInUse => {
            anyhow!("port {port}, wanted by {who}, is taken by another program: end that one, or choose another port")
        }
        std::io::ErrorKind::PermissionDenied => {
            anyhow!("port {port}, wanted by {who}, needs rights this user lacks: choose a port above 1023")
        }
        _ => anyhow!("port {port}, wanted by {who}, cannot be used: {cause}"),
    })
}

/// A token that is cancelled by SIGINT (Ctrl-C), SIGTERM, or SIGHUP (the terminal was closed).
///
/// # Errors
/// The signals cannot be listened to.
pub fn stop_on_signal() -> anyhow::Result<CancellationToken> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    // Under `nohup` it is ignored, and stays so.
    let mut hang_up = if hang_up_is_ignored() { None } else { Some(signal(SignalKind::hangup())?) };
    let stop = CancellationToken::new();
    let cancel = stop.clone();
    tokio::spawn(async move {
        let hung_up = async {
            match &mut hang_up {
                Some(hang_up) => hang_up.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hung_up => {}
        }
        cancel.cancel();
    });
    Ok(stop)
}

/// As far as the system tells: Linux has a mask of ignored signals here, whose lowest bit is SIGHUP's.
fn hang_up_is_ignored() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::in_runtime;
    use std::{
        sync::mpsc,
        time::{Duration, Instant},
    };

    #[test]
    fn a_thread_that_is_blocked_does_not_hold_up_the_end_of_a_program() {
        let (let_go, held) = mpsc::channel::<()>();
        let (begun, has_begun) = tokio::sync::oneshot::channel();
        let started = Instant::now();
        let done = in_runtime(async {
            tokio::task::spawn_blocking(move || {
                let _ = begun.send(());
                // As long as a name's look-up may take.
                let _ = held.recv_timeout(Duration::from_secs(10));
            });
            has_begun.await?;
            Ok("done")
        });
        assert_eq!(done.unwrap(), "done");
        assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
        drop(let_go);
    }
}
