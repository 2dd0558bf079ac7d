//! The damages of databases, and which invariants each breaks.

use contracts::ServiceName::{self, Notify, Order, Payment, Product, User};
use operate::doctor::Invariant::{
    self, Causes, Ends, Hygiene, Ledger, Loss, Money, Notices, Once, Poison, Privacy, Reconciliation, Requests,
    Sequence, States, Stock,
};

/// Statements on one service's database, without its triggers and foreign keys.
pub type Damage = (&'static str, ServiceName, &'static str, &'static [Invariant]);

pub const DAMAGES: &[Damage] = &[
    (
        "the answer under a key is lost",
        Order,
        "DELETE FROM idempotency_keys
         WHERE ctid = (SELECT ctid FROM idempotency_keys WHERE route = 'place_order' ORDER BY created_at LIMIT 1)",
        &[Requests],
    ),
    (
        "a customer was told another total",
        Order,
        "UPDATE idempotency_keys SET body = jsonb_set(body, '{total,amount}', '1') WHERE route = 'place_order'",
        &[Requests],
    ),
    ("an order's checkout counts as expired", Order, "UPDATE checkouts SET outcome = 'expired'", &[Requests]),
    (
        "an order lost its lines",
        Order,
        "DELETE FROM order_lines
         WHERE order_id = (SELECT id FROM orders WHERE status = 'paid' ORDER BY number LIMIT 1)",
        &[Requests, Stock, Loss],
    ),
    (
        "an order's payment method was changed by hand",
        Order,
        "UPDATE orders SET payment_method = 'sim_slow'
         WHERE id = (SELECT id FROM orders WHERE status = 'paid' ORDER BY number LIMIT 1)",
        &[Requests, Money, Loss],
    ),
    (
        "an order has another number than was told",
        Order,
        "UPDATE orders SET number = number + 1000 WHERE status = 'fulfilled'",
        &[Requests, Money, Loss],
    ),
    (
        "a parcel would go elsewhere",
        Order,
        "UPDATE orders SET shipping_address = jsonb_set(shipping_address, '{city}', '\"Leeds\"') WHERE status = 'paid'",
        &[Requests],
    ),
    (
        "a line was renamed",
        Order,
        "UPDATE order_lines SET name = 'Another thing'
         WHERE ctid = (SELECT ctid FROM order_lines ORDER BY order_id, sku LIMIT 1)",
        &[Requests, Stock, Loss],
    ),
    (
        "an order was cancelled for another reason than was told",
        Order,
        "UPDATE orders SET cancel_reason = 'requested' WHERE cancel_reason = 'payment_declined'",
        &[Loss],
    ),
    (
        "an order noted another refund than was made",
        Order,
        "UPDATE order_refunds SET amount = amount - 1",
        &[Money],
    ),
    (
        "a payment is somebody else's",
        Payment,
        "UPDATE payments SET customer_id = gen_random_uuid()
         WHERE id = (SELECT id FROM payments WHERE status = 'captured' AND refunded = 0 ORDER BY order_id LIMIT 1)",
        &[Money, Loss],
    ),
    (
        "a refund is over another currency than was told",
        Payment,
        "UPDATE event_log SET envelope = jsonb_set(envelope, '{data,amount,currency}', '\"USD\"')
         WHERE type = 'payment.refunded'",
        &[Loss, Notices],
    ),
    (
        "a restock was booked that what was announced contradicts",
        Product,
        "INSERT INTO stock_movements (variant_id, kind, quantity, at)
         SELECT id, 'restocked', 5, now() - interval '1 hour' FROM variants WHERE sku = 'MUG';
         UPDATE stock SET on_hand = on_hand + 5 WHERE variant_id = (SELECT id FROM variants WHERE sku = 'MUG');
         UPDATE stock_movements SET at = now() - interval '1 hour';
         UPDATE reservations SET changed_at = created_at - interval '1 hour'",
        &[Stock],
    ),
    (
        "more was announced as available than the last event says",
        Product,
        "UPDATE variants SET announced_available = announced_available + 1 WHERE sku = 'LAMP'",
        &[Stock],
    ),
    (
        "a checkout asked for other pieces than were taken",
        Product,
        "UPDATE reservations SET quantities = '{1,2}'
         WHERE checkout_id = (SELECT checkout_id FROM reservations
         WHERE status = 'committed' ORDER BY created_at LIMIT 1)",
        &[Stock],
    ),
    (
        "a number of stock.changed would be given out twice",
        Product,
        "UPDATE variants SET stock_version = stock_version - 1 WHERE sku = 'MUG'",
        &[Sequence],
    ),
    ("a product's version is not its last event's", Product, "UPDATE products SET version = version + 1", &[Sequence]),
    (
        "a mail tells of another total",
        Notify,
        "UPDATE messages SET content = jsonb_set(content, '{total,amount}', '1') WHERE template = 'order_paid'",
        &[Notices],
    ),
    (
        "a mail goes to another mailbox than its message",
        Notify,
        "UPDATE deliveries SET account_id = gen_random_uuid()
         WHERE id = (SELECT id FROM deliveries ORDER BY id LIMIT 1)",
        &[Notices],
    ),
    (
        "a reservation is held for an order that was never stored",
        Product,
        "INSERT INTO reservations (checkout_id, order_id, status, skus, quantities, created_at, changed_at, expires_at,
             look_at, version)
         VALUES (gen_random_uuid(), gen_random_uuid(), 'held', '{MUG}', '{1}', now(), now(), now() - interval '1 hour',
             now(), 1);
         INSERT INTO reservation_lines
             (checkout_id, variant_id, product_id, sku, name, quantity, amount, currency)
         SELECT checkout_id, variants.id, product_id, sku, sku, 1, 1250, 'EUR' FROM reservations, variants
         WHERE status = 'held' AND sku = 'MUG';
         UPDATE stock SET reserved = reserved + 1 WHERE variant_id = (SELECT id FROM variants WHERE sku = 'MUG')",
        &[Ends],
    ),
    (
        "an order waits past its deadline",
        Order,
        "UPDATE orders SET status = 'pending', paid_at = NULL, payment_id = NULL, deadline = now() - interval '1 hour'
         WHERE id = (SELECT id FROM orders WHERE status = 'paid' ORDER BY number LIMIT 1)",
        &[Ends, Loss, Sequence, States, Causes],
    ),
    (
        "the stock of a paid order is not committed",
        Product,
        "UPDATE reservations SET status = 'held'
         WHERE checkout_id = (SELECT checkout_id FROM reservations
         WHERE status = 'committed' ORDER BY created_at LIMIT 1)",
        &[Ends, Stock, Loss],
    ),
    ("an order forgot its refund", Order, "UPDATE orders SET refunded = 0", &[Money]),
    (
        "a payment was made over another amount",
        Payment,
        "UPDATE payments SET total = total + 1, authorised = total + 1, captured = total + 1
         WHERE id = (SELECT id FROM payments WHERE status = 'captured' AND refunded = 0 ORDER BY order_id LIMIT 1)",
        &[Money, Loss, Reconciliation, Ledger],
    ),
    (
        "pieces appeared from nowhere",
        Product,
        "UPDATE stock SET on_hand = on_hand + 1 WHERE variant_id = (SELECT id FROM variants WHERE sku = 'MUG')",
        &[Stock],
    ),
    ("reserved pieces were given back twice", Product, "UPDATE stock SET reserved = reserved - 1", &[Stock]),
    (
        "more pieces are promised than there are",
        Product,
        "ALTER TABLE stock DROP CONSTRAINT stock_never_oversold; UPDATE stock SET reserved = 100",
        &[Stock],
    ),
    (
        "a reservation has another price than its order",
        Product,
        "UPDATE reservation_lines SET amount = amount - 1 WHERE sku = 'MUG'",
        &[Stock],
    ),
    ("a parcel left without a movement", Product, "DELETE FROM stock_movements WHERE kind = 'shipped'", &[Stock]),
    (
        "a movement cannot be read",
        Product,
        "ALTER TABLE stock_movements ALTER kind DROP NOT NULL, DROP CONSTRAINT stock_movements_kind_check;
         UPDATE stock_movements SET kind = NULL WHERE kind = 'initial'",
        &[Stock],
    ),
    (
        "an event was acknowledged and never stored",
        Product,
        "DELETE FROM inbox
         WHERE event_id = (SELECT event_id FROM inbox WHERE type = 'order.paid' ORDER BY event_id LIMIT 1)",
        &[Loss],
    ),
    (
        "an event arrived that nobody announced",
        Payment,
        "INSERT INTO inbox (event_id, type, subject, sequence, received_at, status)
         SELECT gen_random_uuid(), type, subject, 9, received_at, 'done' FROM inbox
         WHERE type = 'order.created' ORDER BY event_id LIMIT 1",
        &[Loss],
    ),
    (
        "an order was cancelled without a word",
        Order,
        "DELETE FROM event_log
         WHERE event_id = (SELECT event_id FROM event_log WHERE type = 'order.cancelled' ORDER BY position LIMIT 1)",
        &[Loss, Notices],
    ),
    (
        "a paid order was cancelled without a word",
        Order,
        "DELETE FROM event_log WHERE position = (SELECT max(position) FROM event_log WHERE type = 'order.cancelled')",
        &[Loss, Notices, Causes],
    ),
    ("sent mails were not announced", Notify, "DELETE FROM event_log WHERE type = 'notification.sent'", &[Loss]),
    (
        "an inbox row committed without its effect",
        Notify,
        "DELETE FROM deliveries WHERE message_id IN (SELECT id FROM messages WHERE template = 'order_paid');
         DELETE FROM messages WHERE template = 'order_paid'",
        &[Loss, Notices],
    ),
    (
        "an envelope was changed",
        Payment,
        "UPDATE event_log SET envelope = jsonb_set(envelope, '{sequence}', '\"0000000009\"')
         WHERE event_id = (SELECT event_id FROM event_log ORDER BY position LIMIT 1)",
        &[Loss],
    ),
    (
        "one event was acted on twice",
        Order,
        "INSERT INTO order_history (order_id, at, what, from_status, to_status, cause_id, cause_type, trace_id)
         SELECT order_id, at, what, to_status, to_status, cause_id, cause_type, trace_id
         FROM order_history
         WHERE what = 'paid' AND order_id IN (SELECT id FROM orders WHERE status = 'paid') ORDER BY order_id LIMIT 1",
        &[Once],
    ),
    (
        "a capture was booked twice",
        Payment,
        "ALTER TABLE ledger_transactions DROP CONSTRAINT ledger_transactions_source_unique;
         INSERT INTO ledger_transactions SELECT gen_random_uuid(), kind, source_id, payment_id, order_id, now()
         FROM ledger_transactions WHERE kind = 'capture' ORDER BY booked_at LIMIT 1;
         INSERT INTO ledger_entries SELECT added.id, account, currency, amount FROM ledger_transactions AS added
         JOIN ledger_transactions AS known USING (source_id)
         JOIN ledger_entries ON transaction_id = known.id WHERE added.id <> known.id AND added.booked_at > known.booked_at",
        &[Money, Once, Ledger],
    ),
    (
        "money was given back twice",
        Payment,
        "ALTER TABLE payments DROP CONSTRAINT payments_amounts_in_order;
         INSERT INTO refunds SELECT gen_random_uuid(), payment_id, order_id, gen_random_uuid(), amount, currency, status,
             'another key', 'another reference', 1, NULL, NULL, correlation_id, traceparent, requested_at, completed_at
         FROM refunds LIMIT 1",
        &[Money, Loss, Reconciliation, Ledger, Causes],
    ),
    (
        "an order's history breaks off",
        Order,
        "INSERT INTO order_history (order_id, at, what, from_status, to_status, trace_id)
         SELECT id, now(), 'noted', 'cancelled', 'cancelled', '' FROM orders
         WHERE status = 'paid' ORDER BY number LIMIT 1",
        &[Sequence],
    ),
    (
        "a mail carries another Message-ID",
        Notify,
        "UPDATE deliveries SET message_id_header = '<1@x>' WHERE id = (SELECT id FROM deliveries ORDER BY id LIMIT 1)",
        &[Notices],
    ),
    (
        "a mail was never sent",
        Notify,
        "UPDATE deliveries SET status = 'waiting', next_at = now() + interval '1 minute', sent_at = NULL
         WHERE id = (SELECT id FROM deliveries ORDER BY id LIMIT 1)",
        &[Sequence, Notices],
    ),
    (
        "a mail went to somebody else",
        Notify,
        "UPDATE messages SET account_id = gen_random_uuid() WHERE id = (SELECT id FROM messages ORDER BY id LIMIT 1)",
        &[Notices],
    ),
    (
        "an event was given up",
        Notify,
        "UPDATE inbox SET status = 'dead', envelope = '{}', reason = 'a test' WHERE type = 'user.verified'",
        &[Poison],
    ),
    (
        "an event is tried for ever",
        Notify,
        "UPDATE inbox SET status = 'waiting', envelope = '{}', attempts = 99, next_at = now()
         WHERE type = 'user.verified'",
        &[Poison],
    ),
    (
        "the books balance and are wrong",
        Payment,
        "UPDATE ledger_entries SET amount = amount + sign(amount)
         WHERE transaction_id = (SELECT id FROM ledger_transactions ORDER BY booked_at LIMIT 1)",
        &[Money, Ledger],
    ),
    (
        "a ledger transaction does not sum to zero",
        Payment,
        "UPDATE ledger_entries SET amount = amount - 1 WHERE account = 'customer_prepayments'
             AND transaction_id = (SELECT id FROM ledger_transactions ORDER BY booked_at LIMIT 1)",
        &[Ledger],
    ),
    (
        "an order was paid by another payment",
        Order,
        "UPDATE orders SET payment_id = gen_random_uuid() WHERE status = 'fulfilled'",
        &[States],
    ),
    (
        "an order skipped a state",
        Order,
        "UPDATE order_history SET from_status = 'pending'
         WHERE to_status = 'fulfilled'",
        &[Sequence, States],
    ),
    (
        "stock was reserved after the money was taken",
        Product,
        "UPDATE reservations SET created_at = now() + interval '1 hour' WHERE status = 'committed'",
        &[Causes],
    ),
    (
        "an order was paid without a payment's word",
        Order,
        "UPDATE event_log SET causation_id = NULL WHERE type = 'order.paid'",
        &[Causes],
    ),
    (
        "an event names a person",
        Order,
        "UPDATE event_log SET envelope = jsonb_set(envelope, '{data,email}', '\"ada@example.com\"')
         WHERE type = 'order.paid'",
        &[Privacy],
    ),
    (
        "a payment's trouble names a person",
        Payment,
        "UPDATE payments SET trouble = 'no answer for ada@example.com'",
        &[Privacy],
    ),
    (
        "a message names a person",
        Notify,
        "UPDATE messages SET body = body || ' Write to ada@example.com.' WHERE template = 'order_paid'",
        &[Privacy],
    ),
    (
        "a mail's trouble names a person",
        Notify,
        "UPDATE deliveries SET last_error = 'the mailbox of ada@example.com is full'",
        &[Privacy],
    ),
    (
        "a dead letter names a person",
        Notify,
        "UPDATE inbox SET status = 'dead', reason = 'a test', envelope = '{\"email\": \"ada@example.com\"}'
         WHERE type = 'user.verified'",
        &[Poison, Privacy],
    ),
    (
        "an event lies in the outbox for an hour",
        Order,
        "UPDATE event_log SET announced_at = now() - interval '1 hour' WHERE position = 1;
         INSERT INTO outbox VALUES (1, 12, now())",
        &[Hygiene],
    ),
    (
        "two accounts have one address",
        User,
        "INSERT INTO accounts (id, first_name, last_name, email, email_key, password_hash, role, verified_at, created_at)
         SELECT gen_random_uuid(), 'A', 'B', 'ada@' || spelling, 'ada@' || spelling, 'x', 'customer', now(), now()
         FROM unnest(ARRAY['bücher.example', 'xn--bcher-kva.example']) AS spelling",
        &[Hygiene],
    ),
    (
        "nobody takes a retry up",
        Notify,
        "UPDATE inbox SET status = 'waiting', envelope = '{}', next_at = now() - interval '1 hour'
         WHERE type = 'user.verified'",
        &[Hygiene],
    ),
    ("a deadline is at no time of any calendar", Order, "UPDATE orders SET deadline = 'infinity'", &[]),
];
