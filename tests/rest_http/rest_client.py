# SPDX-License-Identifier: MIT
"""An HTTP client that follows the server's URLs, and checks every answer against its description."""

import base64
import http.client
import json
import re
import urllib.parse

import cbor2
import jsonschema

JSON = "application/vnd.diffeo.coordinate.v1+json"
CBOR = "application/cbor"


class Answer:
    def __init__(self, response, body):
        self.status = response.status
        self.headers = response.headers
        self.body = body
        self.type = response.headers.get("Content-Type")

    @property
    def document(self):
        return cbor2.loads(self.body) if self.type == CBOR else json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.body[:300]!r}"


class Description:
    """The OpenAPI description, against which answers are checked. Remembers which operations were
    answered how."""

    def __init__(self, document):
        self.document = document
        self.seen = set()
        self.patterns = [
            (re.compile(re.sub(r"\{\w+\}", "[^/]+", re.escape(path).replace(r"\{", "{").replace(
                r"\}", "}")) + "$"), path) for path in document["paths"]]

    def path_of(self, url):
        path = url.partition("?")[0]
        return next((known for pattern, known in self.patterns if pattern.match(path)), None)

    def resolve(self, node):
        if "$ref" not in node:
            return node
        target = self.document
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        return target

    def check(self, method, url, answer):
        path = self.path_of(url)
        operations = self.document["paths"].get(path, {})
        operation = operations.get("get" if method == "HEAD" else method.lower())
        if operation is None:
            assert answer.status in (404, 405) or method == "OPTIONS", f"{method} {url}: {answer}"
            return
        self.seen.add((operation["operationId"], answer.status))
        assert str(answer.status) in operation["responses"], f"{method} {url}: {answer}"
        response = self.resolve(operation["responses"][str(answer.status)])
        if "Location" in response.get("headers", {}):
            assert answer.headers["Location"].startswith("/")
        if "content" not in response:
            assert answer.body == b"", f"{method} {url}: {answer}"
            return
        assert answer.type in response["content"], f"{method} {url}: {answer.type}"
        if method == "HEAD" or answer.type.startswith("text/"):
            return
        schema = response["content"][answer.type]["schema"]
        whole = {**schema, "components": self.document["components"]}
        jsonschema.Draft202012Validator(whole).validate(json.loads(json.dumps(answer.document)))


class Rest:
    """One connection to a daemon, kept alive."""

    descriptions = {}

    def __init__(self, address, form="json"):
        self.address = address
        self.form = form
        self.connection = http.client.HTTPConnection(*address, timeout=60)
        if address not in self.descriptions:
            text = self.send("GET", "/openapi.json").body
            self.descriptions[address] = Description(json.loads(text))
        self.description = self.descriptions[address]

    def send(self, method, url, body=None, headers=None):
        """Sends a request as it is."""
        self.connection.request(method, url, body, headers or {})
        response = self.connection.getresponse()
        return Answer(response, response.read())

    def request(self, method, url, document=None, *, status=None, **headers):
        """Sends a document, in the client's form, and checks the answer."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        body = None
        if document is not None:
            is_json = self.form == "json"
            body = json.dumps(document) if is_json else cbor2.dumps(document)
            headers.setdefault("Content-Type", "application/json" if is_json else CBOR)
        if self.form == "cbor":
            headers.setdefault("Accept", CBOR)
        answer = self.send(method, url, body, headers)
        self.description.check(method, url, answer)
        if status is not None:
            assert answer.status == status, f"{method} {url}: {answer}"
        return answer

    def get(self, url, status=200):
        return self.request("GET", url, status=status).document

    def post(self, url, document=None, status=200):
        answer = self.request("POST", url, {} if document is None else document, status=status)
        return answer.document if answer.body else None

    def put(self, url, document, status=204):
        answer = self.request("PUT", url, document, status=status)
        return answer.document if answer.body else None

    def delete(self, url, status=204):
        answer = self.request("DELETE", url, status=status)
        return answer.document if answer.body else None

    def close(self):
        self.connection.close()

    # --- What many tests need --------------------------------------------------------------------

    def namespace(self, name=""):
        """The document of a namespace, found from the entry point."""
        template = self.get("/")["namespace_url"]
        return self.get(expand(template, namespace=name))

    def spec(self, name="s", namespace="", **definition):
        """Sets a work spec; returns its document."""
        made = self.post(self.namespace(namespace)["work_specs_url"],
                         {"data": {"name": name, **definition}}, status=201)
        return self.get(made["url"])

    def add(self, spec, *names, **fields):
        """Adds units one by one; returns their URLs."""
        return [self.post(spec["work_units_url"], {"name": name, **fields}, status=201)["url"]
                for name in names]

    def worker(self, name="w", namespace=""):
        return self.get(expand(self.namespace(namespace)["worker_url"], worker=name))

    def take(self, worker=None, **request):
        """The attempts that a worker gets."""
        worker = worker or self.worker()
        return self.post(worker["request_attempts_url"], request)["attempts"] or []


def path_name(name):
    """A name, text or bytes, as a segment of a path; written anew from the specification."""
    raw = name if isinstance(name, bytes) else name.encode()
    if re.fullmatch(rb"[A-Za-z0-9._:][A-Za-z0-9._:-]*", raw) and raw not in (b".", b".."):
        return raw.decode()
    return "-" + base64.urlsafe_b64encode(raw).decode().rstrip("=")


def expand(template, **names):
    """Puts names into the path part of a URL template."""
    return re.sub(r"\{(\w+)\}", lambda found: path_name(names[found[1]]), template)


def query(template, *pairs):
    """A URL template with a query, with these pairs."""
    return template.partition("{")[0] + ("?" if pairs else "") + urllib.parse.urlencode(pairs)


def error(answer):
    """The code of an error document."""
    return answer.document["error"]
