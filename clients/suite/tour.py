"""A walk over the reading routes, so that the schema gate sees their answers too."""

from hall import Rest


def walk(rest: Rest, guild: dict, channel: str) -> None:
    """Asks for everything a bot may read. Routes that are not there yet answer with an error, which is fine here."""

    def get(path: str):
        return rest.call("GET", path, accept_errors=True)

    me = get("/users/@me")
    application = get("/applications/@me")
    home = f"/guilds/{guild['id']}"
    messages = get(f"/channels/{channel}/messages?limit=100") or []
    rest.call("PUT", f"/channels/{channel}/pins/{messages[-1]['id']}", accept_errors=True) if messages else None
    invite = rest.call("POST", f"/channels/{channel}/invites", {"max_age": 3600}, accept_errors=True)
    paths = ["/gateway", "/gateway/bot", "/oauth2/applications/@me", "/users/@me/guilds", "/voice/regions"]
    paths += ["/sticker-packs", "/soundboard-default-sounds"]
    paths += [home + end for end in ("", "?with_counts=true", "/channels", "/roles", "/members?limit=100", "/bans")]
    paths += [home + end for end in ("/audit-logs", "/invites", "/emojis", "/stickers", "/preview", "/webhooks")]
    paths += [home + end for end in ("/members/search?query=m", "/regions", "/threads/active", "/widget", "/prune")]
    paths += [home + end for end in ("/integrations", "/scheduled-events", "/templates", "/vanity-url")]
    paths += [f"{home}/roles/{guild['roles'][0]['id']}"] if guild["roles"] else []
    paths += [f"/channels/{channel}{end}" for end in ("", "/pins", "/messages/pins", "/invites", "/webhooks")]
    paths += [f"/channels/{channel}/messages/{one['id']}" for one in messages[:3]]
    if me:
        paths += [f"/users/{me['id']}", f"{home}/members/{me['id']}"]
    if application:
        commands = f"/applications/{application['id']}"
        paths += [f"{commands}/commands", f"{commands}/guilds/{guild['id']}/commands", f"{commands}/emojis"]
    for hook in (get(f"/channels/{channel}/webhooks") or [])[:1]:
        rest.call("PATCH", f"/webhooks/{hook['id']}", {"name": "renamed"}, accept_errors=True)
        paths += [f"/webhooks/{hook['id']}", f"/webhooks/{hook['id']}/{hook.get('token')}", "/webhooks/1/wrong"]
    for emoji in (get(f"{home}/emojis") or [])[:1]:
        rest.call("PATCH", f"{home}/emojis/{emoji['id']}", {"name": "renamed"}, accept_errors=True)
        paths += [f"{home}/emojis/{emoji['id']}", f"{home}/emojis/1"]
    if invite:
        paths += [f"/invites/{invite['code']}?with_counts=true"]
    for path in paths:
        get(path)
    # What goes wrong has a documented shape as well.
    for method, path, body in (
        ("GET", "/channels/1", None),
        ("GET", "/guilds/1", None),
        ("POST", f"/channels/{channel}/messages", {}),
        ("POST", f"/channels/{channel}/messages", {"content": "x" * 5000}),
        ("PATCH", f"/channels/{channel}", {"name": ""}),
    ):
        rest.call(method, path, body, accept_errors=True)
