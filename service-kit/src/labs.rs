//! Crash points and cures, for fault runs and for teaching. They exist only in builds with the feature `labs` and are
//! armed by `ECOM_FAULTS`; in any other build [`step`] and [`cure`] are nothing, and no word of this is in the program.
//!
//! A **step** is a named place of an order's way where a process may die. A **cure** is the one place that keeps one kind
//! of mistake from happening; switched off, the mistake is there, and the checker has to find it.
//!
//! ```text
//! ECOM_FAULTS=crash:reserve              dies at the first pass of the step
//! ECOM_FAULTS=error:publish@3            fails at the third pass, once
//! ECOM_FAULTS=delay:provider-call=800*   waits 800 ms at every pass
//! ECOM_FAULTS=off:claim-once,crash:consume
//! ```

#[cfg(feature = "labs")]
pub use armed::{CURES, STEPS, check, cure, step};
#[cfg(not(feature = "labs"))]
pub use nothing::{check, cure, step};

#[cfg(not(feature = "labs"))]
mod nothing {
    use crate::Env;
    use std::future::{Ready, ready};

    /// A named step of an order's way.
    ///
    /// # Errors
    /// None, in this build.
    #[inline(always)]
    pub fn step(_name: &'static str) -> Ready<Result<(), sqlx::Error>> {
        ready(Ok(()))
    }

    /// Whether the cure is in force.
    #[must_use]
    #[inline(always)]
    pub const fn cure(_name: &'static str) -> bool {
        true
    }

    /// # Errors
    /// None, in this build.
    pub fn check(_env: &Env) -> anyhow::Result<()> {
        Ok(())
    }
}

#[cfg(feature = "labs")]
mod armed {
    use crate::Env;
    use anyhow::{Context, bail, ensure};
    use std::{
        collections::BTreeMap,
        io,
        sync::{
            OnceLock,
            atomic::{AtomicU32, Ordering},
        },
        time::Duration,
    };

    /// Every step, in the order in which an order passes them.
    pub const STEPS: &[&str] = &[
        "reserve",
        "order-commit",
        "answer",
        "publish",
        "confirm",
        "mark",
        "consume",
        "provider-call",
        "provider-answer",
        "ledger-commit",
        "acknowledge",
        "compensate",
        "mail-sent",
        "mail-marked",
    ];

    /// Every cure, and what happens without it.
    pub const CURES: &[(&str, &str)] = &[
        ("event-with-change", "events are stored in a transaction of their own: some tell of what never was"),
        ("pending-set", "the relay reads behind a cursor: what commits late is never sent"),
        ("confirm-before-removing", "the outbox forgets an event before it is sent"),
        ("await-confirms", "what was written to the socket counts as arrived"),
        ("mandatory", "the broker confirms what reached no queue"),
        ("acknowledge-after-commit", "a message is acknowledged before its effect is stored"),
        ("claim-once", "duplicates are acted on"),
        ("claim-with-effect", "an event is marked as done in another transaction than its effect"),
        ("failure-recorded", "a failed event is acknowledged and forgotten"),
        ("dead-letter-kept", "what cannot be read is thrown away"),
        ("idempotency-key", "every click is an order"),
        ("total-of-lines", "the total is that of the first line"),
        ("lines-as-reserved", "only the first line is stored"),
        ("no-personal-data", "an event carries the name of its person"),
        ("cancel-announced", "an order is cancelled without a word"),
        ("paid-announced", "an order is paid without a word"),
        ("paid-only-while-pending", "a cancelled order becomes paid"),
        ("change-with-history", "states change without a line in the history"),
        ("deadline-swept", "nobody sees to the deadline of an unpaid order"),
        ("charge-key-kept", "every attempt charges under a key of its own"),
        ("charge-the-total", "a cent less than the order's total is charged"),
        ("unknown-is-asked", "no answer counts as a refusal"),
        ("late-capture-refunded", "money that comes too late is kept"),
        ("refund-on-cancel", "who cancels a paid order gets nothing back"),
        ("refund-key-kept", "every attempt refunds under a key of its own"),
        ("capture-booked", "money that was taken is not in the books"),
        ("tombstone", "a cancellation that comes first leaves no trace: the order behind it is charged"),
        ("stock-locked", "stock is looked at first and taken later"),
        ("cancel-gives-back", "a cancelled order keeps its stock"),
        ("paid-commits-stock", "a paid order's reservation is never committed"),
        ("shipping-takes-stock", "what left the warehouse stays on its shelf"),
        ("expiry-announced", "a reservation expires without a word"),
        ("level-with-movement", "stock changes without a movement"),
        ("confirmed-when-paid", "the customer is told of a payment that was not made"),
        ("sent-then-marked", "a mail is marked before it is sent"),
        ("setback-is-tried-again", "a mail that could not be sent counts as sent"),
        ("message-id-kept", "a mail that is sent again looks like another one"),
    ];

