//! `ecom audit`: whether the audit logs are as they were written.

use crate::{
    reach::Reach,
    terminal::{complain, say},
};
use clap::Subcommand;
use contracts::ServiceName;
use service_kit::{
    Env,
    audit::{Broken, verify},
};
use std::process::ExitCode;

#[derive(Subcommand)]
pub enum AuditCommand {
    /// Read each service's chain from its beginning: every entry as it was written, none taken out
    ///
    /// Prints the last link's hash: whoever keeps it elsewhere will notice a chain that was made anew. Exits with 1 when a
    /// chain is broken, and with 2 when one cannot be read.
    Verify,
}

/// # Errors
/// A database cannot be reached.
pub async fn run(env: &Env, command: AuditCommand) -> anyhow::Result<ExitCode> {
    let AuditCommand::Verify = command;
    let reach = Reach::find(env).await?;
    let (mut is_broken, mut unread) = (false, false);
    for service in ServiceName::ALL {
        match verify(reach.database(service)).await {
            Ok(chain) => say(format!(
                "{service}: {} entries in {} links, {} waiting; the last link is {}",
                chain.entries,
                chain.links,
                chain.waiting,
                hex(&chain.hash)
            )),
            Err(cause @ (Broken::Database(_) | Broken::Json(_))) => {
                complain(format!("{service}: the audit log cannot be read: {cause}"));
                unread = true;
            }
            Err(broken) => {
                complain(format!("{service}: the audit log is not as it was written: {broken}"));
                is_broken = true;
            }
        }
    }
    Ok(match (is_broken, unread) {
        (true, _) => ExitCode::FAILURE,
        (false, true) => ExitCode::from(2),
        (false, false) => ExitCode::SUCCESS,
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
