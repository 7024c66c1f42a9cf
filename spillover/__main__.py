"""The command line. Each command's work is in ``spillover.commands``, imported only when it is called."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from pathlib import Path

from spillover._where import own_process
from spillover.errors import Busy, SpilloverError
from spillover.redaction import redact, watch_logs

WRONG, BUSY = 2, 3
_QUESTIONS = ("reach", "regions", "crossings", "removals", "cascades", "coordination", "coverage")


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code: 0 fine, 1 done with rejects or findings, 2 wrong input, 3 busy."""
    own_process()
    watch_logs()
    asked = _parser().parse_args(arguments)
    module, function = asked.run.split(":")
    try:
        return int(getattr(import_module(f"spillover.commands.{module}"), function)(asked))
    except Busy as error:
        print(f"spillover: {redact(str(error))}", file=sys.stderr)
        return BUSY
    except SpilloverError as error:
        print(f"spillover: {redact(str(error))}", file=sys.stderr)
        return WRONG
    except BrokenPipeError:  # the reader of our output has seen enough
        sys.stderr.close()
        return 0
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="spillover", description="Follow a video across platforms and borders.")
    parser.add_argument(
        "--workspace", metavar="DIR", help="the workspace (else SPILLOVER_WORKSPACE, else your user data folder)"
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    _care(commands)
    _campaigns(commands)
    _collecting(commands)
    _tools(commands)
    _looking(commands)
    _worlds(commands)
    _alerts(commands)
    return parser


def _add(commands: argparse._SubParsersAction, name: str, run: str, text: str) -> argparse.ArgumentParser:  # type: ignore[type-arg]  # private in argparse
    command: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    command.set_defaults(run=run, style="text")
    command.add_argument("--workspace", metavar="DIR", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    command.add_argument("--json", dest="style", action="store_const", const="json", help="print JSON lines")
    return command


def _care(commands: argparse._SubParsersAction) -> None:  # type: ignore[type-arg]
    _add(commands, "init", "care:init", "make a workspace").add_argument(
        "directory", type=Path, nargs="?", metavar="DIR"
    )
    for name, text in (
        ("up", "own the workspace: collect on schedule and show the dashboard"),
        ("demo", "the same on a sample of real data"),
    ):
        command = _add(commands, name, f"care:{name}", text)
        command.add_argument("--port", type=int, default=8501)
        command.add_argument("--no-browser", dest="browser", action="store_false", help="do not open a browser")
    _add(
        commands, "doctor", "care:doctor", "check the installation and the workspace, and name the fix of what is wrong"
    )
    _add(
        commands,
        "verify",
        "care:verify",
        "prove the ledger against the rows, and derived tables against what they derive from",
    )
    _add(commands, "expire", "care:expire", "erase what platforms' terms no longer let us hold, and say how much")
    _add(commands, "rebuild", "care:rebuild", "make the derived tables again")


def _campaigns(commands: argparse._SubParsersAction) -> None:  # type: ignore[type-arg]
    group = commands.add_parser("campaign", help="register, list, check and change campaigns").add_subparsers(
        metavar="ACTION", required=True
    )
    _add(group, "add", "campaigns:add", "register a campaign file, or a new version of one").add_argument(
        "file", type=Path, metavar="FILE"
    )
    _add(group, "list", "campaigns:list_", "list the campaigns")
    _add(group, "show", "campaigns:show", "print a campaign").add_argument("name", metavar="NAME")
    _add(group, "check", "campaigns:check", "check a campaign file").add_argument("file", type=Path, metavar="FILE")
    for action, text in (
        ("pause", "stop collecting for a campaign"),
        ("resume", "go on collecting for a campaign"),
        ("archive", "end a campaign; its data stay"),
    ):
        command = _add(group, action, "campaigns:change", text)
        command.add_argument("name", metavar="NAME")
        command.set_defaults(action=action)
        if action == "resume":
            command.add_argument("--live", choices=("on", "off"), help="whether its collectors may ask the network")


def _collecting(commands: argparse._SubParsersAction) -> None:  # type: ignore[type-arg]
    command = _add(commands, "import", "importing:import_", "import files into a campaign")
    command.add_argument("files", type=Path, nargs="+", metavar="FILE")
    command.add_argument("--campaign", required=True, metavar="C")
    command.add_argument("--format", metavar="NAME", help="the file's format, where its content does not tell")
    command.add_argument("--mapping", type=Path, metavar="FILE", help="a TOML file that names the columns")
    command.add_argument("--keep-all", action="store_true", help="keep every post, not only those that match")
    command.add_argument(
        "--published", action="store_true", help="the rows are a data set that others published: no term ends them"
    )
    command = _add(commands, "collect", "looking:collect", "run collectors now")
    command.add_argument(
        "--once",
        action="store_true",
        help="one turn of each (what this command does anyway; the schedule is `spillover up`)",
    )
    command.add_argument("--campaign", metavar="C")
    command.add_argument("--collector", metavar="X")
    command.add_argument("--since", metavar="T")
    command.add_argument("--until", metavar="T")
    group = commands.add_parser("evidence", help="have lasting copies made of what may vanish").add_subparsers(
        metavar="ACTION", required=True
    )
    command = _add(group, "save", "evidence:save", "have the Wayback Machine copy a campaign's videos, for all to see")
    command.add_argument("--campaign", required=True, metavar="C")
    command.add_argument("--post", metavar="URL", help="copy this post of the campaign in the place of its videos")
    _add(commands, "collectors", "looking:collectors", "list the collectors and whether they can work")
    command = _add(commands, "plan", "looking:plan", "print what a campaign will cost a day, per budget")
    command.add_argument("--campaign", required=True, metavar="C", help="its name, or a file that is not saved yet")

    _sighting(commands)


def _sighting(commands: argparse._SubParsersAction) -> None:  # type: ignore[type-arg]
    group = commands.add_parser("sighting", help="enter what only a person may see").add_subparsers(
        metavar="ACTION", required=True
    )
    command = _add(group, "add", "sightings:add", "add one sighting to a campaign; it counts as reviewed")
    command.add_argument("--campaign", required=True, metavar="C")
    for name, shown, text in (
        ("url", "URL", "the post's address"),
        ("platform", "P", "where it was seen, if the address does not say"),
        ("id", "ID", "the post's id there, if the address does not say"),
        ("title", "T", "its title"),
        ("text", "T", "its text"),
        ("seen-at", "TIME", "when you saw it; now if left out, UTC if no zone is said"),
        ("published-at", "TIME", "when it was published"),
        ("views", "N", 'as the platform shows it: "1.2万"'),
        ("likes", "N", "likewise"),
        ("shares", "N", "likewise"),
        ("comments", "N", "likewise"),
        ("status", "S", "up (if left out), gone, withheld, private, unknown"),
        ("said", "WORDS", "the platform's own words where it is not up"),
        ("region", "CODE", "of the post or its audience: CN, CN-GD"),
        ("lang", "CODE", "zh, zh-Hant"),
        ("note", "N", "for yourself; kept with the verdict"),
        ("by", "REVIEWER", "who says so; never exported"),
    ):
        command.add_argument(f"--{name}", metavar=shown, help=text)
    command.add_argument("--screenshot", type=Path, metavar="FILE", help="kept in evidence/, never exported")


def _tools(commands: argparse._SubParsersAction) -> None:  # type: ignore[type-arg]
    command = _add(commands, "translate", "tools:translate", "print what a collector makes of one recorded answer")
    command.add_argument("collector", metavar="COLLECTOR")
    command.add_argument("mode", choices=("search", "reread", "stream", "load"), metavar="MODE")
    command.add_argument("file", type=Path, metavar="FILE")
    command.add_argument("--query", metavar="KIND:TEXT", help="what a search was for, where the answer does not tell")
    command.add_argument(
        "--post", action="append", default=[], metavar="ID", help="a post that was read again, by id or address"
    )
    command = _add(commands, "new-collector", "making:new_collector", "write the skeleton of a collector")
    command.add_argument("name", metavar="NAME")
    command.add_argument("--directory", type=Path, default=Path(), metavar="DIR", help="where; else here")
    command = _add(commands, "resolve", "tools:resolve", "print what addresses point to")
    command.add_argument("urls", nargs="+", metavar="URL", help="an address, or - for one a line on stdin")
    command = _add(commands, "match", "tools:match", "print how lines of text match a campaign")
    command.add_argument("--campaign", required=True, metavar="C")
    command.add_argument("input", choices=("-",), metavar="-", help="read stdin")


def _looking(commands: argparse._SubParsersAction) -> None:  # type: ignore[type-arg]
    command = _add(commands, "show", "looking:show", "answer a question about a campaign, or compare two")
    command.add_argument("question", choices=_QUESTIONS, metavar="QUESTION", help=", ".join(_QUESTIONS))
    command.add_argument(
        "--campaign", required=True, action="append", metavar="C", help="given twice, the two are compared"
    )
    command.add_argument(
        "--by",
        metavar="KEYS",
        help="platform, region, lang, band; hour, 6h or day; with commas. Or people, or all_platforms; of removals country, or views",
    )
    command.add_argument("--as-of", metavar="T", help="what would have been said then")
    command.add_argument("--csv", dest="style", action="store_const", const="csv", help="print CSV")
    command = _add(commands, "sql", "looking:sql", "run one SELECT over the public views")
    command.add_argument("query", metavar="SELECT")
    command.add_argument("--csv", dest="style", action="store_const", const="csv", help="print CSV")
    command = _add(
        commands,
        "export",
        "looking:export",
        "write a campaign's answers and posts as CSV and Parquet, fit to leave the workspace",
    )
    command.add_argument("campaign", metavar="C")
    command.add_argument("directory", type=Path, metavar="DIR")


def _worlds(commands: argparse._SubParsersAction) -> None:  # type: ignore[type-arg]
    command = _add(
        commands, "simulate", "worlds:simulate", "make up a world whose truth is known, as records to import"
    )
    command.add_argument("directory", type=Path, metavar="DIR")
    command.add_argument("--seed", type=int, required=True, metavar="N", help="the same seed gives the same bytes")
    command.add_argument(
        "--size", choices=("small", "medium", "large"), default="small", metavar="SIZE", help="small, medium or large"
    )
    command.add_argument(
        "--effect",
        choices=("drawn", "none", "all", "removal", "coordination", "lead"),
        default="drawn",
        metavar="E",
        help="which effects are in it: none, all, removal, coordination, lead; drawn by the seed if left out",
    )
    command = _add(commands, "score", "worlds:score", "hold the answers about made-up worlds against the truth")
    command.add_argument("directories", type=Path, nargs="+", metavar="DIR", help="a world, or a folder of worlds")


def _alerts(commands: argparse._SubParsersAction) -> None:  # type: ignore[type-arg]
    group = commands.add_parser("alerts", help="be told of what happens, by mail, ntfy or webhook").add_subparsers(
        metavar="ACTION", required=True
    )
    _add(
        group,
        "list",
        "alerts:list_",
        "list targets, rules with their expected false alarms a week, and the latest events",
    )
    command = _add(group, "add", "alerts:add", "add a target that is told of events from now on")
    command.add_argument("name", metavar="NAME")
    command.add_argument(
        "--to",
        required=True,
        metavar="ADDRESS",
        help="mailtos://USER:PASSWORD@HOST?to=…, ntfys://HOST/TOPIC, jsons://HOST/PATH …; secret:NAME, or - for stdin",
    )
    command.add_argument("--campaign", metavar="C", help="of this campaign only")
    command.add_argument(
        "--on", metavar="KINDS", help="crossing, first_seen, removal_wave, burst, broken; with commas; else all"
    )
    command.add_argument("--past", action="store_true", help="send what happened before as well")
    _add(group, "remove", "alerts:remove", "tell a target no more").add_argument("name", metavar="NAME")
    for action, text in (("on", "go on telling a target"), ("off", "stop telling a target for a while")):
        command = _add(group, action, "alerts:switch", text)
        command.add_argument("name", metavar="NAME")
        command.set_defaults(active=action == "on")
    command = _add(group, "test", "alerts:test", "send a test and say whether it was taken")
    command.add_argument("name", metavar="NAME", nargs="?", help="else all targets")
    _add(group, "run", "alerts:run", "look for events and tell the targets now; `spillover up` does so by itself")


if __name__ == "__main__":
    sys.exit(main())
