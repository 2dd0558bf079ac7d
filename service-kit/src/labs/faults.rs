//! What `ECOM_FAULTS` asks for: points to crash, fail or dawdle at, cures to switch off.

use super::listed::Listed;
use crate::Env;
use anyhow::{Context, bail, ensure};
use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    sync::{
        Mutex, OnceLock, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};
use uuid::Uuid;

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
    points: BTreeMap<&'static str, Vec<Fault>>,
    off: BTreeSet<&'static str>,
    /// What was told of already, where every point's first pass is to be told.
    told: Option<Mutex<BTreeSet<String>>>,
}

static FAULTS: OnceLock<Faults> = OnceLock::new();

/// Has this process do what `ECOM_FAULTS` asks for of what is known.
pub(super) fn arm(env: &Env, known: &[Listed]) -> anyhow::Result<()> {
    let faults = read(env, known)?;
    FAULTS.set(faults).ok().context("ECOM_FAULTS was read before")
}

fn read(env: &Env, known: &[Listed]) -> anyhow::Result<Faults> {
    let mut faults = Faults::default();
    let Some(text) = env.text("ECOM_FAULTS")? else { return Ok(faults) };
    for one in text.split(',').map(str::trim).filter(|one| !one.is_empty()) {
        parse(one, known, &mut faults).with_context(|| format!("ECOM_FAULTS: {one:?} is not valid"))?;
    }
    Ok(faults)
}

fn parse(text: &str, known: &[Listed], faults: &mut Faults) -> anyhow::Result<()> {
    if text == "tell" {
        faults.told = Some(Mutex::default());
        return Ok(());
    }
    let (kind, rest) = text.split_once(':').context("expected crash:, error:, delay: or off: and a name, or tell")?;
    if kind == "off" {
        let cures = || known.iter().flat_map(|listed| listed.cures).map(|(name, _)| *name);
        faults.off.insert(find(rest, "cure", cures)?);
        return Ok(());
    }
    let (rest, every) = rest.strip_suffix('*').map_or((rest, false), |rest| (rest, true));
    let (rest, millis) = rest.split_once('=').map_or((rest, None), |(rest, millis)| (rest, Some(millis)));
    let (name, at) = rest.split_once('@').map_or((rest, "1"), |(name, at)| (name, at));
    let name = find(name, "point", || known.iter().flat_map(Listed::points))?;
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
    faults.points.entry(name).or_default().push(fault);
    Ok(())
}

fn find<I>(name: &str, what: &str, there_are: impl Fn() -> I) -> anyhow::Result<&'static str>
where
    I: Iterator<Item = &'static str>,
{
    let found = there_are().find(|known| *known == name);
    found.with_context(|| {
        let all: BTreeSet<_> = there_are().collect();
        format!("there is no {what} {name:?}; there are {}", Vec::from_iter(all).join(", "))
    })
}

/// Whether a cure is switched off.
#[must_use]
pub fn off(cure: &str) -> bool {
    FAULTS.get().is_some_and(|faults| faults.off.contains(cure))
}

/// A crash point is passed. The name is that of the work, or the path of a call.
///
/// # Errors
/// An error was asked for here: like a connection that broke, which every caller has to survive.
pub(crate) async fn pass(kind: &str, name: &str) -> io::Result<()> {
    let Some(faults) = FAULTS.get().filter(|faults| faults.told.is_some() || !faults.points.is_empty()) else {
        return Ok(());
    };
    let point = point(kind, name);
    if let Some(told) = &faults.told
        && told.lock().unwrap_or_else(PoisonError::into_inner).insert(point.clone())
    {
        tracing::warn!(point, "a crash point is passed for the first time");
    }
    for fault in faults.points.get(&*point).into_iter().flatten() {
        let pass = fault.passes.fetch_add(1, Ordering::Relaxed) + 1;
        if fault.at.is_some_and(|at| at != pass) {
            continue;
        }
        tracing::warn!(point, pass, "a fault was asked for at this point");
        match fault.action {
            // Nothing is flushed, dropped or told: what SIGKILL does.
            Action::Crash => std::process::abort(),
            Action::Error => return Err(io::Error::other(format!("an error asked for at {point}"))),
            Action::Delay(time) => tokio::time::sleep(time).await,
        }
    }
    Ok(())
}

/// `ask:` and `/internal/accounts/0198…/contact` are `ask:accounts-contact`; `find charge` is `find_charge`.
fn point(kind: &str, name: &str) -> String {
    let Some(path) = name.strip_prefix("/internal/") else { return format!("{kind}{}", name.replace(' ', "_")) };
    let words = path.split('/').filter(|segment| Uuid::try_parse(segment).is_err());
    format!("{kind}{}", Vec::from_iter(words).join("-"))
}

#[cfg(test)]
mod tests {
    use super::{Env, Listed, point, read};

    const SHOP: Listed = Listed {
        of: "shop",
        cures: &[("claim-once", "duplicates are acted on")],
        points: "answered:reservations\ncommit:place_order\n",
    };

    fn refusal(text: &str) -> String {
        let read = read(&Env::of([("ECOM_FAULTS", text)]), &[crate::labs::LABS, SHOP]);
        read.err().map(|cause| format!("{cause:#}")).unwrap_or_default()
    }

    #[test]
    fn what_there_is_not_is_refused_by_name_with_what_there_is() {
        let lunch = refusal("crash:lunch");
        assert!(lunch.contains("there is no point \"lunch\"; there are "), "{lunch}");
        assert!(lunch.contains("commit:place_order") && lunch.contains("publish"), "{lunch}");
        let everything = refusal("off:everything");
        assert!(everything.contains("there is no cure \"everything\"; there are "), "{everything}");
        assert!(everything.contains("claim-once"), "{everything}");
        assert!(refusal("delay:commit:place_order").contains("delay:commit:place_order=500"));
        assert!(refusal("crash:commit:place_order@0").contains("counted from 1"));
        assert_eq!(refusal("crash:commit:place_order@2, error:publish*, delay:answered:reservations=20, tell"), "");
        // As the head of labs/mod.rs has it.
        assert_eq!(refusal("off:claim-once,crash:consume"), "");
    }

    #[test]
    fn a_call_is_named_by_the_words_of_its_path() {
        let id = "0198f2a4-0000-7000-8000-000000000000";
        assert_eq!(point("ask:", &format!("/internal/accounts/{id}/contact")), "ask:accounts-contact");
        assert_eq!(point("answered:", "/internal/reservations"), "answered:reservations");
        assert_eq!(point("ask:", "find charge"), "ask:find_charge");
        assert_eq!(point("", "publish"), "publish");
    }
}
