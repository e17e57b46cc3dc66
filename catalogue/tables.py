"""All tables of the catalogue, for migrations and for the one place that wires the service."""

from catalogue.categories.tables import CategoryAttributeRow, CategoryRow
from catalogue.database import Base
from catalogue.delivery.tables import DeliveryProfileRow
from catalogue.importing.tables import ImportLineRow, ImportRow
from catalogue.insights.tables import ListingDayRow
from catalogue.listings.tables import ListingPriceRow, ListingRow
from catalogue.missed_searches.tables import SearchMissRow
from catalogue.moderation.tables import CaseRow, RecordRow, ReportRow
from catalogue.pictures.tables import ListingPictureRow, PictureFileRow, PictureGarbageRow
from catalogue.reservations.tables import HeldPurchaseRow, ReservationRow
from catalogue.saved_searches.tables import SavedSearchRow, SearchMatchRow
from catalogue.sellers.tables import SellerRow
from catalogue.vocabulary.tables import SearchVocabularyRow, SearchWordRow
from catalogue.watchlist.tables import WatchRow

metadata = Base.metadata

__all__ = [
    "CaseRow",
    "CategoryAttributeRow",
    "CategoryRow",
    "DeliveryProfileRow",
    "HeldPurchaseRow",
    "ImportLineRow",
    "ImportRow",
    "ListingDayRow",
    "ListingPictureRow",
    "ListingPriceRow",
    "ListingRow",
    "PictureFileRow",
    "PictureGarbageRow",
    "RecordRow",
    "ReportRow",
    "ReservationRow",
    "SavedSearchRow",
    "SearchMatchRow",
    "SearchMissRow",
    "SearchVocabularyRow",
    "SearchWordRow",
    "SellerRow",
    "WatchRow",
    "metadata",
]
