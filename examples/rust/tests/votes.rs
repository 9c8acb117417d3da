mod mock;

use std::time::Duration;

use mock::MockServer;
use voltdb_client_rust::{IpPort, Node, NodeOpt};

const COUNTED: &str = r#"{"tables": [{"columns": [["", "BIGINT"]], "rows": [[0]]}]}"#;
const TOO_MANY: &str = r#"{"tables": [{"columns": [["", "BIGINT"]], "rows": [[2]]}]}"#;
const RESULTS: &str = r#"{"tables": [{"columns": [["CONTESTANT_NAME", "STRING"]], "rows": [["Kelly Clauss"]]}]}"#;
const FAILED: &str = r#"{"status": "GRACEFUL_FAILURE", "status_string": "out of memory"}"#;

fn connected() -> (MockServer, Node) {
    let server = MockServer::start();
    let node = Node::new(NodeOpt {
        ip_port: IpPort::new("127.0.0.1".into(), server.port),
        user: None,
        pass: None,
        connect_timeout: Some(Duration::from_secs(30)),
        read_timeout: Some(Duration::from_secs(1)),
    });
    (server, node.unwrap())
}

#[test]
fn a_vote_is_sent_with_the_limit() {
    let (server, node) = connected();
    server.answer("Vote", &[COUNTED]);
    assert_eq!(votes::vote(&node, 6175551212, 3).unwrap(), None);
    let calls = server.calls("Vote");
    assert!(calls.contains(r#"[["BIGINT",6175551212],["INTEGER",3],["BIGINT",2]]"#), "{calls}");
}

#[test]
fn the_third_vote_is_refused() {
    let (server, node) = connected();
    server.answer("Vote", &[COUNTED, COUNTED, TOO_MANY]);
    let answers: Vec<_> = (0..3).map(|_| votes::vote(&node, 6175551212, 3).unwrap()).collect();
    assert_eq!(answers, [None, None, Some("a phone has 2 votes".to_string())]);
}

#[test]
fn who_leads() {
    let (server, node) = connected();
    server.answer("Results", &[RESULTS]);
    assert_eq!(votes::leader(&node).unwrap().as_deref(), Some("Kelly Clauss"));
}

#[test]
fn a_server_that_refuses_is_told_of() {
    let (server, node) = connected();
    server.answer("Vote", &[FAILED]);
    let error = votes::vote(&node, 6175551212, 3).unwrap_err();
    assert!(error.to_string().contains("out of memory"), "{error}");
}
