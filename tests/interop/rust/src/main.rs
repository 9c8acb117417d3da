//! interop HOST PORT USER PASSWORD SCENARIO..., or interop, which is driven by lines of JSON.
//!
//! Goes through the scenarios by the crate voltdb-client-rust, and prints each call with what was
//! answered as a line of JSON; values as docs/json.md has them.

use std::sync::mpsc::Receiver;
use std::time::Duration;

use voltdb_client_rust::*;

mod drive;

const PIPELINED: i64 = 1000;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    if args.len() == 1 {
        drive::drive();
        return;
    }
    let node = connect(&args[1], args[2].parse().unwrap(), &args[3], &args[4]);
    match node {
        Err(error) => println!("{{\"refused\":{}}}", text(&error.to_string())),
        Ok(mut node) => {
            println!("{{\"connected\":true}}");
            for scenario in &args[5..] {
                match scenario.as_str() {
                    "parameters" => parameters(&node),
                    "table" => table(&node),
                    "failures" => failures(&node),
                    "pipeline" => pipeline(&node),
                    other => panic!("no scenario is called {other}"),
                }
            }
            node.shutdown().unwrap();
        }
    }
    println!("{{\"end\":true}}");
}

fn connect(host: &str, port: u16, user: &str, password: &str) -> Result<Node, VoltError> {
    Node::new(NodeOpt {
        ip_port: IpPort::new(host.to_owned(), port),
        user: Some(user.to_owned()),
        pass: Some(password.to_owned()),
        connect_timeout: Some(Duration::from_secs(30)),
        // How often its reader looks whether it is to stop; a frame that is begun must come in that time.
        read_timeout: Some(Duration::from_secs(1)),
    })
}

fn parameters(node: &Node) {
    // The crate sends whole milliseconds, and takes negative decimals for positive ones.
    let time = DateTime::from_timestamp_micros(1_700_000_000_123_000).unwrap();
    let amount: BigDecimal = "2.500000000000".parse().unwrap();
    let bytes = vec![0_u8, 127, 255];
    let params = volt_param![1_i8, -2_i16, 3_i32, -4_i64, 5.5_f64, "h\u{e9}\n\"", amount, bytes, time];
    wait(node.call_sp("Take", params).unwrap()).unwrap();
    say("Take", r#"[1,-2,3,-4,5.5,"h\u00e9\n\"","2.500000000000","007fff",1700000000123000]"#, "null");

    let (tiny, small, int, big): (Option<i8>, Option<i16>, Option<i32>, Option<i64>) = (None, None, None, None);
    let (string, bytes): (Option<String>, Option<Vec<u8>>) = (None, None);
    let (decimal, moment): (Option<BigDecimal>, Option<DateTime<Utc>>) = (None, None);
    let params = volt_param![tiny, small, int, big, string, bytes, decimal, moment];
    wait(node.call_sp("Take", params).unwrap()).unwrap();
    say("Take", "[null,null,null,null,null,null,null,null]", "null");
}

fn table(node: &Node) {
    let mut found = wait(node.call_sp("Table", vec![]).unwrap()).unwrap();
    let mut rows = Vec::new();
    while found.advance_row() {
        let row = [
            number(found.fetch::<Option<i8>>("TINYINT").unwrap()),
            number(found.fetch::<Option<i16>>("SMALLINT").unwrap()),
            number(found.fetch::<Option<i32>>("INTEGER").unwrap()),
            number(found.fetch::<Option<i64>>("BIGINT").unwrap()),
            found.fetch::<Option<f64>>("FLOAT").unwrap().map_or("null".into(), |value| format!("{value:e}")),
            found.fetch::<Option<String>>("STRING").unwrap().map_or("null".into(), |value| text(&value)),
            number(found.fetch::<Option<DateTime<Utc>>>("TIMESTAMP").unwrap().map(|value| value.timestamp_micros())),
            found.fetch::<Option<BigDecimal>>("DECIMAL").unwrap().map_or("null".into(), |value| text(&value.with_scale(12).to_plain_string())),
            found.fetch::<Option<Vec<u8>>>("VARBINARY").unwrap().map_or("null".into(), |value| text(&hex(&value))),
        ];
        rows.push(format!("[{}]", row.join(",")));
    }
    say("Table", "[]", &format!("[{}]", rows.join(",")));
}

fn failures(node: &Node) {
    for how in ["abort", "unavailable", "unexpected"] {
        let answer = wait(node.call_sp("Fail", volt_param![how]).unwrap());
        let error = answer.expect_err("the server says that it failed");
        println!("{{\"procedure\":\"Fail\",\"params\":[{}],\"error\":{}}}", text(how), text(&error.to_string()));
    }
}

fn pipeline(node: &Node) {
    let waiting: Vec<Receiver<VoltTable>> =
        (0..PIPELINED).map(|n| node.call_sp("Echo", volt_param![n]).unwrap()).collect();
    for (n, receiver) in waiting.into_iter().enumerate() {
        let mut table = wait(receiver).unwrap();
        table.advance_row();
        say("Echo", &format!("[{n}]"), &format!("[[{}]]", table.take::<i64>(0).unwrap()));
    }
}

fn wait(receiver: Receiver<VoltTable>) -> Result<VoltTable, VoltError> {
    block_for_result(&receiver)
}

/// A call with its parameters, and the rows of its table.
fn say(procedure: &str, params: &str, rows: &str) {
    println!("{{\"procedure\":\"{procedure}\",\"params\":{params},\"rows\":{rows}}}");
}

fn number<T: ToString>(value: Option<T>) -> String {
    value.map_or("null".into(), |value| value.to_string())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn text(value: &str) -> String {
    let mut out = String::from("\"");
    for unit in value.encode_utf16() {
        match unit {
            0x20..=0x7e if unit != 0x22 && unit != 0x5c => out.push(unit as u8 as char),
            _ => out.push_str(&format!("\\u{unit:04x}")),
        }
    }
    out + "\""
}
