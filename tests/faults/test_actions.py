from volttools.faults.actions import Close, Hold, Send, SendSlowly, Wait, first_sending, with_data


def test_the_first_sending_is_found_whatever_it_is():
    for sending in (Send(b"a"), SendSlowly(b"a", 1, 0.1), Hold(b"a", 1, 0.1)):
        assert first_sending((Wait(1), sending, Send(b"b"))) == 1
    assert first_sending((Wait(1), Close())) is None


def test_the_bytes_of_a_plan_are_changed_wherever_they_are_sent():
    plan = (Wait(1), Send(b"a"), SendSlowly(b"b", 2, 0.5), Hold(b"c", 3, 0.5), Close())
    changed = with_data(plan, bytes.upper)
    assert changed == (Wait(1), Send(b"A"), SendSlowly(b"B", 2, 0.5), Hold(b"C", 3, 0.5), Close())
