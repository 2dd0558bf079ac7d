//! A result for the person at the terminal.

use crate::{
    percentiles::Percentiles,
    readings::processes::{POSTGRES, RABBITMQ},
    result::{Cost, Hot, Idle, LEADING, Logins, Outage, Outcome, Page, Relay, Timing, Turn},
};
use operate::terminal::say;

/// Longer texts of statements are cut.
const WIDTH: usize = 90;

/// While it runs.
pub(crate) fn turn(turn: &Turn) {
    say(format!(
        "{:<12} {:>6} orders  placed {:>7.1}/s  settled {:>7.1}/s  {:>6.2} ms each",
        turn.name(),
        turn.orders,
        turn.placed_per_second,
        turn.settled_per_second,
        turn.cost.everything
    ));
}

pub(crate) fn all(outcome: &Outcome) {
    lines(outcome).into_iter().for_each(say);
}

fn lines(outcome: &Outcome) -> Vec<String> {
    let mut lines = vec![String::new()];
    let about = &outcome.about;
    lines.push(format!(
        "{} cores of {}, {:.0} GiB, PostgreSQL {} by {}, RabbitMQ {}; commit {} {}",
        about.cores,
        about.machine,
        about.memory_gib,
        about.postgres,
        about.database_by,
        about.rabbitmq,
        about.commit,
        about.note
    ));
    let turns: Vec<&Turn> = outcome.closed.iter().chain(&outcome.open).collect();
    if !turns.is_empty() {
        lines.extend(times(&turns));
    }
    lines.extend(processors(&turns, outcome));
    let leading = outcome.closed.iter().find(|turn| turn.clients == LEADING).or(outcome.best());
    if let Some(turn) = leading {
        lines.extend(counts(turn));
        lines.extend(dearest(&turn.cost));
        lines.extend(limits(outcome, turn));
    }
    lines.extend(outcome.idle.as_ref().map(idle));
    lines.extend(replicas(outcome));
    lines.extend(outcome.relay.as_ref().map(relay));
    lines.extend(reads(outcome));
    lines
}

/// What is used while nobody orders. The broker's own stands beside the rest.
fn idle(idle: &Idle) -> String {
    let of = |name: &str| idle.parts.get(name).copied().unwrap_or_default();
    let (postgres, rabbitmq) = (of(POSTGRES), of(RABBITMQ));
    let services = idle.parts.values().sum::<f64>() - postgres - rabbitmq;
    let memory: f64 = idle.memory.values().sum();
    let worth =
        if idle.after > 0.0 { "" } else { "; an upper bound, right after a turn: --idle waits for a quiet minute" };
    let alone = idle.postgres_alone.map(|alone| format!(" (alone {alone:.2})")).unwrap_or_default();
    format!(
        "idle for {:.0} s: services {services:.2} ms/s, {POSTGRES} {postgres:.2}{alone}, {RABBITMQ} {rabbitmq:.2}; \
         {:.1} statements/s; services {memory:.1} MiB (PSS){worth}",
        idle.seconds, idle.statements_per_second
    )
}

/// What more processes of each service gain and lose.
fn replicas(outcome: &Outcome) -> Vec<String> {
    if outcome.replicas.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![
        String::new(),
        "processes of each service     settled/s   services PostgreSQL  RabbitMQ everything (ms an order)  \
         checkout p50      p99       MiB"
            .to_owned(),
    ];
    for one in &outcome.replicas {
        for turn in &one.turns {
            let ms = |name: &str| turn.cost.parts.get(name).copied().unwrap_or_default().ms;
            let (postgres, rabbitmq) = (ms(POSTGRES), ms(RABBITMQ));
            lines.push(format!(
                "{:>3}, {:<22} {:>12.1} {:>10.2} {postgres:>10.2} {rabbitmq:>9.2} {:>10.2} {:>32.1} {:>8.1} {:>9.1}",
                one.processes,
                turn.name(),
                turn.settled_per_second,
                turn.cost.everything - postgres - rabbitmq,
                turn.cost.everything,
                turn.checkout.p50,
                turn.checkout.p99,
                one.memory
            ));
        }
    }
    lines
}

fn relay(relay: &Relay) -> String {
    let each: Vec<_> = relay.ms.iter().map(|(name, ms)| format!("{name} {ms:.3}")).collect();
    format!(
        "one relay, {} events waiting, nothing else running: {:.0} events a second; ms an event: {}",
        relay.events,
        relay.per_second,
        each.join(", ")
    )
}

fn times(turns: &[&Turn]) -> Vec<String> {
    let mut lines = vec![
        String::new(),
        "milliseconds              settled/s      p50      p90      p99    p99.9      max   refused".to_owned(),
    ];
    for turn in turns {
        let refused = format!("{:>10}", turn.refused);
        lines.push(format!(
            "{:<12} checkout  {:>10.1} {}{refused}",
            turn.name(),
            turn.settled_per_second,
            turn.checkout
        ));
        lines.push(format!("{:<12} settled   {:>10} {}", "", "", turn.settling));
    }
    lines
}

