# SPDX-License-Identifier: MIT
"""export_records and import_records: what moves everything to another daemon (docs/moving.md)."""

import io

import cbor2
import pytest

from client import Client, RpcError, folded
from helpers import AVAILABLE, FINISHED, PENDING, add, counts, spec, take, update


def sequence(records):
    """The items of a CBOR sequence, encoded each."""
    stream = io.BytesIO(records)
    items = []
    while stream.tell() < len(records):
        begin = stream.tell()
        cbor2.CBORDecoder(stream).decode()
        items.append(records[begin:stream.tell()])
    return items


def export(client, **options):
    """All records, each encoded."""
    page = client.call("export_records", options)
    records = sequence(page["records"])
    assert len(records) == page["count"]
    while page["cursor"] is not None:
        page = client.call("export_records", {"cursor": page["cursor"], **options})
        assert len(sequence(page["records"])) == page["count"]
        records += sequence(page["records"])
    return records


def fill(client):
    spec(client, then="t")
    spec(client, "t", weight=7)
    add(client, ("a", {"x": (1, b"\x00")}), "b", "c", b"\xff")
    assert take(client, 2, "w") == ["a", "b"]
    assert update(client, {"status": FINISHED, "worker_id": "w",
                           "data": {"output": ["chained"]}}, "a")[0] is True


def test_is_offered(client):
    assert {"export_records", "import_records"} <= set(client.call("server_info")["extensions"])


def test_moves_everything(client, start):
    fill(client)
    records = export(client)
    assert [cbor2.loads(record)["kind"] for record in records] == [
        "namespace", "work_spec", "work_spec", "worker", "work_unit", "work_unit", "work_unit",
        "work_unit", "work_unit"]
    with Client(start().address) as other:
        assert other.call("import_records", b"".join(records)) == {"added": 9, "equal": 0}
        assert counts(other) == {AVAILABLE: 2, PENDING: 1, FINISHED: 1}
        assert other.call("import_records", b"".join(records)) == {"added": 0, "equal": 9}
        assert export(other) == records
        # A worker goes on with what it has.
        assert update(other, {"status": FINISHED, "worker_id": "w"}, "b")[0] is True


def test_pages(client):
    fill(client)
    page = client.call("export_records", {"limit": 2})
    assert (page["count"], page["work_units"]) == (2, 5)
    assert export(client, limit=1) == export(client, bytes=1) == export(client)
    assert client.call("export_records") == client.call("export_records", {})


@pytest.mark.parametrize("options, said", [
    ({"limit": 0}, "limit must be at least 1"), ({"bytes": "x"}, "bytes must be an integer"),
    ({"cursor": 5}, "cursor must be a string"), ({"cursor": b"x"}, "the cursor is none")])
def test_options_that_are_wrong(client, options, said):
    with pytest.raises(RpcError, match=f"export_records: {said}"):
        client.call("export_records", options)


@pytest.mark.parametrize("records, said", [
    (5, "records must be a string"), (b"\xff", "not a record"),
    (cbor2.dumps({"kind": "horse"}), "'horse' is not known"),
    (cbor2.dumps({"kind": "work_unit", "namespace": "", "work_spec": "none", "name": "u"}),
     "work unit 'u' of work spec 'none' in namespace '': there is no such work spec")])
def test_records_that_are_wrong(client, records, said):
    with pytest.raises(RpcError, match=f"import_records: .*{said}"):
        client.call("import_records", records)


def test_what_differs_is_named_and_nothing_is_taken(client):
    fill(client)
    record = {"kind": "work_unit", "namespace": "", "work_spec": "s", "name": "new"}
    other = {**record, "name": "b", "priority": 2.0}
    with pytest.raises(RpcError, match="work unit 'b' of work spec 's' in namespace '' is there"):
        client.call("import_records", cbor2.dumps(record) + cbor2.dumps(other))
    assert "new" not in folded(list(client.good("get_work_units", "s", {})))


def test_a_batch_that_is_too_long_is_refused(client):
    record = cbor2.dumps({"kind": "namespace", "name": ""})
    with pytest.raises(RpcError, match="more than 2000 records"):
        client.call("import_records", b"".join(
            cbor2.dumps({"kind": "namespace", "name": str(n)}) for n in range(2001)))
    assert client.call("import_records", record)["added"] <= 1
