-- How many active products a category has, kept where it was counted at each look. A trigger and not the service: an
-- older version of it, which knows nothing of the count, may run beside this one and change products too.
ALTER TABLE categories ADD COLUMN products bigint NOT NULL DEFAULT 0;

CREATE FUNCTION count_products() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    slugs   text[];
    changes bigint[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(category), array_agg(change) INTO slugs, changes FROM (
            SELECT category, count(*) AS change FROM came WHERE status = 'active' GROUP BY category
        ) AS counted;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT array_agg(category), array_agg(change) INTO slugs, changes FROM (
            SELECT category, -count(*) AS change FROM gone WHERE status = 'active' GROUP BY category
        ) AS counted;
    ELSE
        SELECT array_agg(category), array_agg(change) INTO slugs, changes FROM (
            SELECT category, sum(change)::bigint AS change FROM (
                SELECT category, 1 AS change FROM came WHERE status = 'active'
                UNION ALL SELECT category, -1 FROM gone WHERE status = 'active'
            ) AS changed GROUP BY category HAVING sum(change) <> 0
        ) AS counted;
    END IF;
    IF slugs IS NOT NULL THEN
        -- In one order: the PostgreSQL that comes along finds no deadlocks.
        PERFORM FROM categories WHERE slug = ANY (slugs) ORDER BY slug FOR NO KEY UPDATE;
        UPDATE categories SET products = products + counted.change
        FROM unnest(slugs, changes) AS counted (slug, change) WHERE categories.slug = counted.slug;
    END IF;
    RETURN NULL;
END $$;

-- Made before the count: from here on nobody changes products until it is committed.
CREATE TRIGGER products_counted_in AFTER INSERT ON products
    REFERENCING NEW TABLE AS came FOR EACH STATEMENT EXECUTE FUNCTION count_products();
CREATE TRIGGER products_counted_on AFTER UPDATE ON products
    REFERENCING OLD TABLE AS gone NEW TABLE AS came FOR EACH STATEMENT EXECUTE FUNCTION count_products();
CREATE TRIGGER products_counted_out AFTER DELETE ON products
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION count_products();

UPDATE categories SET products = counted.products
FROM (SELECT category, count(*) AS products FROM products WHERE status = 'active' GROUP BY category) AS counted
WHERE categories.slug = counted.category;

-- One category by name, without walking through the names of all.
CREATE INDEX products_category_name ON products (category, status, name_key, id);

-- What a product is found by: its words without accents and capital letters, made by the service, and their stems. NULL
-- where they are still to be made: of what was there before, and of what an older version writes. A job makes them, some
-- at a time; until then `search` finds the product as it always did.
ALTER TABLE products ADD COLUMN words tsvector;
-- Without a list of what is pending: it would be read by every search.
CREATE INDEX products_words ON products USING gin (words) WITH (fastupdate = off);
CREATE INDEX products_without_words ON products (id) WHERE words IS NULL;

CREATE FUNCTION forget_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Whoever made words for the new texts wrote others with them.
    IF NEW.words IS NOT DISTINCT FROM OLD.words THEN
        NEW.words := NULL;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER products_words_stale BEFORE UPDATE ON products FOR EACH ROW
    WHEN (OLD.name <> NEW.name OR OLD.category <> NEW.category OR OLD.description <> NEW.description)
    EXECUTE FUNCTION forget_words();
