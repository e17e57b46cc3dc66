"""Names, cities and streets by country, each in its own script."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """`given` and `family` may carry a Latin spelling after "="; `feminine` replaces the ends of family names
    after a given name in `women` (Ukrainian and Polish names agree)."""

    country: str
    language: str
    weight: int
    given: tuple[str, ...]
    family: tuple[str, ...]
    cities: tuple[tuple[str, str], ...]
    streets: tuple[str, ...]
    firms: tuple[str, ...]
    order: str = "{given} {family}"
    street: str = "{name} {number}"
    women: frozenset[str] = frozenset()
    feminine: tuple[tuple[str, str], ...] = ()

    def families(self, given: str) -> tuple[str, ...]:
        """The family names, in the form that goes with the given name."""
        return tuple(self._agreeing(f) for f in self.family) if given in self.women else self.family

    def _agreeing(self, entry: str) -> str:
        native, equals, latin = entry.partition("=")
        for old, new in self.feminine:
            if native.endswith(old):
                native = native.removesuffix(old) + new
                break
        for old, new in self.feminine:
            if latin.endswith(old):
                latin = latin.removesuffix(old) + new
                break
        return native + equals + latin


def _list(text: str) -> tuple[str, ...]:
    return tuple(text.split("|"))


def _cities(text: str) -> tuple[tuple[str, str], ...]:
    """City and postcode from "Berlin/10115|…"."""
    return tuple((city, code) for city, code in (entry.split("/") for entry in text.split("|")))


PLACES: tuple[Place, ...] = (
    Place(
        "GB", "en", 16,
        _list("Oliver|Amelia|George|Isla|Harriet|Callum|Priya|Imogen|Theo|Beatrice|Rory|Naomi|Edwin|Maeve|Tobias|Zara"),
        _list("Whitfield|Barrow|Ashcroft|Patel|Hughes|Sinclair|Okafor|Pemberton|Lacey|Marsh|Thornton|Bell|Redfern|Kavanagh|Holt"),
        _cities("London/E8 3PN|Bristol/BS1 4QA|Leeds/LS6 2AB|Edinburgh/EH6 6QQ|Cardiff/CF10 1BH|Norwich/NR2 1TF|Manchester/M4 1HN"),
        _list("Mill Lane|Station Road|Orchard Street|Church Row|Harbour View|Albion Terrace"),
        _list("{family} & Daughters|{family} Vintage|The {family} Barn|{family} Trading"),
        street="{number} {name}",
    ),
    Place(
        "IE", "en", 4,
        _list("Aoife|Ciarán|Niamh|Oisín|Saoirse|Declan|Gráinne|Fionn"),
        _list("O’Donnell|Byrne|Gallagher|Nolan|Kinsella|Doyle|McGrath|Keane"),
        _cities("Dublin/D07 X2P4|Cork/T12 W8KP|Galway/H91 E2R7|Limerick/V94 T9PX"),
        _list("Quay Street|Abbey Road|Shandon Row|Hawthorn Avenue"),
        _list("{family} Antiques|{family} & Sons"),
        street="{number} {name}",
    ),
    Place(
        "DE", "de", 14,
        _list("Anneliese|Jonas|Friederike|Lukas|Mareike|Matthias|Leonie|Jürgen|Wiebke|Emre|Käthe|Sebastian|Hannah|Björn|Greta|Florian"),
        _list("Hoffmann|Schäfer|Brandt|Kühn|Vogel|Lindner|Weiß|Özdemir|Petersen|Albrecht|Krüger|Winkler|Böhm|Seidel|Thiele"),
        _cities("Berlin/10997|Hamburg/22765|Leipzig/04229|München/80469|Köln/50674|Freiburg/79098|Dresden/01099|Kiel/24103"),
        _list("Gartenstraße|Lindenallee|Am Mühlbach|Bahnhofstraße|Schillerplatz|Rosenweg"),
        _list("{family} Antiquitäten|Trödelhof {family}|{family} & Co. KG|Werkstatt {family}"),
    ),
    Place(
        "AT", "de", 4,
        _list("Valentina|Maximilian|Theresa|Moritz|Magdalena|Xaver|Johanna|Raphael"),
        _list("Gruber|Hofer|Steinlechner|Pichler|Mayrhofer|Egger|Reisinger|Auer"),
        _cities("Wien/1070|Graz/8020|Linz/4020|Innsbruck/6020|Salzburg/5020"),
        _list("Neubaugasse|Annenstraße|Am Stadtpark|Kirchengasse"),
        _list("{family} Altwaren|Haus {family}"),
    ),
    Place(
        "FR", "fr", 12,
        _list("Élodie|Théo|Camille|Baptiste|Inès|Mathieu|Maëlle|Hugo|Océane|Rémi|Solène|Youssef|Margaux|Gaëtan|Clémence"),
        _list("Lefèvre|Moreau|Garnier|Benali|Chevallier|Roussel|Delattre|Fournier|Le Goff|Perrin|Marchand|Dubois|Vasseur"),
        _cities("Lyon/69004|Nantes/44000|Lille/59800|Marseille/13006|Rennes/35000|Strasbourg/67000|Paris/75011|Bordeaux/33800"),
        _list("rue des Tanneurs|avenue Jean-Jaurès|quai de la Loire|rue du Moulin|place des Tilleuls"),
        _list("Brocante {family}|Maison {family}|Atelier {family}|{family} et fils"),
        street="{number} {name}",
    ),
    Place(
        "ES", "es", 10,
        _list("Lucía|Álvaro|Carmen|Iñigo|Marta|Javier|Nuria|Rubén|Aitana|Gonzalo|Begoña|Martín|Ainhoa|Sergio"),
        _list("García Ruiz|Núñez|Ibáñez Soler|Ortega|Fernández Prat|Muñoz|Castaño|Vidal|Echeverría|Romero Gil|Peña"),
        _cities("Madrid/28012|Barcelona/08012|Valencia/46003|Sevilla/41002|Bilbao/48005|Granada/18009|Zaragoza/50003"),
        _list("Calle del Olmo|Calle Mayor|Avenida del Puerto|Plaza de la Fuente|Paseo de los Tilos"),
        _list("Almoneda {family}|Taller {family}|{family} Hermanos|La Tienda de {family}"),
        street="{name}, {number}",
    ),
    Place(
        "PL", "pl", 9,
        _list("Agnieszka|Piotr|Zofia|Krzysztof|Małgorzata|Jakub|Hanna|Łukasz|Wanda|Stanisław|Kinga|Michał"),
        _list("Kowalski|Wiśniewski|Nowak|Zieliński|Wójcik|Lewandowski|Szymański|Dąbrowski|Wróbel|Kamiński|Gołąb"),
        _cities("Warszawa/00-543|Kraków/31-056|Wrocław/50-202|Gdańsk/80-834|Poznań/61-772|Łódź/90-265"),
        _list("ul. Lipowa|ul. Ogrodowa|ul. Młyńska|al. Niepodległości|ul. Słoneczna"),
        _list("Antyki {family}|Skład {family}|Pracownia {family}"),
        women=frozenset(("Agnieszka", "Zofia", "Małgorzata", "Hanna", "Wanda", "Kinga")),
        feminine=(("ski", "ska"),),
    ),
    Place(
        "GR", "el", 6,
        _list("Ελένη=eleni|Γιώργος=giorgos|Κατερίνα=katerina|Νίκος=nikos|Σοφία=sofia|Δημήτρης=dimitris|Ιωάννα=ioanna|Θανάσης=thanasis"),
        _list("Παπαδόπουλος=papadopoulos|Γεωργίου=georgiou|Νικολαΐδης=nikolaidis|Οικονόμου=oikonomou|Αντωνίου=antoniou|Βασιλείου=vasileiou"),
        _cities("Αθήνα/105 58|Θεσσαλονίκη/546 24|Πάτρα/262 21|Ηράκλειο/712 02"),
        _list("Ερμού|Αριστοτέλους|Ακαδημίας|Κοραή"),
        _list("Παλαιοπωλείο {family}|Εργαστήρι {family}"),
        women=frozenset(("Ελένη", "Κατερίνα", "Σοφία", "Ιωάννα")),
        feminine=(("όπουλος", "οπούλου"), ("ΐδης", "ΐδου"), ("opoulos", "opoulou"), ("idis", "idou")),
    ),
    Place(
        "VN", "vi", 5,
        _list("Thị Mai|Văn Hùng|Minh Anh|Quốc Bảo|Thu Hà|Đức Long|Ngọc Lan|Hoàng Nam"),
        _list("Nguyễn|Trần|Lê|Phạm|Huỳnh|Đặng|Bùi|Vũ"),
        _cities("Hà Nội/100000|Thành phố Hồ Chí Minh/700000|Đà Nẵng/550000|Huế/530000"),
        _list("Lê Lợi|Trần Hưng Đạo|Hai Bà Trưng|Nguyễn Huệ"),
        _list("Cửa hàng {family} Gia|Đồ cổ {family}"),
        order="{family} {given}",
        street="{number} {name}",
    ),
    Place(
        "TR", "tr", 6,
        _list("Ayşe|Mehmet|Elif|Çağrı|Zeynep|Oğuz|Işıl|Burak|Gülşen|Kerem"),
        _list("Yılmaz|Şahin|Öztürk|Çelik|Aydın|Kılıç|Güneş|Doğan|Koç"),
        _cities("İstanbul/34710|Ankara/06420|İzmir/35220|Bursa/16010|Eskişehir/26130"),
        _list("Çınar Sokak|Atatürk Caddesi|Gül Sokağı|Bağdat Caddesi"),
        _list("{family} Antika|{family} Kardeşler|Atölye {family}"),
        street="{name} No: {number}",
    ),
    Place(
        "AE", "ar", 5,
        _list("فاطمة=fatima|أحمد=ahmad|ليلى=layla|يوسف=yusuf|مريم=maryam|خالد=khalid|نور=nour|عمر=omar"),
        _list("المنصوري=almansoori|الحداد=alhaddad|النجار=alnajjar|الشامي=alshami|خليل=khalil|سليمان=sulayman"),
        _cities("دبي/00000|أبوظبي/00000|الشارقة/00000"),
        _list("شارع الزيتون|شارع البحر|شارع النخيل"),
        _list("متجر {family}|تحف {family}"),
    ),
    Place(
        "JP", "ja", 5,
        _list("さくら=sakura|健太=kenta|美咲=misaki|大輔=daisuke|陽菜=hina|翔太=shota|結衣=yui|直樹=naoki"),
        _list("佐藤=sato|田中=tanaka|高橋=takahashi|渡辺=watanabe|小林=kobayashi|山本=yamamoto|中村=nakamura|松本=matsumoto"),
        _cities("東京都/150-0001|京都市/604-8001|大阪市/530-0001|札幌市/060-0001|福岡市/810-0001"),
        _list("桜通|本町|銀杏台|川端町"),
        _list("{family}骨董店|{family}商店|{family}工房"),
        order="{family} {given}",
        street="{name}{number}番地",
    ),
    Place(
        "UA", "uk", 6,
        _list("Олена=olena|Андрій=andrii|Оксана=oksana|Богдан=bohdan|Ірина=iryna|Тарас=taras|Наталія=nataliia|Юрій=yurii"),
        _list("Шевченко=shevchenko|Ковальський=kovalskyi|Бондаренко=bondarenko|Мельник=melnyk|Кравчук=kravchuk|Левицький=levytskyi"),
        _cities("Київ/01001|Львів/79000|Одеса/65000|Харків/61000|Чернівці/58000"),
        _list("вул. Садова|вул. Лесі Українки|вул. Липова|вул. Шкільна"),
        _list("Крамниця {family}|Майстерня {family}"),
        street="{name}, {number}",
        women=frozenset(("Олена", "Оксана", "Ірина", "Наталія")),
        feminine=(("ський", "ська"), ("цький", "цька"), ("skyi", "ska"), ("tskyi", "tska")),
    ),
    Place(
        "IT", "it", 5,
        _list("Giulia|Lorenzo|Chiara|Matteo|Niccolò|Beatrice|Alessia|Davide"),
        _list("Bianchi|Esposito|Fontana|Caruso|De Luca|Marchetti|Galli|Rinaldi"),
        _cities("Torino/10124|Bologna/40125|Napoli/80134|Firenze/50122|Palermo/90133"),
        _list("Via dei Mille|Via Garibaldi|Corso Venezia|Via del Forno"),
        _list("Antichità {family}|Bottega {family}|{family} & Figli"),
        street="{name}, {number}",
    ),
    Place(
        "CZ", "cs", 4,
        _list("Tereza|Ondřej|Kateřina|Vojtěch|Barbora|Jiří|Markéta|Štěpán"),
        _list("Novák|Dvořák|Svoboda|Procházka|Černý|Beneš|Růžička"),
        _cities("Praha/120 00|Brno/602 00|Olomouc/779 00|Plzeň/301 00"),
        _list("Lipová|Na Kopci|Zahradní|Mlýnská"),
        _list("Starožitnosti {family}|Dílna {family}"),
        women=frozenset(("Tereza", "Kateřina", "Barbora", "Markéta")),
        feminine=(("ček", "čková"), ("ka", "ková"), ("oda", "odová"), ("ák", "áková"), ("ý", "á"), ("eš", "ešová")),
    ),
)  # fmt: skip
