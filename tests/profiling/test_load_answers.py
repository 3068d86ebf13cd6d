"""Answers as the load generator reads them, whole and in pieces."""

import pytest

from profiling.load.answers import AnswerBroken, AnswerReader

LENGTH = b"HTTP/1.1 200 OK\r\ncontent-type: a\r\nContent-LENGTH: 5 \r\n\r\nhello"
CHUNKED = b"HTTP/1.1 400 Bad\r\nTransfer-Encoding: chunked\r\n\r\n4;x=1\r\nno, \r\n2\r\nno\r\n0\r\nTrailer: 1\r\n\r\n"
EMPTY = b"HTTP/1.1 204 No Content\r\nserver: x\r\n\r\n"
INTERIM = b"HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n" + LENGTH


def read(*pieces: bytes) -> tuple[AnswerReader, list[bool]]:
    reader = AnswerReader()
    return reader, [reader.feed(piece) for piece in pieces]


@pytest.mark.parametrize(
    ("answer", "status"),
    [(LENGTH, 200), (CHUNKED, 400), (EMPTY, 204), (INTERIM, 200)],
    ids=["length", "chunked", "empty", "interim"],
)
def test_an_answer_is_whole_at_its_last_byte_however_it_comes(answer, status):
    reader, whole = read(*(bytes([byte]) for byte in answer))
    assert whole == [False] * (len(answer) - 1) + [True]
    assert reader.status == status
    for cut in range(1, len(answer)):
        reader, whole = read(answer[:cut], answer[cut:])
        assert (whole, reader.status, reader.keeps_open) == ([False, True], status, True)


def test_the_text_of_a_refusal_is_kept():
    reader, _ = read(CHUNKED)
    assert reader.text == "no, no"


def test_of_a_long_refusal_the_first_2000_characters_are_kept():
    reader, whole = read(b"HTTP/1.1 500 No\r\nContent-Length: 9000\r\n\r\n" + b"x" * 4000, b"y" * 5000)
    assert (whole, reader.text) == ([False, True], "x" * 2000)


@pytest.mark.parametrize(
    ("head", "keeps"),
    [
        (b"HTTP/1.1 200 OK\r\nConnection: close", False),
        (b"HTTP/1.1 200 OK\r\nConnection: Keep-Alive", True),
        (b"HTTP/1.0 200 OK", False),
        (b"HTTP/1.0 200 OK\r\nConnection: keep-alive", True),
    ],
)
def test_a_connection_is_kept_where_the_answer_allows(head, keeps):
    reader, whole = read(head + b"\r\nContent-Length: 0\r\n\r\n")
    assert (whole, reader.keeps_open) == ([True], keeps)


def test_an_answer_without_a_length_lasts_until_the_connection_ends():
    reader, whole = read(b"HTTP/1.1 200 OK\r\n\r\nsome", b" more")
    assert (whole, reader.ended(), reader.keeps_open) == ([False, False], True, False)


def test_the_end_of_the_connection_makes_no_other_answer_whole():
    assert not read(LENGTH[:-1])[0].ended()
    assert not read(CHUNKED[:-1])[0].ended()
    assert not AnswerReader().ended()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"SSH-2.0-OpenSSH\r\n", "not HTTP/1.1"),
        (b"HTTP/2 200\r\n\r\n", "not HTTP/1.1"),
        (b"HTTP/1.1 abc\r\n\r\n", "no status"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "Content-Length"),
        (LENGTH + b"!", "more bytes"),
        (CHUNKED + b"!", "more bytes"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", "size"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-4\r\n", "size"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n", "longer than it says"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 300_000, "not HTTP/1.1"),
    ],
    ids=["ssh", "http2", "status", "length", "more", "more chunks", "size", "sign", "longer", "endless"],
)
def test_what_is_no_answer_is_broken(answer, said):
    with pytest.raises(AnswerBroken, match=said):
        read(answer)


def test_a_reader_reads_one_answer_after_the_other():
    reader, _ = read(CHUNKED)
    reader.begin()
    assert (reader.feed(LENGTH), reader.status, reader.text) == (True, 200, "")
