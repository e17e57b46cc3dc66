"""What the default tree asks for in each category."""

from typing import NamedTuple


class DefaultAttribute(NamedTuple):
    """An attribute of a category."""

    category: str
    key: str
    name: str
    kind: str
    unit: str
    options: list[str]
    position: int


_KINDS = """
brand|Brand|text
title|Title|text
model|Model|text
colour|Colour|choice||terracotta,teal,mustard,sage,navy,blush,plum,cream,brick,sky,olive,charcoal,coral,mint,lilac,ochre,forest,white,black,grey,brown,red,blue,green,yellow,multicoloured
material|Material|choice||oak,walnut,beech,pine,wool,cotton,linen,leather,velvet,silk,stoneware,porcelain,earthenware,cast iron,steel,copper,silver,brass,gold,glass,plastic,paper
size|Size|choice||XS,S,M,L,XL,XXL
shoe-size|Size (EU)|choice||35,36,37,38,39,40,41,42,43,44,45,46
storage|Storage|choice||32 GB,64 GB,128 GB,256 GB,512 GB,1 TB
volume|Volume|choice||30 ml,50 ml,75 ml,100 ml
year|Year|number
diagonal|Screen|number|″
length|Length|number|cm
height|Height|number|cm
power|Power|number|W
frame|Frame|number|cm
weight|Weight|number|kg
diameter|Diameter|number|″
charge|Charge|number|Ah
capacity|Capacity|number|l
pieces|Pieces|number
"""

_ASKED = """
electronics brand model colour year
phones storage
tablets storage
laptops diagonal storage
monitors diagonal
speakers power material
gaming storage
home brand model colour material year
seating length
tables length
storage height length
lighting height power pieces
textiles length
decoration height
kitchen brand model colour
tableware material pieces capacity
cookware material capacity
kitchen-appliances power year
fashion brand colour year
dresses size material
jackets size material
tops size material
trousers size material
shoes shoe-size
accessories brand colour material year
bags capacity
fragrance volume
books brand title year
non-fiction pieces
book-lots pieces
sports brand model colour year
cycling frame size
skating length
fitness weight
camping capacity
water-snow length
garden brand colour
plants height
pots material pieces
garden-tools material capacity power year
toys brand model colour year
building-toys material pieces
soft-toys material height
toy-vehicles material
games-puzzles pieces
baby brand model colour
prams year
nursery material pieces
music brand colour year
strings model material
keys-drums model material
wind model
records model title pieces
studio model material
art brand
paintings title height
art-supplies material height pieces
collectibles brand year
coins pieces
stamps pieces
trading-cards pieces
models colour material length
vehicle-parts brand model colour
wheels diameter year
batteries-fluids charge capacity
tools brand model colour
power-tools power year
hand-tools pieces length
tool-storage length
"""


def _read() -> tuple[DefaultAttribute, ...]:
    kinds = {}
    for row in _KINDS.strip().splitlines():
        key, name, kind, unit, options = [*row.split("|"), "", ""][:5]
        kinds[key] = (key, name, kind, unit, options.split(",") if options else [])
    return tuple(
        DefaultAttribute(category, *kinds[key], position)
        for category, *keys in (row.split() for row in _ASKED.strip().splitlines())
        for position, key in enumerate(keys)
    )


DEFAULT_ATTRIBUTES = _read()
