-- A new SKU differs from every other in more than its capital letters: read aloud, written on a shelf or typed into
-- another program the two would be one. Collation C folds A to Z alone, whatever the server's locale.
--
-- Those that fell together before keep working, each as it is typed: the oldest counts, the others are marked and stand
-- outside the index. `ecom doctor` lists them.
ALTER TABLE variants ADD COLUMN shares_sku boolean NOT NULL DEFAULT false;

UPDATE variants SET shares_sku = true
FROM (SELECT id, row_number() OVER (PARTITION BY lower(sku COLLATE "C") ORDER BY id) AS place FROM variants) AS placed
WHERE placed.id = variants.id AND place > 1;

CREATE UNIQUE INDEX variants_sku_folded_unique ON variants (lower(sku COLLATE "C")) WHERE NOT shares_sku;
