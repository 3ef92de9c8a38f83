"""What clients send about categories and get of them."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, Tag, WithJsonSchema
from pydantic.alias_generators import to_camel

from chassis.bulk.exported import ExportedState
from chassis.bulk.stored import BY_EXPORTED, KEPT, NEW, StoredInt, StoredLine, StoredProse
from chassis.types.numbers import whole
from chassis.types.schemas import component, example
from chassis.types.text import Line, Prose
from chassis.types.times import StoredTime
from contracts.slugs import MAX_SLUG, SLUG_PATTERN
from products.categories.examples import CATEGORY, CATEGORY_INPUT, EXPORTED_CATEGORY, NEW_CATEGORY, SLUG

_BESIDE_CATEGORIES = {"bulk"}


def _no_address(slug: str) -> str:
    if slug in _BESIDE_CATEGORIES:
        raise ValueError(f"/categories/{slug} is a reserved path; use another slug")
    return slug


SLUG_SCHEMA = component(
    "Slug",
    type="string",
    pattern=f"^{SLUG_PATTERN}$",
    maxLength=MAX_SLUG,
    description="Identifies a category: lower-case letters and digits, in words separated by single hyphens.",
    examples=[SLUG],
)

Slug = Annotated[str, Field(pattern=f"^{SLUG_PATTERN}$", max_length=MAX_SLUG), WithJsonSchema(SLUG_SCHEMA)]

NewSlug = Annotated[
    Slug,
    AfterValidator(_no_address),
    WithJsonSchema({**SLUG_SCHEMA, "not": {"enum": sorted(_BESIDE_CATEGORIES)}}),
]
"""A slug for a new category."""

ThisSlug = Annotated[Slug, Path(description="The category's slug.", examples=[SLUG])]

Position = Annotated[
    int, Field(ge=0, le=1_000_000, strict=True, description="The order among siblings."), BeforeValidator(whole)
]


class _Model(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid")


class CategoryInput(_Model):
    """A category as clients write it, without its slug, which never changes."""

    model_config = example(CATEGORY_INPUT)

    name: Line
    description: Prose | None = None
    parent: Annotated[Slug | None, Field(description="The slug of the parent; null for a root of the tree.")] = None
    position: Position = 0


class NewCategory(CategoryInput):
    """A new category."""

    model_config = example(NEW_CATEGORY)

    slug: NewSlug


class Category(_Model):
    """One category. Siblings are sorted by `position`, then by `slug`."""

    model_config = example(CATEGORY)

    slug: str
    name: str
    description: str | None
    parent: str | None
    position: int
    created_at: StoredTime
    updated_at: StoredTime
    version: int


class CategoryLine(NewCategory):
    """A category. With `exported`, it is created as it was when it was exported."""

    model_config = example(NEW_CATEGORY)

    exported: ExportedState | None = None


class ExportedCategory(CategoryLine):
    """An exported category. Values are validated only against what the columns can hold."""

    model_config = example(EXPORTED_CATEGORY)

    slug: Slug
    name: StoredLine
    description: StoredProse | None = None
    position: StoredInt = 0
    exported: ExportedState


EitherLine = Annotated[Annotated[ExportedCategory, Tag(KEPT)] | Annotated[CategoryLine, Tag(NEW)], BY_EXPORTED]
"""A line is a new category, unless it has `exported`."""
