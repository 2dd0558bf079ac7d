//! The points beyond the steps: which of them a walk through the shop passes, and a process that dies there.

use super::{
    scene::Scene,
    service_log::{happened, since},
    stage::{Faults, Stage},
    tour::Leg,
};
use crate::{dice::Dice, quiet};
use anyhow::Context;
use contracts::ServiceName;
use operate::{reach::Reach, terminal::say};
use std::{collections::BTreeMap, fs, time::Duration};

/// One of so many is crashed at, unless all are.
const SHARE: usize = 10;
/// A leg's mails and refunds are done by then.
const PATIENCE: Duration = Duration::from_secs(150);

/// A point that somebody passes.
#[derive(Clone, Copy)]
pub(super) struct Passed {
    pub(super) point: &'static str,
    pub(super) service: ServiceName,
    leg: Leg,
}

/// What the first walk came to.
pub(super) struct Walk {
    passed: Vec<Passed>,
    /// With the crate that has them. Nobody passed them: nothing is said of them.
    missed: Vec<(&'static str, &'static str)>,
}

impl Walk {
    /// Walks every leg with services that tell which points they pass.
    pub(super) async fn through(
        stage: &Stage,
        scene: &Scene<'_>,
        reach: &Reach,
        points: &[(&'static str, &'static str)],
    ) -> anyhow::Result<Self> {
        // What earlier cases left would be told of the first leg, which never passes it again.
        quiet::wait(reach, PATIENCE).await?;
        let (mut passed, mut missed) = (Vec::new(), points.to_vec());
        for leg in Leg::ALL {
            let mut faults: Faults = ServiceName::ALL.into_iter().map(|service| (service, "tell".to_owned())).collect();
            if let Some((service, luck)) = leg.luck() {
                faults.insert(service, format!("tell,{luck}"));
            }
            let begun: BTreeMap<_, _> =
                ServiceName::ALL.into_iter().map(|service| (service, length(stage, service))).collect();
            stage.restart(&faults).await?;
            leg.walk(stage, scene).await.with_context(|| format!("walking {leg:?}"))?;
            quiet::wait(reach, PATIENCE).await?;
            for (service, before) in begun {
                let text = since(&stage.stack.services.log(service), before)?;
                let told = text.lines().filter(|line| line.contains("a crash point is passed"));
                let told =
                    Vec::from_iter(told.filter_map(|line| line.split_once("\"ecom.point\":\"")?.1.split('"').next()));
                missed.retain(|(of, point)| {
                    let is_passed = *of == service.as_str() && told.contains(point);
                    passed.extend(is_passed.then_some(Passed { point, service, leg }));
                    !is_passed
                });
            }
        }
        Ok(Self { passed, missed })
    }

    /// Where a process is to die.
    pub(super) fn chosen(&self, all: bool, seed: u64) -> Vec<Passed> {
        let mut chosen = self.passed.clone();
        if !all {
            Dice::of(seed, "points", 0).shuffle(&mut chosen);
            chosen.truncate(self.passed.len().div_ceil(SHARE));
        }
        chosen
    }

    /// How much of it was shown, and of what nothing was.
    pub(super) fn tell(&self, all: bool, third: bool) {
        let share = if all { 1 } else { SHARE } * if third { 3 } else { 1 };
        let tried = if share == 1 { "all".to_owned() } else { format!("one in {share}") };
        say(format!("besides the steps: {} points are passed, {tried} of them crashed at", self.passed.len()));
        let missed = self.missed.iter().map(|(of, point)| format!("{point} in {of}"));
        let missed = Vec::from_iter(missed);
        if !missed.is_empty() {
            say(format!("never passed, and not tried: {}", missed.join(", ")));
        }
    }
}

impl Passed {
    /// Walks its leg again while the service dies there.
    pub(super) async fn crash(&self, stage: &Stage, scene: &Scene<'_>) -> anyhow::Result<()> {
        let mut faults = Faults::from_iter(self.leg.luck().map(|(service, luck)| (service, luck.to_owned())));
        let crash = format!("crash:{}", self.point);
        let own = faults.remove(&self.service).map_or_else(|| crash.clone(), |luck| format!("{luck},{crash}"));
        faults.insert(self.service, own);
        let (log, before) = (stage.stack.services.log(self.service), length(stage, self.service));
        stage.restart(&faults).await?;
        self.leg.walk(stage, scene).await?;
        happened(&log, before, self.point).await?;
        stage.stack.services.wait_ready(self.service).await.map(drop)
    }
}

fn length(stage: &Stage, service: ServiceName) -> u64 {
    fs::metadata(stage.stack.services.log(service)).map_or(0, |log| log.len())
}
