"""What the demo market sells: product templates with their words, drawing, usual price and variants."""

import re
from dataclasses import dataclass

LANGUAGES: tuple[str, ...] = ("en", "de", "fr", "es", "pl")
"""The languages that listings are written in."""


@dataclass(frozen=True, slots=True)
class Detail:
    """A variant: its letter (shop.demo.listings knows what each means) and the range of its number, if any."""

    letter: str
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Product:
    """`price` is the median when new, in minor units; `details` are the ways in which one differs from the
    next; `family` is the top-level category; `nouns` follow LANGUAGES."""

    kind: str
    category: str
    price: int
    details: tuple[Detail, ...]
    nouns: tuple[str, ...]
    family: str


_ROWS = """
phone|electronics/phones|32000|cgY|smartphone|Smartphone|smartphone|móvil|smartfon
phone|electronics/phones|11000|cgY|compact phone|Handy, kompakt|téléphone compact|teléfono compacto|telefon kompaktowy
tablet|electronics/tablets|28000|cgY|tablet with pen|Tablet mit Stift|tablette avec stylet|tableta con lápiz|tablet z rysikiem
tablet|electronics/tablets|14000|cgY|e-reader|E-Book-Reader|liseuse|lector electrónico|czytnik e-booków
laptop|electronics/laptops|64000|cd13-17gY|laptop|Laptop|ordinateur portable|portátil|laptop
laptop|electronics/laptops|38000|cd11-15Y|notebook for school|Notebook für die Schule|portable pour étudiant|portátil para estudiantes|laptop dla ucznia
monitor|electronics/monitors|22000|d22-38Y|monitor|Monitor|écran|monitor|monitor
monitor|electronics/monitors|41000|d22-38Y|wide screen|Breitbildschirm|écran large|pantalla panorámica|szeroki monitor
keyboard|electronics/keyboards|8500|cY|mechanical keyboard|mechanische Tastatur|clavier mécanique|teclado mecánico|klawiatura mechaniczna
keyboard|electronics/keyboards|3200|c|wireless keyboard|Funktastatur|clavier sans fil|teclado inalámbrico|klawiatura bezprzewodowa
printer|electronics/printers|9500|cY|photo printer|Fotodrucker|imprimante photo|impresora fotográfica|drukarka fotograficzna
camera|electronics/photo|42000|cY|mirrorless camera|Systemkamera|appareil photo hybride|cámara sin espejo|aparat bezlusterkowy
camera|electronics/photo|15000|cy1950-1992|35 mm film camera|Kleinbildkamera|appareil argentique 35 mm|cámara analógica de 35 mm|aparat analogowy 35 mm
camera|electronics/photo|9000|cy1950-1992|rangefinder camera|Messsucherkamera|appareil télémétrique|cámara telemétrica|aparat dalmierzowy
headphones|electronics/headphones|12000|cY|over-ear headphones|Kopfhörer|casque audio|auriculares|słuchawki nauszne
headphones|electronics/headphones|21000|cY|noise-cancelling headphones|Kopfhörer mit Geräuschdämpfung|casque à réduction de bruit|auriculares con cancelación de ruido|słuchawki z redukcją szumów
speaker|electronics/speakers|9500|cW10-60|bluetooth speaker|Bluetooth-Lautsprecher|enceinte bluetooth|altavoz bluetooth|głośnik bluetooth
speaker|electronics/speakers|26000|cwW40-200|pair of bookshelf speakers|Regallautsprecher, Paar|paire d'enceintes|par de altavoces de estantería|para kolumn podstawkowych
radio|electronics/radios|5500|cy1955-1985|transistor radio|Transistorradio|poste à transistors|radio de transistores|radio tranzystorowe
radio|electronics/radios|7800|cY|kitchen radio|Küchenradio|radio de cuisine|radio de cocina|radio kuchenne
console|electronics/gaming|23000|cgY|game console|Spielkonsole|console de jeux|consola|konsola do gier
console|electronics/gaming|8200|cy1979-1995|retro console|Retro-Konsole|console rétro|consola retro|konsola retro
gamepad|electronics/gaming|4200|cY|wireless controller|Funk-Controller|manette sans fil|mando inalámbrico|pad bezprzewodowy
armchair|home/seating|24000|cf|armchair|Sessel|fauteuil|sillón|fotel
armchair|home/seating|36000|cfy|wingback chair|Ohrensessel|fauteuil à oreilles|sillón orejero|fotel uszak
sofa|home/seating|58000|cfL140-190|two-seat sofa|Zweisitzer-Sofa|canapé deux places|sofá de dos plazas|sofa dwuosobowa
chair|home/seating|6500|cw|dining chair|Esszimmerstuhl|chaise de salle à manger|silla de comedor|krzesło do jadalni
chair|home/seating|9800|cwy|bentwood chair|Bugholzstuhl|chaise bistrot|silla de madera curvada|krzesło gięte
table|home/tables|34000|wL70-200|dining table|Esstisch|table à manger|mesa de comedor|stół do jadalni
table|home/tables|12000|wL70-200|coffee table|Couchtisch|table basse|mesa de centro|stolik kawowy
table|home/tables|18000|wy|side table|Beistelltisch|table d'appoint|mesa auxiliar|stolik pomocniczy
bookshelf|home/storage|16000|wH90-220|bookcase|Bücherregal|bibliothèque|librería|regał na książki
dresser|home/storage|27000|cwL70-160|chest of drawers|Kommode|commode|cómoda|komoda
dresser|home/storage|33000|cwy|sideboard|Anrichte|buffet|aparador|kredens
chest|home/storage|14000|wy|wooden trunk|Holztruhe|malle en bois|baúl de madera|drewniana skrzynia
basket|home/storage|3200|H20-60|wicker basket|Weidenkorb|panier en osier|cesta de mimbre|kosz wiklinowy
lamp|home/lighting|6500|cH28-60|table lamp|Tischlampe|lampe de table|lámpara de mesa|lampa stołowa
lamp|home/lighting|9500|cy|bedside lamp|Nachttischlampe|lampe de chevet|lámpara de noche|lampka nocna
desk_lamp|home/lighting|5200|cW4-15|desk lamp|Schreibtischlampe|lampe de bureau|flexo|lampka biurkowa
candle|home/lighting|2200|cn2-12|pillar candles|Stumpenkerzen|bougies|velas|świece
rug|home/textiles|18000|cfL120-300|woven rug|Webteppich|tapis tissé|alfombra tejida|dywan tkany
rug|home/textiles|42000|cfy|hand-knotted rug|handgeknüpfter Teppich|tapis noué main|alfombra anudada a mano|dywan ręcznie wiązany
cushion|home/textiles|2400|cf|cushion|Kissen|coussin|cojín|poduszka
vase|home/decoration|4200|cpH12-45|vase|Vase|vase|jarrón|wazon
vase|home/decoration|9800|cpy|studio pottery vase|Studiokeramik-Vase|vase d'atelier|jarrón de autor|wazon z pracowni
clock|home/decoration|5200|cH24-50|wall clock|Wanduhr|horloge murale|reloj de pared|zegar ścienny
mirror|home/decoration|8800|wH50-140|wall mirror|Wandspiegel|miroir mural|espejo de pared|lustro ścienne
globe|home/decoration|7200|y|globe|Globus|globe terrestre|globo terráqueo|globus
mug|kitchen/tableware|1600|cp|mug|Becher|mug|taza|kubek
mug|kitchen/tableware|2800|cpn2-12|coffee mugs|Kaffeebecher|tasses à café|tazas de café|kubki do kawy
teapot|kitchen/tableware|4200|cpl1-3|teapot|Teekanne|théière|tetera|czajnik do herbaty
plates|kitchen/tableware|5800|cpn4-12|plates|Teller|assiettes|platos|talerze
bottle|kitchen/tableware|2200|cl1-2|insulated bottle|Thermosflasche|gourde isotherme|botella térmica|butelka termiczna
pan|kitchen/cookware|5400|cM|frying pan|Bratpfanne|poêle|sartén|patelnia
pot|kitchen/cookware|8600|cMl4-16|casserole|Schmortopf|cocotte|cacerola|garnek żeliwny
pot|kitchen/cookware|4800|cMl4-16|stock pot|Suppentopf|faitout|olla|garnek do zupy
coffee_maker|kitchen/kitchen-appliances|9800|cW800-1500Y|coffee maker|Kaffeemaschine|cafetière|cafetera|ekspres do kawy
coffee_maker|kitchen/kitchen-appliances|2600|c|moka pot|Espressokocher|cafetière italienne|cafetera italiana|kawiarka
toaster|kitchen/kitchen-appliances|4200|cW700-1200|toaster|Toaster|grille-pain|tostadora|toster
mixer|kitchen/kitchen-appliances|22000|cW500-1400|stand mixer|Küchenmaschine|robot pâtissier|amasadora|robot kuchenny
dress|fashion/dresses|5200|cfs|summer dress|Sommerkleid|robe d'été|vestido de verano|letnia sukienka
dress|fashion/dresses|8800|cfsy|tea dress|Teekleid|robe rétro|vestido retro|sukienka retro
dress|fashion/dresses|12000|cfs|evening dress|Abendkleid|robe de soirée|vestido de noche|suknia wieczorowa
jacket|fashion/jackets|14000|cfs|bomber jacket|Bomberjacke|blouson|cazadora|kurtka bomberka
jacket|fashion/jackets|19000|cfsy|biker jacket|Bikerjacke|veste de motard|chaqueta motera|ramoneska
jacket|fashion/jackets|9500|cfs|denim jacket|Jeansjacke|veste en jean|chaqueta vaquera|kurtka dżinsowa
shirt|fashion/tops|2200|cfs|t-shirt|T-Shirt|t-shirt|camiseta|koszulka
shirt|fashion/tops|3400|cfs|striped shirt|Ringelshirt|marinière|camiseta de rayas|koszulka w paski
sweater|fashion/tops|5800|cfs|knitted jumper|Strickpullover|pull tricoté|jersey de punto|sweter z dzianiny
sweater|fashion/tops|7600|cfsy|Nordic sweater|Norwegerpullover|pull jacquard|jersey nórdico|sweter norweski
trousers|fashion/trousers|5400|cfs|trousers|Hose|pantalon|pantalón|spodnie
trousers|fashion/trousers|6800|cfs|straight jeans|Jeans, gerade geschnitten|jean droit|vaqueros rectos|dżinsy proste
shoe|fashion/shoes|7800|ce|trainers|Turnschuhe|baskets|zapatillas|buty sportowe
shoe|fashion/shoes|9800|ceY|running shoes|Laufschuhe|chaussures de course|zapatillas de correr|buty do biegania
boots|fashion/shoes|12500|ce|lace-up boots|Schnürstiefel|bottines à lacets|botas de cordones|buty sznurowane
boots|fashion/shoes|14500|ce|hiking boots|Wanderstiefel|chaussures de randonnée|botas de montaña|buty trekkingowe
heels|fashion/shoes|7400|ce|slingback heels|Slingpumps|escarpins|zapatos de tacón|czółenka
backpack|accessories/bags|6800|cl24-60|backpack|Rucksack|sac à dos|mochila|plecak
backpack|sports/camping|9800|cl70-140Y|hiking backpack|Wanderrucksack|sac de randonnée|mochila de senderismo|plecak turystyczny
suitcase|accessories/bags|9200|cl60-220|suitcase|Koffer|valise|maleta|walizka
suitcase|accessories/bags|7600|cy|vintage suitcase|alter Reisekoffer|valise ancienne|maleta antigua|stara walizka
handbag|accessories/bags|11000|cf|handbag|Handtasche|sac à main|bolso|torebka
handbag|accessories/bags|8400|cfy|shoulder bag|Umhängetasche|sac bandoulière|bolso bandolera|torba na ramię
necklace|accessories/jewellery|5800|cj|necklace|Halskette|collier|collar|naszyjnik
ring|accessories/jewellery|16000|cj|ring with stone|Ring mit Stein|bague avec pierre|anillo con piedra|pierścionek z kamieniem
watch|accessories/watches|18000|cY|wristwatch|Armbanduhr|montre|reloj de pulsera|zegarek
watch|accessories/watches|26000|cy|hand-wound watch|Handaufzugsuhr|montre mécanique|reloj de cuerda|zegarek mechaniczny
hat|accessories/small-accessories|3800|cf|hat|Hut|chapeau|sombrero|kapelusz
scarf|accessories/small-accessories|3200|cf|scarf|Schal|écharpe|bufanda|szalik
sunglasses|accessories/small-accessories|5200|c|sunglasses|Sonnenbrille|lunettes de soleil|gafas de sol|okulary przeciwsłoneczne
umbrella|accessories/small-accessories|2900|c|umbrella|Regenschirm|parapluie|paraguas|parasol
perfume|accessories/fragrance|5600|cv|eau de parfum|Eau de Parfum|eau de parfum|agua de perfume|woda perfumowana
novel|books/fiction|900|by|novel|Roman|roman|novela|powieść
novel|books/fiction|1100|bY|crime novel|Krimi|polar|novela negra|kryminał
novel|books/fiction|3400|by|first edition|Erstausgabe|édition originale|primera edición|pierwsze wydanie
novel|books/non-fiction|1500|bY|cookbook|Kochbuch|livre de cuisine|libro de cocina|książka kucharska
novel|books/non-fiction|1700|bY|travel guide|Reiseführer|guide de voyage|guía de viaje|przewodnik
books|books/book-lots|2400|n6-60|books as a lot|Bücherpaket|lot de livres|lote de libros|zestaw książek
books|books/non-fiction|3800|n2-8|art books|Kunstbücher|livres d'art|libros de arte|albumy o sztuce
bicycle|sports/cycling|42000|cRY|city bike|Stadtrad|vélo de ville|bicicleta urbana|rower miejski
bicycle|sports/cycling|68000|cRY|road bike|Rennrad|vélo de course|bicicleta de carretera|rower szosowy
bicycle|sports/cycling|26000|cRy|classic steel bike|klassisches Stahlrad|vélo acier ancien|bicicleta clásica de acero|klasyczny rower stalowy
helmet|sports/cycling|5200|cs|bike helmet|Fahrradhelm|casque de vélo|casco de bicicleta|kask rowerowy
skateboard|sports/skating|6800|cL74-84|skateboard|Skateboard|planche à roulettes|monopatín|deskorolka
scooter|sports/skating|9400|cY|kick scooter|Tretroller|trottinette|patinete|hulajnoga
ball|sports/ball-racket|2600|c|ball|Ball|ballon|balón|piłka
racket|sports/ball-racket|8400|cY|tennis racket|Tennisschläger|raquette de tennis|raqueta de tenis|rakieta tenisowa
dumbbell|sports/fitness|4800|ck|dumbbells, pair|Hanteln, Paar|paire d'haltères|par de mancuernas|hantle, para
tent|sports/camping|18000|cY|two-person tent|Zweipersonenzelt|tente deux places|tienda para dos|namiot dwuosobowy
tent|sports/camping|29000|cY|family tent|Familienzelt|tente familiale|tienda familiar|namiot rodzinny
surfboard|sports/water-snow|32000|cL170-270|surfboard|Surfbrett|planche de surf|tabla de surf|deska surfingowa
skis|sports/water-snow|24000|cL140-185Y|skis with poles|Ski mit Stöcken|skis avec bâtons|esquís con bastones|narty z kijkami
plant|garden/plants|2600|H20-150|house plant|Zimmerpflanze|plante d'intérieur|planta de interior|roślina doniczkowa
plant|garden/plants|4800|H20-150|large pot plant|große Topfpflanze|grande plante en pot|planta grande en maceta|duża roślina w donicy
garden_pots|garden/pots|3400|cpn3-8|herb pots|Kräutertöpfe|pots à herbes|macetas para hierbas|doniczki na zioła
watering_can|garden/garden-tools|2800|cMl6-24|watering can|Gießkanne|arrosoir|regadera|konewka
spade|garden/garden-tools|3600|w|trowel and fork|Schaufel und Gabel|transplantoir et griffe|pala y horquilla|łopatka i widełki
mower|garden/garden-tools|26000|cW1000-1800Y|lawn mower|Rasenmäher|tondeuse|cortacésped|kosiarka
blocks|toys/building-toys|3200|wn20-100|wooden blocks|Holzbausteine|cubes en bois|bloques de madera|klocki drewniane
robot|toys/building-toys|5400|cy|tin robot|Blechroboter|robot en tôle|robot de hojalata|blaszany robot
teddy|toys/soft-toys|3400|cfH20-60|teddy bear|Teddybär|ours en peluche|osito de peluche|miś pluszowy
teddy|toys/soft-toys|8800|cy|old teddy bear|alter Teddybär|ours ancien|osito antiguo|stary miś
toy_car|toys/toy-vehicles|2600|cw|wooden toy car|Holzauto|voiture en bois|coche de madera|drewniany samochodzik
toy_car|toys/toy-vehicles|4600|cy|tin car|Blechauto|voiture en tôle|coche de hojalata|blaszany samochodzik
train|toys/toy-vehicles|5800|cw|wooden train|Holzeisenbahn|train en bois|tren de madera|kolejka drewniana
puzzle|toys/games-puzzles|1900|n100-2000|jigsaw puzzle|Puzzle|puzzle|rompecabezas|puzzle
kite|toys/games-puzzles|3200|c|kite|Drachen|cerf-volant|cometa|latawiec
pram|baby/prams|38000|cY|pram|Kinderwagen|landau|cochecito|wózek głęboki
rocking_horse|baby/nursery|9800|w|rocking horse|Schaukelpferd|cheval à bascule|caballito balancín|koń na biegunach
blocks|baby/nursery|2400|wn5-24|stacking blocks|Stapelwürfel|cubes à empiler|cubos apilables|klocki do układania
guitar|music/strings|32000|cwY|guitar|Gitarre|guitare|guitarra|gitara
guitar|music/strings|54000|cwy|vintage guitar|Vintage-Gitarre|guitare vintage|guitarra vintage|gitara vintage
violin|music/strings|46000|wy|violin with bow|Geige mit Bogen|violon avec archet|violín con arco|skrzypce ze smyczkiem
piano|music/keys-drums|38000|cY|stage piano|Stage-Piano|piano de scène|piano de escenario|pianino cyfrowe
drum|music/keys-drums|24000|cw|snare drum|Snare-Trommel|caisse claire|caja de batería|werbel
trumpet|music/wind|36000|y|trumpet|Trompete|trompette|trompeta|trąbka
vinyl|music/records|1800|by1958-1992|vinyl record|Schallplatte|disque vinyle|disco de vinilo|płyta winylowa
vinyl|music/records|4800|n10-120|vinyl collection|Plattensammlung|collection de vinyles|colección de vinilos|kolekcja winyli
cassette|music/records|900|by1974-1994|mixtape cassette|Musikkassette|cassette audio|casete|kaseta magnetofonowa
record_player|music/studio|19000|cwy1960-1992|record player|Plattenspieler|platine vinyle|tocadiscos|gramofon
microphone|music/studio|16000|cY|studio microphone|Studiomikrofon|micro de studio|micrófono de estudio|mikrofon studyjny
painting|art/paintings|24000|aH30-120|framed painting|gerahmtes Gemälde|tableau encadré|cuadro enmarcado|obraz w ramie
painting|art/paintings|6800|aH30-120|art print|Kunstdruck|tirage d'art|lámina artística|reprodukcja
easel|art/art-supplies|7200|wH60-180|easel|Staffelei|chevalet|caballete|sztaluga
paints|art/art-supplies|4200|n8-36|oil paints with palette|Ölfarben mit Palette|peintures à l'huile et palette|óleos con paleta|farby olejne z paletą
coin|collectibles/coins|6800|n4-60y|silver coins|Münzen|pièces de monnaie|monedas|monety
coin|collectibles/coins|22000|n4-60y|gold-toned medal set|Medaillensatz|lot de médailles|juego de medallas|zestaw medali
stamp|collectibles/stamps|3600|n20-400y|stamps|Briefmarken|timbres|sellos|znaczki pocztowe
cards|collectibles/trading-cards|2600|n20-300Y|trading cards|Sammelkarten|cartes à collectionner|cromos|karty kolekcjonerskie
ship|collectibles/models|14000|cwL30-90|model ship|Modellschiff|maquette de bateau|maqueta de barco|model statku
wheel|vehicle-parts/wheels|16000|DY|alloy wheel|Alufelge|jante en alliage|llanta de aleación|felga aluminiowa
wheel|vehicle-parts/wheels|9200|DY|winter tyre on rim|Winterrad|roue hiver|rueda de invierno|koło zimowe
car_battery|vehicle-parts/batteries-fluids|8800|cA|car battery|Autobatterie|batterie de voiture|batería de coche|akumulator
engine_oil|vehicle-parts/batteries-fluids|3600|cl2-10|engine oil|Motoröl|huile moteur|aceite de motor|olej silnikowy
drill|tools/power-tools|9800|cW300-1100Y|cordless drill|Akkuschrauber|perceuse sans fil|taladro inalámbrico|wkrętarka akumulatorowa
drill|tools/power-tools|14500|cW300-1100Y|hammer drill|Schlagbohrmaschine|perceuse à percussion|taladro percutor|wiertarka udarowa
hammer|tools/hand-tools|2400|c|claw hammer|Klauenhammer|marteau|martillo|młotek
wrench|tools/hand-tools|3800|cn4-24|spanners|Schraubenschlüssel|clés plates|llaves fijas|klucze płaskie
saw|tools/hand-tools|2900|cL35-60|hand saw|Handsäge|scie égoïne|serrucho|piła ręczna
toolbox|tools/tool-storage|4600|cL36-60|toolbox|Werkzeugkasten|boîte à outils|caja de herramientas|skrzynka na narzędzia
"""


