"""For an interpreter that is started with this folder in its PYTHONPATH: a process that it forks
can import nothing, and each attempt is written into the file that IMPORTS names."""

import os
import sys


class Refusing:
    """Knows no module, as an interpreter whose files may not be read."""

    forked = False

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if not self.forked:
            return
        with open(os.open(os.environ["IMPORTS"], os.O_WRONLY | os.O_APPEND), "wb") as log:
            log.write(f"{name}\n".encode())
        raise ModuleNotFoundError(f"{name} cannot be imported any more", name=name)

    def refuse(self) -> None:
        self.forked = True


if "IMPORTS" in os.environ:
    sys.meta_path.insert(0, refusing := Refusing())
    os.register_at_fork(after_in_child=refusing.refuse)
