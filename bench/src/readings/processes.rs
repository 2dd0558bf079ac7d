//! Processor time and context switches, from `/proc`.

use crate::platform::Platform;
use anyhow::Context;
use chaos::process::Process;
use contracts::ServiceName;
use nix::{
    time::{clock_getcpuclockid, clock_gettime},
    unistd::Pid,
};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fs,
    time::Duration,
};

/// Milliseconds of one tick of `/proc/PID/stat`: 100 a second on Linux, everywhere.
const TICK: f64 = 10.0;

pub(crate) const POSTGRES: &str = "PostgreSQL";
pub(crate) const RABBITMQ: &str = "RabbitMQ";
pub(crate) const PROVIDER: &str = "provider";
pub(crate) const SINK: &str = "mail server";
pub(crate) const CLIENT: &str = "client";

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Usage {
    /// Milliseconds of processor time.
    pub(crate) ms: f64,
    pub(crate) switches: f64,
}

/// One line of `/proc/PID/stat`.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Stat {
    parent: u32,
    group: u32,
    /// Milliseconds of its own. By the process' clock: a tick's tenth of a second is much for many that do little.
    own: f64,
    /// Milliseconds of children that have ended and were waited for, in whole ticks.
    ended: f64,
}

/// All processes of the machine at one moment.
pub(crate) struct Table(HashMap<u32, Stat>);

/// What is measured, and what stands for others.
///
/// # Errors
/// A part is not there.
pub(crate) fn of(platform: &Platform) -> anyhow::Result<(BTreeMap<String, Usage>, BTreeMap<String, Usage>)> {
    let (stack, table) = (&platform.stack, Table::read()?);
    let pid = |process: Process| stack.services.pid(process).with_context(|| format!("{process} is not running"));
    let mut parts = BTreeMap::new();
    for service in ServiceName::ALL {
        let pids =
            stack.replicas(service).map(|replica| pid(replica.into())).collect::<anyhow::Result<HashSet<_>>>()?;
        parts.insert(service.short().to_owned(), table.usage(|one| pids.contains(&one)));
    }
    let postgres = stack.postgres_pid().context("PostgreSQL is not running")?;
    parts.insert(POSTGRES.to_owned(), table.family(postgres));
    let rabbitmq = stack.rabbitmq_group().context("RabbitMQ is not running")?;
    parts.insert(RABBITMQ.to_owned(), table.group(rabbitmq));
    let provider = pid(Process::Provider)?;
    let sink = thread(platform.sink.thread)?;
    let own = table.usage(|one| one == std::process::id());
    // Our threads are the client's, all but one.
    let client = Usage { ms: own.ms - sink.ms, switches: own.switches - sink.switches };
    let apart = [(PROVIDER, table.usage(|one| one == provider)), (SINK, sink), (CLIENT, client)];
    Ok((parts, apart.into_iter().map(|(name, usage)| (name.to_owned(), usage)).collect()))
}

impl Table {
    /// # Errors
    /// There is no `/proc`.
    pub(crate) fn read() -> anyhow::Result<Self> {
        let mut table = HashMap::new();
        for entry in fs::read_dir("/proc").context("this needs Linux")? {
            let Ok(pid) = entry?.file_name().to_string_lossy().parse() else { continue };
            // One that ended meanwhile is in its parent's figures.
            let Ok(text) = fs::read_to_string(format!("/proc/{pid}/stat")) else { continue };
            let mut stat = stat(&text).context("an odd /proc/PID/stat")?;
            stat.own = clock(pid).unwrap_or(stat.own);
            table.insert(pid, stat);
        }
        Ok(Self(table))
    }

    /// Those that are meant, without their ended children.
    pub(crate) fn usage(&self, meant: impl Fn(u32) -> bool) -> Usage {
        let meant = self.0.iter().filter(|(pid, _)| meant(**pid));
        meant.fold(Usage::default(), |sum, (pid, stat)| Usage {
            ms: sum.ms + stat.own,
            switches: sum.switches + switches(*pid),
        })
    }

    /// A process with all that came from it, also what has ended.
    pub(crate) fn family(&self, first: u32) -> Usage {
        let mut members = HashSet::from([first]);
        loop {
            let before = members.len();
            members.extend(
                self.0
                    .iter()
                    .filter(|(_, stat)| members.contains(&stat.parent))
                    .map(|(pid, _)| *pid)
                    .collect::<Vec<_>>(),
            );
            if members.len() == before {
                break;
            }
        }
        self.with_ended(&members)
    }

    /// A process group, with what came from its members.
    pub(crate) fn group(&self, group: u32) -> Usage {
        let members: HashSet<u32> =
            self.0.iter().filter(|(_, stat)| stat.group == group).map(|(pid, _)| *pid).collect();
        self.with_ended(&members)
    }