    enum Action {
        Crash,
        Error,
        Delay(Duration),
    }

    struct Fault {
        action: Action,
        /// From 1; `None` for every pass.
        at: Option<u32>,
        passes: AtomicU32,
    }

    #[derive(Default)]
    struct Faults {
        steps: BTreeMap<&'static str, Vec<Fault>>,
        off: Vec<&'static str>,
    }

    fn faults() -> &'static Faults {
        static FAULTS: OnceLock<Faults> = OnceLock::new();
        FAULTS.get_or_init(|| read(&Env::process()).unwrap_or_default())
    }

    /// # Errors
    /// `ECOM_FAULTS` names what there is not.
    pub fn check(env: &Env) -> anyhow::Result<()> {
        read(env).map(drop)
    }

    fn read(env: &Env) -> anyhow::Result<Faults> {
        let mut faults = Faults::default();
        let Some(text) = env.text("ECOM_FAULTS")? else { return Ok(faults) };
        for one in text.split(',').map(str::trim).filter(|one| !one.is_empty()) {
            parse(one, &mut faults).with_context(|| format!("ECOM_FAULTS: {one:?} is not valid"))?;
        }
        Ok(faults)
    }

    fn parse(text: &str, faults: &mut Faults) -> anyhow::Result<()> {
        let (kind, rest) = text.split_once(':').context("expected crash:, error:, delay: or off: and a name")?;
        if kind == "off" {
            let known = CURES.iter().find(|(name, _)| *name == rest);
            faults.off.push(known.with_context(|| format!("there is no cure {rest:?}"))?.0);
            return Ok(());
        }
        let (rest, every) = rest.strip_suffix('*').map_or((rest, false), |rest| (rest, true));
        let (rest, millis) = rest.split_once('=').map_or((rest, None), |(rest, millis)| (rest, Some(millis)));
        let (name, at) = rest.split_once('@').map_or((rest, "1"), |(name, at)| (name, at));
        let name = *STEPS.iter().find(|step| **step == name).with_context(|| format!("there is no step {name:?}"))?;
        let action = match (kind, millis) {
            ("crash", None) => Action::Crash,
            ("error", None) => Action::Error,
            ("delay", Some(millis)) => Action::Delay(Duration::from_millis(millis.parse().context("milliseconds")?)),
            ("delay", None) => bail!("expected milliseconds: delay:{name}=500"),
            _ => bail!("expected crash:, error:, delay:NAME=MILLISECONDS or off:"),
        };
        let at = at.parse::<u32>().context("expected a number after @")?;
        ensure!(at > 0, "passes are counted from 1");
        let fault = Fault { action, at: (!every).then_some(at), passes: AtomicU32::new(0) };
        faults.steps.entry(name).or_default().push(fault);
        Ok(())
    }

    /// A named step of an order's way.
    ///
    /// # Errors
    /// An error was asked for here: like a connection that broke, which every caller has to survive.
    pub async fn step(name: &'static str) -> Result<(), sqlx::Error> {
        for fault in faults().steps.get(name).into_iter().flatten() {
            let pass = fault.passes.fetch_add(1, Ordering::Relaxed) + 1;
            if fault.at.is_some_and(|at| at != pass) {
                continue;
            }
            tracing::warn!(step = name, pass, "a fault was asked for at this step");
            match fault.action {
                // Nothing is flushed, dropped or told: what SIGKILL does.
                Action::Crash => std::process::abort(),
                Action::Error => return Err(io::Error::other(format!("an error asked for at {name}")).into()),
                Action::Delay(time) => tokio::time::sleep(time).await,
            }
        }
        Ok(())
    }

    /// Whether the cure is in force.
    #[must_use]
    pub fn cure(name: &'static str) -> bool {
        debug_assert!(CURES.iter().any(|(known, _)| *known == name), "{name} is not listed");
        !faults().off.contains(&name)
    }

    #[cfg(test)]
    mod tests {
        use super::{Env, read};

        fn refusal(text: &str) -> String {
            read(&Env::of([("ECOM_FAULTS", text)])).err().map(|cause| format!("{cause:#}")).unwrap_or_default()
        }

        #[test]
        fn what_there_is_not_is_refused_by_name() {
            assert!(refusal("crash:lunch").contains("there is no step \"lunch\""));
            assert!(refusal("off:everything").contains("there is no cure \"everything\""));
            assert!(refusal("delay:reserve").contains("delay:reserve=500"));
            assert!(refusal("crash:reserve@0").contains("counted from 1"));
            assert_eq!(refusal("crash:reserve@2, error:publish*, delay:consume=20"), "");
            // As the head of this file has it.
            assert_eq!(refusal("off:claim-once,crash:consume"), "");
        }
    }
}
