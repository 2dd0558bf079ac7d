//! Where the boxes and the ways between them lie: once for wide pages, once for narrow ones.

use super::panel::{Panel, Panels};
use contracts::ServiceName::{self, Notify, Order, Payment, Product, User};

/// One of the two pictures.
pub(super) struct Map<'a> {
    pub(super) class: &'static str,
    pub(super) size: (u32, u32),
    pub(super) boxes: Vec<Node<'a>>,
    pub(super) outsiders: &'static [Outsider],
    pub(super) ways: &'static [Way],
}

/// A service's box.
pub(super) struct Node<'a> {
    pub(super) panel: &'a Panel,
    pub(super) x: u32,
    pub(super) y: u32,
    pub(super) width: u32,
    pub(super) height: u32,
    /// Between its four numbers.
    pub(super) step: u32,
}

/// What stands around the services.
pub(super) struct Outsider {
    pub(super) name: &'static str,
    pub(super) x: u32,
    pub(super) y: u32,
    pub(super) width: u32,
}

/// A line from one to another.
pub(super) struct Way {
    /// Events move along it; a call otherwise.
    pub(super) event: Option<(ServiceName, ServiceName)>,
    pub(super) path: &'static str,
    /// Its words, where they begin or end, and on which side.
    pub(super) label: &'static str,
    pub(super) at: (u32, u32),
    pub(super) anchor: &'static str,
}

impl Way {
    const fn event(
        (from, to): (ServiceName, ServiceName),
        path: &'static str,
        label: &'static str,
        at: (u32, u32),
        anchor: &'static str,
    ) -> Self {
        Self { event: Some((from, to)), path, label, at, anchor }
    }

    const fn call(path: &'static str, label: &'static str, at: (u32, u32), anchor: &'static str) -> Self {
        Self { event: None, path, label, at, anchor }
    }

    /// `order-payment`.
    pub(super) fn name(&self) -> String {
        self.event.map(|(from, to)| format!("{}-{}", from.short(), to.short())).unwrap_or_default()
    }
}

/// What a picture looks like: its boxes' places and size, and the ways.
struct Plan {
    class: &'static str,
    size: (u32, u32),
    places: [(ServiceName, u32, u32, u32); 5],
    height: u32,
    outsiders: &'static [Outsider],
    ways: &'static [Way],
}

const WIDE: Plan = Plan {
    class: "wide",
    size: (960, 452),
    places: [
        (Product, 0, 60, 236),
        (Order, 362, 60, 236),
        (Payment, 724, 60, 236),
        (User, 0, 308, 236),
        (Notify, 362, 308, 236),
    ],
    height: 142,
    outsiders: &[
        Outsider { name: "front door", x: 410, y: 2, width: 140 },
        Outsider { name: "provider", x: 820, y: 308, width: 140 },
        Outsider { name: "mails", x: 724, y: 402, width: 140 },
    ],
    ways: &[
        Way::call("M480 34V54", "", (0, 0), "middle"),
        Way::call("M362 88H242", "reserve stock", (299, 80), "middle"),
        Way::event((Order, Product), "M362 134H242", "order.paid", (299, 126), "middle"),
        Way::event((Product, Order), "M236 180H356", "reservation.expired", (299, 172), "middle"),
        Way::event((Order, Payment), "M598 111H718", "order.created", (661, 103), "middle"),
        Way::event((Payment, Order), "M724 157H604", "payment.completed", (661, 149), "middle"),
        Way::event((Order, Notify), "M480 202V302", "order.created, paid …", (470, 258), "end"),
        Way::event((Payment, Notify), "M748 202C748 290 700 345 604 345", "payment.refunded", (636, 294), "middle"),
        Way::event((User, Notify), "M236 345H356", "user.verified", (299, 337), "middle"),
        Way::event((User, Product), "M72 308V208", "erased", (64, 258), "end"),
        Way::event((Product, User), "M112 202V302", "", (0, 0), "middle"),
        Way::event((User, Order), "M176 308C176 240 396 276 396 208", "", (0, 0), "middle"),
        Way::event((Order, User), "M420 202C420 288 200 246 200 302", "", (0, 0), "middle"),
        Way::event((User, Payment), "M218 308C218 214 796 292 796 208", "", (0, 0), "middle"),
        Way::event((Payment, User), "M820 202C820 304 230 224 230 302", "", (0, 0), "middle"),
        Way::event((Notify, User), "M362 378H242", "", (0, 0), "middle"),
        Way::call("M362 412H242", "ask the address", (299, 404), "middle"),
        Way::call("M890 202V302", "charge", (880, 258), "end"),
        Way::call("M598 418H718", "send", (661, 410), "middle"),
    ],
};