/// Milliseconds of processor time an order, by process.
fn processors(turns: &[&Turn], outcome: &Outcome) -> Vec<String> {
    let Some(first) = turns.first() else { return Vec::new() };
    let row = |name: &str, cells: Vec<String>| {
        format!("{name:<16}{}", cells.into_iter().map(|cell| format!("{cell:>12}")).collect::<String>())
    };
    let idle = |name: &str| outcome.idle.as_ref().and_then(|idle| idle.parts.get(name)).copied().unwrap_or_default();
    let mut lines = vec![String::new(), "processor time per settled order, milliseconds".to_owned()];
    let heads = turns.iter().map(|turn| turn.name()).chain(["idle ms/s".to_owned()]);
    lines.push(row("", heads.collect()));
    for name in first.cost.parts.keys() {
        let cells =
            turns.iter().map(|turn| format!("{:.2}", turn.cost.parts.get(name).copied().unwrap_or_default().ms));
        lines.push(row(name, cells.chain([format!("{:.1}", idle(name))]).collect()));
    }
    let sum = turns.iter().map(|turn| format!("{:.2}", turn.cost.everything));
    let idle_sum: f64 = outcome.idle.as_ref().map_or(0.0, |idle| idle.parts.values().sum());
    lines.push(row("everything", sum.chain([format!("{idle_sum:.1}")]).collect()));
    for name in first.cost.apart.keys() {
        let ms = |turn: &&Turn| format!("({:.2})", turn.cost.apart.get(name).copied().unwrap_or_default().ms);
        lines.push(row(name, turns.iter().map(ms).collect()));
    }
    lines.push(row("cores busy", turns.iter().map(|turn| format!("{:.2}", turn.cost.busy_cores)).collect()));
    lines.push(row("by others", turns.iter().map(|turn| format!("{:.2}", turn.cost.others_cores)).collect()));
    lines
}

/// What one order does.
fn counts(turn: &Turn) -> Vec<String> {
    let cost = &turn.cost;
    let mut lines = vec![
        String::new(),
        format!("per order, {}", turn.name()),
        "  database      transactions  statements  rows in / changed / out    WAL bytes".to_owned(),
    ];
    for (name, one) in &cost.databases {
        lines.push(format!(
            "  {name:<12} {:>13.2} {:>11.2} {:>9.2} {:>9.2} {:>6.2} {:>10.0}",
            one.transactions, one.statements, one.rows_in, one.rows_changed, one.rows_out, one.wal_bytes
        ));
    }
    let (rows_in, changed, out) = cost.rows();
    lines.push(format!(
        "  {:<12} {:>13.2} {:>11.2} {rows_in:>9.2} {changed:>9.2} {out:>6.2} {:>10.0}",
        "sum",
        cost.transactions(),
        cost.statements(),
        cost.wal_bytes
    ));
    lines.push(format!(
        "  {:.2} transactions write, {:.2} fsyncs of the log, {:.1} context switches",
        cost.writing_transactions,
        cost.fsyncs,
        cost.parts.values().map(|part| part.switches).sum::<f64>()
    ));
    for counted in [&cost.counted, &cost.broker] {
        let each: Vec<_> = counted.iter().map(|(name, count)| format!("{count:.2} {name}")).collect();
        if !each.is_empty() {
            lines.push(format!("  {}", each.join(", ")));
        }
    }
    lines
}

fn dearest(cost: &Cost) -> Vec<String> {
    let mut lines = vec![String::new(), "the dearest statements   ms/order  calls  ms each    pages".to_owned()];
    for one in &cost.dearest {
        let text: String = one.text.chars().take(WIDTH).collect();
        lines.push(format!(
            "  {:<20} {:>10.3} {:>6.2} {:>8.3} {:>8.1}  {text}",
            one.database, one.ms, one.calls, one.mean, one.pages
        ));
    }
    lines
}

/// That exactly the pieces were sold was looked at.
pub(crate) fn hot(hot: &Hot) -> String {
    let Hot { what, clients, pieces, wishes, per_second, latency, ms } = hot;
    format!(
        "one hot SKU, {what}, {clients} clients: {per_second:.0} pieces a second, {ms:.3} ms each; p50 {:.1} ms, p99 {:.1} ms; \
         {wishes} wanted one, exactly {pieces} were sold",
        latency.p50, latency.p99
    )
}

