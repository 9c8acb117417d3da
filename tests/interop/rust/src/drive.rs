//! Answers lines of JSON, each with a line; ../../foreign.py says what they are.

use std::io::BufRead;
use std::sync::mpsc::Receiver;

use serde_json::{json, Value as Json};
use voltdb_client_rust::*;

pub fn drive() {
    let mut node: Option<Node> = None;
    for text in std::io::stdin().lock().lines() {
        let line: Json = serde_json::from_str(&text.unwrap()).unwrap();
        let answer = if line.get("trust").is_some() {
            json!({"unsupported": "the client speaks no TLS"})
        } else if line.get("host").is_some() {
            if let Some(mut old) = node.take() {
                std::thread::spawn(move || old.shutdown()); // it waits till its reader looks up
            }
            match crate::connect(
                line["host"].as_str().unwrap(),
                line["port"].as_u64().unwrap() as u16,
                line["user"].as_str().unwrap_or(""),
                line["password"].as_str().unwrap_or(""),
            ) {
                Ok(connected) => {
                    node = Some(connected);
                    json!({"connected": true})
                }
                Err(error) => json!({"refused": error.to_string()}),
            }
        } else if line.get("times").is_some() {
            call_often(node.as_ref().unwrap(), &line)
        } else {
            call(node.as_ref().unwrap(), &line)
        };
        println!("{answer}");
    }
}

fn call(node: &Node, line: &Json) -> Json {
    let mut params: Vec<Box<dyn Value>> = Vec::new();
    for param in line["params"].as_array().unwrap() {
        match parameter(param[0].as_str().unwrap(), &param[1]) {
            Some(value) => params.push(value),
            None => return json!({"unsupported": param}),
        }
    }
    let given = params.iter().map(|value| value.as_ref()).collect();
    let sent = node.call_sp(line["procedure"].as_str().unwrap(), given);
    match sent.and_then(|receiver| block_for_result(&receiver)) {
        Err(error) => json!({"error": error.to_string()}),
        Ok(mut found) => match table(&mut found) {
            Ok(read) => json!({"response": {"status": 1, "tables": [read]}}),
            Err(error) => json!({"unreadable": error.to_string()}),
        },
    }
}

fn call_often(node: &Node, line: &Json) -> Json {
    let procedure = line["procedure"].as_str().unwrap();
    let submit = |number: i64| node.call_sp(procedure, volt_param![number]).unwrap();
    let (mut answered, mut echoed) = (0, 0);
    let mut take = |number: i64, receiver: Receiver<VoltTable>| {
        if let Ok(mut found) = block_for_result(&receiver) {
            answered += 1;
            echoed += i32::from(found.advance_row() && found.take::<i64>(0).ok() == Some(number));
        }
    };
    let numbers = 0..line["times"].as_i64().unwrap();
    if line["asynchronous"].as_bool().unwrap() {
        let waiting: Vec<_> = numbers.map(|number| (number, submit(number))).collect();
        waiting.into_iter().for_each(|(number, receiver)| take(number, receiver));
    } else {
        numbers.for_each(|number| take(number, submit(number)));
    }
    json!({"statuses": {"1": answered}, "echoed": echoed})
}

fn parameter(kind: &str, value: &Json) -> Option<Box<dyn Value>> {
    Some(match kind {
        "TINYINT" => Box::new(value.as_i64().map(|number| number as i8)),
        "SMALLINT" => Box::new(value.as_i64().map(|number| number as i16)),
        "INTEGER" => Box::new(value.as_i64().map(|number| number as i32)),
        "BIGINT" => Box::new(value.as_i64()),
        "FLOAT" if value.is_number() => Box::new(value.as_f64().unwrap()),
        "STRING" if value.is_null() => Box::new(None::<String>),
        "STRING" => Box::new(value.as_str()?.to_owned()),
        "VARBINARY" if value.is_null() => Box::new(None::<Vec<u8>>),
        "VARBINARY" => Box::new(bytes(value.as_str()?)), // of an Option it announces a wrong length
        // It takes negative decimals for positive ones, and sends whole milliseconds.
        "DECIMAL" if !value.as_str().is_some_and(|text| text.starts_with('-')) => {
            Box::new(value.as_str().map(|text| text.parse::<BigDecimal>().unwrap()))
        }
        "TIMESTAMP" if value.is_null() => Box::new(None::<DateTime<Utc>>),
        "TIMESTAMP" if value.as_i64().unwrap() % 1000 == 0 => {
            Box::new(DateTime::from_timestamp_micros(value.as_i64().unwrap())?)
        }
        _ => return None,
    })
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

/// The first table of an answer; the crate shows no other.
fn table(found: &mut VoltTable) -> Result<Json, VoltError> {
    let columns = found.columns();
    let mut rows = Vec::new();
    while found.advance_row() {
        let mut row = Vec::new();
        for (column, index) in columns.iter().zip(0..) {
            row.push(cell(found, column.header_type, index)?);
        }
        rows.push(Json::Array(row));
    }
    let named = columns.iter().map(|column| json!([column.header_name, name(column.header_type)]));
    Ok(json!({"columns": named.collect::<Json>(), "rows": rows}))
}

fn cell(found: &mut VoltTable, code: i8, index: i16) -> Result<Json, VoltError> {
    Ok(match name(code) {
        "TINYINT" => json!(found.take::<Option<i8>>(index)?),
        "SMALLINT" => json!(found.take::<Option<i16>>(index)?),
        "INTEGER" => json!(found.take::<Option<i32>>(index)?),
        "BIGINT" => json!(found.take::<Option<i64>>(index)?),
        "FLOAT" => match found.take::<Option<f64>>(index)? {
            Some(value) if value.is_nan() => json!("nan"),
            Some(value) if value.is_infinite() => json!(if value > 0.0 { "inf" } else { "-inf" }),
            value => json!(value),
        },
        "STRING" => json!(found.take::<Option<String>>(index)?),
        "TIMESTAMP" => json!(found.take::<Option<DateTime<Utc>>>(index)?.map(|value| value.timestamp_micros())),
        "DECIMAL" => json!(found.take::<Option<BigDecimal>>(index)?.map(|value| value.with_scale(12).to_plain_string())),
        _ => json!(found.take::<Option<Vec<u8>>>(index)?.map(|value| crate::hex(&value))),
    })
}

fn name(code: i8) -> &'static str {
    match code {
        3 => "TINYINT",
        4 => "SMALLINT",
        5 => "INTEGER",
        6 => "BIGINT",
        8 => "FLOAT",
        9 => "STRING",
        11 => "TIMESTAMP",
        22 => "DECIMAL",
        25 => "VARBINARY",
        26 => "GEOGRAPHY_POINT",
        _ => "GEOGRAPHY",
    }
}
