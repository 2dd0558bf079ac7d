//! What the services count of themselves, at `/metrics`.

use crate::platform::Platform;
use contracts::ServiceName;
use std::collections::BTreeMap;

/// How each is called in a result, and which metrics it is the sum of.
const COUNTED: &[(&str, &str)] = &[
    ("HTTP requests answered", "http_requests_total"),
    ("calls between services", "peer_calls_total"),
    ("calls to the provider", "provider_calls_total"),
    ("events published", "events_published_total"),
    ("events consumed", "events_consumed_total"),
    ("mails", "mails_total"),
];

/// Over all services.
///
/// # Errors
/// A service does not answer.
pub(crate) async fn counted(platform: &Platform) -> anyhow::Result<BTreeMap<String, f64>> {
    let mut sums = BTreeMap::new();
    for service in ServiceName::ALL {
        for replica in platform.stack.replicas(service) {
            let page = platform.stack.services.metrics(replica).await?;
            for (name, metric) in COUNTED {
                *sums.entry((*name).to_owned()).or_default() += sum(&page, metric);
            }
        }
    }
    Ok(sums)
}

/// Of all labels.
pub(crate) fn sum(page: &str, metric: &str) -> f64 {
    let lines = page.lines().filter(|line| line.split(['{', ' ']).next() == Some(metric));
    lines.filter_map(|line| line.rsplit_once(' ')?.1.parse::<f64>().ok()).sum()
}

#[cfg(test)]
mod tests {
    use super::sum;

    #[test]
    fn a_metric_is_summed_over_its_labels_and_no_other_is_taken_for_it() {
        let page = "# TYPE a counter\na{x=\"1\"} 2\na{x=\"2\"} 3\na_b 7\na 1\n";
        assert!((sum(page, "a") - 6.0).abs() < f64::EPSILON);
    }
}
