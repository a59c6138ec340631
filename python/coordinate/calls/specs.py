# SPDX-License-Identifier: MIT
"""Methods about work specs, and about the daemon itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

from .. import codec
from ..config import get_global_config, overlay_config
from ..constants import PAUSED, RUNNABLE
from ..exceptions import NoSuchWorkSpec, ProgrammerError
from ..request import Request, Steps
from ..session import Session

Definition = dict[str, Any]


def read_definition(session: Session, found: Mapping[Any, Any]) -> Definition:
    """A definition with its own keys, its name, `module` and `run_function` as text: whoever stored
    it, the daemon gives the last two as byte strings, for the sake of Python 2."""
    definition = {codec.as_text(key): session.shown(value) for key, value in found.items()}
    for key in ("name", "module", "run_function", "then"):
        if key in definition:
            definition[key] = codec.as_text(definition[key])
    return definition


def set_work_spec(session: Session, work_spec: Mapping[str, Any]) -> Steps[bool]:
    """Adds a work spec, or replaces the definition of the one of that name.

    Returns True. Raises ProgrammerError where `name` or `min_gb` is missing, and RpcError for a
    definition that the daemon refuses.
    """
    session.validate_work_spec(work_spec)
    pair = yield Request("set_work_spec", (work_spec,))
    return bool(session.first_of("set_work_spec", pair))


def get_work_spec(session: Session, work_spec_name: str) -> Steps[Optional[Definition]]:
    """The definition of a work spec, or None if there is none of that name."""
    found = yield Request("get_work_spec", (work_spec_name,))
    if found is None and session.settings.strict:
        raise NoSuchWorkSpec(f"no such work spec {work_spec_name}")
    return None if found is None else read_definition(session, found)


def get_work_spec_meta(session: Session, work_spec_name: str) -> Steps[Optional[dict[str, Any]]]:
    """A map of `status`, `continuous`, `interval`, `max_running` and `weight`; None if there is no
    such work spec."""
    pair = yield Request("get_work_spec_meta", (work_spec_name,))
    meta: Optional[dict[str, Any]] = session.first_of("get_work_spec_meta", pair)
    return meta


def control_work_spec(
    session: Session,
    work_spec_name: str,
    continuous: Optional[bool] = None,
    status: Optional[int] = None,
    weight: Optional[int] = None,
    interval: Optional[float] = None,
    max_running: Optional[int] = None,
) -> Steps[bool]:
    """Changes how a work spec is scheduled; what is None stays as it is, and 0 lifts `interval` and
    `max_running`. Returns whether it was done."""
    given = {
        "continuous": continuous,
        "status": status,
        "weight": weight,
        "interval": interval,
        "max_running": max_running,
    }
    options = {name: value for name, value in given.items() if value is not None}
    pair = yield Request("control_work_spec", (work_spec_name, options))
    return bool(session.first_of("control_work_spec", pair))


def pause_work_spec(session: Session, work_spec_name: str, paused: bool = True) -> Steps[None]:
    """Has the daemon give out no more units of a work spec, or, with False, give them out again."""
    status = PAUSED if paused else RUNNABLE
    pair = yield Request("control_work_spec", (work_spec_name, {"status": status}))
    session.first_of("pause_work_spec", pair)


def resume_work_spec(session: Session, work_spec_name: str) -> Steps[None]:
    """Undoes `pause_work_spec`."""
    yield from pause_work_spec(session, work_spec_name, paused=False)


def list_work_specs(
    session: Session, limit: Optional[int] = None, start: Optional[str] = None
) -> Steps[tuple[list[tuple[str, Definition]], Optional[str]]]:
    """Pairs of names and definitions in order of the names, from the name `start` on, at most
    `limit`; and the name to go on with, or None. `iter_work_specs` is handier."""
    options = {name: value for name, value in (("limit", limit), ("start", start)) if value}
    found, following = yield Request("list_work_specs", (options,))
    definitions = [read_definition(session, one) for one in found]
    return [(one["name"], one) for one in definitions], codec.as_text(following)


def del_work_spec(session: Session, work_spec_name: str) -> Steps[bool]:
    """Deletes a work spec with all its units. Returns whether there was one."""
    pair = yield Request("del_work_spec", (work_spec_name,))
    return bool(session.first_of("del_work_spec", pair))


def clear(session: Session) -> Steps[int]:
    """Deletes every work spec with its units. Returns how many work specs there were."""
    count: int = yield Request("clear")
    return count


def add_flow(
    session: Session, flow: Mapping[str, Any], config: Optional[Mapping[str, Any]] = None
) -> Steps[None]:
    """Adds several work specs. `flow` is a map of names to definitions, or to further such maps,
    whose names are joined by dots. Each gets `config`, by default the global configuration, with
    its own `config` laid over it. Nothing is added if any is wrong: raises ProgrammerError."""
    definitions = flow_definitions(flow, get_global_config() if config is None else config)
    for definition in definitions.values():
        yield from set_work_spec(session, definition)


def flow_definitions(
    flow: Mapping[str, Any], config: Mapping[str, Any], group: str = ""
) -> dict[str, Definition]:
    """The definitions in a flow, by name. Raises ProgrammerError."""
    definitions: dict[str, Definition] = {}
    for name, value in flow.items():
        if not isinstance(value, Mapping):
            raise ProgrammerError(f"{group}{name}: not a map, so neither a work spec nor a group")
        if "min_gb" in value:
            own = value.get("config") or {}
            merged = overlay_config(config, own)
            definitions[group + name] = {**value, "name": group + name, "config": merged}
        else:
            definitions.update(flow_definitions(value, config, f"{group}{name}."))
    for name, definition in definitions.items():
        following = definition.get("then")
        if not group and following is not None and following not in definitions:
            raise ProgrammerError(f"{name}: `then` names {following}, which is not in the flow")
    return definitions


def get_server_config(session: Session) -> Steps[dict[str, Any]]:
    """The map in the daemon's `--config` file; empty if it was given none."""
    pair = yield Request("get_config")
    config: dict[str, Any] = session.first_of("get_server_config", pair)
    return config


def server_info(session: Session) -> Steps[dict[str, Any]]:
    """The daemon's version, backend, extensions and limits. Raises RpcError for the original
    server, which has no such method."""
    info: dict[str, Any] = yield Request("server_info")
    return info


def get_summary(session: Session) -> Steps[list[dict[str, Any]]]:
    """Records of `work_spec`, `status` (text, delayed apart) and `count`, none of them 0."""
    summary: list[dict[str, Any]] = yield Request("get_summary")
    return summary


def archive(session: Session, work_spec_names: Optional[list[str]] = None) -> Steps[None]:
    """Has the daemon apply its limits on completed units now."""
    options = {} if work_spec_names is None else {"work_spec_names": work_spec_names}
    yield Request("archive", (options,))


def now(session: Session) -> Steps[int]:
    """The daemon's time, in seconds since 1970."""
    seconds: int = yield Request("now")
    return seconds
