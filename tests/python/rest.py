# SPDX-License-Identifier: MIT
"""An HTTP client on Python's own library, which begins at "/" and follows what the documents say.
Every answer that is a document is checked against the description that the daemon serves."""

import base64
import functools
import http.client
import json
import re
import urllib.parse

import cbor2
import jsonschema

JSON = "application/vnd.diffeo.coordinate.v1+json"
CBOR = "application/cbor"
NO_TIME = "0001-01-01T00:00:00Z"
DEADLINE_SECONDS = 60.0
PLAIN_NAME = re.compile(rb"[A-Za-z0-9._:][A-Za-z0-9._:-]*")


def path_name(name):
    """The form of a name in a path."""
    raw = name.encode() if isinstance(name, str) else name
    if PLAIN_NAME.fullmatch(raw) and raw not in (b".", b".."):
        return raw.decode()
    return "-" + base64.urlsafe_b64encode(raw).decode().rstrip("=")


def expand(template, **variables):
    """RFC 6570, as far as the documents use it. Values are texts, bytes or lists of such."""

    def quote(value):
        return urllib.parse.quote(value, safe="")

    def expression(match):
        text = match[1]
        if not text.startswith("?"):
            return quote(variables[text])
        pairs = []
        for variable in text[1:].split(","):
            value = variables.get(variable.rstrip("*"))
            values = value if isinstance(value, list) else [] if value is None else [value]
            pairs += [f"{variable.rstrip('*')}={quote(one)}" for one in values]
        return "?" * bool(pairs) + "&".join(pairs)

    return re.sub(r"\{([^}]*)\}", expression, template)


class Description:
    """The OpenAPI description: finds the operation of a request, and checks its answer."""

    def __init__(self, document):
        self.document = document
        self.paths = [(re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)) + "$"), path)
                      for path in document["paths"]]

    def path_of(self, url):
        found = [path for pattern, path in self.paths if pattern.match(url.partition("?")[0])]
        return min(found, key=lambda path: path.count("{"), default=None)

    def resolved(self, part):
        while "$ref" in part:
            part = functools.reduce(dict.get, part["$ref"].split("/")[1:], self.document)
        return part

    def schema_of(self, media):
        return {**media["schema"], "components": self.document["components"]}

    def check(self, method, url, answer):
        path = self.path_of(url)
        operation = path and self.document["paths"][path].get(method.lower())
        if operation is None:
            return
        responses = operation["responses"]
        response = responses.get(str(answer.status)) or responses.get("default")
        assert response, f"{method} {path}: {answer.status} is not described"
        content = self.resolved(response).get("content", {})
        media = content.get(answer.type.partition(";")[0])
        if media is None:
            assert not content and not answer.body, f"{method} {path}: {answer.type}"
        elif "json" in answer.type:
            schema = self.schema_of(media)
            jsonschema.Draft202012Validator(schema).validate(answer.value)


class Answer:
    """What came back. `value` is the decoded body."""

    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body
        self.type = headers.get("Content-Type", "")

    @property
    def value(self):
        if self.type == CBOR:
            return cbor2.loads(self.body)
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.body[:500]!r}"


class Rest:
    """One connection."""

    def __init__(self, address, description=None):
        self.address = address
        self.connection = http.client.HTTPConnection(*address, timeout=DEADLINE_SECONDS)
        self.description = description
        self.seen = set()  # (method, path, status)

    def describe(self):
        """Fetches the description; from now on every answer is checked against it."""
        self.description = Description(self.good("GET", "/openapi.json"))

    def ask(self, method, url, body=None, headers=None, as_cbor=False):
        """Sends a request; a body that is no bytes is encoded. Returns the Answer."""
        headers = dict(headers or {})
        if body is not None and not isinstance(body, bytes):
            body = cbor2.dumps(body) if as_cbor else json.dumps(body).encode()
            headers.setdefault("Content-Type", CBOR if as_cbor else JSON)
        if as_cbor:
            headers.setdefault("Accept", CBOR)
        self.connection.request(method, url, body, headers)
        response = self.connection.getresponse()
        answer = Answer(response.status, response.headers, response.read())
        if self.description:
            self.seen.add((method, self.description.path_of(url), answer.status))
            self.description.check(method, url, answer)
        return answer

    def good(self, method, url, body=None, status=(200, 201, 204), **options):
        """The value of an answer that must be one of success; None without a body."""
        answer = self.ask(method, url, body, **options)
        statuses = (status,) if isinstance(status, int) else status
        assert answer.status in statuses, f"{method} {url}: {answer}"
        return answer.value if answer.body else None

    def get(self, url, **options):
        return self.good("GET", url, **options)

    def put(self, url, body, **options):
        return self.good("PUT", url, body, **options)

    def post(self, url, body=None, **options):
        return self.good("POST", url, body, **options)

    def delete(self, url, **options):
        return self.good("DELETE", url, **options)

    def error(self, status, code, method, url, body=None, **options):
        """The error document of an answer, which must be that error."""
        answer = self.ask(method, url, body, **options)
        assert (answer.status, answer.value["error"]) == (status, code), f"{method} {url}: {answer}"
        assert answer.value["message"]
        return answer.value

    # --- By the documents ------------------------------------------------------------------------

    def namespace(self, name="t"):
        return self.get(expand(self.get("/")["namespace_url"], namespace=path_name(name)))

    def set_spec(self, name="s", space="t", **definition):
        """Sets a work spec; returns its document."""
        body = {"data": {"name": name, **definition}}
        return self.get(self.post(self.namespace(space)["work_specs_url"], body, status=201)["url"])

    def add(self, spec, *names, **fields):
        """Adds units to a spec, given by its document; returns the URL of the last."""
        url = None
        for name in names:
            url = self.post(spec["work_units_url"], {"name": name, **fields}, status=201)["url"]
        return url

    def worker(self, name="w", space="t"):
        return self.get(expand(self.namespace(space)["worker_url"], worker=path_name(name)))

    def take(self, worker, **request):
        """Requests work; returns the attempts."""
        return self.post(worker["request_attempts_url"], request)["attempts"]

    def close(self):
        self.connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def as_data(value):
    """A data map as a REST client reads it: an object, or base64 of CBOR."""
    if isinstance(value, str):
        return cbor2.loads(base64.b64decode(value, validate=True))
    return value


def encoded(value):
    """A data map as base64 of its CBOR."""
    return base64.b64encode(cbor2.dumps(value)).decode()