/// Each as a ratio to what this machine could do.
fn limits(outcome: &Outcome, turn: &Turn) -> Vec<String> {
    let Some(limits) = &outcome.limits else { return Vec::new() };
    let postgres = turn.cost.parts.get(crate::readings::processes::POSTGRES).copied().unwrap_or_default().ms;
    let mut lines = vec![String::new(), format!("limits, and {} as a ratio to them", turn.name())];
    for (name, limit) in &limits.pgbench {
        lines.push(format!(
            "  pgbench, {name:<28} {:>9.0} orders/s {:>8.3} ms of PostgreSQL   settled {:>6.3}×, PostgreSQL {:>6.1}×",
            limit.orders_per_second,
            limit.ms,
            turn.settled_per_second / limit.orders_per_second,
            postgres / limit.ms
        ));
    }
    let (handler, broker) = (&limits.handler, &limits.broker);
    lines.push(format!(
        "  a handler that answers {} bytes    {:>9.0} a second {:>8.3} ms               placed {:>6.3}×",
        handler.bytes,
        handler.requests_per_second,
        handler.ms,
        turn.placed_per_second / handler.requests_per_second
    ));
    let messages = turn.cost.broker.get("messages received").copied().unwrap_or_default();
    let rabbitmq = turn.cost.parts.get(crate::readings::processes::RABBITMQ).copied().unwrap_or_default().ms;
    lines.push(format!(
        "  a message there and back           {:>9.0} a second {:>8.3} ms of RabbitMQ   RabbitMQ {:>6.1}× for {messages:.2} messages",
        broker.messages_per_second,
        broker.ms,
        rabbitmq / broker.ms
    ));
    lines
}

fn reads(outcome: &Outcome) -> Vec<String> {
    let mut lines = Vec::new();
    if !outcome.reads.is_empty() {
        lines.push(String::new());
        lines.push("reads, milliseconds                       among clients  a second   ms each    bytes      p50      p90      p99    p99.9      max".to_owned());
    }
    for read in &outcome.reads {
        lines.push(format!(
            "  {:<36} {:>9} {:>7} {:>9.0} {:>9.3} {:>8} {}{}",
            read.what,
            read.among,
            read.clients,
            read.per_second,
            read.ms,
            read.bytes,
            read.latency,
            read.of_bare()
        ));
    }
    if !outcome.pages.is_empty() {
        lines.push(String::new());
        lines.push(
            "pages, milliseconds      a second   ms each   behind    bytes      p50      p95      p99      max"
                .to_owned(),
        );
    }
    for Page { what, per_second, latency, web_ms, behind_ms, bytes } in &outcome.pages {
        let Percentiles { p50, p95, p99, max, .. } = latency;
        lines.push(format!(
            "  {what:<22} {per_second:>8.0} {web_ms:>9.3} {behind_ms:>8.3} {bytes:>8} {p50:>8.1} {p95:>8.1} {p99:>8.1} {max:>8.1}"
        ));
    }
    lines.extend(outcome.hot.iter().map(hot));
    lines.extend(outcome.outage.iter().map(Outage::line));
    if let Some(Logins { logins, seconds, browsing, alone, beside }) = &outcome.logins {
        lines.push(format!("browsing, {browsing:.0} a second        p50      p90      p99    p99.9      max"));
        lines.push(format!("  alone                     {alone}"));
        lines.push(format!("  beside {logins} logins in {seconds:.0} s {beside}"));
    }
    if !outcome.timing.is_empty() {
        lines.push(
            "with an account or without, ms  each      with   without difference             U        p".to_owned(),
        );
    }
    lines.extend(outcome.timing.iter().map(Timing::line));
    for memory in &outcome.memory {
        let each: Vec<_> = memory.services.iter().map(|(name, mib)| format!("{name} {mib:.1}")).collect();
        lines.push(format!("memory, {}: {:.1} MiB ({})", memory.when, memory.sum, each.join(", ")));
    }
    for (name, ms) in &outcome.starts {
        lines.push(format!("{name}: ready {ms:.0} ms after its start"));
    }
    for (name, megabytes) in &outcome.binaries {
        lines.push(format!("{name}: {megabytes:.1} MB"));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::lines;
    use crate::result::{Handler, Limits, Pgbench, tests::outcome};
    use std::collections::BTreeMap;

    #[test]
    fn figures_are_shown_as_ratios_to_their_limits() {
        let mut shown = outcome(20.0, 50.0);
        let limit = Pgbench { orders_per_second: 1000.0, ms: 0.15 };
        let handler = Handler { requests_per_second: 1.0, ..Handler::default() };
        let pgbench = BTreeMap::from([("32 orders in one CTE".to_owned(), limit)]);
        shown.limits = Some(Limits { pgbench, handler, ..Limits::default() });
        let text = lines(&shown).join("\n");
        assert!(text.contains("settled  0.050×, PostgreSQL  100.0×"), "{text}");
    }
}
