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
-- Which one of all it is, in the order they were made. What there was before is numbered down from -1, the newest first,
-- when its words are made.
CREATE SEQUENCE products_numbers MINVALUE 0;
CREATE SEQUENCE products_numbers_before INCREMENT -1;
ALTER TABLE products ADD COLUMN number bigint;
-- Not with the column, which would write all rows anew. An older version's products get one, too.
ALTER TABLE products ALTER COLUMN number SET DEFAULT nextval('products_numbers');

-- An era is 4,096 products that were made one after the other. A product is in the index by its words with its era (and
-- its status, unless it is sold) in front of each: what begins like a word is found era by era, the newest first, and no
-- more of it is read than is wanted. A list of all that begins alike would be read to its end, whatever it is
-- intersected with. Without places: phrases are looked for in `words`.
CREATE FUNCTION found_by(era bigint, status text, category text, words tsvector) RETURNS tsvector
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS $$
DECLARE
    front text := era || CASE status WHEN 'active' THEN '' ELSE status END;
BEGIN
    -- Nobody asks for a longer word, and with an era in front it would be too long for an index.
    RETURN array_to_tsvector(ARRAY(
        SELECT front || '~' || word FROM unnest(tsvector_to_array(words)) AS word WHERE octet_length(word) <= 1000
        UNION ALL SELECT front || ':' || category));
END $$;
-- Without a list of what is pending: it would be read by every search.
CREATE INDEX products_words ON products USING gin (found_by(number >> 12, status, category, words))
    WITH (fastupdate = off);
-- All eras, the newest first.
CREATE FUNCTION eras() RETURNS SETOF bigint LANGUAGE plpgsql STABLE ROWS 250 AS $$
BEGIN
    RETURN QUERY SELECT generate_series(
        (SELECT last_value >> 12 FROM products_numbers), (SELECT last_value >> 12 FROM products_numbers_before), -1);
END $$;
-- How often a word is in an era helps no plan, and would be worked out for 30,000 products each time.
ALTER INDEX products_words ALTER COLUMN 1 SET STATISTICS 0;
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

CREATE FUNCTION number_product() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.number := nextval('products_numbers_before');
    RETURN NEW;
END $$;

CREATE TRIGGER products_numbered BEFORE UPDATE ON products FOR EACH ROW
    WHEN (NEW.number IS NULL AND NEW.words IS NOT NULL)
    EXECUTE FUNCTION number_product();
