"""What ordinary runtimes ask of the kernel is theirs, or they do without: none of them shows
that a filter of system calls is in force."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from conformance.sandbox import Isolation, Limits, World, run_build, start_program
from conformance.submissions import toolchain
from kit.trials import WITHIN, apart

PYTHON = """
import asyncio, multiprocessing, socket, subprocess
def square(number): return number * number
async def by_asyncio():
    child = await asyncio.create_subprocess_exec("true")
    return await child.wait()
if __name__ == "__main__":
    for way in ("fork", "spawn", "forkserver"):
        with multiprocessing.get_context(way).Pool(2) as pool:
            assert pool.map(square, [1, 2, 3]) == [1, 4, 9]
    assert asyncio.run(by_asyncio()) == 0
    assert subprocess.run("ls /proc/self", shell=True, capture_output=True).returncode == 0
    assert socket.if_nameindex() and socket.getaddrinfo("localhost", 1)
    print("well")
"""

NODE = """
const fs = require("fs/promises"), net = require("net"), os = require("os");
const { Worker } = require("worker_threads"), { execFileSync } = require("child_process");
(async () => {
    await fs.writeFile("written", "x");
    await Promise.all(Array.from({ length: 50 }, () => fs.readFile("written")));
    const server = net.createServer(client => client.end("hello")).listen(2323);
    await new Promise(done => net.connect(2323).on("data", done));
    server.close();
    await new Promise(done => new Worker("1", { eval: true }).on("exit", done));
    execFileSync("true");
    os.networkInterfaces();
    console.log("well");
})();
"""

JAVA = """
import java.net.*;
import java.util.concurrent.*;
class Main {
    public static void main(String[] words) throws Exception {
        ExecutorService pool = Executors.newCachedThreadPool();
        for (int i = 0; i < 20; i++) pool.submit(() -> 1).get();
        pool.shutdown();
        new ProcessBuilder("true").start().waitFor();
        NetworkInterface.networkInterfaces().count();
        try (ServerSocket one = new ServerSocket(2323)) { InetAddress.getLocalHost(); }
        java.nio.channels.Selector.open().close();
        System.out.println("well");
    }
}
"""

C = """
#include <pthread.h>
#include <semaphore.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
extern char **environ;
static sem_t done;
static void *run(void *none) { sem_post(&done); return none; }
int main(void) {
    pthread_t thread; pid_t child; int status = 1; char *words[] = {"true", 0};
    sem_init(&done, 0, 0);
    if (pthread_create(&thread, 0, run, 0) || sem_wait(&done) || pthread_join(thread, 0)) return 1;
    if (posix_spawnp(&child, "true", 0, 0, words, environ)) return 2;
    if (waitpid(child, &status, 0) != child || status) return 3;
    if (epoll_create1(0) < 0 || eventfd(0, 0) < 0) return 4;
    puts("well");
    return 0;
}
"""

PROGRAMS = {
    "python": ("main.py", PYTHON, ["/usr/bin/python3", "main.py"], {}),
    "node": ("main.js", NODE, ["node", "main.js"], {}),
    "node, asked to use io_uring": ("main.js", NODE, ["node", "main.js"], {"UV_USE_IO_URING": "1"}),
    "java": ("Main.java", JAVA, ["java", "-XX:+UsePerfData", "Main.java"], {}),
    "c": ("main.c", C, ["sh", "-c", "gcc -O1 -pthread -o made main.c && ./made"], {}),
    "c, looked at for leaks": (
        "main.c",
        C,
        ["sh", "-c", "gcc -fsanitize=leak -pthread -o made main.c && ./made"],
        {},
    ),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_in(name: str, full: Isolation, scratch: Path) -> None:
    file, source, command, environment = PROGRAMS[name]
    tool = "gcc" if command[0] == "sh" else command[0]
    if shutil.which(tool) is None:
        pytest.skip(f"{tool} is not installed")
    work = scratch / "work"
    (work / file).write_text(source)
    shown = toolchain.readable((command[0],))

    def run() -> tuple[int | None, str]:
        with World(full, scratch, readable=shown) as world:
            process = start_program(world, command, work, environment, Limits(), readable=shown)
            return process.wait(within=WITHIN), process.output.text()

    status, said = apart(run)
    assert (status, said.splitlines()[-1:]) == (0, ["well"]), said


BUILDS = {
    "npm": (
        {"package.json": '{"name": "x", "version": "1.0.0", "scripts": {"build": "echo well"}}'},
        ["npm", "run", "--silent", "build"],
    ),
    "mvn": ({}, ["mvn", "-q", "--version"]),
    "javac": ({"Main.java": JAVA}, ["javac", "Main.java"]),
    "make": ({"Makefile": "all: ; gcc -o made main.c\n", "main.c": C}, ["make"]),
    "python3": ({}, ["python3", "-m", "venv", ".venv"]),
}


@pytest.mark.parametrize("tool", BUILDS)
def test_a_build_by(tool: str, full: Isolation, scratch: Path) -> None:
    files, command = BUILDS[tool]
    if shutil.which(tool) is None:
        pytest.skip(f"{tool} is not installed")
    for name, text in files.items():
        (scratch / "work" / name).write_text(text)
    shown = toolchain.readable((tool,))
    result = run_build(command, scratch / "work", WITHIN, isolation=full, readable=shown)
    if tool == "python3" and "ensurepip" in result.output:
        pytest.skip("python3-venv is not installed")
    assert result.status == 0, result.output
