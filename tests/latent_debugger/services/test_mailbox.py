from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from latent_debugger.services.mailbox import FrameRequest, Mailbox, TileRequest


def frame(generation, dim=2):
    return FrameRequest(generation, np.zeros(dim, np.float32), 0.0)


def batch(n, dim=2):
    return np.zeros((n, dim), np.float32)


@given(st.lists(st.tuples(st.sampled_from(["frame", "near", "thumb", "take"]), st.integers(1, 5)), max_size=60))
def test_newest_wins_and_frames_go_first(actions):
    mailbox, waiting, left, drawn, asked = Mailbox(), None, {}, 0, 0
    for number, (what, n) in enumerate(actions):
        if what == "frame":
            mailbox.put_frame(frame(number))
            waiting, asked = number, asked + 1
        elif what != "take":
            mailbox.put_batch(number, what, batch(n))
            left[what] = [(number, index) for index in range(n)]
        else:
            request = mailbox.take(2)
            if waiting is not None:
                assert isinstance(request, FrameRequest) and request.generation == waiting
                waiting, drawn = None, drawn + 1
            elif any(left.values()):
                assert isinstance(request, TileRequest)
                assert left[request.purpose].pop(0) == (request.batch, request.index)
                assert request.last == (not left[request.purpose])
            else:
                assert request is None
    assert mailbox.dropped == asked - drawn - (waiting is not None)


def test_a_frame_of_another_length_waits_and_tiles_of_another_length_do_not():
    mailbox = Mailbox()
    mailbox.put_frame(frame(1, dim=3))
    mailbox.put_batch(2, "near", batch(4, dim=3))
    assert mailbox.take(2) is None
    assert mailbox.take(3).generation == 1
    assert mailbox.take(3) is None


def test_putting_the_same_frame_again_drops_nothing():
    mailbox = Mailbox()
    mailbox.put_frame(frame(1))
    mailbox.put_frame(frame(1))
    assert mailbox.dropped == 0
    mailbox.clear()
    assert mailbox.take(2) is None
