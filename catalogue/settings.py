"""What the catalogue can be told, beside what every service can."""

from pathlib import Path

from souk.settings import Settings


class CatalogueSettings(Settings):
    """The catalogue's settings."""

    data_dir: Path = Path("data")
    """The data folder of the embedded size; pictures are kept in it unless `pictures_url` says otherwise."""

    pictures_url: str = ""
    """Where pictures are kept: `file:///folder` or `s3://bucket/prefix` (with the usual `AWS_…` variables).
    Empty: `pictures` in the data folder."""

    pictures_at_once: int = 2
    """How many uploaded pictures one instance decodes at the same time."""

    category_counts_age_max_s: float = 5.0
    """How old the listing counts beside the categories may be, in seconds."""

    forbidden_words: tuple[str, ...] = ()
    """Words and phrases that may not stand in what is put on sale, as JSON: `["ivory", "tear gas"]`. Accents and
    capitals make no difference."""

    new_seller_days: int = 7
    """How many days after opening an account a seller is new; 0: never."""

    new_seller_listings_max: int = 100
    """Listings that a new seller may have on sale; 0: as many as anybody."""

    new_seller_price_max: int = 0
    """The highest price, in minor units, that a new seller may ask; 0: what anybody may."""

    @property
    def pictures_store(self) -> str:
        """The address of the picture store, with the default filled in."""
        return self.pictures_url or (self.data_dir.expanduser().resolve() / "pictures").as_uri()
