"""What it costs to have a listing sent to whoever reads, in words."""

from entrypoint.pages.words import country_name
from entrypoint.web.reader import Reader
from souk.contracts.catalogue.delivery import Delivery
from souk.money import Money
from souk.postage import is_free, rate_to


def postage_words(reader: Reader, delivery: Delivery, price: Money, seller_country: str) -> str:
    """What postage of one costs to the reader's country; to the seller's, if nobody knows where the reader is."""
    if not delivery.posted:
        return reader.gettext("Pick-up in %s") % delivery.pick_up
    if delivery.rates is None:
        return reader.gettext("Postage included")
    country = reader.country or seller_country
    rate = rate_to(delivery.rates, country)
    if rate is None:
        return reader.gettext("Doesn't ship to %s") % (country_name(reader, country) or country)
    if not rate.first.amount or is_free(rate, price.amount):
        return reader.gettext("Free postage")
    return reader.gettext("+ %s postage") % reader.money(rate.first)


def free_from_words(reader: Reader, delivery: Delivery, seller_country: str) -> str:
    """From which sum of the seller's goods on postage is free to the reader's country; empty if it never is."""
    rate = rate_to(delivery.rates or [], reader.country or seller_country) if delivery.posted else None
    if rate is None or rate.free_from is None or not rate.first.amount:
        return ""
    return reader.gettext("Free from %s of this seller's goods in one order") % reader.money(rate.free_from)
