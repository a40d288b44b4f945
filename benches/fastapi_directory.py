"""The index of the directory as the old stack answered it: FastAPI, uvicorn and asyncpg.

`python fastapi_directory.py DATABASE` prints its address and serves `/index`, which asks the database each time, and
`/index/cached`, which asks it at most every 120 s, as the old stack's cache did.
"""

import socket
import sys
import time
from contextlib import asynccontextmanager

import asyncpg
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

CARD = """
SELECT l.id::text AS id, l.platform, l.name, l.avatar, l.state, l.flags, l.language, l.short_text AS short,
       c.votes, c.total_votes, c.views, c.invites, c.guilds, c.users, c.shards, c.reviews, c.stars,
       ARRAY(SELECT t.name FROM listing_labelled AS t
             WHERE t.kind = l.kind AND t.id = l.id AND t.label_kind = 0 ORDER BY t.name) AS tags
FROM listings AS l JOIN listing_counts AS c ON c.kind = l.kind AND c.id = l.id
WHERE l.kind = 0 AND
"""
QUERIES = {
    "random": CARD
    + """l.id IN (SELECT id FROM listings WHERE kind = 0 AND state IN (0, 6) ORDER BY random() LIMIT 12)""",
    "new": CARD + "l.state IN (0, 6) ORDER BY l.approved_at DESC LIMIT 12",
    "top_voted": CARD + "l.state IN (0, 6) ORDER BY c.votes DESC LIMIT 12",
    "certified": CARD + "l.state = 6 ORDER BY l.approved_at DESC LIMIT 12",
}
LABELS = "SELECT name FROM listing_labels WHERE kind = 0 AND label_kind = $1 ORDER BY name"
KEPT_SECONDS = 120


class Card(BaseModel):
    id: str
    platform: str
    name: str
    avatar: str | None
    state: int
    flags: int
    language: str
    short: str
    votes: int
    total_votes: int
    views: int
    invites: int
    guilds: int
    users: int
    shards: int
    reviews: int
    stars: int
    tags: list[str]


class Index(BaseModel):
    random: list[Card]
    new: list[Card]
    top_voted: list[Card]
    certified: list[Card]
    tags: list[str]
    features: list[str]


@asynccontextmanager
async def lifespan(app: FastAPI):
    async with asyncpg.create_pool(sys.argv[1], min_size=4, max_size=8) as pool:
        app.state.pool = pool
        yield


app = FastAPI(lifespan=lifespan)
kept: tuple[float, Index] | None = None


@app.get("/index")
async def index() -> Index:
    async with app.state.pool.acquire() as connection:
        parts = {
            name: [Card(**dict(row)) for row in await connection.fetch(query)]
            for name, query in QUERIES.items()
        }
        tags = [row["name"] for row in await connection.fetch(LABELS, 0)]
        features = [row["name"] for row in await connection.fetch(LABELS, 1)]
    return Index(**parts, tags=tags, features=features)


@app.get("/index/cached")
async def cached() -> Index:
    global kept
    if kept is None or kept[0] < time.monotonic():
        kept = (time.monotonic() + KEPT_SECONDS, await index())
    return kept[1]


if __name__ == "__main__":
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    host, port = listener.getsockname()
    print(f"{host}:{port}", flush=True)
    config = uvicorn.Config(app, loop="uvloop", http="httptools", access_log=False, log_level="warning")
    uvicorn.Server(config).run(sockets=[listener])
