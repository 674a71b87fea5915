"""Fields that the catalog's API shares."""

from typing import Annotated

from ninja import Path, Query
from pydantic import Field, StringConstraints

from accounts.api import ApiKeyAuth
from opsportal.api_schema import Line

CATALOG, HOUSEHOLDS = ApiKeyAuth("catalog"), ApiKeyAuth("households")
BIGGEST_ID = 2**63 - 1

# A number is a number here: neither "100" nor true is one.
Id = Annotated[int, Field(strict=True, ge=1, le=BIGGEST_ID)]
Percent = Annotated[int, Field(strict=True, ge=1, le=99)]
Category = Annotated[Line, StringConstraints(min_length=1, max_length=60)]

PathId = Annotated[int, Path(ge=1, le=BIGGEST_ID)]
Limit = Annotated[int, Query(ge=1, le=100)]
Cursor = Annotated[str, Query(max_length=500, description="`next` of the page before.")]
