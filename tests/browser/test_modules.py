# SPDX-License-Identifier: MIT
"""The dashboard's arithmetic and texts, function by function."""

import pytest


@pytest.fixture
def evaluate(page):
    """Evaluates an expression with what a module exports."""
    page.open()

    def run(module, expression):
        url = f"/dashboard/{module}.js"
        names = page.driver.execute_async_script(
            "import(arguments[0]).then((it) => arguments[1](Object.keys(it)))", url)
        answer = page.driver.execute_async_script(
            "const [url, done] = arguments;"
            f"import(url).then(({{ {', '.join(names)} }}) => done({{ value: {expression} }}))"
            ".catch((error) => done({ error: String(error) }));", url)
        assert "error" not in answer, answer
        return answer["value"]

    return run


HISTORY = """(() => {
  const history = new History();
  for (const [time, counts] of %s) history.add(time, new Map(Object.entries(counts)));
  return %s;
})()"""


def test_rates(evaluate):
    """Over the last 30 seconds; what was tried again or deleted does not count against it."""
    samples = "[[0, {a: 0}], [10, {a: 5}], [50, {a: 10, b: 7}], [60, {a: 30, b: 2}]]"
    assert evaluate("history", HISTORY % (samples, "history.rate('a')")) == 2
    assert evaluate("history", HISTORY % (samples, "history.rate('b')")) == 0
    assert evaluate("history", HISTORY % (samples, "history.rate()")) == 2
    assert evaluate("history", HISTORY % (samples, "history.rate('none')")) == 0
    assert evaluate("history", HISTORY % (samples, "history.rates('a').map((one) => one.rate)")) == [
        0.5, 0.125, 2]
    for too_few in ("[]", "[[5, {a: 1}]]", "[[5, {a: 1}], [5.5, {a: 9}]]"):
        assert evaluate("history", HISTORY % (too_few, "history.rate('a')")) == 0
    longer = "[...Array(2000).keys()].map((second) => [2 * second, {a: second}])"
    assert 250 < evaluate("history", HISTORY % (longer, "history.samples.length")) < 350


@pytest.mark.parametrize("expression, text", [
    ("formatSpan(0.9)", "0 s"), ("formatSpan(59.9)", "59 s"), ("formatSpan(65)", "1 min 5 s"),
    ("formatSpan(7200)", "2 h 0 min"), ("formatSpan(273600)", "3 d 4 h"), ("formatSpan(-5)", "0 s"),
    ("formatRate(0)", "0/s"), ("formatRate(0.25)", "0.25/s"), ("formatRate(12.5)", "12.5/s"),
    ("formatRate(1234.4)", "1,234/s"), ("formatAge(1000, 66000)", "1 min 5 s ago"),
    ("formatAge(66000, 1000)", "in 1 min 5 s"), ("formatAge(null, 0)", "never"),
    ("formatTime(null)", "-"), ("formatName({name: ''})", "(empty name)"),
    ("formatName({name: '?', name_base64: '/w=='})", "base64:/w=="),
    ("String(parseTime('0001-01-01T00:00:00Z'))", "null"),
    ("String(parseTime('1970-01-01T00:00:01.5Z'))", "1500")])
def test_texts(evaluate, expression, text):
    assert evaluate("format", expression) == text


@pytest.mark.parametrize("template, values, url", [
    ("/a{?x,y*}", "{}", "/a"), ("/a{?x,y*}", "{x: 1}", "/a?x=1"),
    ("/a{?x,y*}", "{y: ['b c', '&'], x: '/'}", "/a?x=%2F&y=b%20c&y=%26"),
    ("/a{?x}", "{x: '', z: 5}", "/a"), ("/a", "{x: 1}", "/a")])
def test_templates(evaluate, template, values, url):
    assert evaluate("api", f"expand('{template}', {values})") == url


@pytest.mark.parametrize("parents, tree", [
    ({"a": None, "b": "a", "c": "a"}, "a(b c)"), ({"a": "gone"}, "a"), ({"a": "a"}, "a"),
    ({"a": "b", "b": "a", "c": "b"}, "a(b(c))"), ({"a": "b", "b": "c", "c": None}, "c(b(a))"), ({}, "")])
def test_trees(evaluate, parents, tree):
    workers = [{"name": name, "parent": parent} for name, parent in parents.items()]
    show = ("(function show(nodes) { return nodes.map((node) => node.worker.name + "
            "(node.below.length > 0 ? `(${show(node.below)})` : '')).join(' '); })")
    assert evaluate("workers_view", f"{show}(treeOf({workers}))".replace("None", "null")) == tree
