-- Payments, refunds and the ledger: what was asked of the provider, what is known of its answers, and what that did to
-- the books. No card data and no personal data: a customer is an id.

-- One payment per order. Amounts are minor units of `currency`.
CREATE TABLE payments (
    id                 uuid        PRIMARY KEY,
    -- The permanent natural key: however often and in whatever order events arrive, an order is paid once.
    order_id           uuid        NOT NULL CONSTRAINT payments_order_unique UNIQUE,
    customer_id        uuid        NOT NULL,
    order_number       bigint      NOT NULL,
    currency           text        NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    total              bigint      NOT NULL CHECK (total >= 0),
    -- Null while nothing but the order's cancellation has arrived.
    method             text,
    -- created: nothing was sent to the provider. unknown: sent, or about to be; settled by asking.
    -- captured, failed. cancelled: the order ended before any money was taken, and none ever will be.
    status             text        NOT NULL
        CHECK (status IN ('created', 'unknown', 'captured', 'failed', 'cancelled')),
    authorised         bigint      NOT NULL DEFAULT 0,
    captured           bigint      NOT NULL DEFAULT 0,
    -- Promised to be given back, whether the provider has done it yet or not.
    refunds_requested  bigint      NOT NULL DEFAULT 0,
    refunded           bigint      NOT NULL DEFAULT 0,
    -- The Idempotency-Key of the charge, stored before the first call.
    provider_key       text        NOT NULL CONSTRAINT payments_provider_key_unique UNIQUE,
    -- The provider's own id of the charge.
    provider_reference text        CONSTRAINT payments_provider_reference_unique UNIQUE,
    failure_reason     text,
    -- The event that cancelled the order.
    cancelled_by       uuid,
    -- Calls begun. Counted before the call, so that one that kills us counts too.
    attempts           integer     NOT NULL DEFAULT 0,
    -- When it is worked next; while a call runs, the end of its lease.
    next_at            timestamptz,
    -- What the last call met when it gave no clear answer. For operators.
    trouble            text,
    -- From then on it is no longer charged but given up, as soon as the provider confirms that it can be.
    deadline           timestamptz NOT NULL,
    -- The journey it belongs to and the event that began it.
    correlation_id     uuid        NOT NULL,
    caused_by          uuid        NOT NULL,
    traceparent        text,
    -- Counts the payment's changes; numbers its events.
    version            bigint      NOT NULL DEFAULT 0,
    created_at         timestamptz NOT NULL,
    updated_at         timestamptz NOT NULL,
    -- Never more back than was taken, never more taken than was allowed, never more allowed than was owed.
    CONSTRAINT payments_amounts_in_order CHECK (
        0 <= refunded AND refunded <= refunds_requested AND refunds_requested <= captured
        AND captured <= authorised AND authorised <= total),
    CHECK ((status IN ('created', 'unknown')) = (next_at IS NOT NULL)),
    CHECK ((status = 'captured') = (provider_reference IS NOT NULL)),
    CHECK (status = 'captured' OR captured = 0),
    CHECK ((status = 'failed') = (failure_reason IS NOT NULL)),
    CHECK (status = 'cancelled' OR method IS NOT NULL)
);
CREATE INDEX payments_due ON payments (next_at) WHERE status IN ('created', 'unknown');
CREATE INDEX payments_customer ON payments (customer_id, id);

CREATE TABLE refunds (
    id                 uuid        PRIMARY KEY,
    payment_id         uuid        NOT NULL REFERENCES payments (id),
    order_id           uuid        NOT NULL,
    -- The event that asked for it. The same event never gives money back twice.
    cause              uuid        NOT NULL,
    amount             bigint      NOT NULL CHECK (amount > 0),
    currency           text        NOT NULL,
    -- requested: nothing was sent. unknown: sent, or about to be; settled by asking.
    status             text        NOT NULL CHECK (status IN ('requested', 'unknown', 'completed')),
    provider_key       text        NOT NULL CONSTRAINT refunds_provider_key_unique UNIQUE,
    provider_reference text        CONSTRAINT refunds_provider_reference_unique UNIQUE,
    attempts           integer     NOT NULL DEFAULT 0,
    next_at            timestamptz,
    trouble            text,
    correlation_id     uuid        NOT NULL,
    traceparent        text,
    requested_at       timestamptz NOT NULL,
    completed_at       timestamptz,
    CONSTRAINT refunds_cause_unique UNIQUE (order_id, cause),
    CHECK ((status = 'completed') = (completed_at IS NOT NULL)),
    CHECK ((status = 'completed') = (next_at IS NULL)),
    CHECK ((status = 'completed') = (provider_reference IS NOT NULL))
);
CREATE INDEX refunds_due ON refunds (next_at) WHERE status IN ('requested', 'unknown');
CREATE INDEX refunds_payment ON refunds (payment_id, id);
