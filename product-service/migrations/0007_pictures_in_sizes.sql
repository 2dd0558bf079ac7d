-- The same picture less wide, for a page that shows it small. The widest stands in `pictures`, which older versions read;
-- what was there before, and drawings, have that alone. All of one picture are of one content type.
CREATE TABLE picture_sizes (
    name  text    NOT NULL REFERENCES pictures (name),
    width integer NOT NULL CHECK (width > 0),
    bytes bytea   NOT NULL,
    PRIMARY KEY (name, width)
);
-- Compressed already: a second time only costs.
ALTER TABLE picture_sizes ALTER COLUMN bytes SET STORAGE EXTERNAL;
