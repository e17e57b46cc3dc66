"""English."""

from shop.demo.languages.wording import COLOUR_KEYS, LABEL_KEYS, MATERIAL_KEYS, Wording, table

WORDS = Wording(
    colours=table(
        COLOUR_KEYS,
        "terracotta|teal|mustard|sage green|navy blue|blush pink|plum|cream|brick red|sky blue|olive|charcoal|coral|mint green|lilac|ochre|forest green|white",
    ),
    in_colour="{}",
    materials=table(MATERIAL_KEYS, MATERIAL_KEYS),
    labels=table(
        LABEL_KEYS,
        "Colour|Material|Size|Year|Storage|Screen|Capacity|Length|Height|Power|Pieces|Frame|Weight|Diameter|Charge",
    ),
    size="size {}",
    pieces="{} pcs",
    subjects=(
        "harbour at dusk",
        "still life with pears",
        "birch wood",
        "abstract in three tones",
        "city roofs",
        "summer meadow",
        "portrait of a friend",
        "northern coast",
    ),
    genres=(
        "The Salt Road",
        "A House by the Weir",
        "Seven Winters",
        "Night Ferry",
        "The Glass Orchard",
        "Paper Lanterns",
        "Low Tide",
        "The Clockmaker's Niece",
        "Slow Rivers",
        "Blue Hour",
        "Letters from Ardmoor",
        "The Long Table",
    ),
    openings=(
        "Selling my {noun} from {brand}.",
        "Up for sale: {brand} {noun}, exactly as pictured.",
        "A gift from my sister that never quite fitted in here.",
        "This {noun} by {brand} has been with us for a while and deserves a second home.",
        "Here is a {brand} {noun} that I have enjoyed a lot.",
        "Bought from {brand} and used only on special days.",
        "A favourite of mine, from {brand}, and hard to let go.",
        "Found at an estate sale and looked after ever since.",
    ),
    reasons=(
        "We are moving to a smaller flat next month.",
        "I have bought a newer one and do not need two.",
        "It simply gets too little use.",
        "I am clearing out the attic, so there is more in my other listings.",
        "My tastes have changed, its quality has not.",
        "I would rather see it used than gathering dust.",
        "The children have outgrown it.",
    ),
    conditions={
        "new": (
            "Never used, still in its packaging.",
            "Brand new; the label is still on.",
            "Unopened, bought twice by mistake.",
        ),
        "like_new": (
            "Used once or twice, no marks at all.",
            "You would have to look hard to tell it from new.",
            "Kept in its box, in spotless condition.",
        ),
        "good": (
            "Small signs of use that do not show from a step away.",
            "Well kept, one light scratch on the side (see the second picture).",
            "Works as it should and was always cared for.",
        ),
        "fair": (
            "Clearly used, with honest wear, but all in order.",
            "There are a few marks and one small dent; the price allows for them.",
            "Some patina, fully usable.",
        ),
        "for_parts": (
            "No longer works; sold for parts or to a patient repairer.",
            "Defective, cause unknown, complete apart from that.",
            "For tinkerers: it needs repair before it can be used.",
        ),
    },
    facts={
        "electronics": (
            "All cables are included.",
            "Fully tested, every button works.",
            "From a tidy, smoke-free office.",
        ),
        "home": (
            "It comes from a smoke-free home.",
            "It fits well in a small room.",
            "Two people can carry it down the stairs easily.",
        ),
        "kitchen": (
            "It cleans up in a minute.",
            "We used it for Sunday breakfasts only.",
            "Suitable for everyday cooking.",
        ),
        "fashion": (
            "True to size, I usually take the same.",
            "Washed cold and dried flat.",
            "It goes with nearly everything.",
        ),
        "accessories": (
            "The clasp and the seams are all sound.",
            "It comes with a cotton dust bag.",
            "Even nicer in daylight than in the pictures.",
        ),
        "books": (
            "No notes in the margins, the spine is tight.",
            "Read once, with clean hands.",
            "The cover has a little sun fade at the edge.",
        ),
        "sports": (
            "Good for beginners and for those who have done it for years.",
            "Serviced at the start of the season.",
            "Tested last weekend and ready to go.",
        ),
        "garden": ("Easy to look after.", "Stored dry over the winter.", "Happy outdoors from April to October."),
        "toys": (
            "All parts are there, counted twice.",
            "Edges are smooth and the paint is sound.",
            "Our two played with it for many rainy afternoons.",
        ),
        "baby": ("From a home without pets.", "Freshly cleaned.", "Sturdy, nothing wobbles."),
        "music": (
            "Sounds wonderful, come and listen.",
            "Always kept away from the sun.",
            "Recently checked by someone who knows.",
        ),
        "art": (
            "From a painter's studio.",
            "The colours are livelier than my camera shows.",
            "It would look well in a bright room.",
        ),
        "collectibles": (
            "From my grandfather's collection.",
            "Kept dry and out of the light.",
            "I am glad to send close-ups of every side.",
        ),
        "vehicle-parts": (
            "Please check that it fits your model.",
            "Taken off a car in running order.",
            "Stored in a dry garage.",
        ),
        "tools": (
            "Sharp, oiled and ready for work.",
            "It has built one shed and two bookcases.",
            "Sits well in the hand.",
        ),
    },
    shipping=(
        "I send it well packed within two days.",
        "Collection in the evening is welcome, shipping is no problem either.",
        "Sent insured and with tracking.",
        "I can bring it to the station if that helps.",
        "Shipping across Europe at cost.",
    ),
    closings=(
        "Questions are welcome.",
        "Fair offers will be considered.",
        "More pictures on request.",
        "Thank you for looking.",
        "First come, first served.",
    ),
)
