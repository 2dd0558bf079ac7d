-- One order by six statements in one transaction. Ids rise, as those of the shop do.
BEGIN;
INSERT INTO orders (id, customer_id, checkout_id, status, payment_method, currency, total, shipping_address, deadline, created_at, updated_at, version) SELECT lpad(to_hex(nextval('ids')), 32, '0')::uuid, gen_random_uuid(), gen_random_uuid(), 'pending', 'sim_ok', 'EUR', 1999, address, now() + interval '10 minutes', now(), now(), 1 FROM sample;
INSERT INTO order_lines VALUES (lpad(to_hex(currval('ids')), 32, '0')::uuid, 1, gen_random_uuid(), gen_random_uuid(), 'BENCH-001', 'The BENCH-001', 1, 1999);
INSERT INTO order_history (order_id, at, what, to_status, trace_id) VALUES (lpad(to_hex(currval('ids')), 32, '0')::uuid, now(), 'placed', 'pending', 'trace');
INSERT INTO event_log (event_id, type, subject, sequence, correlation_id, announced_at, envelope) SELECT gen_random_uuid(), 'order.created', lpad(to_hex(currval('ids')), 32, '0')::uuid, 1, gen_random_uuid(), now(), body FROM sample;
INSERT INTO outbox (position, next_at) VALUES (currval('event_log_position_seq'), now());
INSERT INTO idempotency_keys SELECT gen_random_uuid(), 'place_order', 'bench', '\x00', 201, body, now() FROM sample;
COMMIT;