_RANGES = {
    "y": (1938, 1995),
    "Y": (2014, 2025),
    "e": (35, 46),
    "R": (48, 62),
    "k": (1, 15),
    "D": (14, 20),
    "A": (44, 99),
}


def _details(text: str) -> tuple[Detail, ...]:
    """ "cH20-60" is a colour and a height of 20 to 60."""
    found = []
    for letter, low, high in re.findall(r"([a-zA-Z])(?:(\d+)-(\d+))?", text):
        span = (int(low), int(high)) if low else _RANGES.get(letter, (0, 0))
        found.append(Detail(letter, *span))
    return tuple(found)


def _read(rows: str) -> tuple[Product, ...]:
    found = []
    for row in rows.strip().splitlines():
        kind, place, price, details, *nouns = row.split("|")
        family, category = place.split("/")
        found.append(Product(kind, category, int(price), _details(details), tuple(nouns), family))
    return tuple(found)


PRODUCTS: tuple[Product, ...] = _read(_ROWS)

BRANDS: dict[str, tuple[str, ...]] = {
    "electronics": (
        "Velmora",
        "Okturo",
        "Brontiq",
        "Halvexa",
        "Sundrio",
        "Pixolen",
        "Quandar",
        "Tivanox",
        "Nuvello",
        "Arkwell",
        "Zentamo",
        "Lumeko",
    ),
    "home": (
        "Harrowfen",
        "Bruvik & Elm",
        "Tessamo",
        "Ollindra",
        "Fjellbo",
        "Casa Lumbre",
        "Wickerby",
        "Maravelle",
        "Oakhaven Row",
        "Sølund",
    ),
    "kitchen": (
        "Pottenby",
        "Ember & Rye",
        "Gustara",
        "Kolibro",
        "Marmitelle",
        "Saltmere",
        "Brühwerk",
        "Zuccaro",
        "Tavolino Nove",
    ),
    "fashion": (
        "Lindemoor",
        "Atelier Brume",
        "Pasco Rey",
        "Northlark",
        "Ivette Sol",
        "Kaszmira",
        "Tweedle & Thorn",
        "Marlowska",
        "Sandrigo",
    ),
    "accessories": (
        "Corvella",
        "Maison Tilde",
        "Aurelka",
        "Hatherway",
        "Bellacosta",
        "Ostrava Nine",
        "Penrosa",
        "Quillane",
    ),
    "books": (
        "Lantern Hill Press",
        "Papierfink",
        "Éditions du Merle",
        "Tinta Clara",
        "Wydawnictwo Sowa Nocna",
        "Foxglove Books",
        "Harbour Lane",
    ),
    "sports": (
        "Tarnfell",
        "Veloro",
        "Kestrelo",
        "Alpenko",
        "Rivermark",
        "Swiftline Nord",
        "Sprintova",
        "Ridgeback Nine",
        "Ondara",
    ),
    "garden": ("Mossgate", "Grünhold", "Jardinelle", "Thistle & Co", "Ogrodka", "Verdano", "Rakewell"),
    "toys": ("Bumbleton", "Holzwichtel", "Petit Hibou", "Trotamundi", "Klockowo", "Tumbledown", "Merrywick"),
    "baby": ("Lullabo", "Kleiner Bär & Co", "Doudoune", "Cunalia", "Maluszek", "Featherling"),
    "music": ("Cadenzia", "Silverbrook", "Tonhof", "Arpège Nord", "Melodora", "Strunow", "Larkspur Sound", "Resonato"),
    "art": ("Studio Ferro", "Atelier Ombre", "Pinselwerk", "Lienzo Azul", "Galeria Pod Lipą", "Ochre House"),
    "collectibles": ("Old Quay", "Antiquaria Nove", "Münzkabinett Auer", "Coffre du Nord", "Numera", "Skarbiec"),
    "vehicle-parts": ("Rotavia", "Torqen", "Kraftlauf", "Motrio Sur", "Drivano", "Axelgard"),
    "tools": ("Ironbeck", "Werkmut", "Fortello", "Brasano", "Kuźnik", "Boltwright", "Handfest Nord"),
}
"""Invented names by family."""
