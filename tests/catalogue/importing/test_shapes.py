"""Files in the shapes that spreadsheets and shop programs give them."""

import pytest

from catalogue.importing import shapes
from catalogue.importing.headings import recognised
from catalogue.importing.mapping import complete
from catalogue.importing.shapes import read
from souk.contracts.catalogue.imports import ImportMapping, ImportNote
from souk.errors import InvalidInput

HEAD = "title,price,category,condition"
LAMP = {"title": "Lampe für Küche", "price": "12,50", "category": "lighting", "condition": "good"}
PLAIN = "title;price;category;condition\nLampe für Küche;12,50;lighting;good\n"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no row"),
        (HEAD.encode(), "no row"),
        (f"{HEAD}\n\n , ,,\n".encode(), "no row"),
        (f"{HEAD},title\nLamp,1,a,b,c\n".encode(), "named twice"),
        (f"{HEAD}\nLamp\x00".encode(), "not a CSV"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(32)) * 9, "not a CSV"),
        (b"PK\x03\x04" + b"x" * 100, "a workbook"),
        (f'{HEAD}\n"Lamp,1,a,b'.encode(), "cannot be read"),
        (f'{HEAD}\n"Lamp"x,1,a,b'.encode(), "Line 2 cannot be read"),
        (f"{HEAD}\n".encode() + b"a,1,b,c\n" * (shapes.ROWS_MAX + 1), "At most 10000 rows"),
        (",".join(f"c{n}" for n in range(201)).encode() + b"\nx", "At most 200 columns"),
        (b"x" * (shapes.FILE_BYTES_MAX + 1), "At most 16 MB"),
    ],
)
def test_files_that_cannot_be_used_say_why(content: bytes, says: str) -> None:
    with pytest.raises(InvalidInput, match=says) as refused:
        read(content)
    assert refused.value.fields["errors"][0]["field"] == "file"


@pytest.mark.parametrize(
    "content",
    [
        PLAIN.encode(),
        PLAIN.encode("utf-8-sig"),
        PLAIN.encode("utf-16"),
        PLAIN.encode("utf-16-le"),
        PLAIN.encode("utf-16-be"),
        b"\xff\xfe" + PLAIN.replace(";", "\t").encode("utf-16-le"),
        PLAIN.replace("\n", "\r\n").encode(),
        PLAIN.replace("\n", "\r").encode(),
        f"sep=;\r\n{PLAIN}".encode(),
        f"\n \n{PLAIN}\x1a".encode(),
        PLAIN.replace(";", "|").encode(),
        PLAIN.replace(";", "; ").encode(),
        '"title"; "price"; "category"; "condition";;\n"Lampe für Küche"; "12,50"; "lighting"; "good";;\n'.encode(),
        'title,price,category,condition\nLampe für Küche,"12,50",lighting,good\n'.encode(),
    ],
)
def test_the_same_table_in_many_shapes(content: bytes) -> None:
    table = read(content)
    assert [cells for _, cells in table.rows] == [LAMP]
    assert table.columns == list(LAMP)
    assert table.notes == []


def test_what_is_no_utf_8_is_told_to_be_taken_for_windows() -> None:
    table = read(PLAIN.encode("cp1252"))
    assert [cells for _, cells in table.rows] == [LAMP]
    assert table.notes == [ImportNote(kind="encoding", names=["Windows-1252"])]


def test_lines_are_counted_as_an_editor_does() -> None:
    text = f'\n{HEAD},description\r\nA,1,b,c,"two\r\nlines"\r\n\r\nB,1,b,c,\r\n'
    assert [(line, cells["title"]) for line, cells in read(text.encode("utf-8-sig")).rows] == [(3, "A"), (6, "B")]


SHOPIFY = (
    "Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Qty,"
    "Variant Price,Image Src,Image Position"
)
WOOCOMMERCE = (
    'ID,Type,SKU,Name,Published,"Short description",Description,"In stock?",Stock,"Regular price",Categories,Images'
)
ETSY = "{title},{text},{price},{currency},{quantity},TAGS,MATERIALS,IMAGE1,SKU"
EBAY = "*Action(SiteID=US|Country=US),*Title,*Description,*StartPrice,*Quantity,*ConditionID,*Category,PicURL"
AMAZON = "item_name,item_description,price,quantity,item_condition,image_url,sku"


