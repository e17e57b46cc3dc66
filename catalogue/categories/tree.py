"""The shop's default category tree."""

from typing import NamedTuple


class DefaultCategory(NamedTuple):
    """A node of the tree; `icon` is a key of the pages' icon set."""

    slug: str
    name: str
    icon: str
    parent: str | None
    path: str


_TREE = """
electronics|Electronics|device
  phones-tablets|Phones and tablets|phone
    phones|Phones|phone
    tablets|Tablets|tablet
  computers|Computers|laptop
    laptops|Laptops|laptop
    monitors|Monitors|monitor
    keyboards|Keyboards and mice|keyboard
    printers|Printers|printer
  photo|Photography|camera
  audio|Audio|headphones
    headphones|Headphones|headphones
    speakers|Speakers|speaker
    radios|Radios|radio
  gaming|Gaming|gamepad
home|Home|house
  furniture|Furniture|chair
    seating|Chairs and sofas|chair
    tables|Tables|table
    storage|Shelves and storage|shelf
  lighting|Lighting|lamp
  textiles|Textiles and rugs|cushion
  decoration|Decoration|vase
kitchen|Kitchen|pot
  tableware|Tableware|mug
  cookware|Cookware|pan
  kitchen-appliances|Kitchen appliances|coffee
fashion|Fashion|shirt
  dresses|Dresses|dress
  jackets|Jackets and coats|jacket
  tops|Tops and knitwear|shirt
  trousers|Trousers|trousers
  shoes|Shoes|shoe
accessories|Bags and accessories|bag
  bags|Bags and luggage|bag
  jewellery|Jewellery|ring
  watches|Watches|watch
  small-accessories|Hats, scarves and more|hat
  fragrance|Fragrance|bottle
books|Books|book
  fiction|Fiction|book
  non-fiction|Non-fiction|books
  book-lots|Book lots|books
sports|Sports and outdoors|ball
  cycling|Cycling|bicycle
  skating|Skating and scooters|skateboard
  ball-racket|Ball and racket sports|ball
  fitness|Fitness|dumbbell
  camping|Camping and hiking|tent
  water-snow|Water and snow|ski
garden|Garden|leaf
  plants|Plants|leaf
  pots|Pots and planters|pot-plant
  garden-tools|Garden tools|spade
toys|Toys and games|blocks
  building-toys|Building toys|blocks
  soft-toys|Soft toys|teddy
  toy-vehicles|Toy vehicles|car
  games-puzzles|Games and puzzles|puzzle
baby|Baby|pram
  prams|Prams|pram
  nursery|Nursery|horse
music|Music|note
  strings|Guitars and strings|guitar
  keys-drums|Keys and drums|piano
  wind|Wind instruments|trumpet
  records|Records and tapes|record
  studio|Turntables and studio|microphone
art|Art|palette
  paintings|Paintings and prints|frame
  art-supplies|Art supplies|palette
collectibles|Collectibles|coin
  coins|Coins|coin
  stamps|Stamps|stamp
  trading-cards|Trading cards|cards
  models|Models and antiques|ship
vehicle-parts|Vehicle parts|wheel
  wheels|Wheels and tyres|wheel
  batteries-fluids|Batteries and fluids|battery
tools|Tools|hammer
  power-tools|Power tools|drill
  hand-tools|Hand tools|hammer
  tool-storage|Tool storage|toolbox
"""


def _read(tree: str) -> tuple[DefaultCategory, ...]:
    found: list[DefaultCategory] = []
    above: list[str] = []
    for row in tree.strip().splitlines():
        depth = (len(row) - len(row.lstrip())) // 2
        slug, name, icon = row.strip().split("|")
        above[depth:] = [slug]
        found.append(DefaultCategory(slug, name, icon, above[depth - 1] if depth else None, "/".join(above)))
    return tuple(found)


DEFAULT_TREE = _read(_TREE)
"""Parents come before their children."""
