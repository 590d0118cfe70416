from pytest_stssaml.lazy import remembering


def test_a_document_is_read_once_unless_it_is_too_long_to_be_remembered() -> None:
    read: list[str] = []

    @remembering(documents=2, longest=3)
    def read_document(document: str) -> int:
        read.append(document)
        return len(document)

    assert [read_document(document) for document in ("abc", "abc", "abcd", "abcd")] == [3, 3, 4, 4]
    assert read == ["abc", "abcd", "abcd"]


def test_only_the_latest_documents_are_remembered() -> None:
    read: list[str] = []

    @remembering(documents=2, longest=3)
    def read_document(document: str) -> None:
        read.append(document)

    for document in ("a", "b", "c", "b", "a"):
        read_document(document)
    assert read == ["a", "b", "c", "a"]
