"""What a teacher needs to test a web server with pytest and requests alone: SERVER is the folder of
a submission in Python, which listens on port 8080 and sends the files of www."""

import concurrent.futures
import os
import shutil
import socket
import subprocess
import sys
import time

import pytest
import requests

URL = "http://localhost:8080"
FILES = {
    "index.html": b"<h1>Hello</h1>\n",
    "hello.txt": b"Hello, world!\n",
    "accents.txt": "héllo ça €\n".encode(),
    "octets.bin": bytes(range(256)) * 10,
    "empty.txt": b"",
    "docs/index.html": b"<h1>Docs</h1>\n",
    "docs/deep/file.txt": b"deep\n",
    "two words.txt": b"two\n",
}


@pytest.fixture(scope="session", autouse=True)
def server(tmp_path_factory):
    work = tmp_path_factory.mktemp("work") / "server"
    shutil.copytree(os.environ["SERVER"], work)
    for name, data in FILES.items():
        path = work / "www" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    (work / "secret.txt").write_text("secret")
    process = subprocess.Popen([sys.executable, "server.py"], cwd=work, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("localhost", 8080), timeout=1).close()
            break
        except OSError:
            assert time.monotonic() < until
            time.sleep(0.05)
    yield
    process.terminate()
    process.wait(5)


def get(path, **more):
    return requests.get(URL + path, timeout=5, **more)


def raw(data):
    with socket.create_connection(("localhost", 8080), timeout=5) as client:
        client.sendall(data)
        return client.recv(65_536)


@pytest.mark.parametrize("name", FILES)
def test_a_file(name):
    answer = get("/" + name)
    assert (answer.status_code, answer.content) == (200, FILES[name])


@pytest.mark.parametrize(("path", "name"), [("/", "index.html"), ("/docs/", "docs/index.html")])
def test_the_index(path, name):
    assert get(path).content == FILES[name]


def test_what_is_not_there():
    assert get("/nothing.txt").status_code == 404


def test_the_type():
    assert get("/index.html").headers["Content-Type"].startswith("text/html")
    assert get("/hello.txt").headers["Content-Type"].startswith("text/plain")


def test_head():
    answer = requests.head(URL + "/hello.txt", timeout=5)
    assert (answer.status_code, answer.headers["Content-Length"]) == (200, "14")


def test_the_query():
    assert get("/hello.txt?x=1").status_code == 200


def test_a_session_keeps_its_connection():
    with requests.Session() as session:
        for _ in range(5):
            assert session.get(URL + "/hello.txt", timeout=5).status_code == 200


def test_post():
    assert requests.post(URL + "/echo", data=b"hello", timeout=5).content == b"hello"


def test_chunks():
    pieces = iter([b"hel", b"lo"])
    assert requests.post(URL + "/echo", data=pieces, timeout=5).content == b"hello"


def test_no_request():
    assert b" 400 " in raw(b"HELLO\r\n\r\n").split(b"\r\n")[0]


def test_no_host():
    assert b" 400 " in raw(b"GET / HTTP/1.1\r\n\r\n").split(b"\r\n")[0]


def test_an_unknown_method():
    assert requests.request("BREW", URL + "/hello.txt", timeout=5).status_code in (405, 501)


def test_the_way_out():
    assert b"secret" not in raw(b"GET /../secret.txt HTTP/1.1\r\nHost: localhost\r\n\r\n")


def test_a_range():
    answer = get("/octets.bin", headers={"Range": "bytes=10-19"})
    assert (answer.status_code, answer.content) == (206, FILES["octets.bin"][10:20])


def test_fifty_clients():
    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        for answer in pool.map(lambda _: get("/hello.txt"), range(200)):
            assert answer.status_code == 200
