"""Polish."""

from shop.demo.languages.wording import COLOUR_KEYS, LABEL_KEYS, MATERIAL_KEYS, Wording, table

WORDS = Wording(
    colours=table(
        COLOUR_KEYS,
        "terakota|morski|musztardowy|szałwiowy|granatowy|pudrowy róż|śliwkowy|kremowy|ceglasty|błękitny|oliwkowy|grafitowy|koralowy|miętowy|liliowy|ochra|butelkowa zieleń|biały",
    ),
    in_colour="kolor {}",
    materials=table(
        MATERIAL_KEYS,
        "dąb|orzech|buk|sosna|wełna|bawełna|len|skóra|aksamit|jedwab|kamionka|porcelana|ceramika|żeliwo|stal|miedź|srebro|mosiądz",
    ),
    labels=table(
        LABEL_KEYS,
        "Kolor|Materiał|Rozmiar|Rok|Pamięć|Ekran|Pojemność|Długość|Wysokość|Moc|Liczba sztuk|Rama|Waga|Średnica|Ładunek",
    ),
    size="rozm. {}",
    pieces="{} szt.",
    subjects=(
        "port o zmierzchu",
        "martwa natura z gruszkami",
        "brzozowy las",
        "abstrakcja w trzech tonach",
        "dachy miasta",
        "letnia łąka",
        "portret przyjaciółki",
        "północne wybrzeże",
    ),
    genres=(
        "Solny szlak",
        "Dom nad jazem",
        "Siedem zim",
        "Nocny prom",
        "Szklany sad",
        "Papierowe lampiony",
        "Odpływ",
        "Siostrzenica zegarmistrza",
        "Powolne rzeki",
        "Błękitna godzina",
        "Listy z Ardmoor",
        "Długi stół",
    ),
    openings=(
        "Sprzedam: {noun}, marka {brand}.",
        "Marka {brand}, dokładnie jak na zdjęciach.",
        "Prezent od siostry, który nigdy tu nie pasował.",
        "Ładna rzecz od {brand}, która zasługuje na drugie życie.",
        "Kupione w {brand}, używane tylko od święta.",
        "Ulubiona rzecz od {brand}, rozstaję się z żalem.",
        "Znalezione na wyprzedaży starego domu i od tamtej pory zadbane.",
    ),
    reasons=(
        "W przyszłym miesiącu przeprowadzamy się do mniejszego mieszkania.",
        "Mam już coś nowszego, dwóch nie potrzebuję.",
        "Używam zdecydowanie za rzadko.",
        "Opróżniam strych, zapraszam też do innych ogłoszeń.",
        "Gust się zmienił, jakość została.",
        "Szkoda, żeby się kurzyło.",
        "Dzieci już wyrosły.",
    ),
    conditions={
        "new": (
            "Nigdy nieużywane, w opakowaniu.",
            "Zupełnie nowe, z metką.",
            "Nieotwierane, kupione dwa razy przez pomyłkę.",
        ),
        "like_new": (
            "Użyte raz albo dwa, bez śladów.",
            "Trudno odróżnić od nowego.",
            "Zawsze w pudełku, stan bez zarzutu.",
        ),
        "good": (
            "Drobne ślady używania, niewidoczne z kroku.",
            "Zadbane, jedna lekka rysa z boku (drugie zdjęcie).",
            "Działa jak należy i zawsze było pod opieką.",
        ),
        "fair": (
            "Widać, że używane, ale wszystko w porządku.",
            "Kilka śladów i małe wgniecenie, uwzględnione w cenie.",
            "Trochę patyny, w pełni do użytku.",
        ),
        "for_parts": (
            "Już nie działa; na części albo dla cierpliwych.",
            "Uszkodzone, przyczyna nieznana, poza tym kompletne.",
            "Dla majsterkowicza: przed użyciem do naprawy.",
        ),
    },
    facts={
        "electronics": (
            "Wszystkie kable w zestawie.",
            "W pełni sprawdzone, każdy przycisk działa.",
            "Z zadbanego biura, bez dymu.",
        ),
        "home": ("Z domu bez papierosów.", "Zmieści się też w małym pokoju.", "We dwoje łatwo znieść po schodach."),
        "kitchen": ("Myje się w minutę.", "U nas tylko do niedzielnych śniadań.", "Do codziennego gotowania."),
        "fashion": ("Rozmiar standardowy.", "Prane na zimno, suszone na płasko.", "Pasuje prawie do wszystkiego."),
        "accessories": (
            "Zapięcie i szwy w porządku.",
            "W komplecie bawełniany woreczek.",
            "W dziennym świetle jeszcze ładniejsze.",
        ),
        "books": (
            "Bez notatek na marginesach, grzbiet mocny.",
            "Przeczytane raz, czystymi rękami.",
            "Okładka lekko wyblakła na brzegu.",
        ),
        "sports": (
            "Dobre na początek i na dalej.",
            "Po przeglądzie na początku sezonu.",
            "Sprawdzone w zeszły weekend, gotowe do drogi.",
        ),
        "garden": (
            "Łatwe w utrzymaniu.",
            "Zimą trzymane w suchym miejscu.",
            "Od kwietnia do października może stać na dworze.",
        ),
        "toys": (
            "Wszystkie części są, policzone dwa razy.",
            "Gładkie krawędzie, farba cała.",
            "Umiliło wiele deszczowych popołudni.",
        ),
        "baby": ("Z domu bez zwierząt.", "Świeżo wyczyszczone.", "Solidne, nic się nie chwieje."),
        "music": (
            "Brzmi pięknie, zapraszam posłuchać.",
            "Zawsze z dala od słońca.",
            "Niedawno sprawdzone przez znawcę.",
        ),
        "art": ("Z pracowni malarza.", "Kolory żywsze niż na zdjęciach.", "Pięknie wygląda w jasnym pokoju."),
        "collectibles": (
            "Z kolekcji mojego dziadka.",
            "Przechowywane w suchym miejscu, bez światła.",
            "Chętnie prześlę zbliżenia.",
        ),
        "vehicle-parts": (
            "Proszę sprawdzić, czy pasuje do auta.",
            "Zdjęte ze sprawnego samochodu.",
            "Przechowywane w suchym garażu.",
        ),
        "tools": (
            "Naostrzone, naoliwione, gotowe do pracy.",
            "Powstała tym szopa i dwa regały.",
            "Dobrze leży w dłoni.",
        ),
    },
    shipping=(
        "Wysyłam dobrze zapakowane w ciągu dwóch dni.",
        "Odbiór wieczorem albo wysyłka.",
        "Przesyłka ubezpieczona, z numerem do śledzenia.",
        "Mogę podrzucić na dworzec.",
        "Wysyłka po Europie po kosztach.",
    ),
    closings=(
        "Chętnie odpowiem na pytania.",
        "Rozważę rozsądne oferty.",
        "Więcej zdjęć na życzenie.",
        "Dziękuję za uwagę.",
        "Kto pierwszy, ten lepszy.",
    ),
)
