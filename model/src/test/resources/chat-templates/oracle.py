#!/usr/bin/env python3
"""Makes the goldens of this folder: what Jinja2 renders, in the environment that transformers makes.

Needs Python 3 with jinja2 >= 3.1; the build and the product need neither.

    oracle.py                   goldens.json, feature-goldens.json, generated-goldens.json
    oracle.py --published DIR   published-goldens.json, of the templates found below DIR by their SHA-256
"""
import datetime
import hashlib
import json
import pathlib
import random
import re
import sys

import jinja2
import jinja2.ext
from jinja2 import nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

HERE = pathlib.Path(__file__).parent
NOW = datetime.datetime(2026, 2, 3, 4, 5, 6)
BOS, EOS = "<s>", "</s>"


class Generation(jinja2.ext.Extension):
    """The tag that marks what an assistant said, for training: a call block that gives back its body."""

    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return nodes.CallBlock(self.call_method("_body"), [], [], body).set_lineno(line)

    def _body(self, caller):
        return caller()


def raise_exception(message):
    raise jinja2.exceptions.TemplateError(message)


def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def environment():
    env = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, jinja2.ext.loopcontrols]
    )
    env.filters["tojson"] = tojson
    env.globals["raise_exception"] = raise_exception
    env.globals["strftime_now"] = NOW.strftime
    return env


def render(source, messages, generate=True, **more):
    """{'text': ...}, {'raised': message} for raise_exception, or {'error': name of the exception}."""
    try:
        template = environment().from_string(source)
        text = template.render(
            messages=messages, tools=None, documents=None, add_generation_prompt=generate, bos_token=BOS,
            eos_token=EOS, **more
        )
        return {"text": text}
    except Exception as failed:
        if type(failed) is jinja2.exceptions.TemplateError:
            return {"raised": str(failed.message)}
        return {"error": type(failed).__name__ + ": " + str(failed)[:100]}


def turn(role, content):
    return {"role": role, "content": content}


LONG = "The quick brown fox, 12.5 times, says \"no\".\n\n\tThen it sleeps; " * 20
CONVERSATIONS = {
    "user": ([turn("user", "What is 17 + 25?")], True),
    "system-user": ([turn("system", "Be brief."), turn("user", "Hi")], True),
    "turns": (
        [turn("user", "Hi"), turn("assistant", "Hello."), turn("user", "And 1 + 1?"), turn("assistant", "2"),
         turn("user", "Thanks")],
        True,
    ),
    "system-turns": (
        [turn("system", "S"), turn("user", "A"), turn("assistant", "B"), turn("user", "C")],
        True,
    ),
    "empty": ([turn("system", ""), turn("user", ""), turn("assistant", ""), turn("user", "x")], True),
    "assistant-last": ([turn("user", "Count."), turn("assistant", "1 2 3")], False),
    "unicode": (
        [turn("system", "Größe — ñ \u00a0e\u0301"), turn("user", "\U0001f469\u200d\U0001f4bb 漢字 \u0130ſß\u2028é"),
         turn("assistant", "\U0001f600"), turn("user", "\ufeffa\u0301b\u3000")],
        True,
    ),
    "white-space": (
        [turn("system", "  \n s \t"), turn("user", "\n\n  a\r\nb  \n\n"), turn("assistant", " \n c\n "),
         turn("user", "\tq\n")],
        True,
    ),
    "markup": (
        [turn("system", "{{ bos_token }}{% if %}{# x #}"),
         turn("user", "<|user|><|end|><|im_end|></s><s>[INST] {{ 7 * 7 }} & 'a' \"b\" \\n <b>"),
         turn("assistant", "<think>\nhm</think>\n\nok </think> <|end|>"), turn("user", "{%- raw -%}<think>x")],
        True,
    ),
    "long": ([turn("system", "S\n" + LONG[:600]), turn("user", LONG), turn("assistant", "ok"), turn("user", "b")], True),
}


def write(name, value):
    text = json.dumps(value, ensure_ascii=False, indent=0, sort_keys=False)
    (HERE / name).write_text(text + "\n", encoding="utf-8")
    print(name, len(text))


def corpus():
    result = []
    for path in sorted((HERE / "templates").glob("*.jinja")):
        data = path.read_bytes()
        source = data.decode("utf-8")
        results = {id: render(source, m, g) for id, (m, g) in CONVERSATIONS.items()}
        result.append({"id": path.stem, "sha256": hashlib.sha256(data).hexdigest(), "results": results})
    conversations = {id: {"messages": m, "generate": g} for id, (m, g) in CONVERSATIONS.items()}
    write("goldens.json", {"jinja2": jinja2.__version__, "conversations": conversations, "templates": result})


