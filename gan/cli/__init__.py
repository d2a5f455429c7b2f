"""``python -m gan``: everything the window does with models, without a window.

Exit status 0; 2 with one line on stderr for what the user can mend. PyTorch is imported by the commands that need it,
so that ``--help`` and mistyped options answer at once.
"""

from __future__ import annotations

import os
import sys

# before the first import of torch: threads that spin at barriers collapse beside other busy processes (docs/adr)
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("GOMP_SPINCOUNT", "4000")  # but a few microseconds of it save a sixth of a step's time
# large pages for large tensors, on Linux: a training step otherwise takes 40,000 page faults, 2 to 4 % of its time
os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")

import typer

from gan.cli import data, models, train, vectors
from gan.cli.common import printable
from gan.errors import UserError

app = typer.Typer(
    name="gan",
    help="Train, sample and measure image GANs.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    no_args_is_help=True,
)
app.command("info")(models.info)
app.command("sample")(models.sample)
app.command("neighbours")(vectors.neighbours)
app.command("train")(train.train)
app.command("score")(data.score)
app.command("convert")(models.convert)
app.add_typer(data.dataset, name="dataset", help="Make data sets, and look through your own.")


def main(argv: list[str] | None = None) -> None:
    """Run one command and exit."""
    try:
        status = app(argv, standalone_mode=False)
        if sys.stdout is not None:
            sys.stdout.flush()  # or a reader that has gone would only be noticed at exit, with a traceback
    except UserError as error:
        _fail(str(error))
    except typer.TyperException as error:
        message = error.format_message()
        if message.startswith("Usage:"):  # a group without a command
            message = "Which command?"
        _fail(f"{message}{'' if message.endswith(('.', '?')) else '.'} Try 'python -m gan --help'.")
    except (KeyboardInterrupt, typer.Abort):
        sys.exit(130)
    except (MemoryError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and "memory" not in str(error):  # PyTorch has no type for it on the CPU
            raise
        _fail("There is not enough memory for this. Ask for fewer or smaller pictures.")
    except BrokenPipeError:  # the reader of a pipe has seen enough
        _silence_stdout()
        sys.exit(0)
    except OSError as error:  # a full disk behind stdout, a path that no system takes
        _silence_stdout()
        _fail(f"{error.filename or 'The output'} cannot be used: {error.strerror or error}.")
    sys.exit(status if isinstance(status, int) else 0)


def _silence_stdout() -> None:
    """What is still in the buffer would raise again when the interpreter flushes it at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fail(sentence: str) -> None:
    print(printable(" ".join(sentence.split())), file=sys.stderr)
    sys.exit(2)