@pytest.mark.parametrize(
    ("heading", "fields"),
    [
        (SHOPIFY, "title description status quantity price pictures"),
        (WOOCOMMERCE, "title status description quantity price category pictures"),
        (ETSY.format(title="TITLE", text="DESCRIPTION", price="PRICE", currency="CURRENCY_CODE", quantity="QUANTITY"),
         "title description price currency quantity pictures"),
        (ETSY.format(title="TITEL", text="BESCHREIBUNG", price="PREIS", currency="WÄHRUNGSCODE", quantity="ANZAHL"),
         "title description price currency quantity pictures"),
        (ETSY.format(title="TITOLO", text="DESCRIZIONE", price="PREZZO", currency="CODICE_VALUTA", quantity="QUANTITÀ"),
         "title description price currency quantity pictures"),
        (EBAY, "title description price quantity condition category pictures"),
        (AMAZON, "title description price quantity condition pictures"),
        ("Titel,Preis,Kategorie,Zustand,Menge", "title price category condition quantity"),
        ("titre,prix,catégorie,état,quantité", "title price category condition quantity"),
        ("título,precio,categoría,estado,cantidad", "title price category condition quantity"),
        ("tytuł,cena,kategoria,stan,ilość", "title price category condition quantity"),
    ],
)  # fmt: skip
def test_the_headings_of_other_shops_are_recognised(heading: str, fields: str) -> None:
    table = read(f"{heading}\n7{',x' * heading.count(',')}\n".encode())
    found = recognised(table.columns, [cells for _, cells in table.rows])
    assert set(found.values()) == set(fields.split())
    assert "In stock?" not in found, "how many there are says more"


def test_an_id_of_another_shop_is_not_ours() -> None:
    rows = [{"ID": "17"}, {"ID": "0192c1de-0000-7000-8000-000000000000"}]
    assert recognised(["ID"], rows[:1]) == {}
    assert recognised(["ID"], rows) == recognised(["ID"], []) == {"ID": "id"}


def test_rows_that_go_on_with_a_product_are_left_aside() -> None:
    rows = "lamp,Lamp,,,,,TRUE,Size,S,L-S,3,12.00,a.jpg,1\nlamp,,,,,,,,M,L-M,2,12.00,b.jpg,2\nmug,Mug,,,,,TRUE,,,M,1,3.00,,1\n"
    table = read(f"{SHOPIFY}\n{rows}".encode())
    assert [(line, cells["Title"]) for line, cells in table.rows] == [(2, "Lamp"), (4, "Mug")]
    assert table.notes == [ImportNote(kind="variants", count=1)]


def test_what_must_be_known_before_rows_are_done() -> None:
    columns = {"TITLE": "title", "PRICE": "price"}
    assert not complete(ImportMapping(columns=columns))  # type: ignore[arg-type]
    assert complete(ImportMapping(columns=columns, category="lighting", condition="good"))  # type: ignore[arg-type]


def test_pictures_in_rows_of_their_own_go_to_their_product() -> None:
    """Shopify: one row a product, a variant or a further picture, joined by the handle."""
    table = read(
        b"Handle,Title,Variant Price,Option1 Value,Image Src,Image Position,Image Alt Text\n"
        b"lamp,Lamp,12.50,Red,https://a.example/1.jpg,1,Front\n"
        b"lamp,,,,https://a.example/2.jpg,2,Back\n"
        b"lamp,,13.50,Blue,https://a.example/3.jpg,3,\n"
        b"vase,Vase,5.00,,,,\n"
    )
    assert [cells.get("Image Src") for _, cells in table.rows] == [
        "https://a.example/1.jpg\nhttps://a.example/2.jpg\nhttps://a.example/3.jpg",
        None,
    ]
    assert table.notes == [ImportNote(kind="variants", count=1)]
    assert recognised(table.columns, [])["Image Src"] == "pictures"


def test_several_columns_may_be_for_pictures() -> None:
    columns = ["TITLE", "IMAGE1", "IMAGE2", "main-image-url", "other-image-url1", "PicURL", "Zdjęcia", "Title 2"]
    found = recognised(columns, [])
    assert [name for name in columns if found.get(name) == "pictures"] == columns[1:7]
    assert "Title 2" not in found
