"""What each library must have seen, what it saw, and the difference."""

from collections import Counter

# These go to one bot alone, or to each at its own time, and so are no part of the comparison.
PRIVATE = {"READY", "RESUMED", "GUILD_CREATE", "GUILD_MEMBERS_CHUNK", "INTERACTION_CREATE"}

ACTIONS = {"create_channel": 10, "kick": 20, "assign_role": 25, "create_role": 30, "use_webhook": 50, "use_emoji": 60}


def key(event: str, data: dict) -> tuple:
    """The event and the ids that tell which thing it is about."""
    if event.startswith("MESSAGE_REACTION"):
        return event, data["message_id"], data["user_id"], data["emoji"]["name"]
    if event.startswith("GUILD_ROLE"):
        return event, data["role"]["id"] if "role" in data else data["role_id"]
    if event.startswith("GUILD_MEMBER"):
        return event, data["user"]["id"]
    if event == "GUILD_AUDIT_LOG_ENTRY_CREATE":
        return event, data["action_type"], data["target_id"]
    if event.startswith("MESSAGE"):
        return event, data["id"], data["channel_id"]
    return event, data.get("id")


def seen(bot, since: int) -> Counter:
    """Everything a bot received after its first `since` dispatches."""
    lines = bot.events[since:]
    return Counter(key(line["event"], line["data"]) for line in lines if line["event"] not in PRIVATE)


def expected(bot, channel: str, member: str, kicked: str, more: list[tuple]) -> Counter:
    """What one bot's walk through the scenario causes, told by what its steps returned."""
    steps, self_id = bot.steps, bot.steps.get("ready", {}).get("user")
    ident = {name: step.get("id") for name, step in steps.items()}
    text, embed, file = ident.get("send_text"), ident.get("send_embed"), ident.get("send_file")
    events = [("MESSAGE_CREATE", one, channel) for one in (text, embed, file)]
    events += [
        ("MESSAGE_REACTION_ADD", text, self_id, "👍"),
        ("MESSAGE_UPDATE", text, channel),
        ("MESSAGE_DELETE", embed, channel),
        ("CHANNEL_CREATE", ident.get("create_channel")),
        ("GUILD_ROLE_CREATE", ident.get("create_role")),
        ("GUILD_MEMBER_UPDATE", member),
        ("GUILD_MEMBER_REMOVE", kicked),
    ]
    about = {"create_channel": ident.get("create_channel"), "create_role": ident.get("create_role")}
    about |= {"assign_role": member, "kick": kicked}
    # Not every library walks through these.
    if hook := steps.get("use_webhook"):
        about["use_webhook"] = hook.get("id")
        events += [("MESSAGE_CREATE", hook.get(one), channel) for one in ("kept", "gone")]
        events += [("MESSAGE_UPDATE", hook.get("kept"), channel), ("MESSAGE_DELETE", hook.get("gone"), channel)]
    if emoji := steps.get("use_emoji"):
        about["use_emoji"] = emoji.get("id")
        events += [("MESSAGE_CREATE", emoji.get("message"), channel)]
        events += [("MESSAGE_REACTION_ADD", emoji.get("message"), self_id, emoji.get("name"))]
    events += [("GUILD_AUDIT_LOG_ENTRY_CREATE", ACTIONS[step], target) for step, target in about.items()]
    return Counter(events + more)


def difference(wanted: Counter, got: Counter) -> list[str]:
    """In words: what is missing, what came too often."""
    missing, extra = wanted - got, got - wanted
    return [f"missing {n} x {k}" for k, n in missing.items()] + [f"unexpected {n} x {k}" for k, n in extra.items()]


def untyped(bot, since: int) -> list[str]:
    """Events that arrived but for which the library built no object (only for kinds it reports at all)."""
    kinds = {line["typed"] for line in bot.typed}
    if not kinds:  # serenity and twilight report nothing but what they parsed
        return []

    def ident(line: dict) -> str:
        found = key(line["event"], line["data"])
        return found[1]

    wanted = Counter((e["event"], ident(e)) for e in bot.events[since:] if e["event"] in kinds)
    return difference(wanted, Counter((line["typed"], line["id"]) for line in bot.typed))


def sequence_gaps(bot) -> list[str]:
    """`s` starts at 1 with READY and counts every logged event; what is not logged repeats the latest number."""
    numbers = [line["seq"] for line in bot.events if line.get("seq") is not None]
    steps = zip(numbers, numbers[1:])
    return [f"s jumps from {before} to {after}" for before, after in steps if after - before not in (0, 1)]