def sha256(text):
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def found_below(folder):
    """Texts of templates by SHA-256: of *.jinja files, and of the member chat_template of *.json files."""
    texts = {}
    for path in sorted(pathlib.Path(folder).rglob("*")):
        if path.suffix not in (".jinja", ".json") or not path.is_file() or path.stat().st_size > 1 << 20:
            continue
        try:
            text = path.read_bytes().decode("utf-8")
            source = text if path.suffix == ".jinja" else json.loads(text)["chat_template"]
            texts[sha256(source)] = source
        except (ValueError, KeyError, TypeError, AttributeError):
            continue  # some other JSON
    return texts


def digested(result):
    """Without the words of the template: they are another's."""
    if "error" in result:
        return {"error": result["error"].split(":")[0]}
    return {kind: sha256(value) for kind, value in result.items()}


def published(folder):
    name = "published-goldens.json"
    texts = found_below(folder)
    templates = json.loads((HERE / name).read_text(encoding="utf-8"))["templates"]
    for template in templates:
        source = texts.get(template["sha256"])
        if source is None:
            print("not found:", template["id"])
            continue
        template["results"] = {id: digested(render(source, m, g)) for id, (m, g) in CONVERSATIONS.items()}
    write(name, {"jinja2": jinja2.__version__, "templates": templates})


ATOMS = [
    "0", "1", "-1", "2", "7", "10", "0.5", "2.0", "-3.25", "1e3", "true", "false", "none", "nope", "''", "'a'", "'Abc'",
    "' x y '", "'a,b,,c'", "'Hello wOrld'", "'é😀z'", "'<b>&\\'\"'", "'12'", "'3.5'", "'a\\nb\\n\\nc'", "[]", "[1, 2, 3]",
    "['b', 'A', 'c']", "[3, 1.5, 2]", "[[1, 2], [3]]", "[none, 'x', 0]", "(1, 2)", "()", "{}", "{'a': 1, 'b': 2}",
    "{'B': 'x', 'a': 'y'}", "messages", "messages[0]", "messages[1].content", "messages[3].content", "range(4)",
    "messages[-1].role", "tools", "bos_token", "{'k': [1, {'z': none}]}", "[{'v': 2}, {'v': 1}]",
]
BINARY = ["+", "-", "*", "/", "//", "%", "~", "==", "!=", "<", "<=", ">", ">=", "in", "not in", "and", "or", "**"]
FILTERS = [
    "abs", "batch(2)", "capitalize", "center(9)", "default('d')", "default('d', true)", "dictsort", "first", "float",
    "groupby('v')", "indent(2)", "int", "items", "join(',')", "join", "last", "length", "list", "lower", "map('upper')",
    "map(attribute='v')", "max", "min", "reject('none')", "replace('a', 'X')", "reverse", "round", "round(1)", "select",
    "select('string')", "selectattr('v')", "rejectattr('v', 'eq', 1)", "slice(2)", "sort", "sort(reverse=true)",
    "string", "sum", "title", "tojson", "tojson(indent=2)", "trim", "trim('a')", "truncate(5)", "unique", "upper",
    "urlencode", "wordcount", "list", "string", "e", "safe", "count", "d(0)", "map('length')", "map('string')",
    "sort(attribute='v')", "sum(attribute='v')", "join('-', attribute='v')",
]
TESTS = [
    "defined", "none", "string", "number", "mapping", "sequence", "iterable", "odd", "even", "true", "false", "boolean",
    "integer", "float", "lower", "upper", "divisibleby 2", "in [1, 'a', none]", "eq 1", "undefined", "callable",
]
METHODS = [
    "upper()", "lower()", "strip()", "lstrip('a')", "rstrip()", "split()", "split(',')", "split(',', 1)", "title()",
    "capitalize()", "startswith('a')", "endswith('c')", "find('b')", "replace('b', 'QQ')", "join(['p', 'q'])",
    "splitlines()", "get('a')", "get('q', 3)", "items()", "keys()", "values()", "count('a')", "index('a')", "isdigit()",
    "partition(',')", "rsplit(',', 1)", "zfill(5)", "center(8, '*')", "swapcase()", "isupper()", "append(1)", "x", "v",
    "role", "content", "rfind('a')", "ljust(4)", "removeprefix('A')", "format(1)", "isalpha()", "copy()",
]
INDEXES = ["0", "-1", "1:", ":2", "::-1", "5", "'a'", "-2:", "::2", "1:-1", "'role'", "none", "true"]
DATA = ["a", " ", "\n", "  \n", "\n  ", "x y", "\t", "\n\n", "b\n", ""]