    fn with_ended(&self, members: &HashSet<u32>) -> Usage {
        let usage = self.usage(|pid| members.contains(&pid));
        let ended: f64 = members.iter().filter_map(|pid| self.0.get(pid)).map(|stat| stat.ended).sum();
        Usage { ms: usage.ms + ended, ..usage }
    }
}

/// Of what the kernel says of a process or thread.
fn stat(text: &str) -> Option<Stat> {
    // The second field is a name in brackets and may hold blanks.
    let (_, fields) = text.rsplit_once(')')?;
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let number = |place: usize| fields.get(place)?.parse::<f64>().ok();
    Some(Stat {
        parent: fields.get(1)?.parse().ok()?,
        group: fields.get(2)?.parse().ok()?,
        own: (number(11)? + number(12)?) * TICK,
        ended: (number(13)? + number(14)?) * TICK,
    })
}

/// What a process has used so far, in milliseconds; none when it has ended.
fn clock(pid: u32) -> Option<f64> {
    let clock = clock_getcpuclockid(Pid::from_raw(pid.try_into().ok()?)).ok()?;
    Some(Duration::from(clock_gettime(clock).ok()?).as_secs_f64() * 1000.0)
}

/// One of our own threads.
fn thread(id: u32) -> anyhow::Result<Usage> {
    let folder = format!("/proc/self/task/{id}");
    let text = fs::read_to_string(format!("{folder}/stat")).context("the mail server's thread has ended")?;
    let stat = stat(&text).context("an odd stat of a thread")?;
    Ok(Usage { ms: stat.own, switches: switches_of(&format!("{folder}/status")) })
}

/// Of all its threads.
fn switches(pid: u32) -> f64 {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    threads.map(|thread| switches_of(&format!("{}/status", thread.path().display()))).sum()
}

fn switches_of(status: &str) -> f64 {
    let text = fs::read_to_string(status).unwrap_or_default();
    let lines = text.lines().filter(|line| line.contains("ctxt_switches"));
    lines.filter_map(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok()).sum()
}

/// What the whole machine has done.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Busy(f64);

impl Busy {
    /// # Errors
    /// There is no `/proc`.
    pub(crate) fn read() -> anyhow::Result<Self> {
        let text = fs::read_to_string("/proc/stat")?;
        let first = text.lines().next().context("an empty /proc/stat")?;
        let ticks: Vec<f64> = first.split_whitespace().skip(1).filter_map(|field| field.parse().ok()).collect();
        // user nice system idle iowait irq softirq steal; those of guests are in the first two.
        let busy = [0, 1, 2, 5, 6, 7].into_iter().filter_map(|place| ticks.get(place)).sum();
        Ok(Self(busy))
    }

    pub(crate) fn cores(self, later: &Self, seconds: f64) -> f64 {
        (later.0 - self.0) * TICK / 1000.0 / seconds
    }
}

/// Mebibytes of each service, of all its processes together.
///
/// # Errors
/// One is not running.
pub(crate) fn memory(platform: &Platform) -> anyhow::Result<BTreeMap<String, f64>> {
    let mut memory = BTreeMap::new();
    for service in ServiceName::ALL {
        for replica in platform.stack.replicas(service) {
            let pid = platform.stack.services.pid(replica).with_context(|| format!("{replica} is not running"))?;
            *memory.entry(service.short().to_owned()).or_default() += proportional_memory(pid)?;
        }
    }
    Ok(memory)
}

/// Mebibytes that a process accounts for, shared pages by their share.
///
/// # Errors
/// It has ended, or its memory may not be looked at.
pub(crate) fn proportional_memory(pid: u32) -> anyhow::Result<f64> {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup"))?;
    let line = text.lines().find(|line| line.starts_with("Pss:")).context("no Pss in smaps_rollup")?;
    let kilobytes: f64 = line.split_whitespace().nth(1).context("an odd line of smaps_rollup")?.parse()?;
    Ok(kilobytes / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::{Stat, Table, Usage, stat};
    use std::collections::HashMap;

    #[test]
    fn a_process_with_blanks_and_brackets_in_its_name_is_read() {
        let text = "7 (a (b) c) S 3 5 5 0 -1 4194560 1 2 0 0 100 50 7 3 20 0 1 0 9 0 0";
        assert_eq!(stat(text), Some(Stat { parent: 3, group: 5, own: 1500.0, ended: 100.0 }));
    }

    #[test]
    fn a_family_is_a_process_with_its_living_and_its_dead() {
        let one = |parent, own, ended| Stat { parent, group: 1, own, ended };
        // Numbers that no process has: nobody's context switches are looked up.
        let table = HashMap::from([
            (4_000_000_001, one(1, 10.0, 5.0)),
            (4_000_000_002, one(4_000_000_001, 20.0, 0.0)),
            (4_000_000_003, one(4_000_000_002, 1.0, 0.0)),
            (4_000_000_004, one(1, 1000.0, 0.0)),
        ]);
        assert_eq!(Table(table).family(4_000_000_001), Usage { ms: 36.0, switches: 0.0 });
    }
}
