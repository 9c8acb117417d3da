"""Everything public of the official client's module is here as well, but for what is listed with a reason."""

import inspect
import types

import pytest
import voltdbclient as official

from volttools import voltdbclient as ours

MODULE = {
    "Encoding": "of cryptography, for its own conversion of key stores",
    "NoEncryption": "the same",
    "PrivateFormat": "the same",
    "pkcs12": "the same",
    "jks": "the same, of pyjks; stores are read by volttools.client.jks",
    "gssapi": "the module for Kerberos, which is imported when it is needed",
    "pkcs12_exception": "why a module of these could not be imported",
    "pyjks_exception": "the same",
    "kerberos_exception": "the same",
    "ssl_exception": "the same",
    "remove_temporary_files": "of key stores converted to files; here nothing is written",
    "scratch_dir": "the same",
    "temporary_files": "the same",
    "unique_tag": "the same",
}
CLASSES = {
    "FastSerializer": {
        "DEFAULT_SSL_CONFIG": "arguments of Python's ssl, kept in a dict; ssl_config_file says the same",
        "ssl_config": "the same",
        "byteType": "a format of struct, by a count: read...Content does it",
        "ubyteType": "the same",
        "int16Type": "the same",
        "int32Type": "the same",
        "int64Type": "the same",
        "uint64Type": "the same",
        "float64Type": "the same",
        "stringType": "the same",
        "varbinaryType": "the same",
    },
    "ReadBuffer": {"unpack": "by a format of struct; unpack_struct does it"},
    "Geography": {
        "wktPointMatcher": "a regular expression of pointFromWKT",
        "wktPolygonTokenizer": "the same of geographyFromWKT",
    },
}
NAMES = ["FastSerializer", "Geography", "ReadBuffer", "VoltColumn", "VoltException", "VoltProcedure"]
NAMES += ["VoltResponse", "VoltTable", "XYZPoint"]


def public(names):
    return {name for name in names if not name.startswith("_")}


def test_the_modules_names_are_there_and_come_with_import_star():
    names = {}
    exec("from volttools.voltdbclient import *", names)
    assert public(dir(official)) - set(MODULE) <= set(names)
    assert not public(dir(ours)) & set(MODULE), "it is here: take it off the list"


@pytest.mark.parametrize("name", NAMES)
def test_the_names_of_each_class_are_there(name):
    theirs, allowed = getattr(official, name), CLASSES.get(name, {})
    wanted = public(dir(theirs)) - set(allowed)
    assert wanted <= set(dir(getattr(ours, name)))


def test_the_names_of_each_object_are_there():
    made = [
        lambda module: module.FastSerializer(),
        lambda module: module.ReadBuffer(),
        lambda module: module.VoltColumn(type=5, name="x"),
        lambda module: module.VoltException(None),
        lambda module: module.VoltProcedure(None, "P"),
        lambda module: module.VoltResponse(None),
        lambda module: module.VoltTable(None),
        lambda module: module.XYZPoint(1.0, 0.0, 0.0),
        lambda module: module.Geography(),
    ]
    for make in made:
        theirs, mine = make(official), make(ours)
        allowed = CLASSES.get(type(mine).__name__, {})
        missing = {name for name in public(vars(theirs)) - set(allowed) if not hasattr(mine, name)}
        assert not missing


def test_constants_have_the_official_values():
    for name in NAMES:
        for constant, value in vars(getattr(official, name)).items():
            if isinstance(value, int | float | str) and constant in public(dir(getattr(ours, name))):
                assert getattr(getattr(ours, name), constant) == value, constant
    assert ours.FastSerializer().NULL_DECIMAL_INDICATOR == official.FastSerializer().NULL_DECIMAL_INDICATOR


@pytest.mark.parametrize("name", NAMES)
def test_methods_take_what_the_official_ones_take(name):
    for method, theirs in inspect.getmembers(getattr(official, name), inspect.isfunction):
        if method.startswith("_") or method in CLASSES.get(name, {}):
            continue
        mine = inspect.signature(getattr(getattr(ours, name), method))
        parameters = [
            each.name for each in inspect.signature(theirs).parameters.values() if each.name != "self"
        ]
        mine.bind(*[None] * (len(parameters) + ("self" in mine.parameters)))
        if name != "FastSerializer" or not method.startswith(("read", "write")):
            assert [each for each in mine.parameters if each != "self"][: len(parameters)] == parameters, (
                method
            )


def test_every_public_name_has_a_line_of_help():
    for name in NAMES:
        for member, value in inspect.getmembers(getattr(ours, name)):
            if not member.startswith("_") and isinstance(value, types.FunctionType | property):
                assert inspect.getdoc(value), f"{name}.{member}"
