-- That somebody withdraws from a contract (directive 2011/83/EU, article 11a). Anybody declares it, without a log-in, for
-- whatever number they have: it is stored as it was typed, whether there is such an order or not.
CREATE TABLE withdrawals (
    id           uuid        PRIMARY KEY,
    order_number text        NOT NULL,
    -- The order of that number; none where there is none, or its customer was erased.
    order_id     uuid,
    -- Who was logged in, or the guest whose token came along.
    declared_by  uuid,
    -- What was typed is empty once the person is erased.
    name         text        NOT NULL,
    email        text        NOT NULL,
    reason       text,
    received_at  timestamptz NOT NULL,
    closed_at    timestamptz,
    -- An account, or an API key.
    closed_by    uuid,
    outcome      text,
    CHECK ((closed_at IS NULL) = (closed_by IS NULL)),
    CHECK ((closed_at IS NULL) = (outcome IS NULL))
);
CREATE INDEX withdrawals_open ON withdrawals (id) WHERE closed_at IS NULL;
CREATE INDEX withdrawals_order ON withdrawals (order_id) WHERE order_id IS NOT NULL;
CREATE INDEX withdrawals_declared_by ON withdrawals (declared_by) WHERE declared_by IS NOT NULL;

-- They go when they are old, in the order of their ids.
INSERT INTO pruned (table_name, up_to) VALUES ('withdrawals', '00000000-0000-0000-0000-000000000000');