const NARROW: Plan = Plan {
    class: "narrow",
    size: (340, 584),
    places: [
        (Order, 0, 52, 340),
        (Product, 0, 248, 156),
        (Payment, 184, 248, 156),
        (User, 0, 440, 156),
        (Notify, 184, 440, 156),
    ],
    height: 142,
    outsiders: &[Outsider { name: "front door", x: 110, y: 2, width: 120 }],
    ways: &[
        Way::call("M170 34V46", "", (0, 0), "middle"),
        Way::event((Order, Product), "M56 194V242", "paid", (50, 223), "end"),
        Way::event((Product, Order), "M104 248V200", "expired", (111, 223), "start"),
        Way::event((Order, Payment), "M232 194V242", "created", (226, 223), "end"),
        Way::event((Payment, Order), "M268 248V200", "completed", (275, 223), "start"),
        Way::event((Order, Notify), "M170 194V396Q170 414 188 414H208Q224 414 224 434", "", (0, 0), "middle"),
        Way::event((Payment, Notify), "M292 390V434", "refunded", (286, 418), "end"),
        Way::event((User, Notify), "M156 512H178", "", (0, 0), "middle"),
        Way::event((User, Product), "M56 440V396", "erased", (50, 421), "end"),
        Way::event((Product, User), "M92 390V434", "", (0, 0), "middle"),
        Way::event((User, Order), "M140 440Q163 424 163 400V200", "", (0, 0), "middle"),
        Way::event((Order, User), "M177 194V400Q177 450 162 450", "", (0, 0), "middle"),
        Way::event((User, Payment), "M156 462C182 462 206 436 206 396", "", (0, 0), "middle"),
        Way::event((Payment, User), "M194 390C194 430 184 474 162 474", "", (0, 0), "middle"),
        Way::event((Notify, User), "M184 540H162", "", (0, 0), "middle"),
    ],
};

/// Both pictures of the same state; the page shows the one that fits.
pub(super) fn maps(panels: &Panels) -> [Map<'_>; 2] {
    [WIDE, NARROW].map(|plan| Map {
        class: plan.class,
        size: plan.size,
        boxes: boxes(&plan, panels),
        outsiders: plan.outsiders,
        ways: plan.ways,
    })
}

fn boxes<'a>(plan: &Plan, panels: &'a Panels) -> Vec<Node<'a>> {
    let boxes = plan.places.iter().filter_map(|&(service, x, y, width)| {
        let panel = panels.services.iter().find(|panel| panel.service == service)?;
        Some(Node { panel, x, y, width, height: plan.height, step: (width - 24) / 4 })
    });
    boxes.collect()
}

#[cfg(test)]
mod tests {
    use super::{NARROW, WIDE};
    use contracts::events::CATALOGUE;

    #[test]
    fn every_event_of_the_catalogue_has_its_way_in_both_pictures() {
        for event in CATALOGUE {
            for subscriber in event.subscribers {
                for plan in [&WIDE, &NARROW] {
                    let way = Some((event.announced_by, *subscriber));
                    let drawn = plan.ways.iter().any(|drawn| drawn.event == way);
                    assert!(drawn, "{} has no way to {subscriber} in the {} picture", event.name, plan.class);
                }
            }
        }
    }
}