def expression(r, depth):
    if depth <= 0 or r.random() < 0.2:
        return r.choice(ATOMS)
    kind = r.randrange(10)
    inner = expression(r, depth - 1)
    if kind < 3:
        return f"{inner} {r.choice(BINARY)} {expression(r, depth - 1)}"
    if kind < 6:
        return f"({inner}) | {r.choice(FILTERS)}"
    if kind == 6:
        return f"({inner}).{r.choice(METHODS)}"
    if kind == 7:
        return f"({inner})[{r.choice(INDEXES)}]"
    if kind == 8:
        return f"({inner}) is {r.choice(['', 'not '])}{r.choice(TESTS)}"
    return f"{inner} if {expression(r, depth - 1)} else {expression(r, depth - 1)}"


def tag(r, text):
    return "{%" + r.choice(["", "-", "+", ""]) + " " + text + " " + r.choice(["", "-", "+", ""]) + "%}"


def block(r, depth):
    if depth <= 0:
        return r.choice(DATA)
    out = []
    for _ in range(r.randrange(1, 4)):
        out.append(r.choice(DATA))
        kind = r.randrange(9)
        body = block(r, depth - 1)
        value = expression(r, 1)
        if kind == 0:
            out.append(tag(r, f"if {value}") + body + tag(r, "else") + block(r, depth - 1) + tag(r, "endif"))
        elif kind == 1:
            use = r.choice(["{{ loop.index }}", "{{ v }}", "{{ loop.last }}", "", "{% set n = v %}{{ n }}"])
            test = r.choice(["", "", " if v", " if v != 1"])
            out.append(tag(r, f"for v in {value}{test}") + use + body + tag(r, "else") + "E" + tag(r, "endfor"))
        elif kind == 2:
            out.append(tag(r, f"set n = {value}") + body)
        elif kind == 3:
            out.append("{#" + r.choice(["", "-"]) + " c " + r.choice(["", "-", "+"]) + "#}" + body)
        elif kind == 4:
            out.append("{{" + r.choice(["", "-"]) + " " + value + " " + r.choice(["", "-"]) + "}}" + body)
        elif kind == 5:
            out.append(tag(r, "raw") + r.choice(DATA) + "{{ x }}" + r.choice(DATA) + tag(r, "endraw"))
        elif kind == 6:
            out.append(tag(r, "set b") + body + tag(r, "endset") + "[{{ b }}]")
        elif kind == 7:
            out.append(tag(r, "macro m(p=1)") + body + "{{ p }}" + tag(r, "endmacro") + f"{{{{ m({value}) }}}}")
        else:
            out.append("{{ n }}" + body)
    return "".join(out) + r.choice(DATA)


def generated(count, seed):
    r = random.Random(seed)
    cases = []
    while len(cases) < count:
        one = "{{ " + expression(r, 3) + " }}" if r.random() < 0.6 else block(r, 2)
        if len(one) < 300 and one not in cases:
            cases.append(one)
    return cases


def features():
    table("feature-goldens.json", json.loads((HERE / "features.json").read_text(encoding="utf-8")))
    table("generated-goldens.json", generated(5000, 20260203))


def shows_address(answer):
    """Whether an address in memory is printed, be it backwards or sign by sign: that is no answer."""
    signs = re.sub("[^0-9a-z]", "", str(answer).lower())
    return re.search("at0x[0-9a-f]{8}|[0-9a-f]{8}x0ta", signs) is not None


def table(name, cases):
    messages = [turn("system", "Be brief."), turn("user", " Hi, Bob "), turn("assistant", "a</think>B"),
                turn("user", "é\U0001f600x")]
    results = []
    errors = 0
    for case in cases:
        answer = render(case, messages)
        if shows_address(answer) or ("error" in answer and errors * 4 > len(results) + 400):
            continue  # and not only errors
        errors += "error" in answer
        results.append({"template": case, **answer})
    write(name, {"jinja2": jinja2.__version__, "messages": messages, "cases": results})


if __name__ == "__main__":
    if sys.argv[1:2] == ["--published"]:
        published(sys.argv[2])
    else:
        corpus()
        features()
