"""German."""

from shop.demo.languages.wording import COLOUR_KEYS, LABEL_KEYS, MATERIAL_KEYS, Wording, table

WORDS = Wording(
    colours=table(
        COLOUR_KEYS,
        "Terrakotta|Petrol|Senfgelb|Salbeigrün|Marineblau|Altrosa|Pflaume|Creme|Ziegelrot|Himmelblau|Oliv|Anthrazit|Koralle|Mintgrün|Flieder|Ocker|Waldgrün|Weiß",
    ),
    in_colour="in {}",
    materials=table(
        MATERIAL_KEYS,
        "Eiche|Nussbaum|Buche|Kiefer|Wolle|Baumwolle|Leinen|Leder|Samt|Seide|Steinzeug|Porzellan|Keramik|Gusseisen|Stahl|Kupfer|Silber|Messing",
    ),
    labels=table(
        LABEL_KEYS,
        "Farbe|Material|Größe|Jahr|Speicher|Bildschirm|Inhalt|Länge|Höhe|Leistung|Stückzahl|Rahmen|Gewicht|Durchmesser|Ladung",
    ),
    size="Gr. {}",
    pieces="{} Stück",
    subjects=(
        "Hafen am Abend",
        "Stillleben mit Birnen",
        "Birkenwald",
        "Abstrakt in drei Tönen",
        "Dächer der Stadt",
        "Sommerwiese",
        "Bildnis einer Freundin",
        "Nordküste",
    ),
    genres=(
        "Die Salzstraße",
        "Das Haus am Wehr",
        "Sieben Winter",
        "Nachtfähre",
        "Der gläserne Garten",
        "Papierlaternen",
        "Ebbe",
        "Die Nichte des Uhrmachers",
        "Langsame Flüsse",
        "Blaue Stunde",
        "Briefe aus Ardmoor",
        "Der lange Tisch",
    ),
    openings=(
        "Ich verkaufe: {noun} von {brand}.",
        "{noun} der Marke {brand}, genau wie auf den Bildern.",
        "Ein Geschenk meiner Schwester, das hier nie so recht hingepasst hat.",
        "Hat uns lange gute Dienste getan und sucht nun ein neues Zuhause.",
        "Bei {brand} gekauft und nur zu besonderen Anlässen benutzt.",
        "Ein Lieblingsstück von {brand}, von dem ich mich ungern trenne.",
        "Aus einer Haushaltsauflösung, seither gut gepflegt.",
    ),
    reasons=(
        "Wir ziehen nächsten Monat in eine kleinere Wohnung.",
        "Ich habe mir etwas Neues gekauft und brauche keine zwei.",
        "Es wird einfach zu selten benutzt.",
        "Ich räume den Dachboden aus, schaut auch in meine anderen Anzeigen.",
        "Mein Geschmack hat sich geändert, die Qualität nicht.",
        "Zum Verstauben viel zu schade.",
        "Die Kinder sind herausgewachsen.",
    ),
    conditions={
        "new": (
            "Nie benutzt, noch in der Verpackung.",
            "Ganz neu, das Etikett hängt noch dran.",
            "Ungeöffnet, versehentlich doppelt gekauft.",
        ),
        "like_new": (
            "Ein- oder zweimal benutzt, keinerlei Spuren.",
            "Vom Neuzustand kaum zu unterscheiden.",
            "Immer in der Schachtel aufbewahrt, tadellos.",
        ),
        "good": (
            "Kleine Gebrauchsspuren, die man aus einem Schritt Abstand nicht sieht.",
            "Gepflegt, ein leichter Kratzer an der Seite (siehe zweites Bild).",
            "Funktioniert einwandfrei und wurde immer gut behandelt.",
        ),
        "fair": (
            "Deutlich benutzt, aber alles in Ordnung.",
            "Ein paar Spuren und eine kleine Delle, im Preis berücksichtigt.",
            "Mit Patina, voll brauchbar.",
        ),
        "for_parts": (
            "Funktioniert nicht mehr, für Ersatzteile oder geduldige Bastler.",
            "Defekt, Ursache unbekannt, sonst vollständig.",
            "Für Tüftler: muss vor dem Gebrauch repariert werden.",
        ),
    },
    facts={
        "electronics": (
            "Alle Kabel sind dabei.",
            "Vollständig getestet, jeder Knopf geht.",
            "Aus einem aufgeräumten Nichtraucherbüro.",
        ),
        "home": (
            "Aus einem Nichtraucherhaushalt.",
            "Passt auch gut in ein kleines Zimmer.",
            "Zu zweit leicht die Treppe hinunterzutragen.",
        ),
        "kitchen": (
            "In einer Minute wieder sauber.",
            "Bei uns nur für das Sonntagsfrühstück im Einsatz.",
            "Für die Küche an jedem Tag.",
        ),
        "fashion": ("Fällt normal aus.", "Kalt gewaschen und liegend getrocknet.", "Passt zu fast allem."),
        "accessories": (
            "Verschluss und Nähte sind in Ordnung.",
            "Ein Staubbeutel aus Baumwolle ist dabei.",
            "Bei Tageslicht noch schöner als auf den Bildern.",
        ),
        "books": (
            "Keine Notizen am Rand, der Rücken ist fest.",
            "Einmal gelesen, mit sauberen Händen.",
            "Der Umschlag ist am Rand leicht verblichen.",
        ),
        "sports": (
            "Gut für Einsteiger und für alte Hasen.",
            "Zu Beginn der Saison gewartet.",
            "Letztes Wochenende getestet, sofort startklar.",
        ),
        "garden": ("Leicht zu pflegen.", "Über den Winter trocken gelagert.", "Von April bis Oktober gern im Freien."),
        "toys": (
            "Alle Teile sind da, zweimal gezählt.",
            "Die Kanten sind glatt, der Lack ist heil.",
            "Unsere zwei haben viele Regennachmittage damit gespielt.",
        ),
        "baby": ("Aus einem Haushalt ohne Tiere.", "Frisch gereinigt.", "Stabil, nichts wackelt."),
        "music": (
            "Klingt wunderbar, gern vorbeikommen und anhören.",
            "Nie in der Sonne gelagert.",
            "Kürzlich von einem Kenner geprüft.",
        ),
        "art": (
            "Aus einem Maleratelier.",
            "Die Farben sind lebendiger als auf den Fotos.",
            "Macht sich gut in einem hellen Zimmer.",
        ),
        "collectibles": (
            "Aus der Sammlung meines Großvaters.",
            "Trocken und lichtgeschützt aufbewahrt.",
            "Nahaufnahmen schicke ich gern.",
        ),
        "vehicle-parts": (
            "Bitte prüfen, ob es zum Fahrzeug passt.",
            "Von einem fahrbereiten Auto abgebaut.",
            "In trockener Garage gelagert.",
        ),
        "tools": (
            "Scharf, geölt und einsatzbereit.",
            "Damit entstanden ein Schuppen und zwei Regale.",
            "Liegt gut in der Hand.",
        ),
    },
    shipping=(
        "Versand gut verpackt innerhalb von zwei Tagen.",
        "Abholung gern am Abend, Versand geht auch.",
        "Versichert und mit Sendungsnummer.",
        "Ich bringe es auf Wunsch zum Bahnhof.",
        "Versand in Europa zum Selbstkostenpreis.",
    ),
    closings=(
        "Fragen sind willkommen.",
        "Faire Angebote schaue ich mir an.",
        "Weitere Bilder auf Anfrage.",
        "Danke fürs Anschauen.",
        "Wer zuerst kommt, mahlt zuerst.",
    ),
)
