-- The tree of categories. The slug sorts by its bytes, as MySQL sorts it: ranges of slugs are compared between databases.

CREATE TABLE category (
    slug text COLLATE "C" PRIMARY KEY,
    name text NOT NULL,
    description text,
    parent_slug text COLLATE "C",
    position integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version bigint NOT NULL,
    deleted boolean NOT NULL
);

-- The children of a category in their order, and the roots (whose parent_slug is null).
CREATE INDEX category_by_parent ON category (parent_slug, position, slug) WHERE NOT deleted;
