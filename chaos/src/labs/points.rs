//! The crash points: by the names that fourteen of them had before each commit and each call became one, and all others.

use anyhow::{Context, ensure};
use contracts::ServiceName;
use service_kit::{
    Env,
    labs::{self, Listed, know},
};
use std::collections::BTreeSet;

/// In the order in which an order passes them, with the points that they are.
const STEPS: &[(&str, &[&str])] = &[
    ("reserve", &["answered:reservations"]),
    ("order-commit", &["commit:place_order"]),
    ("answer", &["committed:place_order"]),
    ("publish", &["publish"]),
    ("confirm", &["confirm"]),
    ("mark", &["mark"]),
    ("consume", &["consume"]),
    ("provider-call", &["ask:charge"]),
    ("provider-answer", &["answered:charge"]),
    ("ledger-commit", &["commit:settle"]),
    ("acknowledge", &["acknowledge"]),
    // In order-service, whichever comes first; in payment-service; in product-service.
    ("compensate", &["commit:payment.failed", "commit:cancel_order", "commit:refund", "commit:order.cancelled"]),
    ("mail-sent", &["answered:mail"]),
    ("mail-marked", &["committed:mark_sent"]),
];

/// Has this process do what `ECOM_FAULTS` asks for, the fourteen steps by their old names too.
///
/// # Errors
/// It names what there is not, in any of the five services.
pub fn arm(env: &Env) -> anyhow::Result<()> {
    for listed in
        [user_service::LABS, product_service::LABS, order_service::LABS, payment_service::LABS, notify_service::LABS]
    {
        know(listed);
    }
    match env.text("ECOM_FAULTS")? {
        Some(faults) => labs::arm(&env.clone().with("ECOM_FAULTS", expand(&faults))),
        None => labs::arm(env),
    }
}

/// `crash:reserve@2` is `crash:answered:reservations@2`.
fn expand(faults: &str) -> String {
    let expanded = faults.split(',').map(str::trim).flat_map(|one| {
        let Some((kind, rest)) = one.split_once(':') else { return vec![one.to_owned()] };
        let (name, tail) = rest.split_at(rest.find(['@', '=', '*']).unwrap_or(rest.len()));
        match STEPS.iter().find(|(step, _points)| *step == name) {
            Some((_step, points)) if kind != "off" => {
                points.iter().map(|point| format!("{kind}:{point}{tail}")).collect()
            }
            _ => vec![one.to_owned()],
        }
    });
    Vec::from_iter(expanded).join(",")
}

/// The fourteen names.
pub(crate) fn steps() -> impl Iterator<Item = &'static str> {
    STEPS.iter().map(|(step, _points)| *step)
}

/// The point that a step is in a service: the first that it, or the kit, has.
///
/// # Errors
/// There is no such step, or it is none there.
pub(super) fn of_step(step: &str, service: ServiceName) -> anyhow::Result<&'static str> {
    let (_step, points) =
        STEPS.iter().find(|(name, _points)| *name == step).with_context(|| format!("no step {step}"))?;
    let known = labs::known();
    let here = known.iter().filter(|listed| listed.of == service.as_str() || listed.of == "service-kit");
    let here = BTreeSet::from_iter(here.flat_map(Listed::points));
    let point = points.iter().copied().find(|point| here.contains(point));
    point.with_context(|| format!("{service} has no point that is the step {step}"))
}

/// Every crate's points but those of the steps, with the crate's name.
///
/// # Errors
/// A step is none of the points there are.
pub(super) fn others() -> anyhow::Result<Vec<(&'static str, &'static str)>> {
    let known = labs::known();
    let all: BTreeSet<&str> = known.iter().flat_map(Listed::points).collect();
    let old: BTreeSet<&str> = STEPS.iter().flat_map(|(_step, points)| points.iter().copied()).collect();
    let gone: Vec<_> = old.difference(&all).collect();
    ensure!(gone.is_empty(), "these are points no more, mend the steps in labs/points.rs: {gone:?}");
    let others = known.iter().flat_map(|listed| listed.points().map(|point| (listed.of, point)));
    Ok(others.filter(|(_crate, point)| !old.contains(point)).collect())
}

#[cfg(test)]
mod tests {
    use super::{expand, others};

    #[test]
    fn steps_are_told_by_their_points_and_all_else_stays() {
        assert_eq!(
            expand("crash:reserve@2, delay:order-commit=1500*"),
            "crash:answered:reservations@2,delay:commit:place_order=1500*"
        );
        assert_eq!(expand("off:claim-once,crash:commit:settle,tell"), "off:claim-once,crash:commit:settle,tell");
        assert!(expand("crash:compensate").contains("crash:commit:refund,"));
    }

    #[test]
    fn every_step_is_a_point_and_there_are_many_more() {
        super::arm(&service_kit::Env::of::<&str, &str>([])).unwrap();
        assert!(others().unwrap().len() > 50);
    }
}
