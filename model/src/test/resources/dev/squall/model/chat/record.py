"""Writes renderings.json: what Jinja2 itself, set up as Hugging Face sets it up for chat templates, makes of the
conversations below. Run: python3 record.py (with Jinja2 3.1.6). The Java tests only read the result."""

import datetime
import json
import pathlib
import re

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

HERE = pathlib.Path(__file__).parent
TIME = datetime.datetime(2025, 3, 7, 14, 5, 9)


def raise_exception(message):
    raise jinja2.exceptions.TemplateError(message)


def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


environment = ImmutableSandboxedEnvironment(
    trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
)
environment.filters["tojson"] = tojson
environment.globals["raise_exception"] = raise_exception
environment.globals["strftime_now"] = TIME.strftime

TOKENS = {
    "llama": {"bos_token": "<|begin_of_text|>", "eos_token": "<|eot_id|>"},
    "mistral": {"bos_token": "<s>", "eos_token": "</s>"},
    "qwen": {"eos_token": "<|im_end|>"},
    "expressions": {"bos_token": "<s>"},
}


def user(text):
    return {"role": "user", "content": text}


def assistant(text, **extra):
    return {"role": "assistant", "content": text, **extra}


def system(text):
    return {"role": "system", "content": text}


def tool(text, **extra):
    return {"role": "tool", "content": text, **extra}


WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Weather of a place, in °C & \"plain\" words.",
        "parameters": {
            "type": "object",
            "properties": {"place": {"type": "string"}, "days": {"type": "integer", "default": 1, "maximum": 7.5}},
            "required": ["place"],
            "examples": [],
        },
    },
}
CLOCK = {"type": "function", "function": {"name": "now", "description": "The time.", "parameters": {}}}
CALL = {"id": "abcdefghi", "type": "function", "function": {"name": "get_weather", "arguments": {"place": "Zürich", "days": 2}}}

CONVERSATIONS = {
    "one turn": ([user("Hello there.")], {}),
    "system and two rounds": (
        [system("Be brief."), user("  Hi!\n"), assistant(" Hello, world. "), user("日本語 and emoji 🙂?")],
        {},
    ),
    "system in the middle": ([user("a"), assistant("b"), system("c"), user("d")], {}),
    "ends with assistant": ([user("a"), assistant("b")], {}),
    "tools, first question": ([system("Use tools."), user("Weather?")], {"tools": [WEATHER, CLOCK]}),
    "tools, called": (
        [user("Weather?"), assistant("", tool_calls=[CALL]), tool('{"sky": "clear"}', tool_call_id="abcdefghi")],
        {"tools": [WEATHER]},
    ),
    "tools, called and answered": (
        [
            user("Weather?"),
            assistant("", tool_calls=[CALL]),
            tool("clear", tool_call_id="abcdefghi"),
            assistant("It is clear."),
            user("Thanks"),
        ],
        {"tools": [WEATHER, CLOCK]},
    ),
}
LLAMA = {
    "own date": ([user("Hello")], {"date_string": "01 Jan 2030"}),
    "tools in the system message": (
        [system("S"), user("U")],
        {"tools": [WEATHER], "tools_in_user_message": False},
    ),
    "tools without a question": ([system("S")], {"tools": [WEATHER]}),
    "two calls at once": ([user("U"), assistant("", tool_calls=[CALL, CALL])], {}),
    "a result that is no text": ([user("U"), tool({"deg": [1, 2.5, True, None]})], {}),
}
LLAMA_31 = {
    "built-in tools": (
        [user("U"), assistant("", tool_calls=[{"function": {"name": "brave_search", "arguments": {"query": "x y"}}}])],
        {"builtin_tools": ["code_interpreter", "brave_search", "wolfram_alpha"]},
    ),
}
QWEN3 = {
    "thinking off": ([user("U")], {"enable_thinking": False}),
    "thinking on": ([user("U")], {"enable_thinking": True}),
    "thoughts of earlier turns go": (
        [user("a"), assistant("<think>\nhm\n</think>\n\nb"), user("c"), assistant("<think>\nso\n</think>\n\nd")],
        {},
    ),
    "thoughts of their own": (
        [user("a"), assistant("b", reasoning_content="because\n"), tool("r1"), tool("r2")],
        {},
    ),
    "several calls": (
        [
            system("S"),
            user("U"),
            assistant("Let me see.", tool_calls=[CALL, {"name": "now", "arguments": "{}"}]),
            tool("t1"),
            tool("t2"),
            user("<tool_response>x</tool_response>"),
        ],
        {"tools": [CLOCK]},
    ),
}
MISTRAL = {
    "call without an id": ([user("U"), assistant("", tool_calls=[{"function": {"name": "f", "arguments": {}}}])], {}),
    "unknown role": ([user("U"), assistant("A"), {"role": "critic", "content": "C"}], {}),
}


def main():
    cases = []
    for path in sorted((HERE / "templates").glob("*.jinja")):
        family = re.match("[a-z]+", path.name).group()
        conversations = dict(CONVERSATIONS)
        conversations.update(LLAMA if family == "llama" else MISTRAL if family == "mistral" else {})
        conversations.update(LLAMA_31 if path.name.startswith("llama-3.1") else {})
        conversations.update(QWEN3 if path.name.startswith("qwen3") else {})
        template = environment.from_string(path.read_text())
        for name, (messages, variables) in conversations.items():
            for prompt in (True, False):
                names = {"tools": None, "documents": None, **TOKENS[family], **variables}
                case = {
                    "template": path.name,
                    "conversation": name,
                    "addGenerationPrompt": prompt,
                    "tokens": TOKENS[family],
                    "variables": variables,
                    "messages": messages,
                }
                try:
                    case["expected"] = template.render(messages=messages, add_generation_prompt=prompt, **names)
                except jinja2.exceptions.TemplateError as error:
                    case["error"] = error.message
                if prompt or "expected" in case and case["expected"] != cases[-1].get("expected"):
                    cases.append(case)
    expressions = []
    for line in (HERE / "expressions.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            source = json.loads(line)
            text = environment.from_string(source).render(
                words=["b", "A", "c"], text="Hello wörld 🙂", person={"name": "Ann", "items": 3, "age": None}, n=7
            )
            expressions.append({"source": source, "expected": text})
    result = {"time": TIME.isoformat(), "jinja2": jinja2.__version__, "cases": cases, "expressions": expressions}
    (HERE / "renderings.json").write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n")
    print(len(cases), "conversations,", len(expressions), "expressions")


main()
