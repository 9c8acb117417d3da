"""Tests of the clients. Assertions in the contract say what they found."""

import pytest

pytest.register_assert_rewrite("tests.client.contract")
