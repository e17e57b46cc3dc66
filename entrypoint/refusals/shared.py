"""Sentences for what services refuse alike."""

from entrypoint.refusals.sentences import Sentence
from entrypoint.web.marking import N_, NN_

SENTENCES: dict[str, Sentence] = {
    # souk/http
    "unknown-dead-letter": N_("There is no such dead letter waiting."),
    "not-replayable": N_("The body is not an event Souk knows ({why}). Discard it instead."),
    "event-gone": N_("There is no such event any more."),
    "unusable-key": N_("The form's key cannot be used. Open the page anew."),
    "log-in": N_("Log in to do this."),
    "role-missing": N_("Your account may not do this."),
    "services-only": N_("This is not open to users."),
    "identity-old": N_("You could not be recognised just now. Try again in a moment."),
    "identity-foreign": N_("You could not be recognised just now. Try again in a moment."),
    "identity-unchecked": N_("You could not be recognised just now. Try again in a moment."),
    "address-too-long": N_("An address may have at most {most} characters."),
    "unusable-address": N_("Write an address like https://example.com/lamp.jpg instead of {address}"),
    "address-with-password": N_("Leave name and password out of the address: {address}"),
    "address-not-open": N_("Only addresses that are open to everybody: {address}"),
    "sender-gone": N_("Nothing was changed."),
    "sender-slow": NN_(
        "Nothing came for {seconds} second. Nothing was changed.",
        "Nothing came for {seconds} seconds. Nothing was changed.",
        by="seconds",
    ),
    "service-silent": N_("The {service} does not answer just now. Try again in a moment."),
    "invalid-input": N_("Something in the address or the form does not fit."),
    "malformed": N_("{label} does not fit."),
    "internal": N_("The fault is ours and has been noted. Nothing was charged."),
    "unavailable": N_("Nothing was changed. Try again in a moment."),
    # what several services say
    "unusable-id": N_("The form cannot be used. Open it anew."),
    "unknown-file": N_("There is no such file."),
    "unknown-case": N_("There is no such case."),
    "nothing-to-decide": N_("Nothing waits to be decided. Nothing was changed."),
    # what people type
    "needed": N_("{label} is needed."),
    "control-characters": N_("{label} may not contain line breaks or other control characters."),
    "bad-cursor": N_("This page does not belong to this list; start again from the first page."),
    "not-a-country": N_("{label} is not a country's two-letter code (ISO 3166-1)."),
    "postcode-needed": N_("{label} is needed there, such as {example}."),
    "not-a-postcode": N_("{label} is not one of that country, which look like {example}."),
    "vat-number-unchecked": N_("VAT numbers of this country cannot be checked. Leave it empty."),
    "not-a-vat-number": N_("This is not a VAT number of {country}: its form or its check digits are wrong."),
}
