from xml.etree import ElementTree

from tests.compare.test_besides import login
from tests.compare.traffic import exchanges, said
from volttools.compare import compare
from volttools.render.junit import junit_text


def document(a, b):
    return ElementTree.fromstring(junit_text(compare(exchanges(a), exchanges(b)), ("a.pcap", "b.pcap")))


def test_a_procedure_is_a_test_case_that_fails_where_something_differs():
    a = [said("Vote", 1), said("Get", 1), said("Old<&>\x00\ufffe", 1)]
    b = [said("Vote", 1), said("Get", 1, status=-2, status_string="]]>\x1b")]
    root = document(a, b)
    (suite,) = root
    assert (suite.get("tests"), suite.get("failures")) == ("3", "2")
    cases = {case.get("name"): case.find("failure") for case in suite.findall("testcase")}
    assert list(cases) == ["Get", r"Old<&>\x00?", "Vote"]
    assert cases["Vote"] is None
    assert cases["Get"].get("type") == "status"
    assert cases["Get"].get("message") == "SUCCESS in A, GRACEFUL_FAILURE in B, in 1 of 1 pair"
    assert r"B exchange 2: GRACEFUL_FAILURE: ]]>\x1b" in cases["Get"].text


def test_nothing_in_common_fails():
    (suite,) = document([said("Old")], [said("New")])
    assert {case.get("name") for case in suite.findall("testcase")} == {"(all)", "Old", "New"}
    assert suite.get("failures") == "3"


def test_log_ins_are_a_case_of_their_own():
    texts = (
        junit_text(compare([login("ann"), login("bob")], [login("ann", status), login("bob")]), ("a", "b"))
        for status in (0, -1)
    )
    good, bad = (ElementTree.fromstring(text).find("testsuite/testcase") for text in texts)
    assert (good.get("name"), good.find("failure"), bad.get("name")) == ("log-in", None, "log-in")
    assert bad.find("failure").text.splitlines() == [
        "accepted in A, refused: wrong user or password in B, in 1 of 2 pairs",
        "A ann: accepted (1 x, first on connection 7)",
        "B ann: refused: wrong user or password (1 x, first on connection 7)",
    ]


def test_differences_of_groups_that_are_not_kept_fail():
    found = compare(exchanges([said("Vote")]), exchanges([said("Vote")]))
    found.other_differences = 3
    (suite,) = ElementTree.fromstring(junit_text(found, ("a", "b")))
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
