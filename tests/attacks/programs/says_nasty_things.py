"""Says what terminals, CI runners, browsers, parsers and spreadsheets would obey: on its
output, in its greeting and in its answers."""

NASTY = [
    "\x1b[2J\x1b]0;owned\x07\x1b[31mowned",
    "\x9b2Jowned",
    "::error file=a.py,line=1::owned",
    "  ::stop-commands::owned",
    "::set-output name=grade::owned",
    "##[error]owned",
    "##vso[task.complete result=Succeeded]owned",
    "##teamcity[testPassed name='owned']",
    "]]></failure></testcase><testcase name='owned'/><!--",
    "<script>alert('owned')</script>&owned;",
    '=HYPERLINK("http://owned")',
    "@SUM(owned)",
    "\u202edenwo\u202c \u2066owned\u2069 \u200f",
    "[bold red]owned[/bold red] [link=http://owned]owned[/link]",
    "owned\rpassed",
    "\ufffe\uffff\x00\x08owned",
    "[[ATTACHMENT|/etc/passwd]]",
]


def attack():
    return ()


def greet(client):
    for text in NASTY:
        print(text, flush=True)
        client.sendall(f"{text}\n".encode())


def answer(client, text):
    client.sendall(f"{NASTY[len(text) % len(NASTY)]}\n".encode())
