"""The migrations make exactly the tables that the code speaks of, and can be undone."""

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from catalogue.tables import metadata
from souk.database import fixed_settings
from souk.database.embedded import EmbeddedServer
from souk.database.migrations import config_for, upgrade
from souk.events import tables as event_tables
from souk.ids import new_id
from tests.conftest import drop_database, fresh_database
from tests.laws import drift, law_files


def _differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection)
    found: list[object] = compare_metadata(context, [metadata, event_tables.metadata, fixed_settings.metadata])  # type: ignore[arg-type]
    return found


def _downgrade(connection: Connection, revision: str = "base") -> None:
    config = config_for("catalogue")
    config.attributes["connection"] = connection
    command.downgrade(config, revision)


async def test_migrated_database_and_metadata_agree(postgres: EmbeddedServer) -> None:
    urls = await fresh_database(postgres, "catalogue")
    engine = create_async_engine(make_url(urls.owner).set(drivername="postgresql+asyncpg"))
    async with engine.begin() as connection:
        assert await connection.run_sync(_differences) == []
        await connection.run_sync(_downgrade)
        assert await connection.run_sync(lambda sync: set(inspect(sync).get_table_names())) == {
            "alembic_version",
            "pinned",
        }
    assert await upgrade(urls.owner, "catalogue")
    async with engine.connect() as connection:
        assert await connection.run_sync(_differences) == []
    await engine.dispose()
    await drop_database(postgres, urls)


async def test_offers_and_ratings_come_and_go_with_what_is_on_sale(postgres: EmbeddedServer) -> None:
    urls = await fresh_database(postgres, "catalogue")
    engine = create_async_engine(make_url(urls.owner).set(drivername="postgresql+asyncpg"))
    seller = new_id()
    tags = "SELECT array_to_string(tags, ' ') FROM listing"
    before = "category=lighting condition=good language=en under=home under=lighting country=PT attribute.brand=Veloro"
    async with engine.begin() as connection:
        await connection.run_sync(_downgrade, "0005")
        for slug, parent, path in (("home", None, "home"), ("lighting", "home", "home/lighting")):
            await connection.execute(
                text("""
                    INSERT INTO category (slug, name, parent, icon, position, path)
                    VALUES (:slug, :slug, :parent, 'tag', 0, :path)
                """),
                {"slug": slug, "parent": parent, "path": path},
            )
        await connection.execute(
            text("INSERT INTO seller (id, display_name, country, changed_at) VALUES (:id, 'Ines', 'PT', now())"),
            {"id": seller},
        )
        await connection.execute(
            text("""
                INSERT INTO listing (id, seller_id, slug, title, description, price, currency, category, condition,
                    language, quantity, available, status, created_at, changed_at, published_at, attributes,
                    seller_name, seller_country)
                VALUES (:id, :seller, 'lamp', 'Lamp', 'Warm light.', 4200, 'EUR', 'lighting', 'good', 'en', 1, 1,
                    'published', now(), now(), now(), '{"brand": "Veloro"}', 'Ines', 'PT')
            """),
            {"id": new_id(), "seller": seller},
        )
        assert await connection.scalar(text(tags)) == before
    assert await upgrade(urls.owner, "catalogue")
    async with engine.begin() as connection:
        assert await connection.scalar(text(tags)) == before
        seen = "SELECT relpages = relallvisible FROM pg_class WHERE oid = 'listing'::regclass"
        assert await connection.scalar(text(seen)), "it is vacuumed, so that indexes alone answer"
        assert list((await connection.execute(text("SELECT reviews, stars, rating FROM seller"))).one()) == [0, 0, 0]
        await connection.execute(text("UPDATE listing SET accepts_offers = true, seller_rating = 8"))
        assert await connection.scalar(text(tags)) == f"{before} offers=yes rating=3 rating=4"
        for facets in ('{"rating": ["4"]}', '{"offers": ["yes"]}', '{"condition": ["good"]}'):
            await connection.execute(
                text("""
                    INSERT INTO saved_search (id, user_id, name, facets, ranges, anchors, created_at)
                    VALUES (:id, :id, 'Mine', CAST(:facets AS jsonb), '{}', '{}', now())
                """),
                {"id": new_id(), "facets": facets},
            )
    async with engine.begin() as connection:
        await connection.run_sync(_downgrade, "0005")
        assert await connection.scalar(text(tags)) == before
        assert (await connection.scalars(text("SELECT facets FROM saved_search"))).all() == [{"condition": ["good"]}]
        index = "SELECT indexdef FROM pg_indexes WHERE indexname = 'ix_listing_found'"
        assert "(words, head, tags, bands) WHERE on_sale" in str(await connection.scalar(text(index)))
    assert await upgrade(urls.owner, "catalogue")
    async with engine.connect() as connection:
        assert await connection.run_sync(_differences) == []
    await engine.dispose()
    await drop_database(postgres, urls)


async def test_the_laws_in_force_are_those_of_the_files(postgres: EmbeddedServer) -> None:
    assert await drift(postgres, "catalogue", law_files("catalogue")) == []
