"""Certificates that Python's ssl trusts; what else OpenSSL says of them."""

import ssl

import pytest
from cryptography import x509

from volttools.certificates import Authority


def names_of(certificate):
    extensions = x509.load_pem_x509_certificate(certificate.certificate_pem).extensions
    return extensions.get_extension_for_class(x509.SubjectAlternativeName).value


def test_an_authority_can_be_trusted():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=Authority().ca_pem.decode())
    (authority,) = context.get_ca_certs()
    assert authority["subject"] == authority["issuer"]


def test_it_signs_for_names_and_addresses():
    authority = Authority()
    certificate = authority.issue("localhost", "127.0.0.1", "::1")
    names = names_of(certificate)
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]
    assert [str(address) for address in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1", "::1"]
    signed = x509.load_pem_x509_certificate(certificate.certificate_pem)
    signed.verify_directly_issued_by(x509.load_pem_x509_certificate(authority.ca_pem))


def test_a_long_name_is_cut_in_the_subject_only():
    name = "n" * 60 + ".example.org"
    certificate = Authority().issue(name)
    assert names_of(certificate).get_values_for_type(x509.DNSName) == [name]


def test_authorities_differ():
    assert Authority().ca_pem != Authority().ca_pem


def test_one_that_was_kept_signs_as_before():
    authority = Authority("kept", days=30)
    again = Authority.load(authority.ca_pem, authority.key_pem)
    assert (again.ca_pem, again.key_pem) == (authority.ca_pem, authority.key_pem)
    signed = x509.load_pem_x509_certificate(again.issue("localhost").certificate_pem)
    signed.verify_directly_issued_by(x509.load_pem_x509_certificate(authority.ca_pem))


def test_what_is_no_authority_is_a_value_error():
    authority = Authority()
    for pems in ((b"", authority.key_pem), (authority.ca_pem, b"no key")):
        with pytest.raises(ValueError):  # noqa: PT011 - the words are those of cryptography
            Authority.load(*pems)
