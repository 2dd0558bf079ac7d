-- The catalogue and its prices. Ready for more than is used yet: several variants of a product, several prices of a
-- variant, several places where stock lies.

CREATE TABLE categories (
    slug text PRIMARY KEY,
    name text NOT NULL
);

-- Name is its content's hash: a picture never changes under its address, so that browsers may keep it for ever.
CREATE TABLE pictures (
    name         text  PRIMARY KEY,
    content_type text  NOT NULL,
    bytes        bytea NOT NULL
);

CREATE TABLE products (
    id          uuid        PRIMARY KEY,
    name        text        NOT NULL,
    -- The name in lower case, compared by bytes: the same order on every PostgreSQL, whatever its locale.
    name_key    text        COLLATE "C" NOT NULL,
    description text        NOT NULL,
    category    text        NOT NULL CONSTRAINT products_category_known REFERENCES categories (slug),
    picture     text        REFERENCES pictures (name),
    status      text        NOT NULL CHECK (status IN ('draft', 'active', 'archived')),
    -- Counts the product's changes; numbers its events and is its ETag.
    version     bigint      NOT NULL CHECK (version > 0),
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL,
    search      tsvector    NOT NULL GENERATED ALWAYS AS (
        setweight(to_tsvector('english', name), 'A') || setweight(to_tsvector('english', category), 'B')
        || setweight(to_tsvector('english', description), 'C')) STORED
);
-- One index per order of the list. Ids are UUIDv7: the newest product has the highest.
CREATE INDEX products_newest ON products (status, id DESC);
CREATE INDEX products_category ON products (category, status, id DESC);
CREATE INDEX products_name ON products (status, name_key, id);
CREATE INDEX products_search ON products USING gin (search);

-- What is bought and stocked.
CREATE TABLE variants (
    id         uuid    PRIMARY KEY,
    product_id uuid    NOT NULL REFERENCES products (id),
    sku        text    NOT NULL CONSTRAINT variants_sku_unique UNIQUE,
    -- The one a product is shown as.
    is_default boolean NOT NULL,
    -- Kept here and not in the stock table: a shopper who reserves never waits for an announcement.
    -- What a new variant starts with needs no announcement of its own: product.created tells.
    announced_available bigint      NOT NULL,
    announced_at        timestamptz,
    -- Numbers the variant's stock.changed events.
    stock_version       bigint      NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX variants_one_default ON variants (product_id) WHERE is_default;

-- Minor units. No price is negative; the upper bound keeps an order of 100 lines of 999 pieces far from overflow.
CREATE TABLE prices (
    variant_id uuid    NOT NULL REFERENCES variants (id),
    currency   text    NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    amount     bigint  NOT NULL CHECK (amount BETWEEN 1 AND 100000000000),
    -- The one a variant is sold at.
    is_default boolean NOT NULL,
    PRIMARY KEY (variant_id, currency)
);
CREATE UNIQUE INDEX prices_one_default ON prices (variant_id) WHERE is_default;
CREATE INDEX prices_amount ON prices (currency, amount, variant_id) WHERE is_default;
