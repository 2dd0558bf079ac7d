//! What the back office consists of, as its header shows it.

use crate::visit;
use contracts::access::Permission;

/// One of the back office's parts.
pub(crate) struct Section {
    pub(crate) path: &'static str,
    pub(crate) name: &'static str,
    permission: Permission,
}

/// All there are, as they stand in its header.
const SECTIONS: &[Section] = &[
    Section { path: "/office/orders", name: "Orders", permission: Permission::ReadOrders },
    Section { path: "/office/withdrawals", name: "Withdrawals", permission: Permission::ReadOrders },
    Section { path: "/office/products", name: "Products", permission: Permission::ReadProducts },
    Section { path: "/office/stock", name: "Stock", permission: Permission::ReadStock },
    Section { path: "/office/customers", name: "Customers", permission: Permission::ReadUsers },
    Section { path: "/office/payments", name: "Payments", permission: Permission::ReadPayments },
    Section { path: "/office/mails", name: "Mails", permission: Permission::ReadNotifications },
    Section { path: "/office/dead-letters", name: "Dead letters", permission: Permission::ReadEvents },
    Section { path: "/office/events", name: "Events", permission: Permission::ReadEvents },
    Section { path: "/office/audit", name: "Audit", permission: Permission::ReadAudit },
];

/// Those that the visitor may see.
pub(crate) fn sections() -> impl Iterator<Item = &'static Section> {
    let permissions = visit::permissions();
    SECTIONS.iter().filter(move |section| permissions.contains(section.permission))
}
