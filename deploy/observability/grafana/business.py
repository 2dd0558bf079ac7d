"""The shop: orders, money, stock, people. No person is in it, only numbers."""
from parts import board, graph, number, steps, target


def dashboard():
    return board(
        "ecom-business",
        "Business",
        "What the shop does: orders, money, stock, customers and mails. Counters begin anew when a service does; sums over a "
        "time allow for that.",
        [("The last 24 hours", today()), ("Orders", orders()), ("Money", money()), ("Stock, customers, mails", rest())],
        ["business"],
    )


def day(metric, by=""):
    return f"sum{by} (increase({metric}[24h]))"


def hour(metric, by=""):
    return f"sum{by} (increase({metric}[1h]))"


def today():
    paid = f"{day('orders_paid_total')} / {day('orders_placed_total')}"
    return [
        number("Orders placed", "In the last 24 hours.", "none", [target(day("orders_placed_total"), "placed", True)], 4),
        number("Orders paid", "In the last 24 hours.", "none", [target(day("orders_paid_total"), "paid", True)], 4),
        number("Share paid", "Of the orders placed in the last 24 hours.", "percentunit", [target(paid, "paid", True)], 4, steps(("red", None), ("green", 0.8))),
        number("Revenue", "Totals of the orders paid, by currency, in its minor units (cents).", "none", [target(day("order_revenue_minor_units_total", " by (currency)"), "{{currency}}", True)], 4),
        number("Pieces ordered", "In the orders placed.", "none", [target(day("order_units_placed_total"), "pieces", True)], 4),
        number("New accounts", "Registrations that the owners of their addresses confirmed.", "none", [target(day("addresses_verified_total"), "new", True)], 4),
    ]


def orders():
    changes = [
        target(hour("orders_placed_total"), "placed"),
        target(hour("orders_paid_total"), "paid"),
        target(hour("orders_fulfilled_total"), "shipped"),
        target(hour("orders_cancelled_total"), "cancelled"),
    ]
    return [
        graph("Orders per hour", "What became of them within the last hour.", "short", changes),
        graph("Cancelled, by reason", "Within the last hour.", "short", [target(hour("orders_cancelled_total", " by (reason)"), "{{reason}}")], 8, True),
        graph("Orders that wait", "Pending: for their payment. Paid: to be shipped. Counted up to 10,000 each.", "short", [target("max by (status) (orders_in_status)", "{{status}}")]),
        graph("Oldest order that waits", "Since it was placed.", "s", [target("max by (status) (orders_oldest_age_seconds)", "{{status}}")], 12),
        graph("Pending orders past their deadline", "There should be none for longer than seconds.", "short", [target("max(orders_overdue)", "overdue")], 12),
    ]


def money():
    return [
        graph("Revenue per hour", "Totals of the orders paid, in minor units, by currency.", "short", [target(hour("order_revenue_minor_units_total", " by (currency)"), "{{currency}}")], 6),
        graph("Given back per hour", "Refunds as orders know them, in minor units, by currency.", "short", [target(hour("order_refunded_minor_units_total", " by (currency)"), "{{currency}}")], 6),
        graph("Payments, by outcome", "Within the last hour.", "short", [target(hour("payments_total", " by (outcome)"), "{{outcome}}")], 6, True),
        graph("Captured less refunded", "Within the last hour, in minor units, by currency, as payment-service booked it.", "short", booked(), 6),
        graph("Refunds", "Carried out within the last hour.", "short", [target(hour("refunds_total"), "refunds")], 6),
    ]


def booked():
    captured = hour("payments_captured_minor_units_total", " by (currency)")
    refunded = hour("refunds_minor_units_total", " by (currency)")
    return [target(captured, "captured {{currency}}"), target(refunded, "refunded {{currency}}")]


def rest():
    sold_out = 'stock_reservations_total{outcome="out_of_stock"}'
    share = f"{hour(sold_out)} / {hour('stock_reservations_total')}"
    return [
        graph("Refused for want of stock", "Share of the checkouts within the last hour.", "percentunit", [target(share, "sold out")], 6, most=1),
        graph("Reservations expired", "Given back within the last hour because no live order held them.", "short", [target(hour("reservations_expired_total"), "expired")], 6),
        graph("Registrations and confirmations", "Within the last hour.", "short", [target(hour("registrations_total"), "registered"), target(hour("addresses_verified_total"), "confirmed")], 6),
        graph("Mails", "Within the last hour, by outcome.", "short", [target(hour("mails_total", " by (outcome)"), "{{outcome}}")], 6),
    ]
