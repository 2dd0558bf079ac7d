//! Running other programs so that nothing of them outlives us.

use std::fmt;
use std::process::{Command, ExitCode, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use tokio::signal::unix::{self, SignalKind, signal};
use tokio::time::timeout;

/// How long a program may take to end when asked.
const TO_END: Duration = Duration::from_secs(5);

/// Ctrl-C and its kin. From when this is made they no longer end us: whoever waits for something also waits for this.
pub(crate) struct Interrupt {
    signals: [unix::Signal; 3],
}

impl Interrupt {
    pub(crate) fn new() -> Result<Self> {
        let listen = |kind| signal(kind).context("listening for signals");
        let signals = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
        let [interrupt, terminate, hangup] = signals.map(listen);
        Ok(Self { signals: [interrupt?, terminate?, hangup?] })
    }

    pub(crate) async fn wait(&mut self) -> Signal {
        let [interrupt, terminate, hangup] = &mut self.signals;
        tokio::select! {
            _ = interrupt.recv() => Signal::SIGINT,
            _ = terminate.recv() => Signal::SIGTERM,
            _ = hangup.recv() => Signal::SIGHUP,
        }
    }
}

/// Runs a program with all it starts in a process group of its own, and ends what is left of them.
pub(crate) async fn run(mut command: Command, interrupt: &mut Interrupt) -> Result<ExitStatus> {
    // Not the terminal's group any more, so it may not read from it.
    command.stdin(Stdio::null());
    let name = show(&command);
    let mut command = tokio::process::Command::from(command);
    let mut child = command.process_group(0).spawn().with_context(|| format!("running {name}"))?;
    let group = process_id(&child)?;
    let status = tokio::select! {
        status = child.wait() => status.with_context(|| format!("waiting for {name}"))?,
        _ = interrupt.wait() => {
            _ = killpg(group, Signal::SIGTERM);
            _ = timeout(TO_END, child.wait()).await;
            _ = killpg(group, Signal::SIGKILL);
            bail!("interrupted while running {name}");
        }
    };
    _ = killpg(group, Signal::SIGKILL);
    Ok(status)
}

/// Runs a program in the foreground, with the terminal.
pub(crate) async fn run_in_foreground(command: Command, interrupt: &mut Interrupt) -> Result<ExitStatus> {
    let name = show(&command);
    let mut child = tokio::process::Command::from(command).spawn().with_context(|| format!("running {name}"))?;
    let id = process_id(&child)?;
    loop {
        tokio::select! {
            status = child.wait() => return status.with_context(|| format!("waiting for {name}")),
            // Ctrl-C reached it too, and what it means is its own affair; the others were for us alone.
            signal = interrupt.wait() => if signal != Signal::SIGINT { _ = kill(id, signal) },
        }
    }
}

/// Like [`run`], for what must succeed.
pub(crate) async fn must(command: Command, interrupt: &mut Interrupt) -> Result<()> {
    let name = show(&command);
    let status = run(command, interrupt).await?;
    if status.success() { Ok(()) } else { bail!("{name} failed ({status})") }
}

/// What a program that is soon done says.
pub(crate) fn must_say(mut command: Command) -> Result<String> {
    let name = show(&command);
    let output =
        command.stdin(Stdio::null()).stderr(Stdio::inherit()).output().with_context(|| format!("running {name}"))?;
    if !output.status.success() {
        bail!("{name} failed ({})", output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("what {name} said"))
}

pub(crate) fn exit_code(status: ExitStatus) -> ExitCode {
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    code.map_or(ExitCode::FAILURE, ExitCode::from)
}

fn process_id(child: &tokio::process::Child) -> Result<Pid> {
    let id = child.id().context("the program has already ended")?;
    Ok(Pid::from_raw(id.try_into().context("a process id out of range")?))
}

/// As one would type it.
fn show(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// How long something took, as people say it.
pub(crate) struct Took(pub(crate) Instant);

impl fmt::Display for Took {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.elapsed().as_secs_f32();
        if seconds < 60.0 { write!(f, "{seconds:.1} s") } else { write!(f, "{:.1} min", seconds / 60.0) }
    }
}
